"""How far apart two characters sound, 0 (the same character) to 1 (nothing in common).

A final is a string of segments (iang = i a N) and finals are compared by weighted edit distance; initials by a table of
confusions: those of Mandarin speakers with a northern accent (n/l, zh/z, r/l, f/h …) and those a recogniser makes
(aspirated or not: ju/que). The figures are relative costs, set by hand from these classes; an accent (:mod:`intents.accent`)
makes some of them cheaper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from intents.pinyin import NEUTRAL, Syllable
from intents.pinyin import readings as all_readings

Costs = NDArray[np.float32]

OTHER_CHARACTER = 0.05
OTHER_TONE = 0.10
NEUTRAL_TONE = 0.04
RARER_READING = 0.06
INITIAL_DIFFERENT = 0.5
VOWEL_DIFFERENT = 0.4
VOWEL_AGAINST_CODA = 0.5

MOST_KEPT = 200_000
"""Costs that an alphabet remembers, 4 bytes each."""

INITIALS = (
    "",
    "b",
    "p",
    "m",
    "f",
    "d",
    "t",
    "n",
    "l",
    "g",
    "k",
    "h",
    "j",
    "q",
    "x",
    "zh",
    "ch",
    "sh",
    "r",
    "z",
    "c",
    "s",
)
_INITIAL_PAIRS = {
    0.08: "zh-z ch-c sh-s",
    0.12: "n-l",
    0.2: "f-h l-r r- h-",
    0.25: "b-p d-t g-k j-q zh-ch z-c j-zh q-ch x-sh j-z q-c x-s z-ch zh-c",
    0.3: "m-n m-b q-x j-x ch-sh c-s zh-sh z-s c-sh ch-s j-d q-t r-n r-zh k-h g-h g-",
    0.4: "b-d d-g t-k p-t k-p t-q t-x b-g b-f p-f t-h j-l n- m- l-d n-d x-h",
}
SEGMENTS = {
    "a": "a",
    "o": "o",
    "e": "e",
    "ai": "ai",
    "ei": "ei",
    "ao": "au",
    "ou": "ou",
    "an": "an",
    "en": "en",
    "ang": "aN",
    "eng": "eN",
    "er": "er",
    "i": "i",
    "-i": "z",
    "ia": "ia",
    "ie": "ie",
    "iao": "iau",
    "iou": "iou",
    "ian": "ien",
    "in": "in",
    "iang": "iaN",
    "ing": "iN",
    "ong": "uN",
    "iong": "iuN",
    "u": "u",
    "ua": "ua",
    "uo": "uo",
    "uai": "uai",
    "uei": "uei",
    "uan": "uan",
    "uen": "uen",
    "uang": "uaN",
    "ueng": "ueN",
    "v": "v",
    "ve": "ve",
    "van": "van",
    "vn": "vn",
    "ê": "e",
    "io": "io",
}
FINALS = tuple(SEGMENTS)
_EXTRA_SEGMENT = {
    "n": 0.25,
    "N": 0.28,
    "i": 0.2,
    "u": 0.15,
    "r": 0.1,
    "a": 0.4,
    "e": 0.25,
    "o": 0.25,
    "v": 0.25,
    "z": 0.4,
}
_SEGMENT_PAIRS = {
    "nN": 0.08,
    "iv": 0.15,
    "ou": 0.15,
    "eo": 0.15,
    "ae": 0.22,
    "ao": 0.25,
    "ei": 0.25,
    "uv": 0.2,
    "ez": 0.25,
    "uz": 0.25,
    "iz": 0.3,
    "er": 0.3,
}


Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Accent:
    """What one way of speaking makes cheaper: (sound meant, sound said) -> cost, as sorted pairs so that it can be a key;
    ``tone`` is the cost of another tone."""

    name: str = "standard"
    title: str = "普通话"
    initials: tuple[tuple[Pair, float], ...] = ()
    finals: tuple[tuple[Pair, float], ...] = ()
    tone: float = OTHER_TONE


STANDARD = Accent()


def readings(char: str) -> tuple[Syllable, ...]:
    """Readings that the tables know; interjections such as hm and ng have none."""
    return tuple(s for s in all_readings(char) if s.final in SEGMENTS and s.initial in INITIALS)


def _segment_cost(a: str, b: str) -> float:
    if a == b:
        return 0.0
    if (a in "nN") != (b in "nN"):
        return VOWEL_AGAINST_CODA
    return _SEGMENT_PAIRS.get(a + b, _SEGMENT_PAIRS.get(b + a, VOWEL_DIFFERENT))


def _final_cost(a: str, b: str) -> float:
    left, right = SEGMENTS[a], SEGMENTS[b]
    row = [0.0]
    for segment in right:
        row.append(row[-1] + _EXTRA_SEGMENT[segment])
    for segment in left:
        above, row = row, [row[0] + _EXTRA_SEGMENT[segment]]
        for column, other in enumerate(right, start=1):
            row.append(
                min(
                    above[column] + _EXTRA_SEGMENT[segment],
                    row[-1] + _EXTRA_SEGMENT[other],
                    above[column - 1] + _segment_cost(segment, other),
                )
            )
    return row[-1]


@cache
def _final_costs() -> Costs:
    return np.array([[_final_cost(a, b) for b in FINALS] for a in FINALS], np.float32)


@lru_cache(maxsize=4)
def _tables(accent: Accent) -> tuple[Costs, Costs, Costs]:
    """Cost matrices, said by meant, of initials, finals and tones (tones are indexed 1-5)."""
    initials = np.full((len(INITIALS), len(INITIALS)), INITIAL_DIFFERENT, np.float32)
    np.fill_diagonal(initials, 0)
    for cost, pairs in _INITIAL_PAIRS.items():
        for pair in pairs.split():
            a, b = (INITIALS.index(name) for name in pair.split("-"))
            initials[a, b] = initials[b, a] = cost
    finals = _final_costs().copy()
    for table, names, cheaper in ((initials, INITIALS, accent.initials), (finals, FINALS, accent.finals)):
        for (meant, said), cost in cheaper:
            place = names.index(said), names.index(meant)
            table[place] = min(table[place], cost)
    tones = np.full((6, 6), accent.tone, np.float32)
    tones[NEUTRAL, :] = tones[:, NEUTRAL] = NEUTRAL_TONE
    np.fill_diagonal(tones, 0)
    return initials, finals, tones


class Alphabet:
    """A fixed set of characters and the cost of hearing each of them in place of a given one."""

    def __init__(self, chars: Sequence[str], accent: Accent = STANDARD) -> None:
        self.chars = tuple(chars)
        self._accent = accent
        self.index = {char: number for number, char in enumerate(self.chars)}
        sounds = [(readings(char) or (None,)) for char in self.chars]
        flat = [sound for group in sounds for sound in group]
        self._mute = np.array([sound is None for sound in flat])
        self._initial = np.array([INITIALS.index(s.initial) if s else 0 for s in flat], np.intp)
        self._final = np.array([FINALS.index(s.final) if s else 0 for s in flat], np.intp)
        self._tone = np.array([s.tone if s else NEUTRAL for s in flat], np.intp)
        self._rare = np.array(
            [RARER_READING if rank else 0.0 for group in sounds for rank in range(len(group))], np.float32
        )
        self._starts = np.cumsum([0, *(len(group) for group in sounds[:-1])], dtype=np.intp)
        self._rows: dict[str, Costs] = {}

    def costs(self, char: str) -> Costs:
        """For each character of the alphabet the cost of its being heard as ``char``; the array must not be changed."""
        row = self._rows.get(char)
        if row is None:
            if len(self._rows) * len(self.chars) > MOST_KEPT:
                self._rows.clear()
            row = self._rows[char] = self._compute(char)
        return row

    def _compute(self, char: str) -> Costs:
        initials, finals, tones = _tables(self._accent)
        best = np.ones(len(self._mute), np.float32)
        for rank, sound in enumerate(readings(char)):
            cost = (
                initials[INITIALS.index(sound.initial), self._initial]
                + finals[FINALS.index(sound.final), self._final]
                + tones[sound.tone, self._tone]
                + self._rare
                + (OTHER_CHARACTER + (RARER_READING if rank else 0.0))
            )
            best = np.minimum(best, cost)
        best[self._mute] = 1.0
        row = np.minimum.reduceat(best, self._starts) if len(best) else best
        if char in self.index:
            row[self.index[char]] = 0.0
        row.setflags(write=False)
        return row


@lru_cache(maxsize=50_000)
def char_cost(a: str, b: str) -> float:
    """Distance of two single characters."""
    return float(Alphabet((a,)).costs(b)[0])


def text_distance(a: str, b: str) -> float:
    """Edit distance by sound, divided by the longer length: 0 the same, 1 nothing in common. Quadratic in length."""
    if not a or not b:
        return 0.0 if a == b else 1.0
    row = [float(column) for column in range(len(b) + 1)]
    for line, left in enumerate(a, start=1):
        above, row = row, [float(line)]
        for column, right in enumerate(b, start=1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + char_cost(left, right)))
    return row[-1] / max(len(a), len(b))
