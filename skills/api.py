"""What a skill receives and returns. Pure: a skill is functions of slots; it never speaks, waits or asks the clock."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from assistant.commands import Card, Clip, Command, NoticeStep
from assistant.feed import is_address
from assistant.forecast import Forecast
from intents.model import Intent


@dataclass(frozen=True, slots=True)
class Timer:
    """A running timer: ``due`` is local and naive."""

    timer_id: str
    due: dt.datetime
    label: str


@dataclass(frozen=True, slots=True)
class Programme:
    """One thing that can be played, and what is known about it; what is not known is empty. ``file`` is a path, or the address of a
    station or an episode. ``kind`` is one of the contract's (opera, dance, song, story, radio, video), ``title``, ``genre`` and
    ``artist`` are as the vocabulary spells them."""

    file: str
    title: str
    kind: str = ""
    genre: str = ""
    artist: str = ""
    part: int = 0
    """Number of the part, from 1; 0 for a whole."""
    duration_s: float = 0.0

    @property
    def is_remote(self) -> bool:
        """It comes over the network, and may not come."""
        return is_address(self.file)

    @property
    def is_live(self) -> bool:
        """A station: it has no beginning, no end, and no place where it could be left."""
        return self.kind == "radio" and self.is_remote


@dataclass(frozen=True, slots=True)
class Playing:
    """What plays, or played last."""

    programme: Programme
    on: bool
    """It can be heard, or will be when this exchange is over."""
    paused: bool
    first: bool
    last: bool
    """The first, the last of what was asked for."""
    speed: float


@dataclass(frozen=True, slots=True)
class Hearing:
    """One file that was played, from ``began`` to ``at`` (local, naive): once a day at most, however often on that day."""

    file: str
    began: dt.datetime
    at: dt.datetime
    position_s: float | None
    """Where it was left; None when it was played to its end."""


class Priority(Enum):
    """How much of a hurry a notice is in."""

    ORDINARY = "ordinary"
    """The box says that there is one, at the next good moment."""
    IMPORTANT = "important"
    """It is read as soon as nobody speaks, but not at night."""
    URGENT = "urgent"
    """It interrupts everything, at any hour, until somebody confirms it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Somebody's own voice, which is played in place of a notice's text. ``sha256`` is what it must be."""

    sha256: str
    seconds: float
    file: str = ""
    """Empty while it is not on this box."""
    is_awaited: bool = False
    """It is on its way and will be here in a moment, or known not to come: so long nothing is said of its own accord."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the screen shows beside a notice's words. ``sha256`` is what it must be."""

    sha256: str
    file: str = ""
    """A JPEG file; empty while it is not on this box."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of the village, in its newest wording. Times are local and naive."""

    notice_id: str
    revision: int
    title: str
    text: str
    category: str
    priority: Priority
    sent_at: dt.datetime
    sent_by: str = ""
    question: str = ""
    choices: tuple[str, ...] = ()
    """The answers to ``question``; none of them: yes or no."""
    expires_at: dt.datetime | None = None
    steps: frozenset[NoticeStep] = frozenset()
    """How far it has come here."""
    times_told: int = 0
    """How often the box has spoken of it, or read it."""
    told_at: dt.datetime | None = None
    """When that was last."""
    recording: Recording | None = None
    """It was spoken, and ``text`` may be empty; None: it was written."""
    picture: Picture | None = None

    @property
    def clip(self) -> Clip | None:
        """What is to be played, if it is here."""
        return Clip(self.recording.file, self.recording.sha256) if self.recording and self.recording.file else None

    @property
    def is_incomplete(self) -> bool:
        """What was spoken is not here: whatever is said of it meanwhile is not the notice."""
        return self.recording is not None and not self.recording.file

    @property
    def is_heard(self) -> bool:
        """Also by somebody who confirmed it before its end."""
        return self.is_settled or NoticeStep.HEARD in self.steps

    @property
    def is_settled(self) -> bool:
        return not self.steps.isdisjoint((NoticeStep.CONFIRMED, NoticeStep.ANSWERED))

    def is_over(self, now: dt.datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class World:
    """All that a skill may know, as of ``now`` (local, naive). Built afresh by the loop for every step."""

    now: dt.datetime
    home_place: str = "济南"
    market_cycle: str = ""
    """The village's market days, such as ``农历二七`` (lunar days ending in 2 or 7) or ``公历五十``; empty: not configured."""
    wake_phrase: str = "小乡小乡"
    volume: int = 60
    speech_rate: float = 0.85
    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    forecast_failures: Mapping[str, str] = field(default_factory=dict)
    """Places whose fetch has just failed, with the reason: the skill must then answer from what it has."""
    timers: tuple[Timer, ...] = ()
    programmes: tuple[Programme, ...] = ()
    """All that can be played, in the order of their files."""
    playing: Playing | None = None
    hearings: tuple[Hearing, ...] = ()
    """What was played in the past, also before the box was last started; the latest is the last."""
    village: str = ""
    """Whose notices come to this box; empty: nobody's."""
    notices: tuple[Notice, ...] = ()
    """Those that are still worth reading, the oldest first."""
    is_quiet: bool = False
    """It is night, or the village wants it silent: nothing is said now that can wait."""
    last_said: str = ""
    """The last thing worth repeating that the box said."""
    turn: int = 0
    """Used to vary the wording without chance."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The box has asked something: which intents answer it, and what was asked about.

    ``topic`` is handed back to the skill's ``answer`` handler together with the answering intent.
    """

    intents: tuple[str, ...]
    topic: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    slots: tuple[str, ...] = ()
    """Slots that were asked for: a bare value (八点, 吃药) is an answer too."""
    wish: Intent | None = None
    """The wish that lacks them; with the answer in it, it is handled again. See :func:`ask_for`."""
    choices: tuple[Intent, ...] = ()
    """What was named, one after the other: 第二个 is the second of them, 最后那个 the last."""


def ask_for(wish: Intent, *slots: str, choices: tuple[Intent, ...] = ()) -> Expectation:
    """``wish`` cannot be fulfilled before one of ``slots`` is known. What is said now goes into it, and its handler is called
    again, which may then ask for the next thing."""
    return Expectation((wish.name,), slots=slots, wish=wish, choices=choices)


@dataclass(frozen=True, slots=True)
class Reply:
    """A skill's answer: words for the ear, a card for the eye, orders, and what it now expects to hear.

    ``waits`` is true when a command's result must come back before there is an answer: ``text`` is then said
    meanwhile (it may be empty) and the same intent is handled again when the result has arrived.
    ``repeatable`` is false for words that ``dialog.repeat`` should not repeat (acknowledgements).
    """

    text: str
    card: Card | None = None
    commands: tuple[Command, ...] = ()
    expects: Expectation | None = None
    waits: bool = False
    repeatable: bool = True
    goes_to_sleep: bool = False
    """The exchange is over at once: no follow-up window (device.sleep)."""
    reads: tuple[str, ...] = ()
    """Notices, by their ids, that are read out behind ``text``, one after the other."""
    undo: tuple[Command, ...] = ()
    """Orders that take back what ``commands`` did, for a person who says at once that something else was meant."""


LOST = "media.lost"
"""Topic of what is said when something does not come over the network; nobody has asked, the player has told it."""
STICKS_READ = "media.sticks-read"
"""Topic under which a skill tells of sticks that have been plugged in; ``data["places"]`` are the folders where they are."""

NOTICES_OFFERED = "notices.offered"
"""Topic of the question whether somebody wants to hear what is new; ``data["ids"]`` are the notices."""
NOTICE_READ = "notices.read-out"
"""Topic of what is said when a notice has been read; ``data``: ``id``, ``revision`` and ``left``, the ids that are to be read behind it."""
NOTICE_ASKED = "notices.asked"
"""Topic of a notice's own question; ``data`` as with ``NOTICE_READ``, and ``choices`` and ``text``, the question as it is said."""
NOTICE_ANSWERED = "notices.answered"
"""Topic of an answer that was said back; ``data`` as with ``NOTICE_READ``, and ``answer``, the choice."""

Handler = Callable[[Intent, World], Reply]
"""A skill module defines ``HANDLERS: dict[str, Handler]`` keyed by contract intent names."""
Answer = Callable[[Intent, World, Mapping[str, object]], Reply]
"""Handles the answer to a skill's own question, by its topic: the answering intent, the world and ``Expectation.data``. Under some
topics nobody was asked: the data are then of what has happened."""
