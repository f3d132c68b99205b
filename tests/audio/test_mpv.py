"""The real mpv on a virtual sound card: what it is told, what it tells, and what becomes of it when somebody is killed."""
from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from assistant.errors import PlayerMissing
from assistant.events import MediaEnded, MediaFailed, MediaPlayedOut, MediaStarted, PlayerLost
from assistant.ports import MediaState
from audio import mpv
from audio.mpv import DEATHS
from bench.virtual_room import VirtualRoom
from tests.end_to_end.tone_listener import ToneListener, write_rising_tone
from tests.watched_player import Watched, mpv_processes

TONE_HZ = 440
RATE = 16_000


@pytest.fixture(scope="module")
def room():
    with VirtualRoom() as room:
        yield room


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    """A function: seconds to a file of that length with one steady tone."""
    folder = tmp_path_factory.mktemp("tones")

    def make(seconds: float, name: str = "") -> str:
        file = folder / f"{name or seconds}.wav"
        times = np.arange(int(seconds * RATE)) / RATE
        soundfile.write(file, (0.3 * np.sin(2 * np.pi * TONE_HZ * times)).astype(np.float32), RATE)
        return str(file)

    return make


@pytest.fixture
def watched(room, monkeypatch):
    for name, value in room.env.items():
        monkeypatch.setenv(name, value)
    watched = Watched()
    yield watched
    watched.player.close()
    assert not mpv_processes()


def test_files_follow_each_other_and_the_end_is_told(watched, tone):
    first, second = tone(0.5, "first"), tone(0.5, "second")
    watched.player.play((first, second))
    assert watched.wait(MediaStarted).file == first
    assert watched.wait(MediaPlayedOut).file == first
    assert watched.wait(MediaStarted).file == second
    assert watched.wait(MediaPlayedOut).file == second
    watched.wait(MediaEnded)
    assert watched.player.status().state is MediaState.STOPPED
    watched.player.restart()
    assert watched.wait(MediaStarted).file == second


def test_it_begins_where_it_is_told_and_a_pause_holds_the_place(watched, tone):
    watched.player.play((tone(60),), 30.0)
    watched.until(lambda status: status.position_s > 30.2)
    watched.player.pause()
    watched.until(lambda status: status.state is MediaState.PAUSED)
    paused_at = watched.player.status().position_s
    time.sleep(2.5)  # that nothing moves has no event
    assert watched.player.status().position_s - paused_at < 1.2
    watched.player.stop()
    place = watched.player.status().position_s
    watched.player.resume()
    watched.until(lambda status: status.position_s > place + 0.5)
    assert watched.player.status().position_s < place + 5


def test_next_and_previous(watched, tone):
    first, second = tone(60, "one"), tone(60, "two")
    watched.player.play((first, second))
    watched.wait(MediaStarted)
    watched.player.next()
    assert watched.wait(MediaStarted).file == second
    watched.player.previous()
    assert watched.wait(MediaStarted).file == first
    watched.player.next()
    watched.wait(MediaStarted)
    watched.player.next()
    watched.wait(MediaEnded)


@pytest.mark.parametrize("content", [b"", b"this is no music" * 100], ids=["empty", "garbage"])
def test_a_file_that_cannot_be_played_is_told_unless_another_can(watched, tone, tmp_path, content):
    broken = tmp_path / "花木兰.mp3"
    broken.write_bytes(content)
    watched.player.play((str(broken),))
    failed = watched.wait(MediaFailed)
    assert failed.file == str(broken) and failed.reason
    watched.player.play((str(broken), tone(0.3)))
    assert watched.wait(MediaStarted).file == tone(0.3)
    watched.wait(MediaEnded)


def test_a_name_that_is_no_unicode_plays(watched, tone, tmp_path):
    stick = os.fsdecode(os.fsencode(tmp_path) + "/豫剧.wav".encode("gbk"))
    Path(stick).write_bytes(Path(tone(0.3)).read_bytes())
    watched.player.play((stick,))
    assert watched.wait(MediaStarted).file == stick
    watched.wait(MediaEnded)


@pytest.mark.parametrize(("speed", "expected"), [(0.75, 0.75), (1.25, 1.25), (0.1, 0.5)])
def test_slower_and_faster_keep_the_pitch(watched, tone, room, tmp_path, speed, expected):
    watched.player.play((tone(60),))
    watched.wait(MediaStarted)
    watched.player.set_speed(speed)
    watched.until(lambda status: status.position_s > 0.5)
    began, place = time.monotonic(), watched.player.status().position_s
    with room.recording(tmp_path / "slow.wav"):
        watched.until(lambda status: status.position_s > place + 1.5 * expected)
    passed = time.monotonic() - began
    assert abs((watched.player.status().position_s - place) / passed - expected) < 0.35 * expected
    sound, rate = soundfile.read(tmp_path / "slow.wav")
    steady = sound[rate // 2 : rate // 2 + rate]
    loudest = np.argmax(np.abs(np.fft.rfft(steady * np.hanning(len(steady))))) * rate / len(steady)
    assert abs(loudest - TONE_HZ) < 5


def test_killed_it_plays_on_at_the_same_place_within_three_seconds_and_says_nothing(watched, tone):
    watched.player.play((tone(120),), 40.0)
    watched.until(lambda status: status.position_s > 41.0)
    watched.wait(MediaStarted)
    (process,) = mpv_processes()
    place, killed = watched.player.status().position_s, time.monotonic()
    process.send_signal(signal.SIGKILL)
    watched.wait(MediaStarted, 3.0)
    watched.until(lambda status: status.position_s > place, 3.0)
    assert time.monotonic() - killed < 3.0
    assert abs(watched.player.status().position_s - place) < 3.0
    assert watched.events.empty()


def test_it_dies_away_and_goes_on_as_loud_as_before(watched, tone, room, tmp_path, monkeypatch):
    monkeypatch.setattr(mpv, "FADE_S", 1.5)
    watched.player.play((tone(60),))
    watched.until(lambda status: status.position_s > 0.5)
    with room.recording(tmp_path / "fading.wav"):
        watched.player.fade()
        watched.until(lambda status: status.state is MediaState.STOPPED)
    sound, rate = soundfile.read(tmp_path / "fading.wav")
    loud = [float(np.sqrt(np.mean(sound[at : at + rate // 5] ** 2))) for at in range(rate // 5, len(sound) - rate // 5, rate // 5)]
    assert len(loud) >= 4 and all(later <= earlier * 1.05 for earlier, later in pairwise(loud)) and loud[-1] < 0.3 * loud[0]
    place = watched.player.status().position_s
    watched.player.resume()
    watched.until(lambda status: status.position_s > place + 0.2)
    assert not watched.player._course.is_fading


def test_killed_in_a_pause_it_stays_silent(watched, tone, room, tmp_path):
    watched.player.play((tone(60),), 10.0)
    watched.wait(MediaStarted)
    watched.player.pause()
    (process,) = mpv_processes()
    process.send_signal(signal.SIGKILL)
    watched.wait(MediaStarted)
    with room.recording(tmp_path / "silence.wav"):
        watched.until(lambda status: status.position_s >= 10.0)
        time.sleep(0.5)  # that nothing is heard has no event
    sound, _ = soundfile.read(tmp_path / "silence.wav")
    assert np.max(np.abs(sound), initial=0.0) < 0.001
    watched.player.resume()
    watched.until(lambda status: status.position_s > 10.5)


def test_what_keeps_failing_is_told_once_and_tried_again_when_asked(watched, tone):
    watched.player.play((tone(60),))
    for _ in range(DEATHS):
        watched.wait(MediaStarted)
        (process,) = mpv_processes()
        process.send_signal(signal.SIGKILL)
    assert "ended" in watched.wait(PlayerLost).reason
    assert watched.player.status().state is MediaState.STOPPED and watched.events.empty()
    watched.player.resume()
    watched.wait(MediaStarted)


def test_one_that_hangs_is_replaced(watched, tone, monkeypatch):
    monkeypatch.setattr(mpv, "HUNG_S", 1.0)
    watched.player.play((tone(60),))
    watched.wait(MediaStarted)
    (process,) = mpv_processes()
    process.suspend()
    watched.wait(MediaStarted)
    watched.until(lambda status: status.position_s > 1.0)


def test_ctrl_c_in_the_terminal_reaches_the_box_alone(watched, tone):
    watched.player.play((tone(60),))
    watched.wait(MediaStarted)
    (process,) = mpv_processes()
    assert os.getpgid(process.pid) != os.getpgrp()


def test_an_idle_one_is_let_go_of_and_comes_back(watched, tone, monkeypatch):
    monkeypatch.setattr(mpv, "LINGER_S", 0.1)
    watched.player.play((tone(60),))
    watched.wait(MediaStarted)
    (process,) = mpv_processes()
    watched.player.stop()
    psutil.wait_procs([process], timeout=10)
    assert not process.is_running()
    watched.player.resume()
    watched.wait(MediaStarted)


def test_without_mpv_the_order_says_so_and_nothing_plays(watched, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PlayerMissing, match="mpv"):
        watched.player.play(("a.mp3",))
    assert watched.player.status() is None


def test_without_any_sound_device_it_plays_on_unheard(tone, monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    watched = Watched()
    watched.player.play((tone(60),))
    watched.wait(MediaStarted)
    watched.until(lambda status: status.position_s > 1.0)
    watched.player.close()


def test_a_sound_device_that_comes_back_is_heard_again(tmp_path, monkeypatch):
    write_rising_tone(tmp_path / "tone.wav", 60)
    with VirtualRoom() as room:
        for name, value in room.env.items():
            monkeypatch.setenv(name, value)
        watched = Watched()
        watched.player.play((str(tmp_path / "tone.wav"),))
        with ToneListener(room) as listener:
            listener.wait_for(lambda level, place: level > -16, time.monotonic())
        room.stop()
        lost_at = watched.player.status().position_s
        watched.until(lambda status: status.position_s > lost_at + 1.0)
        room.start()
        with ToneListener(room) as listener:
            back = time.monotonic()
            listener.wait_for(lambda level, place: level > -16, back, timeout_s=mpv.LOOKS_FOR_DEVICE * mpv.LOOK_S + 5.0)
        watched.player.close()


def test_whoever_is_killed_leaves_no_mpv_behind(tone, room):
    program = ("import sys\nfrom audio.mpv import MpvPlayer\nplayer = MpvPlayer('pulse/speaker')\n"
               "player.start(lambda event: print(event, flush=True))\nplayer.play((sys.argv[1],))\nsys.stdin.read()\n")
    with subprocess.Popen([sys.executable, "-c", program, tone(60)], env=room.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as box:
        assert b"MediaStarted" in box.stdout.readline()
        (process,) = mpv_processes(box.pid)
        box.kill()
        box.wait()
        assert psutil.wait_procs([process], timeout=2)[0] or not process.is_running()


def test_a_thousand_orders_in_a_row_end_where_they_should(watched, tone):
    files = tuple(tone(60, f"file {number}") for number in range(4))
    player, chance = watched.player, random.Random(7)
    orders = [player.pause, player.resume, player.stop, player.next, player.previous, player.restart, player.duck, player.unduck,
              lambda: player.set_speed(chance.uniform(0.4, 1.6)), lambda: player.play(files, chance.uniform(0, 50))]
    player.play(files)
    threads = len(psutil.Process().threads())
    for _ in range(1000):
        chance.choice(orders)()
    player.unduck()
    player.play(files[2:], 20.0)
    watched.until(lambda status: status.position_s > 20.5, 30.0)
    assert player.status().file == files[2] and len(mpv_processes()) == 1
    assert len(psutil.Process().threads()) <= threads + 1
