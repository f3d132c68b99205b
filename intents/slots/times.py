"""Times of day, HH:MM on the 24-hour clock.

A part of the day moves the hour (晚上八点 20:00, 夜里两点 02:00). Without one the hour is taken as said, except that 1 to
6 o'clock which is already past this morning means the afternoon: at ten in the morning 三点 is 15:00, 八点 stays 08:00.
"""

from __future__ import annotations

import datetime as dt
import re

from intents.slots.numbers import NUMBER, splits_number, value
from intents.slots.span import WHEN_EVIDENCE, Span

DAY_PARTS = {
    "凌晨": "night",
    "半夜": "night",
    "后半夜": "night",
    "深夜": "evening",
    "早上": "morning",
    "上午": "morning",
    "早": "morning",
    "早起": "morning",
    "中午": "noon",
    "正午": "noon",
    "下午": "afternoon",
    "午后": "afternoon",
    "傍晚": "afternoon",
    "晚上": "evening",
    "晚": "evening",
    "夜里": "evening",
    "夜间": "evening",
    "夜晚": "evening",
    "前半夜": "evening",
}
_PART = "(?P<part>" + "|".join(sorted(DAY_PARTS, key=len, reverse=True)) + ")"
_HOUR = "(?P<hour>[零〇一二两三四五六七八九十]+)"
_MINUTE = (
    "(?:(?P<half>半)|(?P<quarter>[一三])刻(?:钟)?|(?:过)?(?P<minute>零[一二三四五六七八九]|[一二三四五]?十[一二三四五六七八九]?|"
    "[一二两三四五六七八九])分(?:钟)?|(?:过)?(?P<bare>零[一二三四五六七八九]|[一二三四五]?十[一二三四五六七八九]?))"
)
_ABOUT = "(?:来钟|多钟|多|左右|前后|上下)?"
_CLOCK = re.compile(f"(?:{_PART}(?:的)?)?{_HOUR}[点时](?:{_MINUTE}|整|钟)?{_ABOUT}")
_SHORT = re.compile("(?P<lacking>[一二两三四五六七八九十]+分(?:钟)?|一刻(?:钟)?)")
_BEFORE = re.compile(
    f"(?:{_PART}(?:的)?)?差(?P<lacking>{NUMBER}分(?:钟)?|一刻(?:钟)?)(?:钟)?(?:到|不到)?{_HOUR}点(?:钟)?"
)
_AFTER = re.compile(f"(?:{_PART}(?:的)?)?{_HOUR}点(?:钟)?差(?P<lacking>{NUMBER}分(?:钟)?|一刻(?:钟)?)")
_ALONE = {"中午": "12:00", "正午": "12:00", "午夜": "00:00"}
_ALONE_PATTERN = re.compile("|".join(_ALONE))


def read(text: str, now: dt.datetime) -> list[Span]:
    """All clock times in ``text`` as spans with the slot ``time``."""
    spans = []
    for pattern in (_CLOCK, _BEFORE, _AFTER):
        for start in range(len(text)):
            found = None if splits_number(text, start) else pattern.match(text, start)
            if found and (said := _clock(found, now)):
                spans.append(Span(start, found.end(), (("time", said),), 0.0, WHEN_EVIDENCE))
    for found in _ALONE_PATTERN.finditer(text):
        spans.append(Span(found.start(), found.end(), (("time", _ALONE[found.group()]),), 0.06, WHEN_EVIDENCE))
    return spans


def _clock(found: re.Match[str], now: dt.datetime) -> str | None:
    hour = value(found["hour"])
    if hour is None or hour > 24:
        return None
    groups = found.groupdict()
    minute = -_lacking(groups["lacking"]) if groups.get("lacking") else _minute(groups)
    if minute is None or minute >= 60:
        return None
    part = DAY_PARTS.get(groups["part"] or "")
    hour = _in_day(hour, part) if part else _bare(hour, max(minute, 0), now)
    total = (hour * 60 + minute) % (24 * 60)
    return f"{total // 60:02d}:{total % 60:02d}"


def _lacking(text: str) -> int:
    return 15 if "刻" in text else value(text.partition("分")[0]) or 0


def _minute(groups: dict[str, str | None]) -> int | None:
    if groups.get("half"):
        return 30
    if quarter := groups.get("quarter"):
        return 15 * (value(quarter) or 0)
    said = groups.get("minute") or groups.get("bare")
    return value(said) if said else 0


def _in_day(hour: int, part: str) -> int:
    if hour > 12:
        return hour
    if part == "night":
        return hour % 12 if hour != 11 else 23
    if part == "morning":
        return hour
    if part == "noon":
        return hour + 12 if hour < 10 else hour
    if part == "afternoon":
        return hour % 12 + 12
    return hour % 12 + 12 if 5 <= hour <= 11 else hour % 12


def _bare(hour: int, minute: int, now: dt.datetime) -> int:
    past = dt.time(hour % 24, minute) <= now.time()
    return hour + 12 if 1 <= hour <= 6 and past else hour
