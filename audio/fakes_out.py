"""The loudspeaker that remembers instead of sounding: for replays, demos and tests on machines without sound."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from assistant.errors import LoudspeakerUnavailable
from assistant.events import Ending
from assistant.ports import Pcm


@dataclass
class Playback:
    """One ``play`` call: when it began, when its first sample came (monotonic seconds), its sound and how it ended."""

    sample_rate: int
    called_at: float
    first_sample_at: float | None = None
    blocks: list[Pcm] = field(default_factory=list)
    ending: Ending | None = None

    @property
    def pcm(self) -> Pcm:
        return np.concatenate(self.blocks) if self.blocks else np.zeros(0, np.int16)


class RecordingLoudspeaker:
    """``Loudspeaker`` port. ``pace`` 1.0 takes as long as a real device would, 0.0 no time at all.

    ``failure``, while set, makes every ``play`` raise LoudspeakerUnavailable with that reason, as a pulled plug does.
    """

    def __init__(self, pace: float = 0.0, on_first_sample: Callable[[Playback], None] | None = None) -> None:
        self.playbacks: list[Playback] = []
        self.volume = 100
        self.failure: str | None = None
        self._pace = pace
        self._on_first_sample = on_first_sample
        self._stopped = threading.Event()

    def play(self, blocks: Iterable[Pcm], sample_rate: int) -> Ending:
        self._stopped.clear()
        if self.failure is not None:
            raise LoudspeakerUnavailable(self.failure)
        playback = Playback(sample_rate, time.monotonic())
        self.playbacks.append(playback)
        due = playback.called_at
        for block in blocks:
            if self._stopped.is_set():
                break
            if playback.first_sample_at is None:
                playback.first_sample_at = due = time.monotonic()
                if self._on_first_sample:
                    self._on_first_sample(playback)
            playback.blocks.append(block)
            due += self._pace * len(block) / sample_rate
        self._stopped.wait(max(0.0, due - time.monotonic()) if self._pace else 0.0)
        playback.ending = Ending.INTERRUPTED if self._stopped.is_set() else Ending.FINISHED
        return playback.ending

    def stop(self) -> None:
        self._stopped.set()

    def set_volume(self, level: int) -> None:
        self.volume = max(0, min(100, level))
