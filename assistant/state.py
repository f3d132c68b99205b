"""The dialogue's whole memory of an exchange: one frozen value."""
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from assistant.events import TimerRang
from assistant.follow_up import Acted
from intents.model import Hypothesis, Intent
from skills.api import Expectation


class Phase(Enum):
    """What the box is doing. Exactly one holds at any time."""

    ASLEEP = "asleep"
    """Only the wake phrase counts."""
    SPEAKING = "speaking"
    LISTENING = "listening"
    WAITING = "waiting"
    """Understood, and waiting for a result (a forecast) before it can answer."""


class Window(Enum):
    """Why the box listens, which decides how long, and what silence or nonsense means."""

    COMMAND = "command"
    """Woken: the person wants something."""
    ANSWER = "answer"
    """The box has asked a question."""
    FOLLOW_UP = "follow-up"
    """Just answered: the person may go on, or be talking to somebody else."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the box has asked and how often."""

    expectation: Expectation
    text: str
    asked: int = 1


@dataclass(frozen=True, slots=True)
class Deed:
    """What the box did without asking; the person's next words may deny it."""

    intent: Intent
    heard: str
    """The words as the free-form recogniser heard them, empty when it did not."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A notice that is being read aloud."""

    notice_id: str
    revision: int
    times: int
    """Which of its readings this is, from 1."""
    left: tuple[str, ...] = ()
    """Notices to be read behind it."""
    is_stopgap: bool = False
    """Its recording has not come yet: what is said of it meanwhile counts as nothing."""


@dataclass(frozen=True, slots=True)
class State:
    phase: Phase = Phase.ASLEEP
    turn: int = 0
    window: Window | None = None
    """In SPEAKING: the window that opens afterwards (None: back to sleep). In LISTENING: the open one."""
    question: Question | None = None
    pending: Intent | None = None
    """The intent that waits for a result."""
    arrived: bool = False
    """The result came while the box was still saying that it is looking."""
    misses: int = 0
    heard: tuple[Hypothesis, ...] = ()
    """The utterance that is being dealt with."""
    deed: Deed | None = None
    last_said: str = ""
    acted: Acted | None = None
    """What was done last: the next words may go on from it or correct it."""
    called: bool = False
    """The wake phrase was heard and the person goes on speaking: the box is still asleep, but what they say must be heard."""
    ducked: bool = False
    """What plays is lowered: in every phase but ASLEEP, and when ``called``."""
    fault: str = ""
    """What went wrong with the media during an exchange: said when it is over."""
    offer: Expectation | None = None
    """What may be answered to that."""
    rings: tuple[TimerRang, ...] = ()
    """Timers that came due during an exchange, in order: they ring when it is over."""
    sticks: tuple[str, ...] = ()
    """Where sticks are that have been read and not been told of: that is done when nobody speaks."""
    reading: Reading | None = None
    tidings: tuple[str, ...] = ()
    """Sentences of the village's that are to be said when nobody speaks."""
