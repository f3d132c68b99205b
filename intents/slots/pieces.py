"""Words of day and time as they sound: 早上八碘 is 早上八点, 三蚀 is 三十.

The readers of dates, times and numbers are exact, because every one of their words changes the value. So what sounds
like such a word is first spelled as one, at the price of how far it is from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from intents.normalize import Utterance
from intents.slots.names import Name, NameIndex
from intents.slots.span import Span
from intents.sound import STANDARD, Accent

_DIGITS = "一二三四五六七八九"
_HOURS = (*_DIGITS, "两", "十", "十一", "十二")
_TENS = ("十", "二十", "三十", "四十", "五十", "六十", "七十", "八十", "九十", "一百")
_DAYS = [
    "今天", "明天", "后天", "大后天", "昨天", "前天", "今晚", "明早", "明晚", "今早", "每天", "天天", "这两天", "这几天", "周末",
    "月底", "年底", "正月", "腊月", "每周", "每月", "每年", "每个月", "每个星期", "工作日", "以后", "之后",
]
_PARTS = ["早上", "上午", "中午", "下午", "傍晚", "晚上", "夜里", "凌晨", "半夜"]
MOST = {2: 0.32, 3: 0.45}
MOST_EACH = 0.15
"""The greatest cost of a piece of two, of three, and a character of longer ones."""
VARIANTS = 4
"""Spellings of one text at most: each is read once more by every exact reader."""
DISTANCE, EACH_PIECE = 2.0, 0.6
"""Taken off a piece's length for its cost, and for being one more piece."""


def _spoken() -> Iterator[str]:
    yield from _DAYS
    yield from _PARTS
    yield from (f"{part}{hour}点" for part, hour in product(("", *_PARTS), _HOURS))
    yield from (f"{hour}点{rest}" for hour, rest in product(_HOURS, ("半", "一刻", "三刻", "十分", "二十", "四十")))
    yield from (f"{week}{day}" for week, day in product(("星期", "礼拜", "周", "下周", "每周"), "一二三四五六日天"))
    yield from (f"{number}{unit}" for number, unit in product((*_HOURS, *_TENS[1:], "十五", "二十五", "四十五"), ("分钟", "号")))
    yield from (f"{number}{unit}" for number, unit in product((*_HOURS[:9], "半", "半个"), ("小时", "个小时", "个半小时")))
    yield from (f"{ten}{digit}" for ten, digit in product(_TENS[:9], ("", *_DIGITS)))
    yield from (f"初{day}" for day in (*_DIGITS, "十"))
    yield from (f"{month}月" for month in _HOURS)
    yield from ("一刻钟", "半个钟头", "百分之", "一百")


def _most(length: int) -> float:
    return MOST.get(length, MOST_EACH * length)


@dataclass(frozen=True, slots=True)
class Respelled:
    """A text of the same length with time words for what sounds like them, and the price of each changed character."""

    chars: str
    prices: tuple[float, ...]

    def priced(self, span: Span) -> Span:
        """A span read out of the new spelling, dearer by what was changed in it."""
        price = sum(self.prices[span.start : span.end])
        return replace(span, cost=span.cost + price, weight=max(0.0, span.weight - price))


class Pieces:
    """Compiled list of the words. :meth:`respell` is pure."""

    def __init__(self, accent: Accent = STANDARD) -> None:
        spoken = dict.fromkeys(piece for piece in _spoken() if len(piece) > 1)
        names = (Name(piece, "piece", piece, _most(len(piece))) for piece in spoken)
        self._index = NameIndex(names, accent, forgiving=math.inf)

    def respell(self, utterance: Utterance) -> list[Respelled]:
        """The best spelling, and others around pieces that found no place in it; empty if nothing changes."""
        found = self._index.find(utterance).get("piece", [])
        inexact = [span for span in found if span.cost > 0]
        spellings: dict[str, Respelled] = {}
        placed: set[Span] = set()
        while inexact and len(spellings) < VARIANTS:
            forced = max(inexact, key=_worth)
            chosen = [forced, *_best([span for span in found if span.end <= forced.start or span.start >= forced.end], len(utterance.tokens))]
            spelling = _spell(utterance.chars, chosen)
            spellings[spelling.chars] = spelling
            placed.update(chosen)
            inexact = [span for span in inexact if span not in placed]
        return list(spellings.values())


def _worth(span: Span) -> float:
    """Long pieces and close ones say most."""
    return span.end - span.start - DISTANCE * span.cost - EACH_PIECE


def _best(spans: Sequence[Span], length: int) -> list[Span]:
    """The row of pieces side by side that is worth most."""
    best: list[tuple[float, tuple[Span, ...]]] = [(0.0, ())]
    ending: dict[int, list[Span]] = {}
    for span in spans:
        ending.setdefault(span.end, []).append(span)
    for end in range(1, length + 1):
        rows = [best[-1], *((best[span.start][0] + _worth(span), (*best[span.start][1], span)) for span in ending.get(end, ()))]
        best.append(max(rows, key=lambda row: row[0]))
    return list(best[-1][1])


def _spell(chars: str, pieces: Iterable[Span]) -> Respelled:
    spelled, prices = list(chars), [0.0] * len(chars)
    for piece in pieces:
        if piece.cost > 0:
            length = piece.end - piece.start
            spelled[piece.start : piece.end] = str(piece.slots[0][1])
            prices[piece.start : piece.end] = [piece.cost / length] * length
    return Respelled("".join(spelled), tuple(prices))
