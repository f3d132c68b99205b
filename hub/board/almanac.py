"""What day it is, by both calendars. Pure."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lunar_python import Solar

_WEEKDAYS = "一二三四五六日"
LIGHT_FROM, DARK_FROM = 6, 19
"""Hours: a white page blinds people on a dark square, a dark one cannot be read in the sun."""


@dataclass(frozen=True, slots=True)
class Today:
    """As it is written on the board; ``special`` is a solar term or a festival, empty on other days."""

    solar: str
    lunar: str
    special: str
    is_dark: bool


def today(local: dt.datetime) -> Today:
    """``local`` by the village's clocks."""
    solar = Solar.fromYmd(local.year, local.month, local.day)
    lunar = solar.getLunar()
    special = lunar.getFestivals() + solar.getFestivals() + [term for term in (lunar.getJieQi(),) if term]
    return Today(f"{local.month}月{local.day}日 星期{_WEEKDAYS[local.weekday()]}", f"农历{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}",
                 special[0] if special else "", not LIGHT_FROM <= local.hour < DARK_FROM)
