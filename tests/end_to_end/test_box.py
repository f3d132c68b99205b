"""The whole box on a virtual sound card: another process speaks into its microphone, its loudspeaker is recorded and heard."""
from __future__ import annotations

import dataclasses
import datetime as dt
import os
import signal

import pytest

from assistant.ports import SAMPLE_RATE, SpeechStyle
from assistant.store import Store
from audio.wav import read_wav, write_wav
from bench.virtual_room import VirtualRoom
from tests.end_to_end.box_process import BoxProcess, without_sound_devices
from tests.weather_server import weather_server


@pytest.fixture(scope="module")
def room():
    with VirtualRoom() as room:
        yield room


@pytest.fixture(scope="module")
def weather():
    with weather_server() as address:
        yield address


@pytest.fixture(scope="module")
def settings(tmp_path_factory, weather):
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    file.write_text(f'[box]\nplace = "济南"\nmarket_cycle = "农历二七"\n[weather]\nopen_meteo_url = "{weather}"\n'
                    f'met_norway_url = "{weather}"\n[audio]\nmicrophone = "room_mic"\nloudspeaker = "room_speaker"\n'
                    '[listening]\nfollow_up_s = 0.0\n[media]\nfolders = []\n', encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def box(room, settings, tmp_path_factory):
    """The box, asleep. One process serves several tests, and each leaves it as it found it."""
    with BoxProcess(room.env, settings, tmp_path_factory.mktemp("data")) as box:
        box.wait_for("小乡：我准备好了")
        box.wait_for("-> asleep")
        yield box


@pytest.fixture(scope="module")
def spoken(tmp_path_factory, speak):
    """A function: text to a WAV file in the elder's voice."""
    folder = tmp_path_factory.mktemp("spoken")

    def make(text: str):
        path = folder / f"{abs(hash(text))}.wav"
        if not path.exists():
            write_wav(path, speak(text, SpeechStyle(0.9)), SAMPLE_RATE)
        return path

    return make


def test_a_question_asked_aloud_is_answered_aloud(room, box, spoken, recognise, tmp_path):
    with room.recording(tmp_path / "reply.wav"):
        room.say_into_microphone(spoken("小乡小乡，今天天气怎么样"))
        box.wait_for("小乡：", "度")
        box.wait_for("-> asleep")
    heard = recognise(read_wav(tmp_path / "reply.wav"))
    assert "度" in heard and "天" in heard, heard


def test_called_first_it_answers_in_words_and_then_listens(room, box, spoken, recognise, tmp_path):
    with room.recording(tmp_path / "reply.wav"):
        room.say_into_microphone(spoken("小乡小乡"))
        box.wait_for("小乡：哎，我在")
        box.wait_for("handled SpeechEnded", "-> listening")
        room.say_into_microphone(spoken("现在几点了"))
        shown = box.wait_for("小乡：")
        box.wait_for("-> asleep")
    assert "点" in shown
    assert "点" in recognise(read_wav(tmp_path / "reply.wav"))


def test_typed_text_is_answered_too(box):
    box.type("今天阴历初几")
    assert "历" in box.wait_for("小乡：")
    box.wait_for("-> asleep")


def test_the_microphone_goes_and_comes_back(box, room, spoken):
    room.stop()
    try:
        box.wait_for("小乡：我听不见了")
    finally:
        room.start()
    box.wait_for("小乡：好了，我又听得见了")
    box.wait_for("handled SpeechEnded", "-> asleep")
    room.say_into_microphone(spoken("小乡小乡，现在几点了"))
    box.wait_for("小乡：", "点")
    box.wait_for("-> asleep")


def test_killed_and_started_again_it_remembers(settings, tmp_path):
    data, deaf = tmp_path / "data", without_sound_devices(settings, tmp_path)
    with BoxProcess(dict(os.environ), deaf, data) as box:
        box.wait_for("！我听不见了")
        box.type("音量调到三十")
        box.wait_for("小乡：", "三十")
        box.type("倒计时二十分钟")
        box.wait_for("小乡：", "二十分钟")
        assert box.end(signal.SIGKILL) == -signal.SIGKILL
    store = Store(data / "box.json")
    assert store.preference("volume", 60) == 30
    (timer,) = store.timers()
    assert timer.label == "二十分钟"
    store.add_timer(dataclasses.replace(timer, due=timer.due - dt.timedelta(minutes=21)))
    store.close()
    with BoxProcess(dict(os.environ), deaf, data) as again:
        again.wait_for("小乡：", "二十分钟")
        again.wait_for("-> listening")
        again.type("知道了")
        again.wait_for("您：知道了")
        again.wait_for("-> asleep")
        assert again.end(signal.SIGTERM) == 0
    assert not Store(data / "box.json").timers()


def test_without_any_sound_device_it_starts_and_answers_typed_text(settings, tmp_path):
    with BoxProcess(dict(os.environ), without_sound_devices(settings, tmp_path), tmp_path / "data") as box:
        faults = box.wait_for("！我") + box.wait_for("！我")
        assert "听不见" in faults and "喇叭不响" in faults
        box.type("现在几点了")
        assert "点" in box.wait_for("小乡：现在")
