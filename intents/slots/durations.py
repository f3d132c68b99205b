"""Lengths of time in whole minutes: 半小时, 一个半钟头, 俩小时二十分, 一刻钟, 九十秒 (rounded up)."""

from __future__ import annotations

import datetime as dt
import re

from intents.slots.numbers import splits_number, value
from intents.slots.span import WHEN_EVIDENCE, Span

_N = "[零一二两俩三仨四五六七八九十百]+"
_HOURS = f"(?P<hours>{_N})(?:个)?(?P<more>半)?(?:小时|钟头|点钟)(?P<half_after>半)?"
_MINUTES = f"(?P<minutes>{_N})(?P<half_minute>分半)?(?:分(?:钟)?|(?<=半)钟?)"
_LENGTH = re.compile(
    f"(?:{_HOURS}(?:零|又|加)?(?:{_MINUTES})?|(?P<half>半)(?:个|拉)?(?:多|来)?(?:小时|钟头)|个(?P<about>把)(?:小时|钟头)|(?P<quarters>[一两三])刻钟"
    f"|(?P<only>{_N})(?:来)?分(?P<and_half>半)?钟?|(?P<seconds>{_N})秒(?:钟)?)"
)
_BEFORE = re.compile("(?:再)?过$|等$")
_AFTER = re.compile("(?:以后|之后|过后|后)")
_MOMENT = re.compile("(?:(?:等|过|待|再过)一?会儿?|一会儿?|会儿)(?:以后|之后|后)?|(?:等|过|待)?一阵子?")
_OR_SO = re.compile("一两|两三|三四|三五|四五|五六|六七|七八|八九")
"""两三分钟 is three at most, not twenty-three."""
LIMIT_MINUTES = 7 * 24 * 60


def minutes(found: re.Match[str]) -> int | None:
    """Minutes that a match of the length pattern says."""
    if found["half"]:
        return 30
    if found["about"]:
        return 60
    if found["quarters"]:
        return 15 * (value(found["quarters"]) or 0)
    if found["seconds"]:
        seconds = value(found["seconds"])
        return None if not seconds else -(-seconds // 60)
    if found["only"]:
        said = _count(found["only"])
        return None if said is None else said + bool(found["and_half"])
    hours = _count(found["hours"])
    extra = value(found["minutes"]) if found["minutes"] else 0
    if hours is None or extra is None:
        return None
    return hours * 60 + extra + (30 if found["more"] or found["half_after"] else 0)


def _count(text: str) -> int | None:
    return value(text[1:] if _OR_SO.fullmatch(text) else text)


def read(text: str, now: dt.datetime) -> list[Span]:
    """All lengths as spans with ``in_minutes``, each also together with a 过… before and a …以后 after it.

    一会儿 is a length without a number: an empty span.
    """
    spans = []
    for start in range(len(text)):
        found = None if splits_number(text, start) else _LENGTH.match(text, start)
        length = minutes(found) if found else None
        if not found or not length or length > LIMIT_MINUTES:
            continue
        starts = [start]
        if before := _BEFORE.search(text, max(0, start - 2), start):
            starts.append(before.start())
        ends = [found.end()]
        if after := _AFTER.match(text, found.end()):
            ends.append(after.end())
        spans.extend(
            Span(first, last, (("in_minutes", length),), 0.0, WHEN_EVIDENCE) for first in starts for last in ends
        )
    spans.extend(Span(found.start(), found.end(), (), 0.08, WHEN_EVIDENCE / 2) for found in _MOMENT.finditer(text))
    return spans
