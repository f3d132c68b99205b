"""Days as people name them, resolved against ``now``.

A bare weekday or day of the month is the coming one, today included; 这周 and 下周 mean the calendar week that starts on
Monday; a weekend is its Saturday. 这两天 and the like are a date without being one date: an empty span.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator

from intents.slots import lunar
from intents.slots.numbers import NUMBER, splits_number, value
from intents.slots.span import WHEN_EVIDENCE, Span

Resolve = Callable[[re.Match[str], dt.date], dt.date | None]

DAY_OFFSETS = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨晚": -1,
    "今天": 0,
    "今晚": 0,
    "今早": 0,
    "今夜": 0,
    "当天": 0,
    "当日": 0,
    "明天": 1,
    "明早": 1,
    "明晚": 1,
    "后天": 2,
    "大后天": 3,
    "大大后天": 4,
}
WEEKDAYS = "一二三四五六日天"
_WEEK = "(?:周|星期|礼拜)"
_THIS_OR_NEXT = "(?P<which>(?:上|下)+|这|本)?(?:一)?个?"
_AFTER = "(?:以后|之后|过后|后)"
DAY_PART = "(?:(?:的)?(?:凌晨|早上|早起|上午|中午|下午|傍晚|晚上|夜里|夜间|半夜|后半夜|前半夜|白天|全天|一天|整天|一整天))?"
_SOME = "[一两二三四五六七八九十几半]"
VAGUE = re.compile(
    "(?:这|近|最近|未来|接下来|以后|往后|今后|后面|后头|头|过)(?:的|这)?"
    f"(?:(?:{_SOME}|十五|十来)(?:天|日|周|个?星期|个?礼拜|个月)|半个月|些天|些日子|半?段时间|一段时间|一阵子?|阵子?)"
    "|(?:这|本|下下?|上)一?个?(?:周|星期|礼拜)(?![一二三四五六日天末])(?:里|内)?|(?:这|本|下|上)个?月(?![一二三四五六七八九十初中底末])"
    "|最近|近期|近来|年前|年后|过了年|过完年|开春|开了春|入冬|入秋|入夏|秋后|麦收|收秋|今年|明年|今冬|今夏|明春"
)
_RANGE = re.compile("(?:一直)?[到至和跟]")
"""今天到后天: it begins with the first of the two."""


def _week_shift(which: str | None) -> int | None:
    if not which:
        return None
    if which in ("这", "本"):
        return 0
    return len(which) if which[0] == "下" else -len(which)


def weekday_number(char: str) -> int:
    """一 -> 1 … 日/天 -> 7."""
    return min(WEEKDAYS.index(char) + 1, 7)


def _weekday(found: re.Match[str], today: dt.date) -> dt.date:
    wanted = weekday_number(found["day"])
    shift = _week_shift(found["which"])
    if shift is None:
        return today + dt.timedelta(days=(wanted - today.isoweekday()) % 7)
    return today - dt.timedelta(days=today.isoweekday() - wanted) + dt.timedelta(weeks=shift)


def _weekend(found: re.Match[str], today: dt.date) -> dt.date:
    shift = _week_shift(found["which"]) or 0
    if shift == 0 and today.isoweekday() == 7:
        return today
    return today + dt.timedelta(days=6 - today.isoweekday(), weeks=shift)


def _make(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _month_later(today: dt.date, months: int) -> tuple[int, int]:
    index = today.year * 12 + today.month - 1 + months
    return index // 12, index % 12 + 1


def _month_day(found: re.Match[str], today: dt.date) -> dt.date | None:
    month, day = value(found["month"]), value(found["day"])
    if month is None or day is None:
        return None
    named = found["year"]
    if named:
        year = {"今年": today.year, "明年": today.year + 1, "后年": today.year + 2, "去年": today.year - 1}.get(named)
        year = value(named.removesuffix("年")) if year is None else year
        return _make(year + 2000 if year is not None and year < 100 else year or 0, month, day)
    date = _make(today.year, month, day)
    if date is None or date < today:
        return _make(today.year + 1, month, day) or date
    return date


def _day_of_month(found: re.Match[str], today: dt.date) -> dt.date | None:
    day = value(found["day"])
    if day is None or not 1 <= day <= 31:
        return None
    which = found["which"]
    if which:
        shift = {"下": 1, "下下": 2, "上": -1}.get(which, 0)
        return _make(*_month_later(today, shift), day)
    for months in range(3):
        date = _make(*_month_later(today, months), day)
        if date is not None and date >= today:
            return date
    return None


def _month_end(found: re.Match[str], today: dt.date) -> dt.date:
    shift = {"下": 1, "下个": 1}.get(found["which"] or "", 0)
    year, month = _month_later(today, shift)
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _days_later(found: re.Match[str], today: dt.date) -> dt.date | None:
    count = value(found["count"])
    if count is None or count > 3650:
        return None
    unit = found["unit"]
    if unit == "月":
        year, month = _month_later(today, count)
        return _make(year, month, min(today.day, calendar.monthrange(year, month)[1]))
    return today + dt.timedelta(days=count * (1 if unit == "天" else 7))


def _half_month_later(_: re.Match[str], today: dt.date) -> dt.date:
    return today + dt.timedelta(days=15)


def _offset(found: re.Match[str], today: dt.date) -> dt.date:
    return today + dt.timedelta(days=DAY_OFFSETS[found["word"]])


def _part_of_month(found: re.Match[str], today: dt.date) -> dt.date | None:
    """月初 its first day, 月中 the fifteenth."""
    if found["month"]:
        month = value(found["month"])
        year, month = today.year + (month is not None and month < today.month), month or 0
    else:
        year, month = _month_later(today, {"下": 1, "下下": 2, "上": -1}.get(found["which"] or "", 0))
    return _make(year, month, 1 if found["part"] == "初" else 15)


def _days_ago(found: re.Match[str], today: dt.date) -> dt.date | None:
    count = value(found["count"])
    return None if count is None or count > 3650 else today - dt.timedelta(days=count * (1 if found["unit"] == "天" else 7))


def _year_end(found: re.Match[str], today: dt.date) -> dt.date:
    return dt.date(today.year + (found["which"] == "明年"), 12, 31)


_PASSED = f"(?:(?:再)?过)?(?P<count>{NUMBER})"
RULES: tuple[tuple[re.Pattern[str], Resolve], ...] = tuple(
    (re.compile(pattern), resolve)
    for pattern, resolve in (
        (
            "(?P<word>" + "|".join(sorted((w for w in DAY_OFFSETS if w[-1] == "天"), key=len, reverse=True)) + ")",
            _offset,
        ),
        ("(?P<word>今晚|今早|今夜|明早|明晚|昨晚|当天|当日)(?:上|里)?", _offset),
        (_THIS_OR_NEXT + f"(?:{_WEEK}的)?{_WEEK}(?P<day>[{WEEKDAYS}])", _weekday),
        (_THIS_OR_NEXT + "(?:周|星期|礼拜)末", _weekend),
        ("(?:(?P<which>这|本|下下?|上)个?|(?P<month>[一二三四五六七八九十]+))?月(?P<part>初|中旬?)(?![一二三四五六七八九十])", _part_of_month),
        (f"(?P<count>{NUMBER})个?(?P<unit>天|周|星期|礼拜)(?:以|之)?前", _days_ago),
        (
            f"(?:(?P<year>今年|明年|后年|去年|{NUMBER}年)(?:的)?)?(?P<month>[一二三四五六七八九十]+)月(?:份)?(?P<day>{NUMBER})[号日]?",
            _month_day,
        ),
        (f"(?:(?P<which>这|本|下下|下|上)个?月(?:的)?)?(?P<day>{NUMBER})[号日]", _day_of_month),
        ("(?P<which>这个?|本|下个?)?月[底末]", _month_end),
        (_PASSED + f"(?:个)?(?P<unit>天|周|星期|礼拜|月){_AFTER}", _days_later),
        (f"(?:再)?过(?P<count>{NUMBER})(?:个)?(?P<unit>天|周|星期|礼拜|月)", _days_later),
        (f"(?:过)?半个?月{_AFTER}", _half_month_later),
        ("(?P<which>今年|明年)?年底", _year_end),
    )
)
_TAIL = re.compile(f"(?:(?:那|这|当)(?:一)?天)?{DAY_PART}")
_SHORT_TODAY = re.compile("(?P<day>今|明)(?=[早晚夜])")
_DAY_PART_ALONE = re.compile("(?:凌晨|早上|早起|上午|中午|下午|傍晚|晚上|夜里|夜间|半夜|后半夜|白天)")
DAY_PART_COST = 0.03
RANGE_COST = 0.02


def read(text: str, now: dt.datetime) -> list[Span]:
    """All dates in ``text`` as spans with the slot ``date`` (ISO), or without slots for vague ones."""
    spans: dict[tuple[int, int], Span] = {}
    for start, end, date in _dates(text, now.date()):
        slots = () if date is None else (("date", date.isoformat()),)
        with_part = text[end - 1] in "早晚夜"  # 今晚八点: the 晚 is wanted by the clock time
        _keep(spans, Span(start, end, slots, DAY_PART_COST * with_part, WHEN_EVIDENCE))
        tail = _TAIL.match(text, end)
        if tail and tail.end() > end:
            _keep(spans, Span(start, tail.end(), slots, DAY_PART_COST, WHEN_EVIDENCE))
    for found in _DAY_PART_ALONE.finditer(text):
        _keep(spans, Span(found.start(), found.end(), (), 0.05, WHEN_EVIDENCE / 2))
    return [*spans.values(), *_ranges([*spans.values()], text)]


def _keep(spans: dict[tuple[int, int], Span], span: Span) -> None:
    key = (span.start, span.end)
    if key not in spans or span.cost < spans[key].cost:
        spans[key] = span


def _dates(text: str, today: dt.date) -> Iterator[tuple[int, int, dt.date | None]]:
    for pattern, resolve in RULES:
        for start in range(len(text)):
            if not splits_number(text, start) and (found := pattern.match(text, start)):
                try:
                    date = resolve(found, today)
                except OverflowError:
                    continue
                if date is not None:
                    yield found.start(), found.end(), date
    for found in _SHORT_TODAY.finditer(text):
        yield found.start(), found.end(), today + dt.timedelta(days=found["day"] == "明")
    for found in VAGUE.finditer(text):
        yield found.start(), found.end(), None
    yield from lunar.dates(text, today)


def _ranges(spans: Collection[Span], text: str) -> list[Span]:
    """Two days with 到 between them, as one that begins with the first: 从今天到后天."""
    starting: dict[int, int] = {}
    for span in spans:
        starting[span.start] = max(span.end, starting.get(span.start, 0))
    found = []
    for span in spans:
        link = _RANGE.match(text, span.end)
        if link and link.end() in starting:
            start = span.start - (span.start > 0 and text[span.start - 1] in "从自")
            found.append(Span(start, starting[link.end()], span.slots, span.cost + RANGE_COST, WHEN_EVIDENCE))
    return found
