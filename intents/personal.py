"""Personal phrases: this box's own sentences, learnt from repairs that the person confirmed.

A phrase is kept as a template: what was heard, in standard characters, with a slot where a day, a time or a level was said,
so that these are read anew each time (明天 is another day tomorrow). The rest must be heard again almost to the letter, by sound:
one person's odd sentence must not open the door to what others say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from intents.contract import load_contract
from intents.model import Intent, SlotValue
from intents.network import Network
from intents.normalize import FULL_PRICE, Utterance, normalize_literal
from intents.search import FUNCTION_SKIP, Path, Search
from intents.slots.span import Span
from intents.sound import STANDARD, Accent

LEAST_TELLING, MOST_TELLING = 3, 20
"""Characters of a phrase that say something: fewer are said all day (吃饭了吗), more are talk."""
LEAST_SOUNDS = 3
"""Different ones among them: 哈哈哈哈 is no sentence."""
NEAR, NEAR_AT_MOST = 0.06, 0.35
"""The greatest cost, per telling character and in all, at which a phrase is heard again. A homophone costs 0.05, another tone
0.15, and no more than one such as n for l (0.17) goes into a short phrase."""
LEAST_SPAN = 2
MOST_SPAN_COST = 0.2
"""A day or a time must be heard well to be cut out of a phrase."""
MOMENTS = ("date", "time", "in_minutes", "repeat", "weekday")
REREAD = frozenset({*MOMENTS, "level"})
"""Slots whose value is read from the words of the day, never kept."""
NEVER_LEARNT = frozenset({"dialog.yes", "dialog.no", "dialog.cancel"})
"""What these mean depends on what was asked, and a wrong yes does harm."""
PATHS = 4
_SLOT = re.compile(rf"(\{{(?:{'|'.join(sorted({'when', *REREAD}))}):\w+\}})")


@dataclass(frozen=True, slots=True)
class PersonalPhrase:
    """``heard`` is its name; ``template`` is matched: standard characters and slots in braces; ``slots`` do not change."""

    heard: str
    template: str
    intent: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """Slots and characters in order, as this version spells them: an older one may have known fewer dialect words."""
        labels: list[str] = []
        for part in _SLOT.split(self.template):
            labels.extend([part] if _SLOT.fullmatch(part) else normalize_literal(part))
        return labels

    @property
    def spelled(self) -> int:
        """Number of characters."""
        return sum(len(label) == 1 for label in self.labels)


def learnable(utterance: Utterance, intent: Intent, spans: Mapping[str, Sequence[Span]]) -> PersonalPhrase | None:
    """The phrase by which ``utterance`` would be understood as ``intent`` again, or None if it is not worth learning.

    It must say something of its own (see the constants), not begin with a refusal or a word that the box has no part in (不知道,
    没听清楚, 他说), and hold the words for every day, time or level of the intent: one that is not there cannot be read anew.
    """
    if intent.name in NEVER_LEARNT or not _is_sentence(utterance, holes := _holes(intent.name, spans)):
        return None
    read = {key: value for _, span in holes for key, value in span.slots}
    if any(read.get(key) != value for key, value in intent.slots.items() if key in REREAD):
        return None
    template, place = "", 0
    for slot, span in holes:
        template += utterance.chars[place : span.start] + slot
        place = span.end
    fixed = {key: value for key, value in intent.slots.items() if key not in REREAD}
    return PersonalPhrase(utterance.original, template + utterance.chars[place:], intent.name, fixed)


def _holes(intent: str, spans: Mapping[str, Sequence[Span]]) -> list[tuple[str, Span]]:
    """Template slot and span of every day, time and level that the intent can carry, in order; the longest ones win."""
    carried = load_contract().slots.get(intent, ())
    lists = [slot for slot in (*MOMENTS, "level") if slot in carried]
    if len(lists) > 1:
        lists.insert(0, "when")
    found = [(slot, span) for slot in lists for span in spans.get(slot, ()) if _is_moment(span)]
    chosen: list[tuple[str, Span]] = []
    for slot, span in sorted(found, key=lambda one: (one[1].start - one[1].end, one[1].cost)):
        if all(span.end <= other.start or other.end <= span.start for _, other in chosen):
            chosen.append((f"{{{slot}:{slot}}}", span))
    return sorted(chosen, key=lambda one: one[1].start)


def _is_moment(span: Span) -> bool:
    return bool(span.slots) and span.end - span.start >= LEAST_SPAN and span.cost <= MOST_SPAN_COST


def _is_sentence(utterance: Utterance, holes: Sequence[tuple[str, Span]]) -> bool:
    inside = {place for _, span in holes for place in range(span.start, span.end)}
    telling = [token for place, token in enumerate(utterance.tokens) if place not in inside and token.skip > FUNCTION_SKIP]
    if not LEAST_TELLING <= len(telling) <= MOST_TELLING or len({token.char for token in telling}) < LEAST_SOUNDS:
        return False
    opens_with_a_moment = bool(inside) and min(inside) < utterance.tokens.index(telling[0])
    return opens_with_a_moment or telling[0].skip <= FULL_PRICE


class PersonalPhrases:
    """Finds phrases in an utterance; :meth:`near` is pure. Phrases of intents that no longer exist are left out."""

    def __init__(self, phrases: Iterable[PersonalPhrase] = (), accent: Accent = STANDARD) -> None:
        self.phrases = tuple(phrase for phrase in phrases if _is_known(phrase))
        self._search = Search(_network(self.phrases), accent) if self.phrases else None
        self._limits = [min(NEAR_AT_MOST, NEAR * phrase.spelled) for phrase in self.phrases]

    def near(self, utterance: Utterance, spans: Mapping[str, list[Span]]) -> Iterator[tuple[PersonalPhrase, Path]]:
        """Those that the utterance says again, with the way through them."""
        if self._search is None:
            return
        for path in self._search.paths(utterance, spans, NEAR_AT_MOST, PATHS):
            if path.cost <= self._limits[path.meaning]:
                yield self.phrases[path.meaning], path

    def sentences(self) -> list[str]:
        """For the recogniser's grammar, with slots as ``{slot}``."""
        return ["".join(re.sub(r":\w+", "", label) for label in phrase.labels) for phrase in self.phrases]


def reread(phrase: PersonalPhrase, path: Path) -> dict[str, SlotValue]:
    """The slots of a phrase said now."""
    carried: Collection[str] = load_contract().slots[phrase.intent]
    return {**phrase.slots, **{key: value for key, value in path.slots if key in carried}}


def _is_known(phrase: PersonalPhrase) -> bool:
    carried = load_contract().slots.get(phrase.intent)
    return carried is not None and set(phrase.slots) <= set(carried) and phrase.spelled >= LEAST_TELLING


def _network(phrases: Sequence[PersonalPhrase]) -> Network:
    """One chain of arcs for each phrase, all from state 0."""
    rows: list[tuple[int, int, str]] = []
    finals: dict[int, tuple[int, ...]] = {}
    states = 1
    for number, phrase in enumerate(phrases):
        source = 0
        for label in phrase.labels:
            rows.append((source, states, label))
            source, states = states, states + 1
        finals[source] = (number,)
    return Network.of(rows, finals, states, tuple((phrase.intent, tuple(phrase.slots.items())) for phrase in phrases))
