"""Written Chinese to words that can be said: only hanzi and Chinese punctuation are left.

wetext does the bulk; rules before it settle what it gets wrong or what old ears want otherwise (24-hour times, 零下,
telephone numbers in groups, 两), rules after it spell what is left. wetext costs 0.4 s and 35 MB once, so it is loaded
only when a text has something for it.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

import cn2an

from audio.text_normalizer import TextNormalizer

_DIGIT_NAMES = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
_LETTER_NAMES = {
    "A": "诶", "B": "必", "C": "西", "D": "弟", "E": "衣", "F": "艾付", "G": "寄", "H": "诶起", "I": "爱", "J": "借",
    "K": "开", "L": "艾勒", "M": "艾姆", "N": "恩", "O": "欧", "P": "批", "Q": "扣", "R": "阿尔", "S": "艾斯",
    "T": "踢", "U": "优", "V": "威", "W": "达不溜", "X": "艾克斯", "Y": "外", "Z": "贼",
}
_WORD_NAMES = {"wifi": "无线网", "wlan": "无线网", "ok": "好", "app": "手机软件", "vs": "对", "no": "不", "bye": "再见"}
_UNITS = {
    "㎡": "平方米", "m²": "平方米", "m³": "立方米", "μg/m³": "微克每立方米", "ug/m3": "微克每立方米",
    "mmol/L": "毫摩尔每升", "mmHg": "毫米汞柱", "kWh": "度", "m/s": "米每秒", "km²": "平方公里", "kg": "公斤",
    "KG": "公斤", "Kg": "公斤", "ppm": "百万分之一",
}
_SIGNS = {"＋": "+", "×": "乘", "÷": "除以", "=": "等于", "&": "和", "＆": "和", "≥": "大于等于", "≤": "小于等于",
          ">": "大于", "<": "小于", "℉": "华氏度", "№": "第"}
_PUNCTUATION = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "，", ")": "，", "（": "，", "）": "，",
                "~": "，", "～": "，", "…": "。", "|": "，", "/": "，", "\\": "，", "-": "，", "–": "，", "—": "，",
                "【": "，", "】": "，", "[": "，", "]": "，", ".": "。"}
_NEEDS_WETEXT = re.compile(r"[0-9%‰$¥￥℃]")
_NUMBER = r"\d+(?:\.\d+)?"
_DASH = r"\s*[-~～–—−至到]\s*"
_NOT_SPOKEN = re.compile(r"[^㐀-䶿一-鿿〇，。！？；：、]")
_MARKS = re.compile(r"[，、：；。！？]{2,}")
_COUNTED_BY_LIANG = "点个天次只位家户条件斤里亩年口人元块张头群种样遍顿层场份间"


def spoken_text(text: str) -> str:
    """Words to say, in hanzi with Chinese punctuation; empty when there is nothing that can be said."""
    text = _cleaned(text)
    if _NEEDS_WETEXT.search(text):
        for rule, said in _BEFORE:
            text = rule.sub(said, text)
        text = _wetext()(text)
        for rule, said in _AFTER:
            text = rule.sub(said, text)
    text = re.sub(r"[A-Za-z]+", _spell, text)
    text = "".join(_PUNCTUATION.get(char, char) for char in text)
    text = _NOT_SPOKEN.sub("", text)
    return _MARKS.sub(_strongest, text).lstrip("，、：；。！？")


def spoken_sentences(text: str) -> Iterator[str]:
    """The same, sentence by sentence and lazily: the first of a long text is ready before the last has been read."""
    for sentence in re.findall(r"[^。！？!?\r\n]+[。！？!?]*", text):
        said = spoken_text(sentence)
        if said:
            yield said if said[-1] in "，、：；。！？" else f"{said}。"


@lru_cache(maxsize=1)
def _wetext() -> Callable[[str], str]:
    return TextNormalizer().normalize


def _cleaned(text: str) -> str:
    """Full-width letters and digits made plain; control characters, emoji and other pictures dropped; lines ended."""
    text = re.sub(r"[\r\n]+", "。", text.strip())
    text = "".join(unicodedata.normalize("NFKC", c) if "０" <= c <= "ｚ" or c in "％．" else c for c in text)
    for sign, said in _SIGNS.items():
        text = text.replace(sign, said)
    text = re.sub(r"°\s*[Cc]", "℃", text)
    for unit in sorted(_UNITS, key=len, reverse=True):
        text = re.sub(rf"(?<=\d)\s*{re.escape(unit)}(?![A-Za-z])", _UNITS[unit], text)
    kept = (c for c in text if c in "℃°￥¥$%‰~～²³" or unicodedata.category(c)[0] in "LNPZ")
    text = "".join(kept)
    text = re.sub(r"(?<=[㐀-鿿])\s+(?=[㐀-鿿])", "，", text)
    return re.sub(r"(?<=\d)：(?=\d)", ":", text)


def _digits(number: str) -> str:
    return "".join(_DIGIT_NAMES[digit] for digit in number if digit.isdigit())


def _mobile(match: re.Match[str]) -> str:
    number = re.sub(r"\D", "", match[0])[-11:]
    return "、".join(_digits(part) for part in (number[:3], number[3:7], number[7:]))


def _landline(match: re.Match[str]) -> str:
    return "、".join(_digits(part) for part in re.split(r"\D+", match[0].strip("()")) if part)


def _degrees(match: re.Match[str]) -> str:
    low, high = match["low"], match["high"]
    below = ["零下" if sign else "" for sign in (match["below_low"], match["below_high"])]
    return f"{below[0]}{low}到{below[1]}{high}度"


def _one_degree(match: re.Match[str]) -> str:
    return f"{'零下' if match['below'] else ''}{match['value']}度"


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    said_before = match["period"] or ""
    period = said_before
    if hour > 12 and hour < 24:
        period = said_before or ("下午" if hour < 18 else "晚上")
        hour -= 12
    said_hour = "两" if hour == 2 else str(hour)
    if match["second"]:
        return f"{period}{said_hour}点{'零' if minute < 10 else ''}{minute}分{match['second']}秒"
    if minute == 0:
        return f"{period}{said_hour}点"
    if minute == 30:
        return f"{period}{said_hour}点半"
    return f"{period}{said_hour}点{'零' if minute < 10 else ''}{minute}分"


def _blood_pressure(match: re.Match[str]) -> str:
    """High over low pressure; any other a/b is left to be read as a fraction."""
    if not (match["lead"] or match["unit"]):
        return match[0]
    high, low = (cn2an.an2cn(match[name]) for name in ("high", "low"))
    return f"{match['lead'] or ''}高压{high}，低压{low}"


def _spell(match: re.Match[str]) -> str:
    word = match[0]
    known = _WORD_NAMES.get(word.lower())
    return known or "".join(_LETTER_NAMES[letter] for letter in word.upper())


def _strongest(match: re.Match[str]) -> str:
    return next((mark for mark in "？！。；：" if mark in match[0]), "，")


_Said = str | Callable[[re.Match[str]], str]


def _rules(*pairs: tuple[str, _Said]) -> tuple[tuple[re.Pattern[str], _Said], ...]:
    return tuple((re.compile(pattern), said) for pattern, said in pairs)


_BEFORE = _rules(
    (r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)", _mobile),
    (r"(?<!\d)\(?0\d{2,3}\)?[- ]?\d{7,8}(?!\d)|(?<!\d)[48]00-\d{3,4}-?\d{3,4}(?!\d)", _landline),
    (r"(?<=电话)([：:是]?\s*)(\d{5,12})(?!\d)", lambda m: m[1] + _digits(m[2])),
    (r"(?<!\d)(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?(?![\d.])", r"\1年\2月\3日"),
    (rf"(?P<below_low>-|−|负|零下)?(?P<low>{_NUMBER})\s*[℃度]?{_DASH}(?P<below_high>-|−|负|零下)?"
     rf"(?P<high>{_NUMBER})\s*(?:℃|度|摄氏度)", _degrees),
    (rf"(?P<below>(?<!\d)-|−|负|零下)?(?P<value>{_NUMBER})\s*(?:℃|摄氏度)", _one_degree),
    (r"(?<!\d)-(?=\d+(?:\.\d+)?度)", "零下"),
    (r"(?P<period>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)?(?<!\d)(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)"
     r"(?::(?P<second>[0-5]\d))?(?![\d:])",
     _clock),
    (r"([点半分])[-~～–—]+(?=[早上中下晚傍凌夜]|\d|两)", r"\1到"),
    (r"(?P<lead>血压\D{0,4}?)?(?<!\d)(?P<high>\d{2,3})/(?P<low>\d{2,3})(?!\d)(?P<unit>毫米汞柱)?", _blood_pressure),
    (rf"({_NUMBER})%?\s*[-~～–—至到]\s*({_NUMBER})%", r"\1%到\2%"),
    (r"(?<=[A-Za-z])\.(?=[A-Za-z])", "点"),
    (r"(?i)pm2\.5", "PM二点五"),
    (r"(?i)pm10(?!\d)", "PM十"),
    (r"(?<![A-Za-z])([A-Za-z]{1,3})[-]?(\d{1,6})(?![\d.%])", lambda m: f"{m[1]}{_digits(m[2])}"),
    (r"(?<!\d)(\d{3,4})(?=室|房间|号房|路公交)", lambda m: _digits(m[1])),
    (r"(?<!\d)(1(?:10|19|20|22|14)|12345|12315|12333|12306|10086|10010|10000)(?=电话|热线|急救)",
     lambda m: _digits(m[1])),
    (r"(?<=[打拨])(\d{3,12})(?!\d)(?![个次元斤分])", lambda m: _digits(m[1])),
    (rf"(?<![\d.\-])({_NUMBER})\s*[-~～–—]\s*({_NUMBER})(?![\d.\-])", r"\1到\2"),
    (r"(?<=\d)\+(?=\d)", "加"),
    (r"(?<=\d)\s*[*xX]\s*(?=\d)", "乘"),
    (r"(?<!\d)2(?=[日号月楼级班组名等]|单元)", "二"),
    (rf"(?<![\d.第])2(?=[{_COUNTED_BY_LIANG}]|小时|公斤|公里|分钟(?!半)|万|千|百[^分])", "两"),
)

_AFTER = _rules(
    (r"摄氏度", "度"),
    (r"第两", "第二"),
    (r"(?<![一二三四五六七八九十百千万零点幺])二(?=点(?![一二三四五六七八九零])|百|千|万)", "两"),
)
