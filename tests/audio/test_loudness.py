"""How loud files are is measured by the real mpv, and played they come out alike."""
from __future__ import annotations

import queue

import numpy as np
import pytest
import soundfile

from assistant.errors import MediaUnreadable
from assistant.events import MediaPlayedOut
from audio import loudness
from audio.loudness import EXCERPT_S, LOUDEST_DB, SOFTEST_DB, Loudness, gain_db, measure
from audio.mpv import MpvPlayer
from bench.virtual_room import VirtualRoom

RATE = 16_000
LOUD, SOFT = 0.8, 0.2


def noise(file, amplitude, seconds=2.0):
    """Music to a loudness meter; its highest sample is ``amplitude``."""
    sound = np.random.default_rng(5).standard_normal(int(seconds * RATE)).astype(np.float32)
    soundfile.write(file, amplitude * sound / np.max(np.abs(sound)), RATE, subtype="PCM_16")
    return str(file)


@pytest.mark.parametrize(
    ("lufs", "peak_db", "gain"),
    [(-18, -3, 0.0), (-9, 0, -9.0), (-24, -10, 6.0), (-40, -30, LOUDEST_DB), (-2, 0, SOFTEST_DB), (-30, 0, 3.0), (-26, 5, 0.0)],
)
def test_all_come_to_the_same_and_none_is_torn(lufs, peak_db, gain):
    assert gain_db(Loudness(lufs, peak_db)) == gain


@pytest.mark.parametrize("make", [lambda file: noise(file, 0.0001), lambda file: file.write_bytes(b"no music" * 500)], ids=["silent", "broken"])
def test_where_nothing_is_to_be_heard_nothing_is_measured(tmp_path, make):
    make(tmp_path / "x.wav")
    with pytest.raises(MediaUnreadable, match="x.wav"):
        measure(str(tmp_path / "x.wav"), 0.0)


def test_of_a_long_file_a_part_is_heard_that_is_like_the_rest(tmp_path):
    """A loud opening is not measured."""
    length_s = 2 * EXCERPT_S + 40
    sound = np.full(int(length_s * 1000), 0.05, np.float32)
    sound[: 60 * 1000] = 0.9
    sound *= np.sin(2 * np.pi * 200 * np.arange(len(sound)) / 1000)
    soundfile.write(tmp_path / "long.wav", sound, 1000, subtype="PCM_16")
    assert measure(str(tmp_path / "long.wav"), length_s).peak_db < -20


def test_called_off_it_ends_at_once(tmp_path, monkeypatch):
    endless = tmp_path / "mpv"
    endless.write_text("#!/bin/sh\nexec sleep 60\n")
    endless.chmod(0o755)
    monkeypatch.setattr(loudness, "find_mpv", lambda: str(endless))
    monkeypatch.setattr(loudness, "_POLL_S", 0.05)
    assert measure("x.wav", 0.0, lambda: True) is None


def test_a_loud_and_a_soft_file_are_measured_and_played_alike(tmp_path, monkeypatch):
    files = {amplitude: noise(tmp_path / f"{amplitude}.wav", amplitude, 1.5) for amplitude in (LOUD, SOFT)}
    measured = {file: measure(file, 1.5) for file in files.values()}
    loud, soft = measured[files[LOUD]], measured[files[SOFT]]
    assert loud.lufs - soft.lufs == pytest.approx(20 * np.log10(LOUD / SOFT), abs=0.3)
    assert loud.peak_db == pytest.approx(20 * np.log10(LOUD), abs=0.3)
    assert gain_db(soft) - gain_db(loud) > 10
    with VirtualRoom() as room:
        for name, value in room.env.items():
            monkeypatch.setenv(name, value)
        events: queue.SimpleQueue = queue.SimpleQueue()
        player = MpvPlayer("pulse/speaker", lambda file: gain_db(measured[file]))
        player.start(events.put)
        player.set_volume(60)
        with room.recording(tmp_path / "heard.wav"):
            player.play((files[LOUD], files[SOFT]))
            while events.get(timeout=10.0) != MediaPlayedOut(files[SOFT]):
                pass
        player.close()
    sound, rate = soundfile.read(tmp_path / "heard.wav")
    blocks = sound[: len(sound) // (rate // 5) * (rate // 5)].reshape(-1, rate // 5)
    levels = 10 * np.log10(np.mean(blocks ** 2, axis=1) + 1e-12)
    heard = levels[levels > -50][1:-1]
    assert len(heard) >= 8 and abs(heard[:4].mean() - heard[-4:].mean()) < 1.5
