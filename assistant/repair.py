"""When the box is not sure: what was heard and two choices, never a bare "please repeat" three times. Pure."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.wording import Wording
from intents.matcher import CERTAIN, OF_CONSEQUENCE
from intents.model import NONE, Fragment, FragmentKind, Intent, Understanding
from skills.api import Expectation

CHOICE = "dialogue.choice"
"""Topic of the box's own question "this or that"."""

SURE = 0.66
"""At or above: act. Below, but recognised: ask. The matcher gives ``none`` under its own, lower threshold."""

PLAUSIBLE = 0.4
"""An alternative under this is not worth offering."""

PLAUSIBLE_CRY = 0.3
"""A cry for help may be unclearer and is still asked about."""

MOST_QUOTED = 24
"""Characters of what was heard that the box says back: about five seconds."""

_ANY_WORDS = frozenset({"what"})
"""A slot that any words may fill tells nothing: whoever answers with other words has said no."""

LEAST_ORDINAL = 0.75
"""Confidence of 第二个, however mis-heard: 第一个 must not come near it."""


def quoted(heard: str) -> str:
    """What was heard, short enough to be said back."""
    return heard if len(heard) <= MOST_QUOTED else heard[:MOST_QUOTED] + "……"


def wants_a_yes(intent: Intent) -> bool:
    """Whether to ask before acting upon it: always where a personal phrase says so, because it was confirmed but once."""
    return intent.name in OF_CONSEQUENCE and (intent.confidence < CERTAIN or bool(intent.learnt))


def candidates(understanding: Understanding, describe: Callable[[Intent], str], limit: int = 2) -> tuple[Intent, ...]:
    """The readings worth offering, best first, each described differently."""
    kept: dict[str, Intent] = {}
    for intent in (understanding.intent, *understanding.alternatives):
        least = PLAUSIBLE_CRY if intent.name == "sos.trigger" else PLAUSIBLE
        if intent.name != NONE and intent.confidence >= least:
            kept.setdefault(describe(intent), intent)
    return tuple(kept.values())[:limit]


def expectation(offered: Sequence[Intent]) -> Expectation:
    """Listen for a yes, a no, or either of the things that were offered, if only by what tells it from the other."""
    names = dict.fromkeys(["dialog.yes", "dialog.no", "dialog.cancel", *(intent.name for intent in offered)])
    slots = dict.fromkeys(slot for intent in offered for slot in intent.slots if slot not in _ANY_WORDS)
    return Expectation(tuple(names), CHOICE, {"offered": tuple(offered)}, tuple(slots))


def asked_about(expected: Expectation) -> tuple[Intent, ...]:
    """The wishes that an open question is about."""
    if expected.topic == CHOICE:
        return tuple(expected.data["offered"])
    return (expected.wish,) if expected.wish is not None else ()


def by_ordinal(fragments: Sequence[Fragment], offered: Sequence[Intent]) -> Intent | None:
    """``第二个`` and the like, said in answer to a few choices."""
    places = {FragmentKind.FIRST: 0, FragmentKind.SECOND: 1, FragmentKind.THIRD: 2, FragmentKind.LAST: len(offered) - 1}
    for fragment in fragments:  # the best one comes first
        place = places.get(fragment.kind)
        if place is not None and 0 <= place < len(offered) and fragment.confidence >= LEAST_ORDINAL:
            return replace(offered[place], confidence=1.0)
    return None


def by_name(intent: Intent, offered: Sequence[Intent]) -> Intent | None:
    """What was offered and is now said by its name, or by what tells it from the other: that is a yes to it. If something
    else of the kind is said instead, that, as surely as it was heard."""
    same = [one for one in offered if one.name == intent.name]
    for one in same:
        if all(one.slots.get(slot, value) == value for slot, value in intent.slots.items()):
            return replace(one, slots={**one.slots, **intent.slots}, confidence=1.0)
    return intent if same else None


def stand_ins(wording: Wording, already: Sequence[Intent], turn: int) -> tuple[Intent, ...]:
    """Two things to offer, the understood candidates first, filled up from the common wishes in turn."""
    offered = list(already)
    wishes = wording.offers
    start = (2 * turn) % len(wishes)
    for name in (*wishes[start:], *wishes[:start]):
        if len(offered) >= 2:
            break
        if name not in {intent.name for intent in offered}:
            offered.append(Intent(name, confidence=1.0))
    return tuple(offered[:2])
