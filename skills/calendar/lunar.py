"""The Chinese calendar through lunar-python, as plain values and spoken words.

The library computes the moon anew for every question (about a millisecond each on a desktop), and one spoken answer may
ask a hundred of them: what was computed is kept.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from lunar_python import Lunar, LunarYear, Solar

from skills import spoken_numbers as spoken

TERMS = (
    "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑", "大暑",
    "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至", "小寒", "大寒",
)
_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "腊")


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the lunar calendar. ``year`` is that of its spring festival; ``leap`` marks the doubled month."""

    year: int
    month: int
    day: int
    leap: bool

    @property
    def spoken(self) -> str:
        """十月十五, 正月初一, 闰六月初二, 腊月二十三."""
        day = ("初" if self.day <= 10 else "") + spoken.number(self.day)
        return f"{'闰' if self.leap else ''}{_MONTHS[self.month - 1]}月{day}"


@lru_cache(maxsize=256)
def lunar_date(date: dt.date) -> LunarDate:
    """The lunar date of a solar date."""
    lunar = Solar.fromYmd(date.year, date.month, date.day).getLunar()
    return LunarDate(lunar.getYear(), abs(lunar.getMonth()), lunar.getDay(), lunar.getMonth() < 0)


@lru_cache(maxsize=256)
def solar_date(lunar_year: int, month: int, day: int) -> dt.date | None:
    """The solar date of a day in a regular (not doubled) lunar month; None when that month is too short."""
    if day > LunarYear.fromYear(lunar_year).getMonth(month).getDayCount():
        return None
    return _date(Lunar.fromYmd(lunar_year, month, day).getSolar())


def term_on(date: dt.date) -> str | None:
    """The solar term that begins on this day."""
    return Solar.fromYmd(date.year, date.month, date.day).getLunar().getJieQi() or None


@lru_cache(maxsize=8)
def term_dates(year: int) -> Mapping[str, dt.date]:
    """When each of the 24 terms falls in a solar year (Beijing time)."""
    table = Solar.fromYmd(year, 7, 1).getLunar().getJieQiTable()
    dates = {name: _date(solar) for name, solar in table.items() if name in TERMS}
    following = Solar.fromYmd(year + 1, 7, 1).getLunar().getJieQiTable()
    for name in TERMS:
        if dates[name].year != year:
            dates[name] = _date(following[name])
    return MappingProxyType(dates)


def _date(solar: Solar) -> dt.date:
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())
