"""Chinese numbers as people say them: 一百二 is 120, 俩 is two, 廿三 is 23, 二零二六 is read digit by digit."""

from __future__ import annotations

import re

import cn2an

DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "幺": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "三": 3,
    "仨": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
NUMBER = "[零〇一二两俩三仨四五六七八九十百千万廿卅半]+"
"""Pattern of what may be a number; :func:`value` decides."""
_BEFORE_WEEKDAY = "周期拜"
_SPELLED = "零一二三四五六七八九"


def splits_number(text: str, start: int) -> bool:
    """True when ``start`` lies inside a run of digits: 二点 must not be read out of 十二点. A weekday ends before the next
    number: 周五七点."""
    if start > 1 and text[start - 2] in _BEFORE_WEEKDAY:
        return False
    return start > 0 and all(char in DIGITS or char in UNITS for char in text[start - 1 : start + 1])


def value(text: str) -> int | None:
    """The integer that ``text`` says, or None when it is not a whole number."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not text or any(char not in DIGITS and char not in UNITS for char in text):
        return None
    if not any(char in UNITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    return _with_units(text)


def _with_units(text: str) -> int | None:
    total, section, digit, last_unit, zero = 0, 0, None, 1, False
    for char in text:
        if char in DIGITS:
            if digit:
                return None
            digit = DIGITS[char]
            zero = zero or digit == 0
            continue
        unit = UNITS[char]
        if unit == 10_000:
            total, section = (total + section + (digit or 0)) * unit, 0
        else:
            section += (1 if digit is None else digit) * unit
        digit, last_unit, zero = None, unit, False
    if digit is None:
        return total + section
    # 一百二 means 120, 一百零二 means 102, 十二 means 12
    return total + section + digit * (last_unit // 10 if last_unit > 10 and not zero else 1)


def digits_to_hanzi(text: str) -> str:
    """``8:30`` -> 八点三十, ``50%`` -> 百分之五十, ``120`` -> 一百二十, ``13800138000`` digit by digit, ``10000`` -> 一万."""
    if clock := re.fullmatch(r"(\d{1,2})[::](\d{2})", text.replace("：", ":")):
        hours, minutes = clock.groups()
        return f"{_integer(hours)}点" + ("" if minutes == "00" else _minutes(minutes))
    percent = text.endswith("%")
    whole, _, fraction = text.rstrip("%").partition(".")
    said = _integer(whole)
    if fraction:
        said += "点" + "".join(_SPELLED[int(digit)] for digit in fraction)
    return "百分之" + said if percent else said


def _minutes(digits: str) -> str:
    return "零" + _SPELLED[int(digits[1])] if digits[0] == "0" else _integer(digits)


def _integer(digits: str) -> str:
    unread = len(digits) > 4 and not digits.endswith("000")
    if unread or len(digits) > 16 or (len(digits) > 1 and digits[0] == "0"):
        return "".join(_SPELLED[int(digit)] for digit in digits)
    said: str = cn2an.an2cn(digits)
    return said.removeprefix("一") if 10 <= int(digits) <= 19 else said
