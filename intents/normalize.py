"""Raw text to a row of characters to be matched, each tied to the place in the text it came from.

Nothing is thrown away that might be part of a name: fillers and politeness stay in the row, but carry a low price for
being skipped, so that ``请问`` costs nothing before a question and is still there inside a song's title.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import yaml

from intents.contract import CONTRACT_FILE
from intents.pinyin import readings
from intents.slots.numbers import digits_to_hanzi

FOREIGN_FIRST, FOREIGN_COUNT = 0xE000, 0x1800
"""A word or sign that is not Chinese and not a number is one character of Unicode's private area, the same for the same word."""
FULL_PRICE = 1.0
"""Words at least this dear are not shared out: each of their characters costs as much."""
LIKE_PARTICLE = 0.3
PARTICLE_SOUNDS = {("", "a"), ("", "ia"), ("b", "a"), ("m", "a"), ("n", "e"), ("l", "e"), ("l", "a")}
"""The last character of what was heard may be a particle spelled otherwise: 阿, 芭, 嘛."""
LANGUAGE_FILE = CONTRACT_FILE.with_name("language.yaml")


@dataclass(frozen=True, slots=True)
class Token:
    """One character to be matched. ``start``/``end`` are its place in the original text; ``skip`` the price of ignoring it."""

    char: str
    start: int
    end: int
    skip: float


@dataclass(frozen=True)
class Utterance:
    """Normalised text. ``chars`` has one character a token."""

    original: str
    tokens: tuple[Token, ...]

    @cached_property
    def chars(self) -> str:
        return "".join(token.char for token in self.tokens)

    def said(self, start: int, end: int) -> str:
        """The original words behind tokens ``start``..``end``, without spaces and punctuation."""
        if start >= end:
            return ""
        if (start, end) not in self._said:
            raw = self.original[self.tokens[start].start : self.tokens[end - 1].end]
            self._said[start, end] = "".join(char for char in raw if not _is_separator(char))
        return self._said[start, end]

    @cached_property
    def clauses(self) -> frozenset[int]:
        """Where a sentence of its own may begin inside: after a pause or a closing particle, before an opening."""
        begins = {found.end() for found in _CLOSING.finditer(self.chars)}
        begins |= {found.start() for found in _OPENING.finditer(self.chars)}
        for number, (before, after) in enumerate(itertools.pairwise(self.tokens), start=1):
            if any(char in _PAUSES for char in self.original[before.end : after.start]):
                begins.add(number)
        return frozenset(begin for begin in begins if 1 < begin < len(self.tokens) - 1)

    @cached_property
    def _said(self) -> dict[tuple[int, int], str]:
        return {}


_PAUSES = set("，。！？；,.!?; ")
_CLOSING = re.compile("[了吗呢吧呀啊嘛](?![了吗呢吧呀啊嘛])")
_OPENING = re.compile("给我[放来唱打讲找念]|你给|帮我|我[想要]听|我[想要]看|播放|[放来唱听][一个]?[段首个出]|提醒我|[给和跟].{1,3}(?:打|视频|说|留)")


@dataclass(frozen=True)
class Language:
    """What ``language.yaml`` says: dialect, traditional characters, and the price of ignoring words."""

    dialect: dict[str, str]
    skips: dict[str, float]
    traditional: dict[int, str]
    content: float
    foreign: float

    @cached_property
    def dialect_pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(word) for word in sorted(self.dialect, key=len, reverse=True)))

    @cached_property
    def skip_pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(word) for word in sorted(self.skips, key=len, reverse=True)))


@lru_cache(maxsize=1)
def language() -> Language:
    """The tables shipped with the package."""
    data = yaml.safe_load(LANGUAGE_FILE.read_text(encoding="utf-8"))
    old, new = data["traditional"]["from"], data["traditional"]["to"]
    skips = {
        _foreign(word) if word.isascii() else word: float(price) for price, words in data["skips"].items() for word in words.split()
    }
    dialect = {old_word: standard for standard, words in data["dialect"].items() for old_word in words.split()}
    return Language(
        dialect, skips, dict(zip(map(ord, old), new, strict=True)), float(data["content"]), float(data["foreign"])
    )


_DIGITS = re.compile(r"\d{1,2}[:：]\d{2}(?!\d)|\d+(?:\.\d+)?%?")
_FOREIGN_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def _foreign(word: str) -> str:
    return chr(FOREIGN_FIRST + zlib.crc32(word.encode("utf-8", errors="replace")) % FOREIGN_COUNT)


def is_foreign(char: str) -> bool:
    """True for the stand-in of a word that is not Chinese."""
    return FOREIGN_FIRST <= ord(char) < FOREIGN_FIRST + FOREIGN_COUNT


def _is_separator(char: str) -> bool:
    return unicodedata.category(char)[0] in "ZPCS" and char not in "%:"


def _is_hanzi(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char == "〇"


def normalize(text: str, wake_phrase: str = "") -> Utterance:
    """Normalise any text. A leading ``wake_phrase`` is dropped together with what comes before it."""
    tables = language()
    folded = "".join(_fold(char) for char in text).translate(tables.traditional)
    pieces = _standard_words(_split(folded), tables)
    chars = "".join(piece[0] for piece in pieces)
    prices = _prices(chars, tables)
    if len(chars) > 1 and prices[-1] > LIKE_PARTICLE and _is_like_particle(chars[-1]):
        prices[-1] = LIKE_PARTICLE
    tokens = tuple(Token(char, start, end, price) for (char, start, end), price in zip(pieces, prices, strict=True))
    if wake_phrase:
        found = chars.rfind(wake_phrase, 0, len(wake_phrase) * 2 + 6)
        if found >= 0 and found + len(wake_phrase) < len(chars):
            tokens = tokens[found + len(wake_phrase) :]
    return Utterance(text, tokens)


def normalize_literal(text: str) -> str:
    """A template's literal text in the same standard form as what is heard."""
    return normalize(text).chars


def _fold(char: str) -> str:
    """Full width to half width, one character to one character so that places in the text stay the same."""
    folded = unicodedata.normalize("NFKC", char)
    return folded.lower() if len(folded) == 1 and len(folded.lower()) == 1 else char


def _split(folded: str) -> list[tuple[str, int, int]]:
    """Characters with their places; numbers spelled out in hanzi, foreign words as one sign, punctuation dropped."""
    pieces: list[tuple[str, int, int]] = []
    position = 0
    while position < len(folded):
        char = folded[position]
        if _is_hanzi(char):
            pieces.append((char, position, position + 1))
        elif found := _DIGITS.match(folded, position):
            pieces.extend((digit, found.start(), found.end()) for digit in digits_to_hanzi(found.group()))
            position = found.end()
            continue
        elif not _is_separator(char):
            end = position + 1
            while end < len(folded) and folded[end].isascii() and folded[end].isalpha() and char.isascii():
                end += 1
            pieces.append((_foreign(folded[position:end]), position, end))
            position = end
            continue
        position += 1
    return pieces


def _standard_words(pieces: list[tuple[str, int, int]], tables: Language) -> list[tuple[str, int, int]]:
    chars = "".join(piece[0] for piece in pieces)
    out: list[tuple[str, int, int]] = []
    position = 0
    for found in tables.dialect_pattern.finditer(chars):
        out.extend(pieces[position : found.start()])
        standard = tables.dialect[found.group()]
        old = pieces[found.start() : found.end()]
        if len(standard) == len(old):
            out.extend((char, piece[1], piece[2]) for char, piece in zip(standard, old, strict=True))
        else:
            out.extend((char, old[0][1], old[-1][2]) for char in standard)
        position = found.end()
    out.extend(pieces[position:])
    return out


def _is_like_particle(char: str) -> bool:
    return any((sound.initial, sound.final) in PARTICLE_SOUNDS for sound in readings(char))


def _prices(chars: str, tables: Language) -> list[float]:
    """What skipping each character costs: the price of the longest known word it belongs to, shared by its characters."""
    prices = [tables.skips.get(char, tables.foreign if is_foreign(char) else tables.content) for char in chars]
    for found in tables.skip_pattern.finditer(chars):
        price = tables.skips[found.group()]
        share = price if price >= FULL_PRICE else price / len(found.group())
        prices[found.start() : found.end()] = [share] * len(found.group())
    return prices
