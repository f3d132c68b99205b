"""What a name is found by. Pure: characters, pinyin, and the initials of that, from the beginning of any of its syllables."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from pypinyin import Style, pinyin

from hub.db.tables import Resident

_MOST = Resident.sought.type.length
_READINGS = 3
"""Of one character: those behind are of books, not of names."""
_SPOKEN = 8
"""Characters of which readings are looked up: a name has no more."""
_MOST_WORDS = 6
_UNTYPED = re.compile(r"[\s\x00-\x1f'’·・.]+")
"""Stands in names, but not in what is typed for them."""


@lru_cache(maxsize=65_536)
def sought(name: str) -> str:
    """Words, each after a blank: the name from each of its characters on, and so its pinyin and initials in every reading, the usual ones
    first, as far as the column holds them. 单 is found under dan as under shan: nobody at the office need know which it is."""
    said = _UNTYPED.sub("", plain(name))
    words = dict.fromkeys(said[place:] for place in range(len(said)))
    for syllables in _readings(said[:_SPOKEN]):
        for place in range(len(syllables)):
            words |= dict.fromkeys(("".join(syllables[place:]), "".join(map(_initial, syllables[place:]))))
    found = ""
    for word in words:
        if len(found) + 1 + len(word) <= _MOST:
            found += f" {word}"
    return found


def _readings(said: str) -> Iterator[Sequence[str]]:
    """The usual one first, then those that differ from it least."""
    choices = [tuple(dict.fromkeys(part.lower() for part in syllable if part))[:_READINGS]
               for syllable in pinyin(said, style=Style.NORMAL, heteronym=True)]
    orders = product(*(range(len(choice)) for choice in choices))
    for order in sorted(orders, key=sum):
        yield [choice[place] for choice, place in zip(choices, order, strict=True)]


def _initial(syllable: str) -> str:
    """A number is typed whole."""
    return syllable if syllable.isdigit() else syllable[0]


def is_found(name: str, word: str) -> bool:
    """Whether this word, as :func:`words` gives it, leads to the name."""
    return f" {word}" in sought(name)


def words(typed: str) -> list[str]:
    """Of what was typed into the search: each of them must fit."""
    return [word for word in (_UNTYPED.sub("", word) for word in plain(typed).replace("ü", "v").split()) if word][:_MOST_WORDS]


def plain(text: str) -> str:
    """Full-width letters and capitals make no difference."""
    return unicodedata.normalize("NFKC", text).lower()
