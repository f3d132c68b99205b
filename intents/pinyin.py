"""Characters to sounds. A sound is a syllable cut into initial, final and tone; everything is cached per character."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from models.hanzi import character_readings, to_finals, to_initials

NEUTRAL = 5
MAX_READINGS = 3


class Syllable(NamedTuple):
    """``initial`` may be empty (安), ``final`` is in pypinyin's strict form (iou, uen, v); tone 1-5, 5 is neutral."""

    initial: str
    final: str
    tone: int


def parse_syllable(numbered: str) -> Syllable:
    """``zhuang4`` -> ``Syllable('zh', 'uang', 4)``. After z/c/s and zh/ch/sh/r the final i is its own vowel, ``-i``."""
    tone = int(numbered[-1]) if numbered[-1:].isdigit() else NEUTRAL
    base = numbered.rstrip("012345")
    initial = to_initials(base, strict=True)
    final = to_finals(base, strict=True)
    if final == "i" and initial in ("z", "c", "s", "zh", "ch", "sh", "r"):
        final = "-i"
    return Syllable(initial, final, tone)


@lru_cache(maxsize=20_000)
def readings(char: str) -> tuple[Syllable, ...]:
    """The sounds of one character, the commonest first; empty for anything that is not a Chinese character."""
    syllables = (parse_syllable(item) for item in character_readings(char)[:MAX_READINGS])
    return tuple(dict.fromkeys(item for item in syllables if item.final))
