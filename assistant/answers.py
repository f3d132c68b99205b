"""What answers the box's own question: what was asked for is listened for first. Pure."""
from __future__ import annotations

from dataclasses import replace

from assistant.follow_up import Said
from assistant.repair import by_ordinal
from intents.contract import load_contract
from intents.model import NONE, Fragment, FragmentKind, Intent
from skills.api import Expectation

LEAST = 0.35
"""Confidence of an answer: what was asked for needs little evidence."""

LEAST_VALUE = 0.5
"""Confidence of a bare value: almost any words sound a little like some name."""

CLEARLY = {FragmentKind.VALUE: 0.3, FragmentKind.WORDS: 0.1}
"""How much surer something else must be to be meant instead of the answer. Any words at all may be an errand, so they give way
sooner: 大点声 is no errand, 赶集 is one although it is also a question."""

FILLS = 0.1
"""What it is worth that a reading says what was asked for: 大儿子 is him, not a wish that sounds like it."""


def answer(expected: Expectation, said: Said) -> Intent | None:
    """The reading that answers the question; None when there is none, or something else is clearly meant."""
    chosen = by_ordinal(said.fragments, expected.choices)
    if chosen is not None:
        return replace(chosen, heard=said.understanding.intent.heard)
    whole = said.understanding.intent
    other = whole.confidence if whole.name not in (*expected.intents, NONE) else 0.0
    found = [
        reading for reading in (whole, *said.understanding.alternatives)
        if reading.name in expected.intents and reading.confidence >= LEAST
        and other - reading.confidence < CLEARLY[FragmentKind.VALUE]
    ]
    for fragment in said.fragments:
        if fragment.confidence >= LEAST_VALUE and other - fragment.confidence < CLEARLY.get(fragment.kind, 0.0):
            found.extend(_valued(fragment, expected))
    return max(found, key=lambda intent: intent.confidence + FILLS * fills(intent, expected), default=None)


def fills(intent: Intent, expected: Expectation) -> bool:
    """Whether it says any of what was asked for."""
    return not intent.slots.keys().isdisjoint(expected.slots)


def completed(intent: Intent, wish: Intent) -> Intent:
    """The wish that the question was about, with the answer in it."""
    return Intent(wish.name, {**wish.slots, **intent.slots}, intent.confidence, intent.heard)


def _valued(fragment: Fragment, expected: Expectation) -> list[Intent]:
    """A bare value as the first of the expected wishes that it can belong to, if it was asked for."""
    if fragment.kind not in CLEARLY or fragment.slots.keys().isdisjoint(expected.slots):
        return []
    for name in expected.intents:
        carried = {slot: value for slot, value in fragment.slots.items() if slot in load_contract().slots[name]}
        if (name in fragment.after or not fragment.after) and not carried.keys().isdisjoint(expected.slots):
            return [Intent(name, carried, fragment.confidence, fragment.heard)]
    return []
