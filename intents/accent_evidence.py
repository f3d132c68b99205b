"""How this person's sounds come to be heard, counted: the evidence for an accent.

A class is a pair of sounds, or several, that some speakers do not tell apart. Whenever it is known what somebody meant, what
was heard is laid beside it; every syllable with a sound of a class counts once for it, and once more as confused if its
partner was heard. Names and times count as they were heard, since only that is known of them: it makes the evidence weaker,
never stronger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, product

from intents.accent import parse_pairs
from intents.normalize import is_foreign, normalize_literal
from intents.pinyin import Syllable
from intents.sound import Pair, char_cost, readings, text_distance

INITIALS: Mapping[str, str] = {
    "zh-z": "zh-z ch-c sh-s",
    "n-l": "n-l",
    "f-h": "f-h",
    "r-l": "r-l",
    "r-": "r>-",
    "j-z": "j>z q>c x>s",
}
"""Class -> the pairs of initials in it, in the notation of :mod:`intents.accent`: ``a-b`` either for the other, ``a>b`` only a
heard as b, ``-`` alone no initial (人 said as 银)."""
FINALS: Mapping[str, str] = {
    "in-ing": "in-ing",
    "en-eng": "en-eng uen-ong",
    "an-ang": "an-ang ian-iang uan-uang",
    "i-v": "i-v ie-ve in-vn ian-van",
}
CLASSES = (*INITIALS, *FINALS)

PRIOR_TURNS, PRIOR_RATE = 12.0, 0.04
"""Before anything is known, a person counts as one who was confused in 4 % of 12 syllables: a recogniser slips with everybody."""
SHOWN = 0.2
"""A class is shown when, with the prior, at least this share of its syllables was confused: three of three, or six of twenty."""
MOST_COUNTED = 400
"""Syllables of a class; beyond it both counts are halved, because the person may change, and their teeth."""
ALIKE = 0.4
"""Texts further apart than this are not one heard as the other."""
SAME_SYLLABLE = 0.65
"""Characters further apart than this are other words, not other sounds."""


@dataclass(frozen=True, slots=True)
class Count:
    """Of ``total`` syllables with a sound of the class, ``confused`` were heard with its partner."""

    confused: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class AccentEvidence:
    """Class (see ``CLASSES``) -> count; a class without evidence is absent."""

    counts: Mapping[str, Count] = field(default_factory=dict)

    def plus(self, other: AccentEvidence) -> AccentEvidence:
        """Both together; old evidence fades once there is much."""
        counts = dict(self.counts)
        for name, more in other.counts.items():
            had = counts.get(name, Count())
            counts[name] = _faded(Count(had.confused + more.confused, had.total + more.total))
        return AccentEvidence(counts)


def _faded(count: Count) -> Count:
    return count if count.total <= MOST_COUNTED else Count(count.confused // 2, count.total // 2)


def shown(evidence: AccentEvidence) -> frozenset[str]:
    """The classes that this person does not tell apart. No single slip, nor two, ever show one."""
    return frozenset(name for name in CLASSES if rate(evidence, name) >= SHOWN)


def rate(evidence: AccentEvidence, name: str) -> float:
    """How often the sounds of a class are confused, 0..1, with the prior: the mean of a beta distribution."""
    count = evidence.counts.get(name, Count())
    return (count.confused + PRIOR_TURNS * PRIOR_RATE) / (count.total + PRIOR_TURNS)


def evidence_of(heard: str, meant: str) -> AccentEvidence:
    """What one sentence says, given what was heard of it; nothing when the two are too far apart to be the same words."""
    left, right = (_spoken(text) for text in (heard, meant))
    if not left or not right or text_distance(left, right) > ALIKE:
        return AccentEvidence()
    confused, total = dict.fromkeys(CLASSES, 0), dict.fromkeys(CLASSES, 0)
    for said, wanted in _pairs(left, right):
        for name, is_confused in _classes(said, wanted):
            total[name] += 1
            confused[name] += is_confused
    return AccentEvidence({name: Count(confused[name], total[name]) for name in CLASSES if total[name]})


def _spoken(text: str) -> str:
    return "".join(char for char in normalize_literal(text) if not is_foreign(char))


def _pairs(heard: str, meant: str) -> Iterator[tuple[Syllable, Syllable]]:
    """Syllables that face each other in the cheapest alignment and are near enough to be the same word."""
    costs = [[float(column) for column in range(len(meant) + 1)]]
    for line, left in enumerate(heard, start=1):
        row = [float(line)]
        for column, right in enumerate(meant, start=1):
            through = costs[-1][column - 1] + char_cost(left, right)
            row.append(min(costs[-1][column] + 1, row[-1] + 1, through))
        costs.append(row)
    line, column = len(heard), len(meant)
    while line and column:
        left, right = heard[line - 1], meant[column - 1]
        apart, cost = char_cost(left, right), costs[line][column]
        if abs(costs[line - 1][column - 1] + apart - cost) < 1e-6:
            line, column = line - 1, column - 1
            if apart <= SAME_SYLLABLE and (pair := _nearest(left, right)):
                yield pair
        elif abs(costs[line - 1][column] + 1 - cost) < 1e-6:
            line -= 1
        else:
            column -= 1


def _nearest(heard: str, meant: str) -> tuple[Syllable, Syllable] | None:
    """The readings that differ least; the same reading where the character is the same."""
    pairs = list(product(readings(heard), readings(meant)))
    return min(pairs, key=lambda pair: sum(a != b for a, b in zip(*pair, strict=True)), default=None)


def _classes(heard: Syllable, meant: Syllable) -> Iterator[tuple[str, bool]]:
    """The classes that a syllable belongs to, and whether it was heard as its partner. What differs in anything beyond the
    classes was another word, and says nothing."""
    initials = list(_sides(_PAIRS[0], heard.initial, meant.initial))
    finals = list(_sides(_PAIRS[1], heard.final, meant.final))
    same_initial = heard.initial == meant.initial or any(is_confused for _, is_confused in initials)
    same_final = _core(heard, meant) == _core(meant, heard) or any(is_confused for _, is_confused in finals)
    if same_initial and same_final:
        yield from initials
        yield from finals


def _core(sound: Syllable, other: Syllable) -> str:
    """What the final keeps when the initial is taken for another: r gives way to a glide (ren, in; rou, iou), h brings one
    (fa, hua), and the i of zi and zhi is that of ji to a speaker who says one for the other."""
    match {sound.initial, other.initial}:
        case pair if pair == {"r", ""}:
            return ""
        case pair if pair == {"f", "h"} and len(sound.final) > 1:
            return sound.final.removeprefix("u")
    return sound.final.removeprefix("-")


def _sides(classes: Mapping[str, frozenset[Pair]], heard: str, meant: str) -> Iterator[tuple[str, bool]]:
    for name, pairs in classes.items():
        if any(one == meant for one, _ in pairs):
            yield name, (meant, heard) in pairs


def confused_pairs(evidence: AccentEvidence) -> tuple[frozenset[Pair], frozenset[Pair]]:
    """Initials and finals, as (meant, said), that this person does not tell apart: for :func:`intents.accent.learned`."""
    names = shown(evidence)
    initials, finals = (frozenset(chain.from_iterable(table[name] for name in names & table.keys())) for table in _PAIRS)
    return initials, finals


_PAIRS = tuple({name: frozenset(parse_pairs(pairs)) for name, pairs in table.items()} for table in (INITIALS, FINALS))
