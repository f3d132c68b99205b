"""Latin letters and arabic digits as they are said aloud in Mandarin, in characters a Chinese recogniser can know."""
from __future__ import annotations

import re
import unicodedata

import cn2an

_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_LETTERS = {
    "a": "诶", "b": "必", "c": "西", "d": "地", "e": "伊", "f": "艾弗", "g": "记", "h": "艾尺", "i": "爱", "j": "杰",
    "k": "开", "l": "艾勒", "m": "艾姆", "n": "恩", "o": "欧", "p": "批", "q": "扣", "r": "阿", "s": "艾斯", "t": "踢",
    "u": "优", "v": "威", "w": "达不溜", "x": "艾克斯", "y": "歪", "z": "贼",
}
_WORDS = {"wifi": "歪发", "app": "诶批批", "hello": "哈喽", "bye": "拜"}
_MEASURES = "个点位次天块斤段首遍年月只张件条家口集部场曲分秒小"
_EMERGENCY = re.compile(r"(?<![0-9.])(?:110|119|120|122|114)(?![0-9.%块元度岁米斤里年月日号个点分]|公里)")
"""Emergency and service numbers: nobody says "one hundred and twenty" to call an ambulance."""

_BELOW_ZERO = re.compile(r"(?<![0-9])-(?=[0-9]+(?:\.[0-9]+)?度)")
_RANGE = re.compile(r"(?<=[0-9])[-~](?=[0-9]+(?:\.[0-9]+)?[度号点岁月日年元块])")
_DEGREES = re.compile(r"℃|°c")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?![0-9])")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)%")
_YEAR = re.compile(r"([0-9]{4})(?=年)")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_TWO = re.compile(rf"(?<![0-9])(?<!第)2(?=[{_MEASURES}])")
_WORD = re.compile(r"[a-z]+")


def spoken_form(text: str) -> str:
    """``text`` with digits and latin letters replaced by how they are said; the rest unchanged but for NFKC.

    12 -> 十二, 2个 -> 两个, 8:30 -> 八点三十分, 65% -> 百分之六十五, -5℃ -> 零下五度, 2026年 -> 二零二六年,
    13812345678 -> 幺三八…, KTV -> 开踢威.
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("〇", "零")
    if any(c.isascii() and c.isalnum() for c in text):
        text = _DEGREES.sub("度", text)
        text = _RANGE.sub("到", _BELOW_ZERO.sub("零下", text))
        text = _EMERGENCY.sub(lambda m: _digit_by_digit(m[0]), text)
        text = _CLOCK.sub(lambda m: f"{_value(m[1])}点{_minutes(m[2])}", text)
        text = _PERCENT.sub(lambda m: f"百分之{_value(m[1])}", text)
        text = _YEAR.sub(lambda m: _digit_by_digit(m[1]), text)
        text = _TWO.sub("两", text)
        text = _NUMBER.sub(lambda m: _number(m[0]), text)
        text = _WORD.sub(lambda m: _WORDS.get(m[0]) or "".join(_LETTERS[c] for c in m[0]), text)
    return text


def _minutes(digits: str) -> str:
    if digits == "00":
        return ""
    return f"{'零' + _DIGITS[digits[1]] if digits[0] == '0' else _value(digits)}分"


def _number(digits: str) -> str:
    """A long number that is not round is a telephone number, or one like 12345: it is said digit by digit."""
    telephone = len(digits) >= 5 and "." not in digits and not digits.endswith("00")
    led_by_zero = len(digits) > 1 and digits[0] == "0" and digits[1] != "."
    return _digit_by_digit(digits) if telephone or led_by_zero else _value(digits)


def _digit_by_digit(digits: str) -> str:
    """A year keeps 一; any other string of digits says 幺, because 一 and 七 are too alike on the telephone."""
    said = "".join(_DIGITS[d] for d in digits if d != ".")
    return said.replace("一", "幺") if len(digits) != 4 else said


def _value(digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    said = cn2an.an2cn(str(int(whole)), "low") if len(whole) <= 16 else _digit_by_digit(whole)
    said = re.sub(r"^一十", "十", said)
    return f"{said}点{''.join(_DIGITS[d] for d in fraction)}" if fraction else said
