"""Loudness 0-100: 五十, 百分之三十, 三成, 一半, 最大, 最小."""

from __future__ import annotations

import datetime as dt
import re

from intents.slots.numbers import NUMBER, splits_number, value
from intents.slots.span import Span

_WORDS = {
    "最大": 100,
    "最高": 100,
    "最响": 100,
    "最大声": 100,
    "最小": 10,
    "最低": 10,
    "最小声": 10,
    "一半": 50,
    "百分百": 100,
    "中等": 50,
    "适中": 50,
    "中间": 50,
}
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_NUMBER = re.compile(f"(?P<percent>百分之)?(?P<number>{NUMBER})(?P<tenths>成)?(?:格|度|个百分点)?")


def read(text: str, now: dt.datetime) -> list[Span]:
    """All levels in ``text`` as spans with the slot ``level``."""
    spans = [
        Span(m.start(), m.end(), (("level", _WORDS[m.group()]),), 0.0, m.end() - m.start())
        for m in _WORD.finditer(text)
    ]
    for start in range(len(text)):
        found = None if splits_number(text, start) else _NUMBER.match(text, start)
        number = value(found["number"]) if found else None
        if found and number is not None:
            level = number * 10 if found["tenths"] else number
            if level <= 100:
                spans.append(Span(start, found.end(), (("level", level),), 0.0, found.end() - start))
    return spans
