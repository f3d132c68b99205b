"""Which notice has its turn, and what was answered to one. Pure."""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.commands import Command, NoteNotice, NoticeStep
from assistant.events import Event, Heard, StopHeard, Typed, WakeHeard
from assistant.follow_up import Said
from assistant.repair import by_ordinal
from assistant.rescue import CRY
from assistant.ringing import RING
from assistant.state import Question, Reading, State
from intents.model import FragmentKind, Intent
from intents.sound import text_distance
from skills.api import NOTICE_READ, NOTICES_OFFERED, Expectation, Notice, Priority, World

TONE = "attention"
PACE = 0.9
"""Slower than the box's other talk: nobody has asked, and every word counts."""

YES_OR_NO = ("是", "否")

AGAIN = dt.timedelta(minutes=5)
SELDOM = dt.timedelta(minutes=30)
"""From the seventh time on: nobody may be at home."""
OFTEN_AT_FIRST = 6
READ_ANEW = dt.timedelta(minutes=30)
"""An important one that could not be read to its end, for whatever reason but somebody's wish."""
OFFERED_ANEW = dt.timedelta(hours=3)
MOST_OFFERS = 3

WANTED = 0.75
"""Confidence of 念吧: any two syllables sound a little like it."""

ALIKE = 0.34
"""How far what was said may sound from a choice: one wrong syllable of three."""
ALIKE_ALONE = 0.1
"""The same for a choice of one syllable: only its tone may be wrong."""
CLEARLY = 0.08
"""How much nearer it must be than any other."""
MOST_BESIDES = 3
"""Syllables that may be said around a choice (我想…吧): in a long sentence anything can be heard."""
AGREED = 0.5
"""Confidence of a yes or no that is an answer: it goes to the village."""


@dataclass(frozen=True, slots=True)
class Due:
    """``ids`` of the same ``priority``: urgent and important ones are read, of ordinary ones it is said that they are there."""

    priority: Priority
    ids: tuple[str, ...]


def due(world: World) -> Due | None:
    """What is to be said of its own accord now that nobody speaks."""
    fresh = [notice for notice in world.notices if not notice.is_over(world.now) and not is_awaited(notice)]
    urgent = [notice for notice in fresh if notice.priority is Priority.URGENT and _is_urgent_again(notice, world.now)]
    if urgent:
        return Due(Priority.URGENT, _ids(urgent))
    if world.is_quiet or world.volume == 0:
        return None
    unheard = [notice for notice in fresh if notice.priority is not Priority.URGENT and not notice.is_heard]
    at_once = [notice for notice in unheard if _is_read_unasked(notice) and _is_due(notice, READ_ANEW, world.now)]
    if at_once:
        return Due(Priority.IMPORTANT, _ids(at_once))
    offered = [notice for notice in unheard if not _is_read_unasked(notice)]
    if any(_is_due(notice, OFFERED_ANEW, world.now) for notice in offered):
        return Due(Priority.ORDINARY, _ids(offered))
    return None


def _is_due(notice: Notice, pause: dt.timedelta, now: dt.datetime) -> bool:
    return notice.times_told < MOST_OFFERS and _is_past(notice, pause, now)


def _is_urgent_again(notice: Notice, now: dt.datetime) -> bool:
    pause = AGAIN if notice.times_told < OFTEN_AT_FIRST else SELDOM
    return not notice.is_settled and _is_past(notice, pause, now)


def _is_read_unasked(notice: Notice) -> bool:
    """Whoever has stopped one is asked before it is begun again."""
    return notice.priority is Priority.IMPORTANT and NoticeStep.INTERRUPTED not in notice.steps


def _is_past(notice: Notice, pause: dt.timedelta, now: dt.datetime) -> bool:
    """Since it was last spoken of; a clock that was set back makes it so."""
    return notice.told_at is None or not dt.timedelta(0) <= now - notice.told_at < pause


def _ids(notices: Sequence[Notice]) -> tuple[str, ...]:
    return tuple(notice.notice_id for notice in notices)


def found(world: World, notice_id: str) -> Notice | None:
    return next((notice for notice in world.notices if notice.notice_id == notice_id), None)


def is_awaited(notice: Notice) -> bool:
    """Its recording will be here in a moment, or is known not to come."""
    return notice.recording is not None and notice.recording.is_awaited


def is_wanted(expected: Expectation, said: Said) -> bool:
    """念吧 and the like, which mean something only where it was offered."""
    return expected.topic == NOTICES_OFFERED and any(
        one.kind is FragmentKind.VALUE and "notices.read" in one.after and not one.slots and one.confidence >= WANTED for one in said.fragments)


def may_be_let_be(question: Question) -> bool:
    """Silence is an answer where nothing was asked that the village waits for."""
    return question.expectation.topic in (NOTICE_READ, NOTICES_OFFERED)


def must_wait(state: State, world: World) -> bool:
    """Not even what is urgent breaks into a cry for help, a timer that rings, or another that is urgent."""
    topic = state.question.expectation.topic if state.question else ""
    read = found(world, state.reading.notice_id) if state.reading else None
    return topic in (CRY, RING) or (read is not None and read.priority is Priority.URGENT)


def unfinished(reading: Reading | None) -> tuple[str, ...]:
    """What is still to be read of what was begun."""
    if reading is None:
        return ()
    return (reading.notice_id, *reading.left) if reading.times == 1 and not reading.is_stopgap else reading.left


def broken_off(before: State, event: Event, state: State, commands: tuple[Command, ...]) -> tuple[State, tuple[Command, ...]]:
    """A reading ends where the box does something else; a person who did that before its first end has interrupted it."""
    reading = before.reading
    if reading is None or state.turn == before.turn:
        return state, commands
    if state.reading is reading:
        state = replace(state, reading=None)
    if reading.times > 1 or reading.is_stopgap or not isinstance(event, StopHeard | WakeHeard | Heard | Typed):
        return state, commands
    return state, (*commands, NoteNotice(reading.notice_id, reading.revision, NoticeStep.INTERRUPTED))


def chosen(said: Said, answer: Intent | None, choices: Sequence[str]) -> str | None:
    """The choice that was said: by its place, with yes or no, or by its sound."""
    placed = by_ordinal(said.fragments, [Intent(choice) for choice in choices])
    if placed is not None:
        return placed.name
    heard = [hypothesis.text for hypothesis in said.hypotheses]
    polar = _is_polar(choices)
    near = sorted((min((_distance(text, choice) for text in heard), default=1.0), -len(choice), choice) for choice in choices)
    if polar and answer is not None and answer.name in ("dialog.yes", "dialog.no"):
        return choices[answer.name == "dialog.no"] if answer.confidence >= AGREED else None
    distance, _, choice = near[0]
    return choice if distance <= (ALIKE if len(choice) > 1 else ALIKE_ALONE) and _is_clear(near) else None


def _is_clear(near: Sequence[tuple[float, int, str]]) -> bool:
    """去 lies within 不去: of two that were heard to the letter the longer was said."""
    if len(near) == 1 or near[1][0] - near[0][0] >= CLEARLY:
        return True
    return near[0][0] == 0.0 and near[1][2] in near[0][2]


def _is_polar(choices: Sequence[str]) -> bool:
    return len(choices) == 2 and choices[1] in ("否", f"不{choices[0]}", f"没{choices[0]}")


def _distance(text: str, choice: str) -> float:
    """Of the part of ``text`` that sounds most like ``choice``; 1 where too much else was said."""
    if len(text) > len(choice) + MOST_BESIDES:
        return 1.0
    parts = (text[start:start + length] for length in range(max(1, len(choice) - 1), len(choice) + 2)
             for start in range(max(1, len(text) - length + 1)))
    return min((text_distance(part, choice) for part in parts), default=1.0)
