"""What was said in the light of what was done just before: 那明天呢, 换成儿子, 再慢点, 不是，是大儿子. Pure."""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.commands import Command, DismissTimer
from intents.contract import load_contract
from intents.model import NONE, Fragment, FragmentKind, Hypothesis, Intent, Understander, Understanding
from skills.api import World

REMEMBERED = dt.timedelta(minutes=2)
"""Who goes on from something older has forgotten it too, or means something else."""

LEAST = 0.6
"""Confidence of a fragment that means anything."""

LEAST_REFUSAL = 0.3
"""Confidence of 不是 with other words behind it, which must then be understood for themselves."""

BONUS = 0.1
"""What the context is worth against a wish that the words may be by themselves …"""

TO_THE_LETTER = 0.95
"""… unless that was heard to the letter."""

_SMALL_TALK = "dialog."
"""Thanks, yes and no change nothing about what the talk is about."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The last wish that was acted upon, when, and the orders that take it back."""

    intent: Intent
    at: dt.datetime
    undo: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance: the wish it may be by itself, and the fragments it may be of something said or asked before."""

    hypotheses: tuple[Hypothesis, ...]
    understanding: Understanding
    fragments: tuple[Fragment, ...] = ()


def acted(before: Acted | None, intent: Intent, now: dt.datetime, undo: tuple[Command, ...]) -> Acted | None:
    """What is remembered once ``intent`` has been acted upon."""
    return before if intent.name.startswith(_SMALL_TALK) else Acted(intent, now, undo)


def remembered(before: Acted | None, now: dt.datetime) -> Acted | None:
    """``before`` if it is fresh. A clock that was set back makes it too old."""
    return before if before is not None and dt.timedelta(0) <= now - before.at <= REMEMBERED else None


def continued(said: Said, before: Intent) -> Intent | None:
    """The earlier wish with what is new in it; None where the words say more by themselves."""
    return _best(said, FragmentKind.FOLLOW_UP, (before,))


def corrected(said: Said, about: Sequence[Intent]) -> Intent | None:
    """One of the wishes that were done or asked about, put right."""
    return _best(said, FragmentKind.CORRECTION, about)


def restated(said: Said, understander: Understander, now: dt.datetime) -> Said:
    """A refusal with a whole sentence behind it (不是，我要听京剧) is that sentence."""
    found = next((one for one in said.fragments if one.kind is FragmentKind.RESTATED and one.confidence >= LEAST_REFUSAL), None)
    if found is None:
        return said
    whole = understander.understand((Hypothesis(str(found.slots["what"]), found.confidence),), now)
    if whole.intent.name == NONE or whole.intent.confidence < _own(said):
        return said
    return replace(said, understanding=replace(whole, intent=replace(whole.intent, heard=found.heard)))


def without(world: World, undo: tuple[Command, ...]) -> World:
    """The world as it will be when the orders of ``undo`` have been carried out."""
    gone = {order.timer_id for order in undo if isinstance(order, DismissTimer)}
    return replace(world, timers=tuple(timer for timer in world.timers if timer.timer_id not in gone))


def _best(said: Said, kind: FragmentKind, about: Sequence[Intent]) -> Intent | None:
    fitting = (_applied(fragment, before) for fragment in said.fragments if fragment.kind is kind
               for before in about if fits(fragment, before.name))
    best = max(fitting, key=lambda intent: intent.confidence, default=None)
    own = _own(said)
    rival = own if own >= TO_THE_LETTER else own - BONUS
    return best if best is not None and best.confidence >= max(LEAST, rival) else None


def _own(said: Said) -> float:
    """How surely the words are a wish by themselves."""
    whole = said.understanding.intent
    return 0.0 if whole.name == NONE else whole.confidence


def fits(fragment: Fragment, wish: str) -> bool:
    """Whether the fragment may follow, or answer a question about, the intent of this name."""
    if fragment.after:
        return wish in fragment.after
    return bool(fragment.slots) and fragment.slots.keys() <= set(load_contract().slots.get(wish, ()))


def _applied(fragment: Fragment, before: Intent) -> Intent:
    kept = {slot: value for slot, value in before.slots.items() if slot not in fragment.drops}
    name = fragment.becomes or before.name
    return Intent(name, {**kept, **fragment.slots}, fragment.confidence, fragment.heard)
