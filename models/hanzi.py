"""How Chinese characters and words are read: pypinyin, without the memory that its dictionary of phrases takes.

That dictionary (47,111 phrases, MIT) tells where one word ends and the next begins, and how the words are read whose
reading is not that of their characters one by one: 8,756. As Python objects it takes 46 MB and 0.25 s; what it says fits
into ``words.txt`` (``python -m models.hanzi_words`` makes it, a test compares it with the dictionary that is installed),
and readings stay what pypinyin's own are, sentence for sentence, whoever has imported pypinyin before.

Everybody who wants a reading comes here, so that nobody loads the dictionary by the way.
"""
from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from importlib import resources

_LEAN = {"PYPINYIN_NO_PHRASES": "1", "PYPINYIN_NO_DICT_COPY": "1"}
"""Read by pypinyin when it is imported (its documentation, "环境变量"): no dictionary of phrases, one table of characters."""
_before = {name: os.environ.get(name) for name in _LEAN}
os.environ.update(_LEAN)
try:
    from pypinyin import Style
    from pypinyin.constants import PINYIN_DICT, RE_HANS
    from pypinyin.contrib.tone_convert import to_finals, to_initials
    from pypinyin.converter import UltimateConverter
    from pypinyin.core import Pinyin
    from pypinyin.seg.simpleseg import simple_seg
    from pypinyin.style import convert as to_style
finally:
    for _name, _value in _before.items():
        if _value is None:
            del os.environ[_name]
        else:
            os.environ[_name] = _value

_same: dict[str, str] = {}
for _character, _readings in PINYIN_DICT.items():
    PINYIN_DICT[_character] = _same.setdefault(_readings, _readings)  # five characters share one on average: 2.6 MB less
del _same

__all__ = ["Style", "character_readings", "count_readings", "main_reading", "pinyin_of", "to_finals", "to_initials"]

_LONGEST_WORD = 10


def pinyin_of(text: str, style: Style, *, strict: bool = True, errors: str | Callable[[str], str] = "default",
             neutral_tone_with_five: bool = False) -> list[str]:
    """What ``pypinyin.lazy_pinyin`` returns for these arguments: one reading a character, in the context of its word."""
    return [found[0] for found in _reader(neutral_tone_with_five).pinyin(text, style=style, errors=errors, strict=strict)]


def character_readings(character: str) -> tuple[str, ...]:
    """All readings of one character with numbered tones, 5 the neutral one, the commonest first; empty if it has none."""
    found = _reader(True).pinyin(character, style=Style.TONE3, heteronym=True, errors="ignore")
    return tuple(found[0]) if found else ()


def main_reading(character: str) -> str:
    """The commonest reading of one character with a numbered tone (none for the neutral one); itself if it has none."""
    readings = PINYIN_DICT.get(ord(character))
    return character if readings is None else to_style(readings.partition(",")[0], Style.TONE3, strict=True)


def count_readings(character: str) -> int:
    """How many ways there are to read one character; 1 also for one that cannot be read."""
    return len(PINYIN_DICT.get(ord(character), "").split(","))


class _Words:
    """The words beginning with a character, and the readings of those that are not read character by character."""

    def __init__(self) -> None:
        words, exceptions = resources.files("models").joinpath("words.txt").read_text(encoding="utf-8").split("\n\n")[1:]
        self._tails = {line[0]: f"{line[1:]} " for line in words.splitlines()}
        self._exceptions: dict[str, str] = dict(line.split("\t") for line in exceptions.splitlines())

    def cut(self, run: str) -> list[str]:
        """As pypinyin's ``mmseg`` does: longest word first, from left to right; a character of no word stands alone, and so
        does every character of an end that is no more than the beginning of a word."""
        words = []
        start = 0
        while start < len(run):
            tails = self._tails.get(run[start], "")
            longest = min(len(run), start + _LONGEST_WORD) if tails else 0
            end = next((end for end in range(longest, start + 1, -1) if f" {run[start + 1:end]} " in tails), start + 1)
            if end == start + 1 and f" {run[end:]}" in tails:
                return [*words, *run[start:]]
            words.append(run[start:end])
            start = end
        return words

    def exception(self, word: str) -> list[list[str]] | None:
        reading = self._exceptions.get(word)
        return None if reading is None else [[syllable] for syllable in reading.split()]


class _Converter(UltimateConverter):
    """Through the hooks that pypinyin documents for its converters."""

    def post_pinyin(self, han, heteronym, pinyin, **kwargs):
        return _words().exception(han) or pinyin


class _Reader(Pinyin):
    def pre_seg(self, hans, **kwargs):
        return [word for run in simple_seg(hans) for word in (_words().cut(run) if RE_HANS.match(run) else (run,))]


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words()


@lru_cache(maxsize=2)
def _reader(neutral_tone_with_five: bool) -> Pinyin:
    return _Reader(_Converter(neutral_tone_with_five=neutral_tone_with_five))
