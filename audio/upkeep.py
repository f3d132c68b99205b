"""What the decoders need between utterances: their memory bounded, their caches warm.

A decoder composes its graph lazily and keeps every part that speech has led it through: quick where it has been, and
larger with every new sentence (measured: 25 to 100 MB for eight random ones). So it is thrown away when the process has
grown by a bounded amount, in a quiet moment, and the new one is led through typical speech a block at a time, resting
between blocks, so that the ear never falls behind the sound.
"""
from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from assistant.ports import Pcm
from audio.memory import held_mb
from audio.recognizer import BLOCK, VoskRecognizer
from audio.vad import WINDOW_S

log = logging.getLogger(__name__)

REST = 2.0
"""After a block of warming the ear attends to nothing but sound for so many times as long as the block took."""


class Warming:
    """Leads decoders through speech; call :meth:`step` once a window while nobody speaks, else :meth:`interrupt`."""

    def __init__(self, clips: Sequence[Pcm], clock: Callable[[], float] = time.perf_counter) -> None:
        self._clips = clips
        self._clock = clock
        self._waiting: deque[tuple[VoskRecognizer, Pcm]] = deque()
        self._at = 0
        self._rest = 0
        self.busy_s = 0.0
        """Seconds of work since the start."""

    @property
    def done(self) -> bool:
        return not self._waiting

    def plan(self, decoder: VoskRecognizer) -> None:
        """The decoder is cold; whatever was planned for it starts again."""
        self.interrupt()
        self._waiting = deque(item for item in self._waiting if item[0] is not decoder)
        self._waiting.extend((decoder, clip) for clip in self._clips)

    def step(self) -> None:
        """Decode one block, unless it is time to rest."""
        if self._rest > 0:
            self._rest -= 1
            return
        if not self._waiting:
            return
        decoder, clip = self._waiting[0]
        began = self._clock()
        decoder.accept(clip[self._at : self._at + BLOCK])
        self._at += BLOCK
        if self._at >= len(clip):
            self.interrupt()
        took = self._clock() - began
        self.busy_s += took
        self._rest = math.ceil(REST * took / WINDOW_S)

    def interrupt(self) -> None:
        """Leave the decoder ready for an utterance; what is left of the clip is not worth coming back for."""
        if self._at and self._waiting:
            decoder, _ = self._waiting.popleft()
            decoder.discard()
        self._at = 0


class Upkeep:
    """Renews decoders by how much the process has grown since they were last new and warm."""

    def __init__(self, warming: Warming, growth_mb: float, measure: Callable[[], float] = held_mb) -> None:
        """``growth_mb`` is borne until a quiet moment; twice as much until the end of a turn."""
        self._warming = warming
        self._growth_mb = growth_mb
        self._measure = measure
        self._warm_mb: float | None = None
        """Held at the first quiet moment with warm decoders since they were new."""
        self._first_mb: float | None = None
        """Held after the first turn since then: counts until there has been such a moment."""
        self._turn_over = False
        self.renewals = 0

    @property
    def warming_s(self) -> float:
        """Seconds spent on warming after renewals and new phrases."""
        return self._warming.busy_s

    def when_quiet(self, decoders: Iterable[VoskRecognizer]) -> None:
        """It has been quiet for a while."""
        if not self._warming.done:
            return
        held = self._measure()
        if self._warm_mb is None or held < self._warm_mb:
            self._warm_mb = held
        if held - self._warm_mb >= self._growth_mb:
            self._renew(decoders, held)

    def after_turn(self) -> None:
        """A turn is over; nobody must wait for its answer while memory is looked at."""
        self._turn_over = True

    def between_turns(self, decoders: Iterable[VoskRecognizer]) -> None:
        """What was heard has been told: where people talk without a break there is no quieter moment."""
        if not self._turn_over:
            return
        self._turn_over = False
        held = self._measure()
        if self._first_mb is None:
            self._first_mb = held
        if held - (self._warm_mb or self._first_mb) >= 2 * self._growth_mb:
            self._renew(decoders, held)

    def _renew(self, decoders: Iterable[VoskRecognizer], held: float) -> None:
        used = [decoder for decoder in decoders if decoder.utterances]
        if not used:
            return
        for decoder in used:
            decoder.renew()
            self._warming.plan(decoder)
        self._warm_mb = self._first_mb = None
        self.renewals += 1
        log.info("decoders renewed: %.0f MB before, %.0f MB after", held, self._measure())
