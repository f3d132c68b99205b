"""How alike two strings of Chinese sound, by syllables without tones. Pure."""
from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from models.hanzi import Style, pinyin_of

Syllable = tuple[str, str]
"""Initial (may be empty) and final."""

CLOSE_INITIALS = frozenset(
    frozenset(pair)
    for pair in (("z", "zh"), ("c", "ch"), ("s", "sh"), ("n", "l"), ("f", "h"), ("r", "l"), ("j", "q"), ("q", "x"),
                 ("x", "s"), ("x", "sh"), ("j", "zh"))
)
"""Pairs that speakers of northern dialects or the small model take for one another."""
CLOSE_COST = 0.4
GAP_COST = 0.7
"""A syllable too many or too few."""


@lru_cache(maxsize=4096)
def syllables(text: str) -> tuple[Syllable, ...]:
    """One pair for each Chinese character; everything else is skipped."""
    initials = pinyin_of(text, style=Style.INITIALS, strict=False, errors="ignore")
    finals = pinyin_of(text, style=Style.FINALS, strict=False, errors="ignore")
    return tuple(zip(initials, finals, strict=True))


@lru_cache(maxsize=65536)
def syllable_distance(one: Syllable, other: Syllable) -> float:
    """0 the same, 1 nothing in common. Finals share as much as their beginnings are equal (xiao, xiang: 0.21)."""
    if one[0] == other[0]:
        initial = 0.0
    elif frozenset((one[0], other[0])) in CLOSE_INITIALS:
        initial = CLOSE_COST
    else:
        initial = 1.0
    longest = max(len(one[1]), len(other[1]))
    same = 0
    while same < min(len(one[1]), len(other[1])) and one[1][same] == other[1][same]:
        same += 1
    final = 1.0 - 2 * same / (len(one[1]) + len(other[1])) if longest else 0.0
    return (initial + final) / 2


def nearest_part(wanted: Sequence[Syllable], heard: Sequence[Syllable]) -> tuple[float, int, int]:
    """Where in ``heard`` the wanted syllables are most nearly said.

    Returns the mean cost per wanted syllable (0 exact, about 1 absent) and the part's bounds in ``heard``
    (approximate string matching after Sellers 1980: the match may begin and end anywhere).
    """
    costs = [0.0] * (len(heard) + 1)
    starts = list(range(len(heard) + 1))
    for row, syllable in enumerate(wanted, start=1):
        new_costs, new_starts = [row * GAP_COST], [0]
        for column, other in enumerate(heard, start=1):
            options = (
                (costs[column - 1] + syllable_distance(syllable, other), starts[column - 1]),
                (costs[column] + GAP_COST, starts[column]),
                (new_costs[column - 1] + GAP_COST, new_starts[column - 1]),
            )
            cost, start = min(options)
            new_costs.append(cost)
            new_starts.append(start)
        costs, starts = new_costs, new_starts
    end = min(range(len(costs)), key=costs.__getitem__)
    return costs[end] / len(wanted), starts[end], end
