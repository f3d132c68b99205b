"""The microphone on a virtual sound card: what is played into it arrives, and a lost card is an event, not the end."""
from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from assistant.errors import MicrophoneUnavailable
from assistant.events import MicFailed, MicRestored
from assistant.ports import SAMPLE_RATE
from audio.capture import Device, SoundcardMicrophone, choose_device, first_channel, list_devices
from audio.fakes import Pace, SimulatedMicrophone
from audio.portaudio import in_use, refresh_devices
from audio.wav import write_wav
from bench.virtual_room import VirtualRoom

CARDS = [
    Device(0, "HDA Intel: ALC257 (hw:0,0)", 2, 48000, False),
    Device(3, "USB PnP Sound Device: Audio (hw:1,0)", 1, 44100, False),
    Device(5, "default", 2, 48000, True),
]


class Facts:
    """A mailbox that can be waited on."""

    def __init__(self) -> None:
        self.events: list[object] = []
        self.chunks: list[np.ndarray] = []
        self._changed = threading.Condition()

    def post(self, event: object) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def hear(self, pcm: np.ndarray) -> None:
        with self._changed:
            self.chunks.append(pcm)
            self._changed.notify_all()

    def wait(self, condition: Callable[[], object], timeout_s: float = 20.0) -> bool:
        with self._changed:
            return bool(self._changed.wait_for(condition, timeout_s))

    @property
    def sound(self) -> np.ndarray:
        return np.concatenate(self.chunks) if self.chunks else np.zeros(0, dtype=np.int16)


@pytest.fixture
def room(monkeypatch):
    with VirtualRoom() as room:
        for name, value in room.env.items():
            monkeypatch.setenv(name, value)
        refresh_devices()
        yield room
    monkeypatch.undo()
    refresh_devices()


@pytest.mark.parametrize(("wanted", "index"), [(None, 5), ("", 5), (3, 3), ("3", 3), ("default", 5), ("usb pnp", 3)])
def test_a_device_is_found_by_index_name_or_part_of_it(wanted, index):
    assert choose_device(CARDS, wanted).index == index


def test_without_a_default_the_first_device_is_taken():
    assert choose_device(CARDS[:2], None).index == 0


@pytest.mark.parametrize(("devices", "wanted"), [([], None), (CARDS, "no such card"), (CARDS, 99)])
def test_a_device_that_is_not_there_is_an_error_with_a_fix(devices, wanted):
    with pytest.raises(MicrophoneUnavailable) as raised:
        choose_device(devices, wanted)
    assert "doctor" in raised.value.fix


def test_stereo_becomes_its_first_channel():
    block = np.array([[1, -1], [2, -2], [3, -3]], dtype=np.int16).tobytes()
    assert first_channel(block, 2).tolist() == [1, 2, 3]


def test_devices_are_not_looked_for_again_under_an_open_stream(room):
    with in_use():
        assert refresh_devices() is False
    assert refresh_devices() is True


def test_what_is_played_into_the_room_arrives(room, tmp_path):
    assert "room_mic" in [device.name for device in list_devices()]
    rng = np.random.default_rng(2)
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(SAMPLE_RATE) / SAMPLE_RATE) + rng.normal(0, 50, SAMPLE_RATE))
    write_wav(tmp_path / "tone.wav", tone.astype(np.int16), SAMPLE_RATE)
    facts, microphone = Facts(), SoundcardMicrophone("room_mic")
    microphone.start(facts.hear, facts.post)
    try:
        assert facts.wait(lambda: facts.chunks)
        room.say_into_microphone(tmp_path / "tone.wav")
        assert facts.wait(lambda: np.count_nonzero(np.abs(facts.sound) > 100) > 0.9 * SAMPLE_RATE)
    finally:
        microphone.stop()
    heard = facts.sound[np.abs(facts.sound) > 100][: SAMPLE_RATE // 2].astype(float)
    assert np.abs(heard).max() == pytest.approx(8000, rel=0.15)
    assert facts.events == []
    assert microphone.dropped_blocks == 0


def test_a_lost_card_is_reported_once_and_found_again(room):
    facts, microphone = Facts(), SoundcardMicrophone("room_mic")
    microphone.start(facts.hear, facts.post)
    try:
        assert facts.wait(lambda: facts.chunks)
        room.stop()
        assert facts.wait(lambda: facts.events)
        facts.chunks.clear()
        room.start()
        assert facts.wait(lambda: len(facts.events) > 1, 40)
        assert facts.wait(lambda: facts.chunks)
    finally:
        microphone.stop()
        microphone.stop()
    assert [type(event) for event in facts.events] == [MicFailed, MicRestored]
    assert "room_mic" in facts.events[0].reason


def test_a_card_that_was_never_there_is_reported_and_awaited(room):
    facts, microphone = Facts(), SoundcardMicrophone("no such card")
    microphone.start(facts.hear, facts.post)
    assert facts.wait(lambda: facts.events)
    microphone.stop()
    assert len(facts.events) == 1
    assert "no such card" in facts.events[0].reason


def test_the_simulated_microphone_delivers_everything_in_order():
    facts, microphone = Facts(), SimulatedMicrophone(Pace.CONSUMER, chunk=1000)
    sent = np.arange(5300, dtype=np.int16)
    microphone.start(facts.hear, facts.post)
    microphone.play(sent)
    assert microphone.drained(5)
    microphone.stop()
    assert np.array_equal(facts.sound, sent)


def test_the_simulated_microphone_loses_sound_with_its_cable():
    facts, microphone = Facts(), SimulatedMicrophone()
    microphone.start(facts.hear, facts.post)
    microphone.play(np.full(10 * SAMPLE_RATE, 7, dtype=np.int16))
    assert facts.wait(lambda: facts.chunks)
    microphone.unplug()
    microphone.unplug()
    microphone.replug()
    count = len(facts.chunks)
    assert facts.wait(lambda: len(facts.chunks) > count + 2)
    microphone.stop()
    assert [type(event) for event in facts.events] == [MicFailed, MicRestored]
    assert not facts.chunks[-1].any()
