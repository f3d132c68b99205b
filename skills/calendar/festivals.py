"""When the festivals fall: by the lunar calendar, by the solar one, by a solar term, or by the n-th weekday of a month.

The names are the canonical ones of ``intents/vocabulary/festivals.tsv``; dates are common knowledge.
"""
from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from skills.calendar.lunar import lunar_date, solar_date, term_dates

_Rule = Callable[[int], dt.date | None]
"""The date in (or, by the lunar calendar, belonging to) the given year; None when it has none."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A festival on its day."""

    name: str
    date: dt.date


def _lunar(month: int, day: int) -> _Rule:
    return lambda year: solar_date(year, month, day)


def _solar(month: int, day: int) -> _Rule:
    return lambda year: dt.date(year, month, day)


def _nth_weekday(month: int, weekday: int, nth: int) -> _Rule:
    def rule(year: int) -> dt.date:
        first = dt.date(year, month, 1)
        return first + dt.timedelta((weekday - first.weekday()) % 7 + 7 * (nth - 1))

    return rule


def _eve(year: int) -> dt.date:
    """The last day of the lunar year, the 29th or the 30th."""
    spring = solar_date(year + 1, 1, 1)
    assert spring is not None, "every lunar year has a first day"
    return spring - dt.timedelta(1)


_LUNAR_DAYS = {
    "春节": (1, 1), "破五": (1, 5), "人日": (1, 7), "元宵节": (1, 15), "龙抬头": (2, 2), "上巳节": (3, 3),
    "端午节": (5, 5), "七夕": (7, 7), "中元节": (7, 15), "中秋节": (8, 15), "重阳节": (9, 9), "寒衣节": (10, 1),
    "下元节": (10, 15), "腊八节": (12, 8), "小年": (12, 23),
}
"""Month and day of the lunar calendar; 小年 as the north keeps it."""
_SOLAR_DAYS = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "植树节": (3, 12), "劳动节": (5, 1), "青年节": (5, 4),
    "儿童节": (6, 1), "建党节": (7, 1), "建军节": (8, 1), "教师节": (9, 10), "国庆节": (10, 1), "平安夜": (12, 24),
    "圣诞节": (12, 25),
}
_BIG = (
    "元旦", "腊八节", "小年", "除夕", "春节", "元宵节", "龙抬头", "清明节", "劳动节", "端午节", "七夕", "中元节",
    "中秋节", "国庆节", "重阳节",
)
"""Those that the box names by itself when asked what festival comes next."""
_MOVING: dict[str, _Rule] = {
    "除夕": _eve,
    "清明节": lambda year: term_dates(year)["清明"],
    "寒食节": lambda year: term_dates(year)["清明"] - dt.timedelta(1),
    "母亲节": _nth_weekday(5, calendar.SUNDAY, 2),
    "父亲节": _nth_weekday(6, calendar.SUNDAY, 3),
    "感恩节": _nth_weekday(11, calendar.THURSDAY, 4),
}
_ALL: dict[str, _Rule] = {
    **{name: _lunar(*day) for name, day in _LUNAR_DAYS.items()},
    **{name: _solar(*day) for name, day in _SOLAR_DAYS.items()},
    **_MOVING,
}
NAMES = frozenset(_ALL)
_LUNAR_YEAR_LAG = 1
"""A lunar year begins up to seven weeks after the solar one, so the date may still belong to the year before."""


def canonical(name: str) -> str | None:
    """The festival meant by a name with or without 节; None when it is not known."""
    for form in (name, name + "节", name.removesuffix("节")):
        if form in _ALL:
            return form
    return None


def keeps_lunar_date(name: str) -> bool:
    """Whether the festival falls on the same lunar day every year."""
    return name in _LUNAR_DAYS


def next_date(name: str, today: dt.date) -> dt.date:
    """The first day on or after ``today`` on which the festival falls. Raises KeyError for an unknown name."""
    rule = _ALL[name]
    years = range(today.year - _LUNAR_YEAR_LAG, today.year + 3)
    return next(date for year in years if (date := rule(year)) is not None and date >= today)


def on(date: dt.date) -> tuple[str, ...]:
    """All festivals of a day, the big ones first."""
    lunar = lunar_date(date)
    moon_day = None if lunar.leap else (lunar.month, lunar.day)
    found = [name for name, day in _LUNAR_DAYS.items() if day == moon_day]
    found += [name for name, day in _SOLAR_DAYS.items() if day == (date.month, date.day)]
    found += [name for name in _MOVING if next_date(name, date) == date]
    return tuple(sorted(found, key=lambda name: name not in _BIG))


def next_big(today: dt.date) -> Occurrence:
    """The nearest of the big festivals after ``today``, by walking on day by day: cheaper than dating them all."""
    date = today + dt.timedelta(1)
    while True:
        big = [name for name in on(date) if name in _BIG]
        if big:
            return Occurrence(big[0], date)
        date += dt.timedelta(1)
