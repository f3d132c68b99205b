"""Hanzi to the phone ids of the Baker (标贝 BZNSYP) acoustic model.

Facts carried over from TensorFlowTTS' Baker processor (Apache-2.0) and the corpus' own labels: an utterance is
``sil`` phones ``sil eos``; a syllable is an initial (``^`` when there is none) and a final with its tone 1-5; ``#0``
joins two syllables, ``#1``-``#3`` are prosodic breaks of growing strength; the r-suffix is a lone ``er5`` glued to the
syllable before it; tones are written as spoken, i.e. after sandhi.
"""
from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from assistant.errors import VoiceError
from models.hanzi import Style, pinyin_of

_HANZI = re.compile(r"[㐀-䶿一-鿿〇]+")
_BREAKS = {"，": "#3", "、": "#2", "；": "#3", "：": "#3", "。": "#3", "！": "#3", "？": "#3", " ": "#1", "—": "#3"}
_R_SUFFIX_NOT_AFTER = frozenset("女婴幼少胎孤健男小大育生")
_R_SUFFIX_NOT_BEFORE = frozenset("子童女歌媳孙科化")
_DIGITS = frozenset("零〇一二三四五六七八九十百千万亿幺两")
_COUNTED_AFTER_ONE = frozenset("月号楼层路日等级班组队区")
_PARTICLES = {"的": "de5", "了": "le5", "吗": "ma5", "呢": "ne5", "吧": "ba5", "啊": "a5", "呀": "ya5", "嘛": "ma5"}
_RARE_SYLLABLES = {"n": "en", "ng": "en", "m": "en", "hm": "heng", "nun": "nen", "fiao": "biao"}
_DEI_BEFORE = re.compile(r"(?:^|[您你我他她它们就也都还总可要只先必不])$")
_DE_ADVERB = re.compile(r"(?:(.)\1|[悄渐慢轻好仔细高兴认真快热]{2})$")


class Syllable(NamedTuple):
    """One spoken syllable: pinyin without tone (ü is ``v``), tone 1-5 as spoken, and whether an r-suffix follows."""

    base: str
    tone: int
    r_suffix: bool = False


@lru_cache(maxsize=1)
def _readings() -> dict[str, tuple[str, ...]]:
    lines = resources.files("audio").joinpath("readings.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {phrase: tuple(pinyin.split()) for phrase, pinyin in pairs}


@lru_cache(maxsize=1)
def _longest_reading() -> int:
    return max(map(len, _readings()))


def pronounce(text: str) -> list[Syllable]:
    """Syllables, as spoken, of a run of hanzi (other characters are ignored)."""
    return [syllable for run in _HANZI.findall(text) for syllable in _pronounce_run(run)]


def _pronounce_run(run: str) -> list[Syllable]:
    pinyin, fixed = _dictionary(run)
    for i, char in enumerate(run):
        if not fixed[i]:
            pinyin[i] = _by_context(run, i, char, pinyin[i])
    tones = [int(p[-1]) if p[-1].isdigit() else 5 for p in pinyin]
    bases = [p.rstrip("12345") for p in pinyin]
    _sandhi_of_one_and_not(run, tones, fixed)
    suffix = [_is_r_suffix(run, i) for i in range(len(run))]
    _sandhi_of_third_tones(run, tones, suffix)
    return [
        Syllable(bases[i], tones[i], i + 1 < len(run) and suffix[i + 1]) for i in range(len(run)) if not suffix[i]
    ]


def _dictionary(run: str) -> tuple[list[str], list[bool]]:
    """The general dictionary's reading of every character, overlaid by ``readings.tsv`` (longest phrase first)."""
    pinyin = _general_readings(run)
    if len(pinyin) != len(run):  # neighbours unknown to the dictionary come back as one piece: take them singly
        pinyin = [(_general_readings(char) or ["a5"])[0] for char in run]
    fixed = [False] * len(run)
    i = 0
    while i < len(run):
        for size in range(min(_longest_reading(), len(run) - i), 1, -1):
            reading = _readings().get(run[i : i + size])
            if reading:
                pinyin[i : i + size] = reading
                fixed[i : i + size] = [True] * size
                i += size
                break
        else:
            i += 1
    return pinyin, fixed


def _general_readings(run: str) -> list[str]:
    return [_one_reading(p) for p in pinyin_of(run, style=Style.TONE3, neutral_tone_with_five=True)]


def _one_reading(pinyin: str) -> str:
    base, tone = pinyin[:-1], pinyin[-1:]
    return f"{_RARE_SYLLABLES.get(base, base)}{tone}" if re.fullmatch(r"[a-z]+[1-5]", pinyin) else "a5"


def _by_context(run: str, i: int, char: str, reading: str) -> str:
    before, after = run[:i], run[i + 1 :]
    if char == "得":
        return _reading_of_de(before, after)
    if char == "地" and after and _DE_ADVERB.search(before):
        return "de5"
    if char == "们" or (char == "谁" and reading == "shui2"):
        return "men5" if char == "们" else "shei2"
    if char in _PARTICLES and before and reading[:-1] in ("de", "le", "ma", "ne", "ba", "a", "ya"):
        return _PARTICLES[char]
    return reading


def _reading_of_de(before: str, after: str) -> str:
    if not before or _DEI_BEFORE.search(before):
        return "dei3" if after else "de2"
    return "de5"


def _is_r_suffix(run: str, i: int) -> bool:
    if run[i] != "儿" or i == 0:
        return False
    return run[i - 1] not in _R_SUFFIX_NOT_AFTER and (i + 1 == len(run) or run[i + 1] not in _R_SUFFIX_NOT_BEFORE)


def _sandhi_of_one_and_not(run: str, tones: list[int], fixed: list[bool]) -> None:
    for i, char in enumerate(run):
        if fixed[i] and char == "不":
            continue
        following = tones[i + 1] if i + 1 < len(run) else None
        if char == "不":
            tones[i] = 2 if following == 4 else 4
        elif char == "一":
            tones[i] = _tone_of_one(run, i, following, tones[i] if fixed[i] else None)


def _tone_of_one(run: str, i: int, following: int | None, fixed: int | None) -> int:
    if fixed is not None and fixed != 1:
        return fixed
    before, after = run[i - 1] if i else "", run[i + 1] if following is not None else ""
    counting = after in "百千万亿" and after != ""
    if following is None or before in _DIGITS - {"百", "千", "万"} or before in "第初周期拜" and before:
        return 1
    if (after in _DIGITS and not counting) or after in _COUNTED_AFTER_ONE:
        return 1
    if before and before == after:
        return 5
    return 2 if following == 4 or after == "个" else 4


def _sandhi_of_third_tones(run: str, tones: list[int], suffix: list[bool]) -> None:
    """Third before third becomes second. Of three in a row the first two change when they are one word or no word is
    known (展览馆 2-2-3); when the last two are a word the first keeps its (half) third tone (小老虎 3-2-3)."""
    spoken = [i for i in range(len(run)) if not suffix[i]]
    start = 0
    while start < len(spoken):
        end = start
        while end < len(spoken) and tones[spoken[end]] == 3:
            end += 1
        _change_thirds(run, tones, spoken[start:end])
        start = max(end, start + 1)


def _change_thirds(run: str, tones: list[int], thirds: list[int]) -> None:
    while len(thirds) >= 2:
        if len(thirds) == 3:
            last_two = run[thirds[1] : thirds[2] + 1]
            keep_first = last_two in _readings() and run[thirds[0] : thirds[1] + 1] not in _readings()
            tones[thirds[1]] = 2
            tones[thirds[0]] = 3 if keep_first else 2
            return
        tones[thirds[0]] = 2
        thirds = thirds[2:]


class PhoneIds:
    """The model's own symbol table (``baker_mapper.json``)."""

    def __init__(self, mapper: Path) -> None:
        try:
            table = json.loads(mapper.read_text(encoding="utf-8"))
            self._ids: dict[str, int] = table["symbol_to_id"]
            self._split: dict[str, list[str]] = table["pinyin_dict"]
        except (OSError, ValueError, KeyError) as error:
            raise VoiceError(f"{mapper}: the voice's phone table cannot be used ({error!r})") from error

    def phones(self, text: str) -> list[str]:
        """``sil … sil eos`` for one clause of hanzi and Chinese punctuation; [] when nothing can be spoken."""
        out: list[str] = []
        for piece in re.findall(r"[㐀-䶿一-鿿〇]+|[^㐀-䶿一-鿿〇]", text):
            if not _HANZI.match(piece):
                if piece in _BREAKS and out and not out[-1].startswith("#"):
                    out.append(_BREAKS[piece])
                continue
            for syllable in _pronounce_run(piece):
                if out and not out[-1].startswith("#"):
                    out.append("#0")
                out += self._phones_of(syllable)
        while out and out[-1].startswith("#"):
            out.pop()
        return ["sil", *out, "sil", "eos"] if out else []

    def _phones_of(self, syllable: Syllable) -> list[str]:
        initial, final = self._split.get(syllable.base) or self._split["a"]
        return [initial, f"{final}{syllable.tone}", *(["er5"] if syllable.r_suffix else [])]

    def encode(self, phones: list[str]) -> list[int]:
        return [self._ids[phone] for phone in phones]
