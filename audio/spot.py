"""Finding the wake phrase in an utterance, and taking it out of what the recognisers read there.

Two must agree: a tiny grammar that can hear little else proposes, and ``audio/verify.py`` compares what it proposes with
everything else that could have been said there.
"""
from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.ports import Pcm
from audio.recognizer import UNKNOWN, VoskRecognizer
from audio.timeline import samples
from audio.verify import MARGIN_S, Verifier
from intents.model import Hypothesis, Source, Word

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where the grammar has the phrase, and how far around it nothing else was said. Seconds from the utterance's start."""

    start: float
    end: float
    silent_from: float
    silent_until: float

    @property
    def judged(self) -> tuple[float, float]:
        """What is verified: with some sound around it, but not the neighbours' in one breath, which the phrase could never
        explain."""
        return max(self.start - MARGIN_S, self.silent_from, 0.0), min(self.end + MARGIN_S, self.silent_until)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A phrase as the grammar's words, and how sure the grammar must be of it."""

    words: tuple[str, ...]
    least_confidence: float
    """Mean word confidence of the phrase in the grammar's result."""

    def proposed(self, words: Sequence[Word]) -> Proposal | None:
        """Where the grammar's result has the phrase for the last time, surely enough."""
        texts = [word.text for word in words]
        for at in range(len(texts) - len(self.words), -1, -1):
            said = words[at : at + len(self.words)]
            if tuple(texts[at : at + len(self.words)]) == self.words:
                confidence = sum(word.confidence for word in said) / len(said)
                if confidence >= self.least_confidence:
                    before = words[at - 1].end if at else 0.0
                    behind = words[at + len(said)].start if at + len(said) < len(words) else math.inf
                    return Proposal(said[0].start, said[-1].end, before, behind)
                log.debug("wake phrase seen with confidence %.2f only", confidence)
                return None
        return None


class Spotter:
    """Listens along with the first seconds of an utterance for a phrase that opens it.

    ``grammar`` is a recogniser bound to the phrase that nobody else uses while an utterance is open.
    """

    def __init__(self, grammar: VoskRecognizer, wanted: Wanted, verifier: Verifier, reach: int) -> None:
        """``reach`` is how many samples of the utterance are listened to."""
        self._grammar, self._wanted, self._verifier, self._reach = grammar, wanted, verifier, reach
        self._opening = np.zeros(0, dtype=np.int16)
        self._streaming = True
        self._behind = False
        self._end_s: float | None = None

    def accept(self, pcm: Pcm) -> None:
        """The utterance's next samples."""
        part = pcm[: max(0, self._reach - len(self._opening))]
        if not len(part):
            return
        self._opening = np.concatenate((self._opening, part))
        self._behind = True
        if self._streaming:
            self._grammar.accept(part)

    def look(self) -> float | None:
        """Where the phrase ends in what has been accepted, in seconds from its start; None without it.

        May be asked at every pause: the person may say the phrase again, and the last one counts.
        """
        if self._behind:
            if not self._streaming:
                self._grammar.accept(self._opening)
            self._streaming = self._behind = False
            found = self._grammar.finish()
            where = self._wanted.proposed(found[0].words) if found else None
            self._end_s = where.end if where is not None and self._verified(where) else None
        return self._end_s

    def _verified(self, where: Proposal) -> bool:
        start, end = (samples(bound) for bound in where.judged)
        return self._verifier.confirms(self._opening[start:end])

    def forget(self) -> None:
        """The next samples are those of another utterance, or of this one from its start."""
        self._grammar.discard()
        self._opening = self._opening[:0]
        self._streaming, self._behind, self._end_s = True, False, None


def without_opening(readings: Iterable[Hypothesis], end_s: float) -> tuple[Hypothesis, ...]:
    """The readings without what was said before ``end_s``; those with nothing left are dropped, equal ones joined.

    A word that lies across the border (小乡倒… read as 想到) keeps the characters whose middle is behind it.
    """
    rest: dict[tuple[Source, str], Hypothesis] = {}
    for reading in readings:
        words = tuple(word for word in (_behind(word, end_s) for word in reading.words) if word is not None)
        text = "".join(word.text for word in words if word.text != UNKNOWN)
        if not text:
            continue
        key = (reading.source, text)
        if key in rest:
            rest[key] = replace(rest[key], confidence=rest[key].confidence + reading.confidence)
        else:
            rest[key] = replace(reading, text=text, words=words)
    return tuple(rest.values())


def _behind(word: Word, end_s: float) -> Word | None:
    pieces = 1 if word.text == UNKNOWN else len(word.text)
    length = (word.end - word.start) / pieces
    lost = sum(word.start + (number + 0.5) * length < end_s for number in range(pieces))
    if lost == pieces:
        return None
    return word if not lost else replace(word, text=word.text[lost:], start=round(word.start + lost * length, 3))
