"""Days named by the lunar calendar, by festivals and by solar terms: the next one that is not past."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from lunar_python import Lunar, LunarMonth, LunarYear, Solar

from intents.slots.numbers import value

_PREFIX = "(?:农历|阴历|旧历|老历|古历)"
_MONTH = "(?P<month>正|腊|冬|闰?[一二三四五六七八九十]+)月"
_DAY = "(?P<day>初[一二三四五六七八九十]|[一二三四五六七八九十廿]+)"
_WITH_MONTH = re.compile(f"(?P<prefix>{_PREFIX})?(?:的)?(?:今年|明年)?(?:的)?{_MONTH}(?:的)?{_DAY}[号日]?")
_DAY_ONLY = re.compile(f"(?P<prefix>{_PREFIX})?(?:的)?{_DAY}")
_NEW_YEAR = re.compile("大年(?P<day>初[一二三四五六七八九十]|三十)|年三十")
MONTHS = {"正": 1, "冬": 11, "腊": 12}

LUNAR_FESTIVALS = {
    "春节": (1, 1),
    "元宵节": (1, 15),
    "龙抬头": (2, 2),
    "端午节": (5, 5),
    "七夕": (7, 7),
    "中元节": (7, 15),
    "中秋节": (8, 15),
    "重阳节": (9, 9),
    "寒衣节": (10, 1),
    "腊八节": (12, 8),
    "小年": (12, 23),
    "除夕": (12, 30),
}
SOLAR_FESTIVALS = {
    "元旦": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "植树节": (3, 12),
    "愚人节": (4, 1),
    "劳动节": (5, 1),
    "青年节": (5, 4),
    "儿童节": (6, 1),
    "建党节": (7, 1),
    "建军节": (8, 1),
    "教师节": (9, 10),
    "国庆节": (10, 1),
    "平安夜": (12, 24),
    "万圣节": (10, 31),
    "圣诞节": (12, 25),
}
FLOATING_FESTIVALS = {"母亲节": (5, 2, 7), "父亲节": (6, 3, 7), "感恩节": (11, 4, 4)}
"""Month, which one of the month, ISO weekday."""
SPOKEN = {
    "过年": "春节",
    "大年初一": "春节",
    "正月初一": "春节",
    "年三十": "除夕",
    "大年三十": "除夕",
    "除夕夜": "除夕",
    "元宵": "元宵节",
    "二月二": "龙抬头",
    "端午": "端午节",
    "中秋": "中秋节",
    "八月十五": "中秋节",
    "重阳": "重阳节",
    "老人节": "重阳节",
    "腊八": "腊八节",
    "国庆": "国庆节",
    "五一": "劳动节",
    "十一国庆": "国庆节",
    "三八": "妇女节",
    "三八节": "妇女节",
    "六一": "儿童节",
    "圣诞": "圣诞节",
    "元旦节": "元旦",
    "清明节": "清明",
    "七夕节": "七夕",
    "鬼节": "中元节",
    "七月十五": "中元节",
}
TERMS = [
    "立春",
    "雨水",
    "惊蛰",
    "春分",
    "清明",
    "谷雨",
    "立夏",
    "小满",
    "芒种",
    "夏至",
    "小暑",
    "大暑",
    "立秋",
    "处暑",
    "白露",
    "秋分",
    "寒露",
    "霜降",
    "立冬",
    "小雪",
    "大雪",
    "冬至",
    "小寒",
    "大寒",
]


def _solar(lunar: Lunar) -> dt.date:
    day: Solar = lunar.getSolar()
    return dt.date(day.getYear(), day.getMonth(), day.getDay())


def _lunar_year(day: dt.date) -> int:
    return int(Lunar.fromDate(dt.datetime(day.year, day.month, day.day)).getYear())


def _lunar_day(year: int, month: int, day: int) -> dt.date | None:
    """The solar date; the 30th of a short twelfth month is its 29th (除夕), of any other short month does not exist."""
    found: LunarMonth | None = LunarYear.fromYear(year).getMonth(month)
    if found is None or not 1 <= day <= 30:
        return None
    if day > found.getDayCount():
        if month != 12:
            return None
        day = found.getDayCount()
    return _solar(Lunar.fromYmd(year, month, day))


def next_lunar(month: int, day: int, today: dt.date) -> dt.date | None:
    """The next such day, today included. A negative month is a leap month."""
    year = _lunar_year(today)
    for candidate in range(year, year + 20 if month < 0 else year + 3):
        date = _lunar_day(candidate, month, day)
        if date is not None and date >= today:
            return date
    return None


def next_lunar_day(day: int, today: dt.date) -> dt.date | None:
    """The next day of any lunar month with this number."""
    for offset in range(62):
        date = today + dt.timedelta(days=offset)
        if Lunar.fromDate(dt.datetime(date.year, date.month, date.day)).getDay() == day:
            return date
    return None


def _next_in_years(of_year: Callable[[int], dt.date | None], today: dt.date) -> dt.date | None:
    for year in (today.year, today.year + 1):
        date = of_year(year)
        if date is not None and date >= today:
            return date
    return None


def _nth_weekday(year: int, month: int, nth: int, weekday: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (nth - 1))


def _term_of(name: str, year: int) -> dt.date | None:
    # a lunar year's table begins with the winter solstice of the solar year before it
    for lunar_year in (year, year + 1):
        day = Lunar.fromYmd(lunar_year, 6, 1).getJieQiTable()[name]
        if day.getYear() == year:
            return dt.date(day.getYear(), day.getMonth(), day.getDay())
    return None


@lru_cache(maxsize=2_000)
def festival_date(name: str, today: dt.date) -> dt.date | None:
    """The next date of a festival or solar term by canonical or spoken name; None for names that are neither."""
    name = SPOKEN.get(name, name)
    if name in LUNAR_FESTIVALS:
        return next_lunar(*LUNAR_FESTIVALS[name], today)
    if name in SOLAR_FESTIVALS:
        month, day = SOLAR_FESTIVALS[name]
        return _next_in_years(lambda year: dt.date(year, month, day), today)
    if name in FLOATING_FESTIVALS:
        month, nth, weekday = FLOATING_FESTIVALS[name]
        return _next_in_years(lambda year: _nth_weekday(year, month, nth, weekday), today)
    if name in TERMS:
        return _next_in_years(lambda year: _term_of(name, year), today)
    return None


_NAMES = re.compile(
    "(?:(?P<year>去年|今年|明年|后年)(?:的)?)?(?P<name>"
    + "|".join(sorted({*LUNAR_FESTIVALS, *SOLAR_FESTIVALS, *FLOATING_FESTIVALS, *SPOKEN, *TERMS}, key=len, reverse=True))
    + ")"
)
_YEARS = {"去年": -1, "今年": 0, "明年": 1, "后年": 2}


def _day_number(text: str) -> int | None:
    return value(text.removeprefix("初"))


def dates(text: str, today: dt.date) -> Iterator[tuple[int, int, dt.date]]:
    """Spans of lunar days and festivals with their dates. A bare number counts as a day only after 阴历 or 初."""
    for found in _NAMES.finditer(text):
        if date := festival_date(found["name"], today):
            yield found.start("name"), found.end(), date
        if found["year"] and (date := festival_date(found["name"], dt.date(today.year + _YEARS[found["year"]], 1, 1))):
            yield found.start(), found.end(), date
    for found in _NEW_YEAR.finditer(text):
        day = _day_number(found["day"]) if found["day"] else 30
        month = 12 if day == 30 else 1
        if day and (date := next_lunar(month, day, today)):
            yield found.start(), found.end(), date
    for found in _WITH_MONTH.finditer(text):
        if date := _month_and_day(found, today):
            yield found.start(), found.end(), date
    for found in _DAY_ONLY.finditer(text):
        if not found["prefix"] and not found["day"].startswith("初"):
            continue
        day = _day_number(found["day"])
        if day and 1 <= day <= 30 and (date := next_lunar_day(day, today)):
            yield found.start(), found.end(), date


def _month_and_day(found: re.Match[str], today: dt.date) -> dt.date | None:
    named = found["month"]
    if not found["prefix"] and named not in MONTHS and not found["day"].startswith("初"):
        return None
    month = MONTHS.get(named) or value(named.removeprefix("闰"))
    day = _day_number(found["day"])
    if not month or not day or month > 12:
        return None
    return next_lunar(-month if named.startswith("闰") else month, day, today)
