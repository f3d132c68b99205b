"""What free words cost where something known is said: a time is not part of an errand, a known title not of an unknown
one, and words that sound like a common errand are that errand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from intents.slots.span import Span

MEDIA = frozenset({"title", "work", "artist"})
_NAMES = ("title", "artist", "genre")
_TIMES = ("date", "time", "repeat", "in_minutes")
NAMED = 0.03
"""A character of a known name, on top of what the name itself costs: the name always wins over the same words unnamed."""
TIMED = 0.1
"""A character of a day or a time."""
SURE_PAIR = 0.2
"""Names of two characters that are further off than this are no names: almost any two words sound like some."""


NEAR_GENRE = 0.15
"""Cost a character beyond which words only sound like a genre: 骑行音乐 is not 流行音乐 unnamed."""

NEAR_NAME = 0.22
"""The same for titles and people. It leaves room for a character too few in four (鸭子荒 is 鸭子荒漠): of 20,000 titles asked for with a
fifth of the characters wrong, 0.18 lost one in fourteen to free words."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Price of each token as part of a media name, of an errand, and of anything else."""

    named: tuple[float, ...]
    errand: tuple[float, ...]
    timed: tuple[float, ...]

    @classmethod
    def of(cls, found: Mapping[str, list[Span]], length: int) -> Taken:
        names = (span for slot in _NAMES for span in found.get(slot, ()) if _is_name(span, slot))
        times = (span for slot in _TIMES for span in found.get(slot, ()) if span.slots and span.end - span.start > 1)
        timed = _cheapest(times, TIMED, length)
        errands = _cheapest(found.get("errand", ()), NAMED, length)
        return cls(_cheapest(names, NAMED, length), tuple(map(max, errands, timed)), timed)

    def prices(self, slot: str) -> tuple[float, ...]:
        """For a free slot the price of each token."""
        return self.named if slot in MEDIA else self.errand if slot == "what" else self.timed


def _is_name(span: Span, slot: str) -> bool:
    length = span.end - span.start
    if length <= 2:
        return span.cost <= SURE_PAIR
    return span.cost <= (NEAR_GENRE if slot == "genre" else NEAR_NAME) * length


def _cheapest(spans: Iterable[Span], each: float, length: int) -> tuple[float, ...]:
    prices: dict[int, float] = {}
    for span in spans:
        price = span.cost / (span.end - span.start) + each
        for place in range(span.start, span.end):
            prices[place] = min(price, prices.get(place, price))
    return tuple(prices.get(place, 0.0) for place in range(length))
