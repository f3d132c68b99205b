"""A timer that is due: it rings until somebody answers, or often enough. Pure."""
from __future__ import annotations

from dataclasses import replace

from assistant.commands import Command, DismissTimer
from assistant.events import TimerRang
from assistant.state import Question, State
from skills.api import Expectation, Reply

RING = "timer.rang"
"""Topic of a ringing timer; its answer is any sign that the person has heard it."""

TONE = "ring"
"""Name of the alert in ``audio/cues.py``."""

REPEATS = 5


def ringing(state: State) -> Question | None:
    """The question of the timer that rings, if one does."""
    return state.question if state.question is not None and state.question.expectation.topic == RING else None


def dismissals(state: State) -> tuple[Command, ...]:
    """Orders that forget the timer that rings."""
    ring = ringing(state)
    return (DismissTimer(str(ring.expectation.data["timer_id"])),) if ring is not None else ()


def question(rang: TimerRang, reply: Reply) -> Question:
    """The timer's question in the skill's words."""
    expected = replace(reply.expects or Expectation(()), topic=RING, data={"timer_id": rang.timer_id})
    return Question(expected, reply.text)


def asked_again(ring: Question) -> Question | None:
    """The same question once more; None when it has rung often enough."""
    return replace(ring, asked=ring.asked + 1) if ring.asked < REPEATS else None
