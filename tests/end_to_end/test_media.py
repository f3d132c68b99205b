"""The whole box with a real mpv on a virtual sound card: what plays is heard through the loudspeaker, and so is what becomes of it."""
from __future__ import annotations

import os
import signal
import time

import numpy as np
import psutil
import pytest

from assistant.errors import PlayerMissing
from assistant.ports import SAMPLE_RATE, SpeechStyle
from audio.wav import write_wav
from bench.virtual_room import VirtualRoom
from tests.end_to_end.box_process import BoxProcess, without_sound_devices
from tests.end_to_end.tone_listener import SILENT_DB, ToneListener, write_rising_tone

DUCKED_DB = 15.0
DUCKED_WITHIN_S = 0.2
BACK_WITHIN_S = 3.0
PLACE_S = 3.0
SECONDS = 140


@pytest.fixture(scope="module")
def room():
    with VirtualRoom() as room:
        yield room


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("box")
    write_rising_tone(folder / "音乐/吕剧/李二嫂改嫁.wav", SECONDS)
    write_rising_tone(folder / "音乐/青石板上的月光.wav", SECONDS)
    (folder / "音乐/豫剧").mkdir()
    (folder / "音乐/豫剧/穆桂英挂帅.mkv").write_bytes(b"this is no film" * 1000)
    file = folder / "settings.toml"
    file.write_text(f'[box]\ndata_dir = "{folder}/data"\n[weather]\nopen_meteo_url = "http://127.0.0.1:9"\nmet_norway_url = "http://127.0.0.1:9"\n'
                    '[audio]\nmicrophone = "room_mic"\nloudspeaker = "room_speaker"\nvolume = 100\n[listening]\nfollow_up_s = 0.0\nwindow_s = 3.0\n'
                    f'[media]\nfolders = ["{folder}/音乐"]\ndevice = "pulse/speaker"\neven_loudness = false\nnight_volume = 100\n', encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def box(room, settings):
    with BoxProcess(room.env, settings, settings.parent / "data") as box:
        box.wait_for("小乡：我准备好了", timeout_s=120.0)
        box.wait_for("0 contacts and 3 titles of this box", timeout_s=120.0)
        yield box
        assert box.end(signal.SIGTERM) == 0
    assert not any("Traceback" in line for line in box.seen)


@pytest.fixture
def listener(room):
    with ToneListener(room) as listener:
        yield listener


def tell(box: BoxProcess, text: str) -> str:
    """Typed, answered, and over."""
    box.type(text)
    said = box.wait_for("小乡：")
    box.wait_for("-> asleep")
    return said


def loud(level, place):
    return level > -16


def silent(level, place):
    return level <= SILENT_DB + 20


def playing(box: BoxProcess, listener: ToneListener, text: str = "来段吕剧李二嫂改嫁") -> float:
    """Something plays loudly; its level in dB."""
    began = time.monotonic()
    assert "李二嫂改嫁" in tell(box, text)
    since = listener.wait_for(loud, began)
    listener.wait_for(loud, since, lasting_s=1.0)
    _, level, _ = listener.heard(since)
    return float(np.median(level))


def mpv_of(box: BoxProcess) -> psutil.Process:
    (process,) = [child for child in psutil.Process(box.pid).children(recursive=True) if child.name() == "mpv"]
    return process


def test_called_over_an_opera_it_is_soft_at_once_and_loud_again_when_nobody_speaks(box, listener):
    full = playing(box, listener)
    called = time.monotonic()
    box.type("小乡小乡")
    ducked = listener.wait_for(lambda level, place: level < full - DUCKED_DB, called)
    assert ducked - called <= DUCKED_WITHIN_S
    box.wait_for("小乡：哎，我在")
    box.wait_for("handled SpeechEnded", "-> listening")
    _, level, _ = listener.heard(ducked)
    assert np.median(level) < full - DUCKED_DB and np.median(level) > full - 30, "lowered, not silent"
    box.wait_for("-> asleep")
    over = time.monotonic()
    back = listener.wait_for(lambda level, place: np.abs(level - full) < 1.5, over - 0.5, lasting_s=1.0)
    assert back - over <= 0.5
    print(f"\nlowered by {full - np.median(level):.1f} dB within {1000 * (ducked - called):.0f} ms")


def test_a_command_in_one_breath_is_heard_over_a_softer_opera(box, listener, room, speak, tmp_path):
    full = playing(box, listener)
    write_wav(tmp_path / "said.wav", speak("小乡小乡，今天农历初几，有没有什么节", SpeechStyle(0.9)), SAMPLE_RATE)
    began = time.monotonic()
    room.say_into_microphone(tmp_path / "said.wav")
    ended = time.monotonic()
    assert listener.wait_for(lambda level, place: level < full - DUCKED_DB, began) < ended, "before it was all said"
    box.wait_for("小乡：", "历")
    box.wait_for("-> asleep")
    listener.wait_for(lambda level, place: np.abs(level - full) < 1.5, time.monotonic() - 0.5)


def test_a_question_lowers_it_and_a_pause_is_left_alone(box, listener):
    full = playing(box, listener)
    asked = time.monotonic()
    box.type("现在几点了")
    listener.wait_for(lambda level, place: level < full - DUCKED_DB, asked)
    box.wait_for("-> asleep")
    listener.wait_for(lambda level, place: np.abs(level - full) < 1.5, time.monotonic() - 0.5, lasting_s=0.5)
    assert "停" in tell(box, "停一停")
    stopped = listener.wait_for(silent, time.monotonic() - 0.5)
    assert "点" in tell(box, "现在几点了")
    time.sleep(0.5)  # that nothing comes back has no event
    assert not loud(listener.heard(stopped + 0.3)[1], None).any()
    _, _, place = listener.heard(asked)
    began = time.monotonic()
    assert "接着放" in tell(box, "接着放")
    resumed = listener.wait_for(loud, began)
    assert listener.heard(resumed)[2][20] >= np.median(place[:20]) - 1


def test_it_begins_when_its_announcement_is_over(box, listener):
    tell(box, "关了吧不听了")
    listener.wait_for(silent, time.monotonic() - 0.5)
    began = time.monotonic()
    box.type("来段吕剧李二嫂改嫁")
    box.wait_for("小乡：", "李二嫂改嫁")
    box.wait_for("handled SpeechEnded", "-> asleep")
    over = time.monotonic()
    sounding = listener.wait_for(loud, began)
    assert -0.3 < sounding - over < 0.6
    assert np.median(listener.heard(sounding)[2][5:25]) < 1.5, "nothing of its beginning is missed"
    print(f"\nfirst sound {1000 * (sounding - over):.0f} ms after the reply")


def test_a_title_that_only_this_box_has_is_understood(box, listener):
    assert "青石板上的月光" in tell(box, "给我放青石板上的月光")
    assert "青石板上的月光" in tell(box, "现在放的是啥")


def test_mpv_killed_in_the_middle_plays_on_at_the_same_place(box, listener):
    full = playing(box, listener)
    killed = time.monotonic()
    listener.wait_for(loud, killed - 0.5)
    place = float(np.median(listener.heard(killed - 0.3)[2]))
    killed = time.monotonic()
    mpv_of(box).send_signal(signal.SIGKILL)
    gone = listener.wait_for(silent, killed, lasting_s=0.05)
    back = listener.wait_for(lambda level, place: np.abs(level - full) < 1.5, gone)
    assert back - killed <= BACK_WITHIN_S
    after = float(np.median(listener.heard(back)[2][:20]))
    assert abs(after - place) <= PLACE_S
    print(f"\nplaying again after {back - killed:.2f} s, {after - place:+.1f} s from where it was")


def test_mpv_killed_while_somebody_speaks_comes_back_softly_and_then_loudly(box, listener):
    full = playing(box, listener)
    box.type("小乡小乡")
    box.wait_for("handled SpeechEnded", "-> listening")
    killed = time.monotonic()
    mpv_of(box).send_signal(signal.SIGKILL)
    box.wait_for("goes on at")
    box.wait_for("-> asleep")
    over = time.monotonic()
    listener.wait_for(lambda level, place: np.abs(level - full) < 1.5, over - 0.5)
    moments, level, _ = listener.heard(killed)
    assert not (level[(moments > killed) & (moments < over - 0.3)] > full - DUCKED_DB).any()


def test_a_file_that_cannot_be_played_is_told_in_words(box):
    box.type("放穆桂英挂帅")
    box.wait_for("小乡：", "穆桂英挂帅")
    assert "坏了" in box.wait_for("小乡：")
    box.wait_for("-> asleep")


def test_without_mpv_the_box_starts_and_says_what_it_lacks(settings, tmp_path):
    deaf = without_sound_devices(settings, tmp_path / "deaf")
    with BoxProcess({**os.environ, "PATH": str(tmp_path)}, deaf, tmp_path / "data") as box:
        box.wait_for("0 contacts and 3 titles of this box", timeout_s=120.0)
        box.type("来段吕剧李二嫂改嫁")
        assert PlayerMissing.spoken in box.wait_for("小乡：", "还没装")
        assert any("[no-player]" in line and "apt-get install" in line for line in box.seen)
        box.wait_for("-> asleep")
        assert "点" in tell(box, "现在几点了")


def test_a_box_that_is_killed_leaves_no_mpv_behind(room, settings, tmp_path):
    with BoxProcess(room.env, settings, tmp_path / "data") as box, ToneListener(room) as listener:
        box.wait_for("小乡：我准备好了", timeout_s=120.0)
        box.wait_for("0 contacts and 3 titles of this box", timeout_s=120.0)
        playing(box, listener)
        mpv = mpv_of(box)
        killed = time.monotonic()
        assert box.end(signal.SIGKILL) == -signal.SIGKILL
        psutil.wait_procs([mpv], timeout=2)
        assert not mpv.is_running() or mpv.status() == psutil.STATUS_ZOMBIE
        listener.wait_for(silent, killed)
