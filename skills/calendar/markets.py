"""A village's market days: ``农历二七``, ``公历五十``, ``逢五逢十``, ``农历初一十五``, ``每周三``, ``周三周六``.

Villages count by the lunar calendar unless they say otherwise, so a cycle without a calendar is lunar.
"""
from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import Enum

from assistant.errors import ConfigError
from skills.calendar.lunar import lunar_date

_LUNAR = re.compile(r"^(每月)?(农历|阴历|旧历)")
_SOLAR = re.compile(r"^(每月)?(公历|阳历|新历)")
_WEEKLY = re.compile(r"每周|周|星期|礼拜")
_NOISE = re.compile(r"[逢每和跟与及、，,/\s的有集]")
_DAY_WORDS = re.compile(r"[月日号]")
_DAY = re.compile(
    r"初[一二三四五六七八九十]|三十一?|(?:二十|廿)[一二三四五六七八九]|十[一二三四五六七八九]|[一二三四五六七八九十]|\d+"
)
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")}
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6} | {str(i + 1): i for i in range(7)}
_HORIZON_DAYS = 64
"""Two months: every cycle comes round in that time, also when a short month skips its day."""


class Counting(Enum):
    LUNAR = "lunar"
    SOLAR = "solar"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Cycle:
    """``endings``: last digits of the day of the month (10 ends in 0); ``days``: days of the month, or weekdays."""

    counting: Counting
    endings: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()

    def falls_on(self, date: dt.date) -> bool:
        """Whether there is a market on this day."""
        match self.counting:
            case Counting.WEEKLY:
                return date.weekday() in self.days
            case Counting.LUNAR:
                day = lunar_date(date).day
            case Counting.SOLAR:
                day = date.day
        return day % 10 in self.endings or day in self.days

    def next_on_or_after(self, date: dt.date) -> dt.date | None:
        """The next market day within two months."""
        days = (date + dt.timedelta(n) for n in range(_HORIZON_DAYS))
        return next((day for day in days if self.falls_on(day)), None)


def parse_cycle(text: str) -> Cycle:
    """Read a cycle from the settings. Raises ConfigError for anything that cannot be read in full."""
    if _WEEKLY.search(text):
        days = _NOISE.sub("", _WEEKLY.sub("", text))
        if not days or any(c not in _WEEKDAYS for c in days):
            raise _unreadable(text)
        return Cycle(Counting.WEEKLY, days=frozenset(_WEEKDAYS[c] for c in days))
    counting = Counting.SOLAR if _SOLAR.match(text.strip()) else Counting.LUNAR
    body = _SOLAR.sub("", _LUNAR.sub("", text.strip()))
    tokens = _DAY.findall(body)
    if not tokens or _DAY_WORDS.sub("", _NOISE.sub("", _DAY.sub("", body))):
        raise _unreadable(text)
    values = [(_value(token), token.startswith("初")) for token in tokens]
    if any(not 1 <= value <= 31 for value, _ in values):
        raise _unreadable(text)
    whole = frozenset(value for value, one_day in values if one_day or value > 10)
    endings = frozenset(value % 10 for value, one_day in values if not one_day and value <= 10)
    return Cycle(counting, endings, whole)


def _value(token: str) -> int:
    if token.isdigit():
        return int(token)
    token = token.removeprefix("初").replace("廿", "二十")
    tens, ten, ones = token.rpartition("十")
    if not ten:
        return _DIGITS[token]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _unreadable(text: str) -> ConfigError:
    return ConfigError(f"market cycle {text!r} cannot be read; examples: 农历二七, 公历五十, 农历初一十五, 每周三")
