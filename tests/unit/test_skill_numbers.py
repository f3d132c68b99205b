"""Numbers for the ear."""
import datetime as dt

import cn2an
import pytest

from skills import spoken_numbers as spoken

TODAY = dt.date(2026, 11, 23)


def test_every_number_up_to_twelve_thousand_agrees_with_cn2an():
    for value in range(1, 12_000):
        expected = cn2an.an2cn(value)
        expected = expected[1:] if expected.startswith("一十") else expected
        assert spoken.number(value) == expected, value


@pytest.mark.parametrize("value", [-1, 100_000_000])
def test_what_cannot_be_spoken_is_refused(value):
    with pytest.raises(ValueError, match="cannot speak"):
        spoken.number(value)


@pytest.mark.parametrize(("low", "high", "words"), [
    (24, 35, "二十四到三十五度"), (23.6, 35.4, "二十四到三十五度"), (-5, 3, "零下五度到三度"),
    (-9.7, -2.2, "零下十到零下二度"),
    (0, 8, "零度到八度"), (-3, 0, "零下三度到零度"), (11.8, 12.2, "十二度左右"), (-0.4, 0.3, "零度左右"),
    (-0.6, 0.3, "零下一度到零度"),
])
def test_temperatures_are_rounded_and_below_zero_is_said(low, high, words):
    assert spoken.temperature_range(low, high) == words


@pytest.mark.parametrize(("moment", "words"), [
    ("00:00", "夜里十二点整"), ("00:30", "夜里十二点半"), ("02:05", "凌晨两点零五分"), ("05:00", "早上五点整"),
    ("08:59", "早上八点五十九分"), ("09:00", "上午九点整"), ("12:30", "中午十二点半"), ("13:00", "下午一点整"),
    ("14:10", "下午两点十分"), ("18:15", "傍晚六点十五分"), ("19:00", "晚上七点整"), ("23:59", "晚上十一点五十九分"),
])
def test_clock_times(moment, words):
    assert spoken.clock_time(dt.time.fromisoformat(moment)) == words


@pytest.mark.parametrize(("minutes", "words"), [
    (1, "一分钟"), (2, "两分钟"), (12, "十二分钟"), (30, "半个小时"), (60, "一个小时"), (90, "一个半小时"),
    (120, "两个小时"), (125, "两个小时零五分钟"), (135, "两个小时十五分钟"), (1440, "二十四个小时"),
])
def test_durations(minutes, words):
    assert spoken.duration(minutes) == words


@pytest.mark.parametrize(("date", "words"), [
    ("2026-11-20", "大前天"), ("2026-11-22", "昨天"), ("2026-11-23", "今天"), ("2026-11-26", "大后天"),
    ("2026-11-27", "十一月二十七号"), ("2027-01-02", "明年一月二号"), ("2025-01-02", "去年一月二号"),
    ("2028-02-29", "后年二月二十九号"), ("2030-10-01", "二零三零年十月一号"),
])
def test_days_are_named_as_in_talk(date, words):
    assert spoken.day_name(dt.date.fromisoformat(date), TODAY) == words
