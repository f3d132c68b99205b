"""The last half minute of sound with its speech probabilities: nothing said just before a decision is lost."""
from __future__ import annotations

import numpy as np

from assistant.ports import SAMPLE_RATE, Pcm
from audio.vad import WINDOW, WINDOW_S

SPAN_S = 30.0
"""More than the longest utterance (15 s) with pre-roll and the longest patience."""


class Timeline:
    """A ring of windows. Positions are absolute sample numbers since the first window."""

    def __init__(self, span_s: float = SPAN_S) -> None:
        self._capacity = int(span_s / WINDOW_S)
        self._pcm = np.zeros((self._capacity, WINDOW), dtype=np.int16)
        self._probability = np.zeros(self._capacity, dtype=np.float32)
        self.windows = 0
        """Windows ever appended; the newest has the number ``windows - 1``."""

    @property
    def now(self) -> int:
        """Absolute sample number just behind the newest sample."""
        return self.windows * WINDOW

    @property
    def oldest(self) -> int:
        """Absolute sample number of the oldest sample still here."""
        return max(0, self.windows - self._capacity) * WINDOW

    def append(self, window: Pcm, probability: float) -> None:
        row = self.windows % self._capacity
        self._pcm[row] = window
        self._probability[row] = probability
        self.windows += 1

    def probability(self, number: int) -> float:
        """Of the window with this number, which must still be here."""
        return float(self._probability[number % self._capacity])

    def slice(self, start: int, end: int) -> Pcm:
        """Samples ``start`` (or the oldest there is) up to ``end`` (or now), copied."""
        start, end = max(start, self.oldest), min(end, self.now)
        if start >= end:
            return np.zeros(0, dtype=np.int16)
        first, last = start // WINDOW, -(-end // WINDOW)
        rows = np.arange(first, last) % self._capacity
        offset = first * WINDOW
        return self._pcm[rows].reshape(-1)[start - offset : end - offset]


def samples(seconds: float) -> int:
    """Seconds as a number of samples at the ear's rate."""
    return round(seconds * SAMPLE_RATE)
