"""The loudspeaker on a virtual sound card: what a person in the room would hear of it."""
from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from assistant.errors import LoudspeakerUnavailable, VoiceError
from assistant.events import Ending
from assistant.ports import Pcm
from audio.player import SoundcardLoudspeaker, amplitude
from audio.portaudio import refresh_devices
from bench.virtual_room import VirtualRoom

RATE = 16_000
WAIT_S = 20.0
LOUD = 300


class Bystander:
    """Hears the room's loudspeaker as it sounds: 16 kHz samples, and when (monotonic) the first loud one came."""

    def __init__(self, room: VirtualRoom) -> None:
        self.first_at: float | None = None
        self._process = subprocess.Popen(
            ["parec", "--device=speaker.monitor", "--raw", f"--rate={RATE}", "--channels=1", "--format=s16le",
             "--latency-msec=5"], env=room.env, stdout=subprocess.PIPE)
        self._changed = threading.Condition()
        self._blocks: list[np.ndarray] = []
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()
        self.wait(lambda: self._blocks)
        self.forget()

    def _hear(self) -> None:
        odd = b""
        while data := self._process.stdout.read1(4096):
            odd += data
            whole = len(odd) // 2 * 2
            pcm, odd = np.frombuffer(odd[:whole], np.int16), odd[whole:]
            with self._changed:
                loud = np.abs(pcm.astype(int)) > LOUD
                if loud.any():
                    self.first_at = self.first_at or time.monotonic()
                self._blocks.append(pcm)
                self._changed.notify_all()

    def wait(self, condition: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, WAIT_S), "this was never heard"

    def forget(self) -> None:
        with self._changed:
            self._blocks, self.first_at = [], None

    def heard(self) -> np.ndarray:
        """What was loud, after a fifth of a second of silence, without the silence around it."""
        with self._changed:
            have = sum(map(len, self._blocks))
        self.wait(lambda: sum(map(len, self._blocks)) > have + RATE // 5)
        with self._changed:
            pcm = np.concatenate(self._blocks).astype(float)
        loud = np.flatnonzero(np.abs(pcm) > LOUD)
        return pcm[loud[0] : loud[-1] + 1] if len(loud) else pcm[:0]

    def leave(self) -> None:
        self._process.terminate()
        self._process.wait(WAIT_S)
        self._thread.join(WAIT_S)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def room() -> Iterator[VirtualRoom]:
    with pytest.MonkeyPatch.context() as patch, VirtualRoom() as room:
        for name, value in room.env.items():
            patch.setenv(name, value)
        refresh_devices()
        yield room
    refresh_devices()


@pytest.fixture
def speaker(room: VirtualRoom) -> SoundcardLoudspeaker:
    return SoundcardLoudspeaker("room_speaker", volume=100)


@pytest.fixture
def bystander(room: VirtualRoom) -> Iterator[Bystander]:
    bystander = Bystander(room)
    yield bystander
    bystander.leave()


def tone(seconds: float, rate: int, height: float = 12_000) -> Pcm:
    return (height * np.sin(2 * np.pi * 500 * np.arange(int(seconds * rate)) / rate)).astype(np.int16)


def blocks(pcm: Pcm, count: int = 5) -> Iterator[Pcm]:
    return iter(np.array_split(pcm, count))


def sounding_s(heard: np.ndarray) -> float:
    """Seconds of sound without the gaps that a sound server on a busy machine puts into it."""
    periods = heard[: len(heard) // 32 * 32].reshape(-1, 32)
    return np.count_nonzero(np.abs(periods).max(axis=1) > LOUD) * 32 / RATE


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
def test_everything_is_played_to_the_last_sample(rate: int, speaker, bystander) -> None:
    marked = np.concatenate([tone(0.7, rate, 6_000), tone(0.1, rate)])
    assert speaker.play(blocks(marked), rate) is Ending.FINISHED
    heard = bystander.heard()
    assert sounding_s(heard) == pytest.approx(0.8, abs=0.04)
    assert np.abs(heard[: RATE // 2]).max() == pytest.approx(6_000, rel=0.1)
    assert np.abs(heard[-RATE // 20 :]).max() == pytest.approx(12_000, rel=0.1), "the end was cut"


def test_finished_means_heard(speaker, bystander) -> None:
    speaker.play(blocks(tone(0.5, 24_000)), 24_000)
    ended = time.monotonic()
    assert sounding_s(bystander.heard()) > 0.47
    assert ended - bystander.first_at > 0.4


def test_stop_is_heard_at_once(speaker, bystander) -> None:
    endings: list[Ending] = []
    thread = threading.Thread(target=lambda: endings.append(speaker.play(blocks(tone(20, 24_000)), 24_000)))
    thread.start()
    bystander.wait(lambda: bystander.first_at)
    speaker.stop()
    stopped = time.monotonic()
    thread.join(WAIT_S)
    assert endings == [Ending.INTERRUPTED] and time.monotonic() - stopped < 1.0
    sounded = sounding_s(bystander.heard()) - (stopped - bystander.first_at)
    assert sounded < 0.05 + 0.06, f"{sounded:.3f} s of sound after stop (0.06 s of that is the way to the listener)"


def test_after_a_stop_the_next_words_are_whole(speaker, bystander) -> None:
    def stopping() -> Iterator[Pcm]:
        yield tone(0.3, 24_000)
        speaker.stop()
        yield tone(5, 24_000)

    assert speaker.play(stopping(), 24_000) is Ending.INTERRUPTED
    bystander.heard()
    bystander.forget()
    assert speaker.play(blocks(tone(0.4, 24_000)), 24_000) is Ending.FINISHED
    assert sounding_s(bystander.heard()) == pytest.approx(0.4, abs=0.04)


@pytest.mark.parametrize("level", [30, 60, 100])
def test_volume_is_an_amplitude(level: int, speaker, bystander) -> None:
    speaker.set_volume(level)
    speaker.play(blocks(tone(0.3, 24_000, 20_000)), 24_000)
    assert np.abs(bystander.heard()).max() == pytest.approx(20_000 * amplitude(level), rel=0.1)


def test_volume_changes_in_the_middle_of_a_word(speaker, bystander) -> None:
    def growing_quiet() -> Iterator[Pcm]:
        yield tone(1.2, 24_000, 20_000)
        bystander.wait(lambda: bystander.first_at)
        speaker.set_volume(50)

    speaker.play(growing_quiet(), 24_000)
    heard = np.abs(bystander.heard())
    assert heard[: RATE // 50].max() > 15_000
    assert heard[-RATE // 4 :].max() == pytest.approx(5_000, rel=0.1)


def test_the_first_sample_comes_at_once(speaker, bystander) -> None:
    """From ``play`` to the first sample in the room, with the device opened anew each time."""
    delays = []
    for _ in range(5):
        bystander.heard()
        bystander.forget()
        asked = time.monotonic()
        speaker.play(blocks(tone(0.1, 24_000)), 24_000)
        bystander.heard()
        delays.append(bystander.first_at - asked)
    assert sorted(delays)[2] < 0.15, delays


def test_the_device_is_free_between_two_replies(speaker) -> None:
    def looking() -> Iterator[Pcm]:
        yield tone(0.1, 24_000)
        assert not refresh_devices(), "the device is open meanwhile"

    speaker.play(looking(), 24_000)
    assert refresh_devices()


def test_words_that_fail_half_way_leave_nothing_behind(speaker, bystander) -> None:
    def failing() -> Iterator[Pcm]:
        yield tone(3, 24_000)
        raise VoiceError("no more words")

    with pytest.raises(VoiceError):
        speaker.play(failing(), 24_000)
    bystander.heard()
    bystander.forget()
    assert speaker.play(blocks(tone(0.3, 24_000)), 24_000) is Ending.FINISHED
    assert sounding_s(bystander.heard()) == pytest.approx(0.3, abs=0.04)


def test_nothing_to_play_needs_no_device() -> None:
    assert SoundcardLoudspeaker("no such card").play([], 24_000) is Ending.FINISHED


def test_a_card_that_is_not_there_is_named(room) -> None:
    with pytest.raises(LoudspeakerUnavailable, match="no such card"):
        SoundcardLoudspeaker("no such card").play(blocks(tone(0.1, RATE)), RATE)


def test_a_lost_sound_server_is_told_and_found_again(room, speaker) -> None:
    def losing() -> Iterator[Pcm]:
        yield tone(1, 24_000)
        room.stop()
        yield tone(5, 24_000)

    with pytest.raises(LoudspeakerUnavailable, match="room_speaker"):
        speaker.play(losing(), 24_000)
    with pytest.raises(LoudspeakerUnavailable, match="room_speaker"):
        speaker.play(blocks(tone(0.1, 24_000)), 24_000)
    room.start()
    assert speaker.play(blocks(tone(0.1, 24_000)), 24_000) is Ending.FINISHED


def test_a_sound_server_that_came_and_went_between_two_replies_costs_no_reply(room, speaker) -> None:
    assert speaker.play(blocks(tone(0.1, 24_000)), 24_000) is Ending.FINISHED
    room.stop()
    room.start()
    bystander = Bystander(room)
    try:
        speaker.play(blocks(tone(0.3, 24_000)), 24_000)
        assert sounding_s(bystander.heard()) == pytest.approx(0.3, abs=0.04)
    finally:
        bystander.leave()
