"""The recogniser's vocabulary. A grammar silently drops words outside it, so every phrase is split into words inside.

Which split: as few words as possible (longer words carry more of the language model), then single characters that
usually are words of their own, then the most even lengths, then the longest last word. These are the rules of MMSEG
(C.-H. Tsai, 1996) with a list in place of its character frequencies, and backward matching to break the last tie.
A character that the model does not know is replaced by one that sounds the same, and `unknown` names it.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Self

from models.homophones import Homophones
from models.spoken_forms import spoken_form

LONGEST_WORD = 8
"""Characters. Longer words exist in the model but are names of institutions, which split into shorter known words."""

_OFTEN_ALONE = frozenset("的了是我你他她俺咱您不没别在有这那哪就也都还又再很太真最更要想去会能得着过好看听唱跳放来到"
                         "对给把让叫被用跟和从往向上下里外个只条段首集遍点吗呢吧啊呀哦啥咋几多大小老新谁开关打说讲念"
                         "问做换买卖吃喝")
"""Function words, measures and the verbs of daily talk."""

_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
_CACHED_WORDS = 200_000


class Lexicon:
    """What words a model knows. ``find_word`` returns a negative number for a word that it does not know; ``homophones``
    are the model's, when they are at hand."""

    def __init__(self, find_word: Callable[[str], int], homophones: Homophones | None = None) -> None:
        self._find_word = find_word
        self._known: dict[str, bool] = {}
        self._homophones = homophones or Homophones(self.knows)

    @classmethod
    def from_vosk(cls, model: Any, homophones: Homophones | None = None) -> Self:
        """The vocabulary of a loaded ``vosk.Model`` (typed loosely so that this module does not import vosk)."""
        return cls(model.vosk_model_find_word, homophones)

    def knows(self, word: str) -> bool:
        """True when ``word`` is one word of the model."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _CACHED_WORDS:
                self._known.clear()
            known = self._known[word] = self._find_word(word) >= 0
        return known

    def split(self, phrase: str) -> list[str]:
        """The words of ``phrase`` in order, every one known to the model; single characters at worst.

        Letters and digits are turned into the characters they are said as, an unknown character into a homophone (it
        is left out when no known character sounds like it), punctuation and spaces only separate words.
        """
        return [word for word in self._words(phrase) if word is not None]

    def unknown(self, phrase: str) -> list[str]:
        """The characters of ``phrase`` that the model does not know, in order, without repetition."""
        return list(dict.fromkeys(word for word in self._tokens(phrase) if not self.knows(word)))

    def grammar(self, phrases: Iterable[str]) -> list[str]:
        """The phrases with spaces between the model's words, as a Vosk grammar wants them, each as often as it is given.

        A phrase is left out when one of its characters has no stand-in: the rest of it would match other speech.
        """
        given = list(phrases)
        lines = {phrase: self._line(phrase) for phrase in set(given)}
        return [lines[phrase] for phrase in given if lines[phrase]]

    def _line(self, phrase: str) -> str:
        words = self._words(phrase)
        return "" if None in words else " ".join(words)

    def _words(self, phrase: str) -> list[str | None]:
        """None for a character without a stand-in."""
        return [word if self.knows(word) else self._homophones.stand_in(word) for word in self._tokens(phrase)]

    def _tokens(self, phrase: str) -> list[str]:
        return [token for run in _HAN_RUN.findall(spoken_form(phrase)) for token in self._split_run(run)]

    def _split_run(self, run: str) -> list[str]:
        """Known words and unknown characters that together make up ``run``.

        best[i] holds the cost of the first i characters, compared in this order: unknown characters, words,
        unusual single characters, sum of squared word lengths (small is even); and with it the start of the last word,
        where early means long.
        """
        best: list[tuple[tuple[int, int, int, int], int]] = [((0, 0, 0, 0), 0)]
        for end in range(1, len(run) + 1):
            choices = []
            for start in range(max(0, end - LONGEST_WORD), end):
                length = end - start
                known = self.knows(run[start:end])
                if known or length == 1:
                    lost, words, odd, squares = best[start][0]
                    odd += length == 1 and run[start] not in _OFTEN_ALONE
                    choices.append(((lost + (not known), words + 1, odd, squares + length * length), start))
            best.append(min(choices))
        tokens, end = [], len(run)
        while end:
            start = best[end][1]
            tokens.append(run[start:end])
            end = start
        return tokens[::-1]
