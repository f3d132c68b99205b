import datetime as dt

import pytest

from intents.normalize import normalize
from intents.slots import dates, durations, level, repeat, times
from intents.slots.span import Span
from intents.slots.when import combine

MORNING = dt.datetime(2026, 11, 23, 10, 0)


def whole(spans: list[Span], chars: str) -> dict[str, object] | None:
    fitting = [span for span in spans if (span.start, span.end) == (0, len(chars))]
    return dict(min(fitting, key=lambda span: span.cost).slots) if fitting else None


def clock(text: str, now: dt.datetime = MORNING) -> object:
    chars = normalize(text).chars
    return (whole(times.read(chars, now), chars) or {}).get("time")


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("八点", "08:00"),
        ("八点半", "08:30"),
        ("八点一刻", "08:15"),
        ("八点三刻", "08:45"),
        ("差五分八点", "07:55"),
        ("八点差一刻", "07:45"),
        ("八点零五", "08:05"),
        ("8:30", "08:30"),
        ("八点二十五分", "08:25"),
        ("八点钟", "08:00"),
        ("晚上八点", "20:00"),
        ("下午三点", "15:00"),
        ("中午12点", "12:00"),
        ("中午一点", "13:00"),
        ("傍晚六点", "18:00"),
        ("下半晌三点", "15:00"),
        ("头晌九点", "09:00"),
        ("半夜十二点", "00:00"),
        ("夜里两点", "02:00"),
        ("晚上十二点", "00:00"),
        ("凌晨四点", "04:00"),
        ("早上六点五十", "06:50"),
        ("20点", "20:00"),
        ("晌午", "12:00"),
    ],
)
def test_clock(said: str, time: str) -> None:
    assert clock(said) == time


@pytest.mark.parametrize("said", ["二十五点", "八点六十分", "早上", "点", "一百点"])
def test_what_is_not_a_time(said: str) -> None:
    assert clock(said) is None


def test_a_bare_small_hour_that_is_past_means_the_afternoon() -> None:
    assert clock("三点") == "15:00"
    assert clock("三点", dt.datetime(2026, 11, 23, 0, 30)) == "03:00"
    assert clock("七点") == "07:00"


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("半小时", 30),
        ("半个钟头", 30),
        ("一个半小时", 90),
        ("一刻钟", 15),
        ("俩钟头", 120),
        ("二十分钟", 20),
        ("两小时二十分钟", 140),
        ("过半个小时", 30),
        ("五分钟以后", 5),
        ("90秒", 2),
        ("一分半钟", 2),
        ("10分钟", 10),
        ("一个小时", 60),
        ("两三分钟", 3),
        ("一两个小时", 120),
        ("个把钟头", 60),
        ("半拉钟头", 30),
    ],
)
def test_lengths(said: str, minutes: int) -> None:
    chars = normalize(said).chars
    assert whole(durations.read(chars, MORNING), chars) == {"in_minutes": minutes}


def test_a_moment_is_a_length_without_a_number() -> None:
    assert whole(durations.read("一会儿", MORNING), "一会儿") == {}


@pytest.mark.parametrize("said", ["零分钟", "一千个小时", "分钟"])
def test_no_length(said: str) -> None:
    assert whole(durations.read(said, MORNING), said) is None


@pytest.mark.parametrize(
    ("said", "wanted"), [("五十", 50), ("30", 30), ("百分之八十", 80), ("三成", 30), ("最大", 100), ("一半", 50)]
)
def test_levels(said: str, wanted: int) -> None:
    chars = normalize(said).chars
    assert whole(level.read(chars, MORNING), chars) == {"level": wanted}


def test_no_level_above_a_hundred() -> None:
    assert whole(level.read("二百", MORNING), "二百") is None


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("明天早上八点", {"date": "2026-11-24", "time": "08:00"}),
        ("每天早上八点", {"repeat": "daily", "time": "08:00"}),
        ("每晚八点", {"repeat": "daily", "time": "20:00"}),
        ("今晚八点", {"date": "2026-11-23", "time": "20:00"}),
        ("每周三下午三点", {"repeat": "weekly", "weekday": 3, "time": "15:00"}),
        ("早上七点每天", {"repeat": "daily", "time": "07:00"}),
        ("后天的八点半", {"date": "2026-11-25", "time": "08:30"}),
        ("二十分钟后", {"in_minutes": 20}),
    ],
)
def test_when(said: str, slots: dict[str, object]) -> None:
    chars = normalize(said).chars
    parts = [*dates.read(chars, MORNING), *times.read(chars, MORNING), *repeat.read(chars, MORNING)]
    assert whole(combine(chars, parts, durations.read(chars, MORNING)), chars) == slots
