"""Whether sound is the wake phrase, or something else that a tiny grammar was forced to take for it.

Two decoders of one acoustic model hear the same second of sound. One may choose only among the phrase's syllables, in any
tone (a dialect's tones are not the standard's); the other among all syllables of Mandarin. Where the free one explains the
sound much better, something else was said: the likelihood ratio against a loop of fillers, by which keyword spotters have
verified their finds since Rose and Paul (ICASSP 1990). Other words in the same syllables are beyond it: 小象小巷 is the
phrase said in other tones.
"""
from __future__ import annotations

import logging
import math
from itertools import product

from assistant.ports import Pcm
from audio.recognizer import Scorer, SpeechModel
from models.hanzi import main_reading

log = logging.getLogger(__name__)

MARGIN_S = 0.15
"""Seconds of sound on both sides that are heard along with the phrase: alignments are this unsure."""
TONES = "1234"


class Verifier:
    """Judges spans that may be ``words`` (the phrase, as words that the model knows), by ``tolerance``: how many nats a
    syllable the free reading may be better than the phrase."""

    def __init__(self, model: SpeechModel, words: tuple[str, ...], tolerance: float) -> None:
        self._tolerance = tolerance
        sounds = model.homophones.sounds
        variants = _variants("".join(words), sounds)
        self._syllables = len("".join(words))
        self._phrase = Scorer(model, variants)
        self._any = Scorer(model, [(character,) for character in sounds.values()])
        self._freedom = self._syllables * math.log(len(sounds)) - math.log(len(variants))

    def excess(self, pcm: Pcm) -> float:
        """Nats a syllable by which free syllables explain the sound better than the phrase does, once what each pays for
        its choice has been taken off: about 1 for the phrase, infinite for sound that nothing fits."""
        phrase, free = self._phrase.score(pcm), self._any.score(pcm)
        if phrase is None or free is None:
            return math.inf
        return (free - phrase + self._freedom) / self._syllables

    def confirms(self, pcm: Pcm) -> bool:
        """Whether the phrase is what was said in this sound."""
        excess = self.excess(pcm)
        if excess > self._tolerance:
            log.debug("wake phrase turned away: %.1f nats a syllable worse than free syllables", excess)
        return excess <= self._tolerance


def _variants(phrase: str, sounds: dict[str, str]) -> list[tuple[str, ...]]:
    """The phrase in other tones; a character that comes twice has the same tone both times, as it has in any dialect."""
    distinct = list(dict.fromkeys(phrase))
    choices = []
    for character in distinct:
        base = main_reading(character).rstrip(TONES)
        others = (sounds.get(base + tone) for tone in TONES if base + tone != main_reading(character))
        choices.append([character, *(other for other in others if other is not None)])
    found = []
    for choice in product(*choices):
        said = dict(zip(distinct, choice, strict=True))
        found.append(tuple(said[character] for character in phrase))
    return found
