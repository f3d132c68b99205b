"""Finding the wake phrase in an utterance, and taking it out of what the recognisers read there.

Two must agree: a tiny grammar that can hear little else proposes, and a free-form reading of the same sound, which could
have been anything, has to sound like the phrase.
"""
from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from audio.recognizer import UNKNOWN, VoskRecognizer, bound_reading
from audio.sound_alike import nearest_part, syllables
from intents.model import Hypothesis, Source, Word

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A phrase as the grammar's words, and how sure both recognisers must be of it."""

    words: tuple[str, ...]
    least_confidence: float
    """Mean word confidence of the phrase in the grammar's result."""
    tolerance: float
    """Greatest mean distance per syllable at which the free-form reading still is the phrase."""

    def proposed(self, words: Sequence[Word]) -> tuple[float, float] | None:
        """Where (start and end in seconds) the grammar's result has the phrase for the last time, surely enough."""
        texts = [word.text for word in words]
        for at in range(len(texts) - len(self.words), -1, -1):
            said = words[at : at + len(self.words)]
            if tuple(texts[at : at + len(self.words)]) == self.words:
                confidence = sum(word.confidence for word in said) / len(said)
                if confidence >= self.least_confidence:
                    return said[0].start, said[-1].end
                log.debug("wake phrase seen with confidence %.2f only", confidence)
                return None
        return None

    def confirmed(self, readings: Iterable[Hypothesis]) -> bool:
        """Whether one of the free-form readings sounds like the phrase somewhere."""
        free = [reading.text for reading in readings if reading.source is Source.FREE_FORM]
        wanted = syllables("".join(self.words))
        distance = min((nearest_part(wanted, syllables(text))[0] for text in free), default=1.0)
        if distance > self.tolerance:
            log.debug("wake phrase turned away: %s (%.2f)", free, distance)
        return distance <= self.tolerance


class Spotter:
    """Listens along with the first seconds of an utterance for a phrase that opens it.

    ``grammar`` is a recogniser bound to the phrase that nobody else uses while an utterance is open.
    """

    def __init__(self, grammar: VoskRecognizer, wanted: Wanted, reach: int) -> None:
        """``reach`` is how many samples of the utterance are listened to."""
        self._grammar, self._wanted, self._reach = grammar, wanted, reach
        self._heard = 0

    def accept(self, pcm) -> None:
        """The utterance's next samples."""
        part = pcm[: max(0, self._reach - self._heard)]
        self._heard += len(pcm)
        if len(part):
            self._grammar.accept(part)

    def finish(self, readings: Iterable[Hypothesis]) -> float | None:
        """Where the phrase ends, in seconds from the start of the utterance whose readings these are; None without it."""
        found = self._grammar.finish()
        self._heard = 0
        where = self._wanted.proposed(found[0].words) if found else None
        return where[1] if where is not None and self._wanted.confirmed(readings) else None

    def discard(self) -> None:
        """Forget the utterance in hand."""
        self._grammar.discard()
        self._heard = 0


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
        if reading.source is Source.GRAMMAR:
            rest[key] = bound_reading(words)[0]
        elif key in rest:
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
