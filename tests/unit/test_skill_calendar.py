"""Clock, lunar calendar, solar terms, festivals and market days."""
import csv
import datetime as dt
from importlib import resources

import pytest

from assistant.errors import ConfigError
from intents.model import Intent
from skills.api import World
from skills.calendar import festivals
from skills.calendar import skill as calendar
from skills.calendar.lunar import TERMS, lunar_date, solar_date, term_dates, term_on
from skills.calendar.markets import parse_cycle
from skills.clock import skill as clock

NOW = dt.datetime(2026, 11, 23, 15, 25)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def at(date: str, **fields) -> World:
    return World(now=dt.datetime.combine(day(date), dt.time(9, 0)), **fields)


@pytest.mark.parametrize(("date", "words"), [
    ("2026-11-23", "十月十五"), ("2026-02-17", "正月初一"), ("2025-07-25", "闰六月初一"),
    ("2025-08-22", "闰六月二十九"),
    ("2025-08-23", "七月初一"), ("2023-03-22", "闰二月初一"), ("2033-12-22", "闰十一月初一"),
    ("2028-06-23", "闰五月初一"),
    ("2026-02-16", "腊月二十九"), ("2024-02-09", "腊月三十"), ("2027-01-15", "腊月初八"),
    ("2026-12-31", "十一月二十三"),
    ("2027-01-01", "十一月二十四"), ("2026-12-09", "十一月初一"), ("2026-11-28", "十月二十"),
    ("2026-12-08", "十月三十"),
])
def test_lunar_dates(date, words):
    assert lunar_date(day(date)).spoken == words


def test_lunar_and_solar_dates_are_inverse_over_fifteen_years():
    date = day("2024-01-01")
    while date < day("2039-01-01"):
        lunar = lunar_date(date)
        if not lunar.leap:
            assert solar_date(lunar.year, lunar.month, lunar.day) == date
        date += dt.timedelta(5)


def test_a_short_month_has_no_thirtieth():
    assert solar_date(2025, 12, 30) is None
    assert solar_date(2023, 12, 30) == day("2024-02-09")


def test_each_year_has_its_24_terms_on_days_that_begin_them():
    for year in range(2024, 2034):
        dates = term_dates(year)
        assert sorted(dates) == sorted(TERMS)
        assert {date.year for date in dates.values()} == {year}
        assert all(term_on(date) == name for name, date in dates.items())


@pytest.mark.parametrize(("name", "today", "expected"), [
    ("春节", "2026-11-23", "2027-02-06"), ("春节", "2026-02-17", "2026-02-17"), ("春节", "2026-02-18", "2027-02-06"),
    ("除夕", "2026-01-01", "2026-02-16"), ("除夕", "2024-01-15", "2024-02-09"), ("除夕", "2026-02-17", "2027-02-05"),
    ("腊八节", "2026-12-31", "2027-01-15"), ("小年", "2027-01-01", "2027-01-30"),
    ("元宵节", "2026-02-20", "2026-03-03"),
    ("龙抬头", "2026-02-20", "2026-03-20"), ("清明节", "2026-04-05", "2026-04-05"),
    ("清明节", "2026-04-06", "2027-04-05"),
    ("寒食节", "2026-04-01", "2026-04-04"), ("端午节", "2025-07-20", "2026-06-19"),
    ("七夕", "2025-08-01", "2025-08-29"),
    ("中元节", "2025-08-20", "2025-09-06"), ("中秋节", "2026-09-01", "2026-09-25"),
    ("重阳节", "2026-09-30", "2026-10-18"),
    ("寒衣节", "2026-11-01", "2026-11-09"), ("下元节", "2026-11-23", "2026-11-23"),
    ("元旦", "2026-12-31", "2027-01-01"),
    ("元旦", "2027-01-01", "2027-01-01"), ("国庆节", "2026-10-02", "2027-10-01"),
    ("母亲节", "2026-05-01", "2026-05-10"),
    ("父亲节", "2026-06-01", "2026-06-21"), ("感恩节", "2026-11-20", "2026-11-26"),
    ("圣诞节", "2026-12-26", "2027-12-25"),
    ("重阳节", "2026-10-19", "2027-10-08"), ("端午节", "2028-05-01", "2028-05-28"),
])
def test_festivals_fall_where_the_almanac_has_them(name, today, expected):
    assert festivals.next_date(name, day(today)) == day(expected)


def test_every_festival_and_term_that_is_understood_can_be_answered():
    for name in _vocabulary("festivals.tsv"):
        assert festivals.canonical(name) == name, name
    for name in _vocabulary("terms.tsv"):
        assert name in TERMS, name


def test_the_festivals_of_a_day_are_those_whose_next_date_it_is():
    for offset in range(0, 800, 7):
        date = day("2025-01-02") + dt.timedelta(offset)
        assert set(festivals.on(date)) == {name for name in festivals.NAMES if festivals.next_date(name, date) == date}


@pytest.mark.parametrize(("name", "meant"), [
    ("中秋", "中秋节"), ("七夕节", "七夕"), ("春节", "春节"), ("泼水节", None),
])
def test_festival_names_with_and_without_their_last_syllable(name, meant):
    assert festivals.canonical(name) == meant


@pytest.mark.parametrize(("slots", "today", "words"), [
    ({"name": "春节"}, "2026-11-23", ("明年二月六号", "星期六", "七十五天", "正月初一")),
    ({"name": "春节"}, "2027-02-06", ("今天就是春节",)),
    ({"name": "春节"}, "2027-02-05", ("明天", "二月六号")),
    ({"name": "除夕"}, "2026-02-14", ("后天", "二月十六号", "星期一")),
    ({"name": "冬至"}, "2026-11-23", ("十二月二十二号", "二十九天")),
    ({"name": "火把节"}, "2026-11-23", ("火把节", "说不上来")),
    ({}, "2026-11-24", ("元旦", "明年一月一号", "三十八天")),
    ({}, "2026-02-16", ("今天就是除夕", "春节", "一天")),
    ({}, "2025-07-26", ("七夕", "八月二十九号", "三十四天")),
])
def test_festival_answers(slots, today, words):
    said = calendar.festival(Intent("calendar.festival", slots), at(today)).text
    assert all(word in said for word in words), said


@pytest.mark.parametrize(("slots", "today", "words"), [
    ({}, "2026-11-23", ("不是节气", "小雪", "大雪", "十二月七号", "十四天")),
    ({}, "2026-11-22", ("今天正好是小雪", "大雪", "十五天")),
    ({}, "2026-12-31", ("冬至", "小寒", "明年一月五号", "五天")),
    ({}, "2027-01-03", ("冬至", "小寒", "两天")),
    ({"name": "立春"}, "2026-12-31", ("立春", "明年二月四号", "三十五天")),
    ({"name": "立冬"}, "2026-11-07", ("今天正好是立冬",)),
    ({"name": "大雪"}, "2026-12-06", ("明天", "十二月七号")),
    ({"name": "三伏"}, "2026-11-23", ("不是二十四节气",)),
])
def test_term_answers(slots, today, words):
    said = calendar.term(Intent("calendar.term", slots), at(today)).text
    assert all(word in said for word in words), said


@pytest.mark.parametrize(("date", "words"), [
    (None, ("今天是农历十月十五", "下元节")), ("2026-11-24", ("明天是农历十月十六",)),
    ("2026-11-22", ("昨天", "十月十四", "小雪")),
    ("2027-04-05", ("明年四月五号", "二月二十九", "清明节")), ("2025-07-25", ("去年七月二十五号", "闰六月初一")),
])
def test_lunar_answers(date, words):
    slots = {} if date is None else {"date": date}
    said = calendar.lunar(Intent("calendar.lunar", slots), World(now=NOW)).text
    assert all(word in said for word in words), said
    assert said.count("清明") <= 1, "the term and the festival of one day are one"


CYCLES = [
    ("农历二七", "2026-11-23", "2026-11-25"), ("农历二七", "2026-11-26", "2026-11-30"),
    ("农历逢二逢七", "2026-11-25", "2026-11-25"),
    ("阴历2、7", "2026-11-23", "2026-11-25"), ("二七", "2026-11-23", "2026-11-25"),
    ("农历五十", "2026-11-23", "2026-11-23"),
    ("农历五十", "2026-11-24", "2026-11-28"), ("农历五十", "2026-12-08", "2026-12-08"),
    ("农历四九", "2026-12-08", "2026-12-12"), ("农历五十", "2026-02-13", "2026-02-21"),
    ("农历一六", "2025-07-25", "2025-07-25"),
    ("农历三八", "2025-08-22", "2025-08-25"), ("农历四九", "2025-08-22", "2025-08-22"),
    ("公历五十", "2026-11-23", "2026-11-25"), ("公历五十", "2026-11-26", "2026-11-30"),
    ("公历逢五逢十", "2026-12-31", "2027-01-05"),
    ("阳历五、十", "2027-02-26", "2027-03-05"), ("逢五逢十", "2026-11-23", "2026-11-23"),
    ("公历 5 10", "2026-12-31", "2027-01-05"),
    ("农历初一十五", "2026-11-24", "2026-12-09"), ("农历初一、十五", "2026-11-23", "2026-11-23"),
    ("每月农历初九十九二十九", "2026-11-23", "2026-11-27"),
    ("公历15、30", "2027-02-16", "2027-03-15"), ("公历三十一号", "2026-11-23", "2026-12-31"),
    ("每周三", "2026-11-23", "2026-11-25"), ("每周日", "2026-11-23", "2026-11-29"),
    ("星期天", "2026-12-28", "2027-01-03"),
    ("周三周六", "2026-11-26", "2026-11-28"), ("每周三、六", "2026-11-25", "2026-11-25"),
    ("礼拜六", "2026-12-27", "2027-01-02"),
]


@pytest.mark.parametrize(("cycle", "start", "expected"), CYCLES)
def test_market_cycles(cycle, start, expected):
    assert parse_cycle(cycle).next_on_or_after(day(start)) == day(expected)


@pytest.mark.parametrize("text", [
    "", "瞎写", "农历", "每周", "每周八", "农历二七吧", "公历32", "农历0", "初十二三四五六七天",
])
def test_a_cycle_that_cannot_be_read_in_full_is_a_config_error(text):
    with pytest.raises(ConfigError, match="cannot be read"):
        parse_cycle(text)


@pytest.mark.parametrize(("cycle", "slots", "today", "words"), [
    ("农历二七", {}, "2026-11-23", ("后天", "十一月二十五号", "星期三", "农历十月十七")),
    ("农历二七", {}, "2026-11-25", ("今天就有集", "十一月三十号", "星期一")),
    ("农历二七", {"date": "2026-11-24"}, "2026-11-23", ("明天没有集", "后天")),
    ("农历二七", {"date": "2026-11-25"}, "2026-11-23", ("后天有集", "十月十七")),
    ("农历二七", {"date": "2026-11-20"}, "2026-11-23", ("大前天有集",)),
    ("公历五十", {}, "2026-12-31", ("明年一月五号", "星期二")),
    ("每周三", {"date": "2026-11-23"}, "2026-11-23", ("今天没有集", "星期三")),
    ("", {}, "2026-11-23", ("还没人告诉我", "装机的师傅")),
    ("天天有", {}, "2026-11-23", ("设得不对",)),
])
def test_market_answers(cycle, slots, today, words):
    said = calendar.market(Intent("calendar.market", slots), at(today, market_cycle=cycle)).text
    assert all(word in said for word in words), said


def test_clock_and_date():
    assert clock.time(Intent("clock.time"), World(now=NOW)).text == "现在是下午三点二十五分。"
    assert clock.date(Intent("clock.date"), World(now=NOW)).text == "今天是十一月二十三号，星期一，农历十月十五。"
    far = clock.date(Intent("clock.date", {"date": "2027-02-06"}), World(now=NOW))
    assert far.text == "明年二月六号是星期六，农历正月初一。"
    near = clock.date(Intent("clock.date", {"date": "2026-11-24"}), World(now=NOW))
    assert near.text.startswith("明天是十一月二十四号")


def _vocabulary(file: str) -> list[str]:
    text = resources.files("intents").joinpath("vocabulary", file).read_text(encoding="utf-8")
    rows = csv.reader((line for line in text.splitlines() if line and not line.startswith("#")), delimiter="\t")
    return [row[0] for row in rows]
