"""The two recognisers that hear every command, and the second hearing of what was not clear.

A room's echo is the recogniser's worst enemy and noise is the next, and both are best taken out of an utterance that is over.
So where the grammar does not explain the sound clearly better than free speech does, both hear it once more without them, in
the silence that has to pass anyway, and what they heard first is forgotten: its mistakes among the readings make a command of
talk that is none. ``script/bench front-end`` measures what that is worth, beside what else was tried.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from assistant.ports import SAMPLE_RATE, Pcm
from audio.denoise import dry_and_quiet
from audio.recognizer import VoskRecognizer
from intents.model import Hypothesis, Source

CLEAR = 4.0
"""Nats by which the grammar must explain the sound better than free speech for it to be heard only once."""
LONGEST = 8.0
"""Seconds of sound up to which an utterance is heard twice: what takes longer to say is seldom a command, and the
second hearing of it would not be over before the silence is."""
Readings = tuple[Hypothesis, ...]


def later(first: Readings, second: Readings) -> Readings:
    """What the second hearing found, and only if that is nothing, what the first did."""
    return second or first


class Ears:
    """Free-form, and the grammar once there is one; both warm."""

    def __init__(
        self, free_form: VoskRecognizer, grammar: VoskRecognizer | None = None, clear: Callable[[Pcm], Pcm] | None = dry_and_quiet,
        of_two: Callable[[Readings, Readings], Readings] = later,
    ) -> None:
        """``clear`` is what the sound goes through for the second hearing; None: nothing is heard twice. ``of_two`` makes one
        set of readings of the first hearing's and the second's."""
        self.free_form = free_form
        self.grammar = grammar
        self._clear, self._of_two = clear, of_two
        self._sound: list[Pcm] = []

    @property
    def decoders(self) -> tuple[VoskRecognizer, ...]:
        return (self.free_form,) if self.grammar is None else (self.free_form, self.grammar)

    def accept(self, pcm: Pcm) -> None:
        self._sound.append(pcm)
        for decoder in self.decoders:
            decoder.accept(pcm)

    def finish(self) -> Readings:
        """Free-form readings, likeliest first, then the grammar's."""
        sound, self._sound = self._sound, []
        readings = self._readings()
        too_long = sum(map(len, sound)) > LONGEST * SAMPLE_RATE
        if self._clear is None or self.grammar is None or not sound or too_long or is_clear(readings):
            return readings
        cleared = self._clear(np.concatenate(sound))
        for decoder in self.decoders:
            decoder.accept(cleared)
        return self._of_two(readings, self._readings())

    def _readings(self) -> Readings:
        return tuple(reading for decoder in self.decoders for reading in decoder.finish())

    def warm(self, pcm: Pcm) -> None:
        for decoder in self.decoders:
            decoder.warm(pcm)

    def discard(self) -> None:
        self._sound = []
        for decoder in self.decoders:
            decoder.discard()


def is_clear(readings: Sequence[Hypothesis]) -> bool:
    """The grammar explains the sound so much better than free speech that there is no need to hear it again."""
    free, bound = (_likeliest(readings, source) for source in (Source.FREE_FORM, Source.GRAMMAR))
    return free is not None and bound is not None and bound - free >= CLEAR


def _likeliest(readings: Sequence[Hypothesis], source: Source) -> float | None:
    return max((reading.score for reading in readings if reading.source is source and reading.score is not None), default=None)
