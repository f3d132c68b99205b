"""The two recognisers that hear every command, and the second hearing of what was not clear.

A room's echo is the recogniser's worst enemy, and it can only be taken out of an utterance that is over. So where the grammar
does not explain the sound clearly better than free speech does, both hear it once more without the echo, in the silence that
has to pass anyway. ``script/bench front-end`` measures what that is worth, beside what else was tried.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from assistant.ports import Pcm
from audio.dereverb import dereverberate
from audio.recognizer import VoskRecognizer
from intents.model import Hypothesis, Source

CLEAR = 4.0
"""Nats by which the grammar must explain the sound better than free speech for it to be heard only once."""


class Ears:
    """Free-form, and the grammar once there is one; both warm."""

    def __init__(
        self, free_form: VoskRecognizer, grammar: VoskRecognizer | None = None, dry: Callable[[Pcm], Pcm] | None = dereverberate,
    ) -> None:
        """``dry`` is what the sound goes through for the second hearing; None: nothing is heard twice."""
        self.free_form = free_form
        self.grammar = grammar
        self._dry = dry
        self._sound: list[Pcm] = []

    @property
    def decoders(self) -> tuple[VoskRecognizer, ...]:
        return (self.free_form,) if self.grammar is None else (self.free_form, self.grammar)

    def accept(self, pcm: Pcm) -> None:
        self._sound.append(pcm)
        for decoder in self.decoders:
            decoder.accept(pcm)

    def finish(self) -> tuple[Hypothesis, ...]:
        """Free-form readings, likeliest first, then the grammar's."""
        sound, self._sound = self._sound, []
        readings = self._readings()
        if self._dry is None or self.grammar is None or not sound or is_clear(readings):
            return readings
        dry = self._dry(np.concatenate(sound))
        for decoder in self.decoders:
            decoder.accept(dry)
        return both(readings, self._readings())

    def _readings(self) -> tuple[Hypothesis, ...]:
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


def both(first: Sequence[Hypothesis], second: Sequence[Hypothesis]) -> tuple[Hypothesis, ...]:
    """The readings of two hearings. Scores of different sound do not compare: the likeliest of each counts the same."""
    tops = [max((reading.score for reading in readings if reading.score is not None), default=0.0) for readings in (first, second)]
    found: dict[tuple[Source, str], Hypothesis] = {}
    for reading in (*first, *(replace(reading, score=(reading.score or 0.0) + tops[0] - tops[1]) for reading in second)):
        known = found.get((reading.source, reading.text))
        if known is None or (reading.score or 0.0) > (known.score or 0.0):
            found[reading.source, reading.text] = reading
    return tuple(sorted(found.values(), key=lambda reading: (reading.source is Source.GRAMMAR, -(reading.score or 0.0))))


def _likeliest(readings: Sequence[Hypothesis], source: Source) -> float | None:
    return max((reading.score for reading in readings if reading.source is source and reading.score is not None), default=None)
