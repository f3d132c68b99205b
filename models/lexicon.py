"""The recogniser's vocabulary. A grammar silently drops words outside it, so every phrase is split into words inside it.

Which split: as few words as possible (longer words carry more of the language model), then the most even lengths, then
long words late. These are the rules of MMSEG (C.-H. Tsai, 1996), with the last one taken from backward maximum
matching; a character that is no word of the model belongs to no word and is left out, and `unknown` names it.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Self

from models.spoken_forms import spoken_form

LONGEST_WORD = 8
"""Characters. The small Chinese model has 100 000 words; hardly one in a thousand is longer."""

_HAN_RUN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
_CACHED_WORDS = 200_000


class Lexicon:
    """What words a model knows. ``find_word`` returns a negative number for a word that it does not know."""

    def __init__(self, find_word: Callable[[str], int]) -> None:
        self._find_word = find_word
        self._known: dict[str, bool] = {}

    @classmethod
    def from_vosk(cls, model: Any) -> Self:
        """The vocabulary of a loaded ``vosk.Model`` (typed loosely so that this module does not import vosk)."""
        return cls(model.vosk_model_find_word)

    def knows(self, word: str) -> bool:
        """True when ``word`` is one word of the model."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _CACHED_WORDS:
                self._known.clear()
            known = self._known[word] = self._find_word(word) >= 0
        return known

    def split(self, phrase: str) -> list[str]:
        """The words of ``phrase`` in order, every one known to the model; punctuation and unknown characters are left out.

        Letters and digits are turned into the characters they are said as.
        """
        return [word for run in _HAN_RUN.findall(spoken_form(phrase)) for word in self._split_run(run)]

    def unknown(self, phrase: str) -> list[str]:
        """The characters of ``phrase`` that no word of its best split covers, in order, without repetition."""
        lost: dict[str, None] = {}
        for run in _HAN_RUN.findall(spoken_form(phrase)):
            covered = "".join(self._split_run(run))
            position = 0
            for character in run:
                if position < len(covered) and covered[position] == character:
                    position += 1
                else:
                    lost[character] = None
        return list(lost)

    def grammar(self, phrases: Iterable[str]) -> list[str]:
        """The distinct phrases with spaces between the model's words, as a Vosk grammar wants them.

        Phrases that hold an unknown character are left out: what remains of them would be matched to other speech.
        """
        lines = (" ".join(self.split(phrase)) for phrase in phrases if not self.unknown(phrase))
        return list(dict.fromkeys(line for line in lines if line))

    def _split_run(self, run: str) -> list[str]:
        """Dynamic programming over the ends of words: best[i] is (cost, start of the last word) of the first i characters.

        Cost compares as a tuple: unknown characters, words, sum of squared lengths, and last the squared start of each
        word negated, which prefers late starts and so short words first.
        """
        best: list[tuple[tuple[int, int, int], int]] = [((0, 0, 0), 0)]
        for end in range(1, len(run) + 1):
            choices = []
            for start in range(end - 1, max(-1, end - 1 - LONGEST_WORD), -1):
                lost, words, squares = best[start][0]
                length = end - start
                if self.knows(run[start:end]):
                    choices.append(((lost, words + 1, squares + length * length), start))
                elif length == 1:
                    choices.append(((lost + 1, words + 1, squares + 1), start))
            best.append(min(choices))
        words, end = [], len(run)
        while end:
            start = best[end][1]
            if self.knows(run[start:end]):
                words.append(run[start:end])
            end = start
        return words[::-1]
