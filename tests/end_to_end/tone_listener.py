"""Somebody in the room with a good ear for one tone: how loud it is, and which, at every moment.

The media of the tests are tones of a band in which a voice has next to nothing, so that what plays can be told from what the
box says over it. The tone rises by a fixed step each second: its pitch tells the place in the file.
"""
from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import soundfile

from bench.virtual_room import VirtualRoom

RATE = 16_000
LOWEST_HZ, STEP_HZ = 4000.0, 25.0
WINDOW = RATE * 4 // 100
HOP = RATE // 100
SILENT_DB = -100.0


def write_rising_tone(file: Path, seconds: int) -> None:
    """``seconds`` at most 140, of amplitude 0.3."""
    hertz = np.repeat(LOWEST_HZ + STEP_HZ * np.arange(seconds), RATE)
    sound = 0.3 * np.sin(2 * np.pi * np.cumsum(hertz) / RATE)
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, sound.astype(np.float32), RATE)


class ToneListener:
    """Records the loudspeaker while inside; moments are ``time.monotonic()``."""

    def __init__(self, room: VirtualRoom) -> None:
        self._env = room.env
        self._blocks: list[tuple[float, bytes]] = []

    def __enter__(self) -> ToneListener:
        self._recorder = subprocess.Popen(
            ["parec", "--device=speaker.monitor", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=10"],
            env=self._env, stdout=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._recorder.terminate()
        self._recorder.wait(10)
        self._reader.join(10)
        self._recorder.stdout.close()

    def _read(self) -> None:
        while block := self._recorder.stdout.read1(2048):
            self._blocks.append((time.monotonic(), block))

    def heard(self, since: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For every hundredth of a second from ``since`` on: the moment, the tone's level in dBFS and its place in the file in
        seconds. The moment is the end of the 40 ms that were looked at, as they came out of the recorder: none is too early."""
        blocks = list(self._blocks)
        ends = np.cumsum([len(block) // 2 for _, block in blocks])
        began = min((at - end / RATE for (at, _), end in zip(blocks, ends, strict=True)), default=since)
        first = max(0, int((since - began) * RATE) - WINDOW)
        pcm = np.frombuffer(b"".join(block for _, block in blocks), np.int16)[first:] / 32768
        if len(pcm) < WINDOW:
            return np.zeros(0), np.zeros(0), np.zeros(0)
        windows = np.lib.stride_tricks.sliding_window_view(pcm, WINDOW)[::HOP] * np.hanning(WINDOW)
        spectrum = np.abs(np.fft.rfft(windows, 8 * WINDOW)) / (WINDOW / 4)
        hertz = np.fft.rfftfreq(8 * WINDOW, 1 / RATE)
        band = (hertz > LOWEST_HZ - 2 * STEP_HZ) & (hertz < 7600)
        loudest = spectrum[:, band].argmax(axis=1)
        level = 20 * np.log10(np.maximum(spectrum[:, band].max(axis=1), 10 ** (SILENT_DB / 20)))
        moments = began + (first + WINDOW + HOP * np.arange(len(windows))) / RATE
        return moments, level, (hertz[band][loudest] - LOWEST_HZ) / STEP_HZ

    def wait_for(self, wanted, since: float, lasting_s: float = 0.3, timeout_s: float = 20.0) -> float:
        """The first moment from which on ``wanted(level, place)`` is true for so long. Raises AssertionError."""
        end, needed = time.monotonic() + timeout_s, round(lasting_s * RATE / HOP)
        while True:
            moments, level, place = self.heard(since)
            true = np.append(0, np.cumsum(wanted(level, place)))
            found = np.flatnonzero(true[needed:] - true[:-needed] == needed)
            if len(found):
                return float(moments[found[0]])
            assert time.monotonic() < end, f"levels at last {np.round(level[-20:])}, places {np.round(place[-20:], 1)}"
            time.sleep(0.05)  # the recorder has no event for a tone that has become softer
