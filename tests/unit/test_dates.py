import datetime as dt

import pytest

from intents.normalize import normalize
from intents.slots import dates, lunar, repeat

MONDAY = dt.datetime(2026, 11, 23, 10, 0)


def whole(text: str, now: dt.datetime = MONDAY) -> str | None:
    """The date that the whole text is read as; 'vague' for a date that is not one day; None if it is no date."""
    chars = normalize(text).chars
    spans = [span for span in dates.read(chars, now) if (span.start, span.end) == (0, len(chars))]
    if not spans:
        return None
    best = min(spans, key=lambda span: span.cost)
    return str(dict(best.slots).get("date", "vague"))


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("今天", "2026-11-23"),
        ("今儿", "2026-11-23"),
        ("明天", "2026-11-24"),
        ("后儿", "2026-11-25"),
        ("大后天", "2026-11-26"),
        ("昨天", "2026-11-22"),
        ("夜儿", "2026-11-22"),
        ("大前天", "2026-11-20"),
        ("今晚", "2026-11-23"),
        ("明天晚上", "2026-11-24"),
        ("周三", "2026-11-25"),
        ("星期一", "2026-11-23"),
        ("礼拜天", "2026-11-29"),
        ("下周三", "2026-12-02"),
        ("下个礼拜一", "2026-11-30"),
        ("下下周一", "2026-12-07"),
        ("上周五", "2026-11-20"),
        ("这周六", "2026-11-28"),
        ("周末", "2026-11-28"),
        ("下周末", "2026-12-05"),
        ("5号", "2026-12-05"),
        ("三十号", "2026-11-30"),
        ("下个月一号", "2026-12-01"),
        ("十二月八号", "2026-12-08"),
        ("一月一日", "2027-01-01"),
        ("2027年1月2日", "2027-01-02"),
        ("明年三月八号", "2027-03-08"),
        ("三天后", "2026-11-26"),
        ("过两天", "2026-11-25"),
        ("一个礼拜以后", "2026-11-30"),
        ("一个月后", "2026-12-23"),
        ("半个月后", "2026-12-08"),
        ("月底", "2026-11-30"),
        ("腊月二十三", "2027-01-30"),
        ("正月十五", "2027-02-20"),
        ("阴历初五", "2026-12-13"),
        ("初八", "2026-12-16"),
        ("大年初一", "2027-02-06"),
        ("除夕", "2027-02-05"),
        ("年三十", "2027-02-05"),
        ("中秋", "2027-09-15"),
        ("国庆节", "2027-10-01"),
        ("冬至", "2026-12-22"),
        ("立冬", "2027-11-07"),
        ("清明", "2027-04-05"),
        ("母亲节", "2027-05-09"),
        ("下周的周三", "2026-12-02"),
        ("从今天到后天", "2026-11-23"),
        ("周六和周日", "2026-11-28"),
        ("三天前", "2026-11-20"),
        ("下个月初", "2026-12-01"),
        ("月中", "2026-11-15"),
        ("三月初", "2027-03-01"),
        ("明年春节", "2027-02-06"),
        ("去年中秋", "2025-10-06"),
        ("今年五一", "2026-05-01"),
        ("今黑", "2026-11-23"),
        ("接下来十天", "vague"),
        ("往后一个星期", "vague"),
        ("下周", "vague"),
        ("过了年", "vague"),
        ("这两天", "vague"),
        ("最近几天", "vague"),
        ("早上", "vague"),
    ],
)
def test_dates(said: str, date: str) -> None:
    assert whole(said) == date


@pytest.mark.parametrize("said", ["吃药", "二月三十号的", "三十二号", "十三月一号", "天气", "雨"])
def test_what_is_not_a_date(said: str) -> None:
    assert whole(said) is None


def test_sunday_evening_next_week_begins_tomorrow() -> None:
    sunday = dt.datetime(2026, 11, 29, 20)
    assert whole("下周一", sunday) == "2026-11-30"
    assert whole("这周日", sunday) == "2026-11-29"
    assert whole("周末", sunday) == "2026-11-29"


def test_end_of_year_rolls_over() -> None:
    last = dt.datetime(2026, 12, 31, 9)
    assert whole("明天", last) == "2027-01-01"
    assert whole("一号", last) == "2027-01-01"
    assert whole("腊月三十", last) == whole("除夕", last) == "2027-02-05"


def test_the_day_itself_is_the_next_one() -> None:
    assert lunar.festival_date("中秋节", dt.date(2027, 9, 15)) == dt.date(2027, 9, 15)
    assert lunar.festival_date("no such festival", dt.date(2027, 9, 15)) is None


@pytest.mark.parametrize("year", range(2024, 2040))
def test_every_term_and_festival_falls_in_every_year(year: int) -> None:
    today = dt.date(year, 1, 1)
    for name in (*lunar.TERMS, *lunar.LUNAR_FESTIVALS, *lunar.SOLAR_FESTIVALS, *lunar.FLOATING_FESTIVALS):
        date = lunar.festival_date(name, today)
        assert date is not None, name
        assert today <= date <= today + dt.timedelta(days=385), name


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("每天", {"repeat": "daily"}),
        ("天天", {"repeat": "daily"}),
        ("每周三", {"repeat": "weekly", "weekday": 3}),
        ("每个礼拜天", {"repeat": "weekly", "weekday": 7}),
        ("工作日", {"repeat": "workdays"}),
        ("周一到周五", {"repeat": "workdays"}),
        ("每月一号", {"repeat": "monthly", "date": "2026-12-01"}),
        ("每年五月初三", {"repeat": "yearly", "date": "2027-06-07"}),
        ("每隔两小时", {}),
        ("隔一天", {}),
    ],
)
def test_repetition(said: str, slots: dict[str, object]) -> None:
    chars = normalize(said).chars
    found = [dict(span.slots) for span in repeat.read(chars, MONDAY) if (span.start, span.end) == (0, len(chars))]
    assert slots in found
