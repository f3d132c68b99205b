"""When the box is not sure: what was heard and two choices, never a bare "please repeat" three times. Pure."""
from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.wording import Wording
from intents.model import NONE, Hypothesis, Intent, Understanding
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

_FIRST = re.compile(r"^(就|要|选|我要|我选|是|听)*(第一|头一|前一|前面|前头|先头|一号|1号)")
_SECOND = re.compile(r"^(就|要|选|我要|我选|是|听)*(第二|后一|后面|后头|二号|2号)")


def quoted(heard: str) -> str:
    """What was heard, short enough to be said back."""
    return heard if len(heard) <= MOST_QUOTED else heard[:MOST_QUOTED] + "……"


def candidates(understanding: Understanding, limit: int = 2) -> tuple[Intent, ...]:
    """The readings worth offering, best first, each described differently."""
    kept: list[Intent] = []
    for intent in (understanding.intent, *understanding.alternatives):
        least = PLAUSIBLE_CRY if intent.name == "sos.trigger" else PLAUSIBLE
        if intent.name == NONE or intent.confidence < least:
            continue
        if all((intent.name, dict(intent.slots)) != (other.name, dict(other.slots)) for other in kept):
            kept.append(intent)
    return tuple(kept[:limit])


def expectation(offered: Sequence[Intent]) -> Expectation:
    """Listen for a yes, a no, or either of the things that were offered."""
    names = dict.fromkeys(["dialog.yes", "dialog.no", "dialog.cancel", *(intent.name for intent in offered)])
    return Expectation(tuple(names), CHOICE, {"offered": tuple(offered)})


def by_ordinal(hypotheses: Sequence[Hypothesis], offered: Sequence[Intent]) -> Intent | None:
    """``第二个`` and the like, said in answer to two choices."""
    for hypothesis in hypotheses:
        text = re.sub(r"\W", "", hypothesis.text)
        if offered and _FIRST.match(text):
            return offered[0]
        if len(offered) > 1 and _SECOND.match(text):
            return offered[1]
    return None


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
