"""Numbers, dates and times for the ear: hanzi numerals, so that no voice has to guess how digits are read."""
from __future__ import annotations

import datetime as dt

_DIGITS = "零一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))
_NEAR_DAYS = {-3: "大前天", -2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天", 3: "大后天"}

_NEAR_YEARS = {-1: "去年", 0: "", 1: "明年", 2: "后年"}


def number(value: int) -> str:
    """0..99 999 999 as hanzi: 15 -> 十五, 105 -> 一百零五. Raises ValueError outside."""
    if not 0 <= value < 100_000_000:
        raise ValueError(f"cannot speak {value}")
    if value >= 10_000:
        rest = value % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return number(value // 10_000) + "万" + gap + (_below_10_000(rest) if rest else "")
    spoken = _below_10_000(value)
    return spoken[1:] if spoken.startswith("一十") else spoken


def count(value: int, measure: str) -> str:
    """A number in front of a measure word: 2, 个 -> 两个; 12, 天 -> 十二天."""
    return ("两" if value == 2 else number(value)) + measure


def digits(text: str) -> str:
    """Digit by digit: 2026 -> 二零二六, 120 -> 一二零."""
    return "".join(_DIGITS[int(d)] for d in text)


def temperature(celsius: float) -> str:
    """Rounded to whole degrees: -4.6 -> 零下五度, 24.2 -> 二十四度."""
    return _signed(celsius) + "度"


def temperature_range(low: float, high: float) -> str:
    """24, 35 -> 二十四到三十五度; -5, 3 -> 零下五度到三度; equal after rounding -> 二十四度左右."""
    if round(low) == round(high):
        return temperature(low) + "左右"
    if round(low) <= 0 <= round(high):
        return f"{temperature(low)}到{temperature(high)}"
    return f"{_signed(low)}到{temperature(high)}"


def month_day(date: dt.date) -> str:
    """十一月二十三号."""
    return f"{number(date.month)}月{number(date.day)}号"


def weekday(date: dt.date) -> str:
    """星期一 … 星期天."""
    return "星期" + "一二三四五六天"[date.weekday()]


def full_date(date: dt.date, today: dt.date) -> str:
    """Month and day, with the year in front unless it is this year's: 明年二月六号, 二零二九年二月十三号."""
    year = _NEAR_YEARS.get(date.year - today.year)
    return (f"{digits(str(date.year))}年" if year is None else year) + month_day(date)


def near_day(date: dt.date, today: dt.date) -> str | None:
    """今天, 明天, 大后天, 昨天 … for three days around today, else None."""
    return _NEAR_DAYS.get((date - today).days)


def day_name(date: dt.date, today: dt.date) -> str:
    """The name one would use in talk: 明天, else the month and day."""
    return near_day(date, today) or full_date(date, today)


def part_of_day(moment: dt.datetime | dt.time) -> str:
    """夜里 凌晨 早上 上午 中午 下午 傍晚 晚上."""
    hour = moment.hour
    for end, name in ((1, "夜里"), (5, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (19, "傍晚")):
        if hour < end:
            return name
    return "晚上"


def clock_time(moment: dt.datetime | dt.time) -> str:
    """下午三点半, 早上八点零五分, 中午十二点整."""
    hour = moment.hour % 12 or 12
    spoken_hour = ("两" if hour == 2 else number(hour)) + "点"
    if moment.minute == 0:
        minutes = "整"
    elif moment.minute == 30:
        minutes = "半"
    elif moment.minute < 10:
        minutes = f"零{number(moment.minute)}分"
    else:
        minutes = f"{number(moment.minute)}分"
    return part_of_day(moment) + spoken_hour + minutes


def duration(minutes: int) -> str:
    """5 -> 五分钟, 30 -> 半个小时, 90 -> 一个半小时, 125 -> 两个小时零五分钟."""
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return "半个小时" if rest == 30 else count(rest, "分钟")
    if rest == 0:
        return count(hours, "个小时")
    if rest == 30:
        return count(hours, "个半小时")
    gap = "零" if rest < 10 else ""
    return f"{count(hours, '个小时')}{gap}{number(rest)}分钟"


def _signed(celsius: float) -> str:
    degrees = round(celsius)
    return ("零下" if degrees < 0 else "") + number(abs(degrees))


def _below_10_000(value: int) -> str:
    if value < 10:
        return _DIGITS[value]
    spoken, gap = "", False
    for size, unit in _UNITS:
        digit, value = divmod(value, size)
        if digit:
            spoken += ("零" if gap else "") + _DIGITS[digit] + unit
            gap = False
        else:
            gap = bool(spoken)
    if value:
        spoken += ("零" if gap else "") + _DIGITS[value]
    return spoken
