"""A cry for help that is not clear is asked about, never lost: neither to a threshold nor to another reading. Pure."""
from __future__ import annotations

from assistant.follow_up import Said
from intents.model import NONE, FragmentKind, Intent, Understanding
from skills.api import Expectation

CRY = "dialogue.cry"
"""Topic of the question whether to call somebody."""

TRIGGER = "sos.trigger"

PLAUSIBLE = 0.4
"""From here on what sounds like a cry is asked about. Of the talk in ``intents/none_cases.yaml`` one line in a hundred does;
of cries with four characters in ten mis-heard more than nine in ten."""

BARELY = 0.15
"""A reading that is surer than the cry by less than this has not won."""

AGREED = 0.35
"""A yes that is hard to hear is a yes."""

_WORD = 0.66
"""叫吧 must be heard better than that: any two syllables sound a little like it."""


def cry(understanding: Understanding) -> Intent | None:
    """The cry for help that this may be."""
    best = understanding.intent
    surest = 0.0 if best.name == NONE else best.confidence
    for reading in (best, *understanding.alternatives):
        if reading.name == TRIGGER and reading.confidence >= PLAUSIBLE and surest - reading.confidence < BARELY:
            return reading
    return None


def expectation() -> Expectation:
    """Listen for a yes, a no, another cry, or that all is well."""
    return Expectation(("dialog.yes", TRIGGER, "sos.cancel", "dialog.no", "dialog.cancel"), CRY)


def is_agreed(answer: Intent | None, said: Said) -> bool:
    """Whether somebody is to be called: a yes, 叫吧, or the cry once more."""
    if answer is not None and answer.name in ("dialog.yes", TRIGGER) and answer.confidence >= AGREED:
        return True
    return any(one.kind is FragmentKind.VALUE and TRIGGER in one.after and one.confidence >= _WORD for one in said.fragments)
