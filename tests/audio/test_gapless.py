"""Files that follow each other, as the loudspeaker has them: two halves of one tone are one tone."""
from __future__ import annotations

import queue
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.events import MediaEnded, MediaPlayedOut, MediaStarted
from audio import mpv
from audio.mpv import MpvPlayer
from bench.virtual_room import VirtualRoom
from tests.stream_server import StreamServer

HZ, HALF_S, AMPLITUDE = 440, 1.5, 0.3
HEARD_RATE = 16_000
GAP_S = 0.005
"""Shorter than a joint that anybody hears; what is recorded is exact to a sample."""
REOPENED_S = 0.1
ATTEMPTS = 3
"""On a busy machine the sound server itself may run dry, at the joint as anywhere."""


@pytest.fixture(scope="module")
def room():
    with VirtualRoom() as room:
        yield room


@pytest.fixture
def player(room, monkeypatch):
    for name, value in room.env.items():
        monkeypatch.setenv(name, value)
    opened = []

    def make(gain_db=lambda file: 0.0) -> tuple[MpvPlayer, queue.SimpleQueue]:
        player, events = MpvPlayer("pulse/speaker", gain_db), queue.SimpleQueue()
        opened.append(player)
        player.start(events.put)
        player.set_volume(100)
        return player, events

    yield make
    for player in opened:
        player.close()


def halves(folder: Path, suffix: str, rates=(44_100, 44_100), amplitudes=(AMPLITUDE, AMPLITUDE), channels=(2, 2)) -> tuple[str, str]:
    """One tone over both files: where the first ends, the second goes on within the same wave."""
    files = []
    for number, (rate, amplitude, channel) in enumerate(zip(rates, amplitudes, channels, strict=True)):
        times = number * HALF_S + np.arange(round(HALF_S * rate)) / rate
        sound = amplitude * np.sin(2 * np.pi * HZ * times)
        files.append(folder / f"{number}{suffix}")
        soundfile.write(files[-1], np.repeat(sound[:, None], channel, axis=1).astype(np.float32), rate)
    return str(files[0]), str(files[1])


@dataclass(frozen=True)
class Heard:
    """What came out of the loudspeaker, from the first sound to the last."""

    sound: np.ndarray

    @property
    def seconds(self) -> float:
        return len(self.sound) / HEARD_RATE

    def level(self, part: slice) -> float:
        """Amplitude of the tone in that share of it, in hundredths."""
        count = len(self.sound)
        return float(np.sqrt(2 * np.mean(self.sound[count * part.start // 100 : count * part.stop // 100] ** 2)))

    def longest_gap_s(self) -> float:
        envelope = np.convolve(np.abs(self.sound), np.ones(32) / 32, "same")
        loud = np.flatnonzero(envelope > np.median(envelope) / 4)
        return float(np.max(np.diff(loud), initial=1) - 1) / HEARD_RATE

    def is_one_tone(self) -> bool:
        """The same wave throughout: a jump, a hole, or a second beginning would not go with it."""
        times = np.arange(len(self.sound)) / HEARD_RATE
        together = 2 * np.abs(np.mean(self.sound * np.exp(-2j * np.pi * HZ * times)))
        return together > 0.995 * self.level(slice(0, 100))


def play(player, room, wav: Path, files: tuple[str, ...]) -> Heard:
    player, events = player
    with room.recording(wav):
        time.sleep(0.3)  # the recorder does not tell when it has begun
        player.play(files)
        told = []
        while not isinstance(told[-1] if told else None, MediaEnded):
            told.append(events.get(timeout=20.0))
        time.sleep(0.6)  # sound that is on its way has no event
    assert told == [*(kind(file) for file in files for kind in (MediaStarted, MediaPlayedOut)), MediaEnded()]
    sound, rate = soundfile.read(wav)
    assert rate == HEARD_RATE
    audible = np.flatnonzero(np.abs(sound) > 0.02)
    return Heard(sound[audible[0] : audible[-1] + 1])


def best(player, room, tmp_path, files: tuple[str, ...]) -> Heard:
    """The one with the shortest gap."""
    attempts = []
    for number in range(ATTEMPTS):
        attempts.append(play(player, room, tmp_path / f"heard-{number}.wav", files))
        if attempts[-1].is_one_tone():
            break
    return min(attempts, key=Heard.longest_gap_s)


@pytest.mark.parametrize(("suffix", "rate", "channels"), [(".wav", 16_000, 1), (".flac", 44_100, 2), (".mp3", 44_100, 2), (".mp3", 48_000, 1)])
def test_two_halves_of_a_tone_are_one_tone(player, room, tmp_path, suffix, rate, channels):
    files = halves(tmp_path, suffix, (rate, rate), channels=(channels, channels))
    heard = best(player(), room, tmp_path, files)
    assert heard.longest_gap_s() < GAP_S and abs(heard.seconds - 2 * HALF_S) < GAP_S and heard.is_one_tone()
    assert heard.level(slice(5, 95)) == pytest.approx(AMPLITUDE, rel=0.02)


def test_each_is_as_loud_as_it_is_to_be_up_to_the_joint(player, room, tmp_path):
    """The second half is recorded four times as softly and evened out: nobody hears where it begins."""
    files = halves(tmp_path, ".flac", amplitudes=(AMPLITUDE, AMPLITUDE / 4))
    heard = best(player({files[0]: 0.0, files[1]: 12.04}.get), room, tmp_path, files)
    assert heard.is_one_tone() and heard.longest_gap_s() < GAP_S
    for part in (slice(5, 45), slice(46, 49), slice(51, 54), slice(55, 95)):
        assert heard.level(part) == pytest.approx(AMPLITUDE, rel=0.03)


def test_two_halves_that_come_over_the_network_are_one_tone(player, room, tmp_path, monkeypatch):
    monkeypatch.setattr(mpv, "LOOK_S", 0.2)
    with StreamServer() as server:
        server.pages = {f"/{Path(file).name}": Path(file).read_bytes() for file in halves(tmp_path, ".mp3")}
        heard = best(player(), room, tmp_path, tuple(f"{server.address}{path}" for path in server.pages))
    assert heard.longest_gap_s() < GAP_S and abs(heard.seconds - 2 * HALF_S) < GAP_S and heard.is_one_tone()


@pytest.mark.parametrize("other", [{"rates": (44_100, 48_000)}, {"rates": (44_100, 16_000)}, {"channels": (1, 2)}], ids=str)
def test_where_the_device_is_opened_anew_the_gap_is_short_and_nothing_is_lost(player, room, tmp_path, other):
    heard = best(player(), room, tmp_path, halves(tmp_path, ".flac", **other))
    assert heard.longest_gap_s() < REOPENED_S and heard.seconds > 2 * HALF_S - GAP_S
    print(f"\na gap of {1000 * heard.longest_gap_s():.1f} ms")


def test_how_loud_the_next_one_is_to_be_may_become_known_while_this_one_plays(player, room, tmp_path, monkeypatch):
    monkeypatch.setattr(mpv, "LOOK_S", 0.2)
    files = halves(tmp_path, ".flac", amplitudes=(AMPLITUDE, AMPLITUDE / 4))

    asked: Counter[str] = Counter()

    def gain_db(file: str) -> float:
        asked[file] += 1
        return 12.04 if file == files[1] and asked[file] > 1 else 0.0

    heard = best(player(gain_db), room, tmp_path, files)
    assert heard.level(slice(55, 95)) == pytest.approx(AMPLITUDE, rel=0.03)


def test_nothing_of_what_begins_while_somebody_speaks_is_lost(player, room, tmp_path):
    files = halves(tmp_path, ".flac")
    player, events = player()
    with room.recording(tmp_path / "held.wav"):
        player.play(files)
        assert events.get(timeout=10) == MediaStarted(files[0])
        player.duck()
        while events.get(timeout=10) != MediaStarted(files[1]):
            pass
        time.sleep(1.0)  # that nothing is heard has no event
        player.unduck()
        while events.get(timeout=10) != MediaEnded():
            pass
        time.sleep(0.6)
    sound, _ = soundfile.read(tmp_path / "held.wav")
    loud = np.flatnonzero(np.abs(sound) > AMPLITUDE / 2)
    after = loud[loud > loud[-1] - round(1.9 * HEARD_RATE)]
    assert HALF_S - GAP_S < (after[-1] - after[0]) / HEARD_RATE < HALF_S + 0.3


def test_what_was_to_follow_does_not_when_it_is_told_to_end_after_this(player, room, tmp_path):
    files = halves(tmp_path, ".flac")
    player, events = player()
    player.play(files)
    assert events.get(timeout=10) == MediaStarted(files[0])
    player.end_after_this()
    assert [events.get(timeout=10) for _ in range(2)] == [MediaPlayedOut(files[0]), MediaEnded()]
    player.play(files)
    assert events.get(timeout=10) == MediaStarted(files[0])
    player.end_after_this()
    player.resume()
    told = [events.get(timeout=10) for _ in range(4)]
    assert told == [MediaPlayedOut(files[0]), MediaStarted(files[1]), MediaPlayedOut(files[1]), MediaEnded()]
