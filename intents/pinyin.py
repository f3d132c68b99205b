"""Characters to sounds. A sound is a syllable cut into initial, final and tone; everything is cached per character."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from models.hanzi import character_readings, to_finals, to_initials

NEUTRAL = 5
HETERONYMS_FILE = Path(__file__).with_name("heteronyms.tsv")


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


@cache
def _heteronyms() -> dict[str, str]:
    """Character -> its readings, of those that have more than one in the dictionary."""
    lines = HETERONYMS_FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


@lru_cache(maxsize=20_000)
def readings(char: str) -> tuple[Syllable, ...]:
    """The sounds of one character that words really use, the commonest first; empty for anything that is not a Chinese
    character."""
    listed = _heteronyms().get(char)
    if listed is None:
        listed = " ".join(character_readings(char)[:1])
    syllables = (parse_syllable(sound) for sound in listed.split())
    return tuple(dict.fromkeys(syllable for syllable in syllables if syllable.final))
