"""Orders, in the imperative. The dialogue and the skills return them; only the loop carries them out."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from intents.model import Intent


@dataclass(frozen=True, slots=True)
class Card:
    """What the screen (or the terminal) shows: a kind, a title, lines of text, and up to two choices as big buttons."""

    kind: str
    title: str
    lines: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listen:
    """Open the listening window of ``turn``: wait ``window_s`` for speech to begin; ``extra_patience_s`` is added to
    the silence that ends the turn (longer in the middle of a question being answered)."""

    turn: int
    window_s: float
    extra_patience_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StopListening:
    """Close the window: from now on only the wake phrase counts."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound file that is a part of what the box says. It is played only if it is to the byte what ``sha256`` (hexadecimal) was made of."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Say:
    """Speak ``text`` as the answer of ``turn``, after the named tone, and play ``clip`` behind it; anything being said is replaced.
    ``pace`` is a share of the speed that is set: below 1 it is slower than the box's other talk."""

    turn: int
    text: str
    tone: str | None = None
    pace: float = 1.0
    clip: Clip | None = None


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Be quiet now."""


@dataclass(frozen=True, slots=True)
class Show:
    """Put a card on the screen."""

    card: Card


@dataclass(frozen=True, slots=True)
class SetVolume:
    """Loudness of everything, 0..100; remembered."""

    level: int


@dataclass(frozen=True, slots=True)
class SetSpeechRate:
    """Speed of the box's own voice, 0.5..1.3 of a normal speaker; remembered."""

    rate: float


@dataclass(frozen=True, slots=True)
class FetchForecast:
    """Ask the providers for this place; comes back as ``ForecastArrived``."""

    place: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Ring at ``due`` (local, naive). Stored before it is confirmed in words."""

    timer_id: str
    due: dt.datetime
    label: str


@dataclass(frozen=True, slots=True)
class DismissTimer:
    """The timer has been answered: forget it."""

    timer_id: str


@dataclass(frozen=True, slots=True)
class Duck:
    """Lower what plays, and hold back what begins, while somebody speaks."""


@dataclass(frozen=True, slots=True)
class Unduck:
    """The exchange is over: as loud as before. What was paused or stopped in it stays so."""


@dataclass(frozen=True, slots=True)
class PlayMedia:
    """Play these files one after the other, beginning with number ``first`` (from 0), ``start_s`` seconds into it."""

    files: tuple[str, ...]
    start_s: float = 0.0
    first: int = 0


@dataclass(frozen=True, slots=True)
class TuneIn:
    """Play number ``first`` (from 0) of these live ``stations``, which are addresses."""

    stations: tuple[str, ...]
    first: int = 0


@dataclass(frozen=True, slots=True)
class PauseMedia:
    """Hold what plays, to go on from there."""


@dataclass(frozen=True, slots=True)
class ResumeMedia:
    """Go on where it was paused or stopped."""


@dataclass(frozen=True, slots=True)
class StopMedia:
    """End what plays."""


@dataclass(frozen=True, slots=True)
class EndAfterThis:
    """Nothing follows the file that plays."""


@dataclass(frozen=True, slots=True)
class FadeMedia:
    """End what plays by and by: softer and softer, then stopped."""


@dataclass(frozen=True, slots=True)
class NextMedia:
    """On to the next file."""


@dataclass(frozen=True, slots=True)
class PreviousMedia:
    """Back to the file before."""


@dataclass(frozen=True, slots=True)
class RestartMedia:
    """This file from its beginning."""


@dataclass(frozen=True, slots=True)
class SetMediaSpeed:
    """Speed of what plays, 0.5..1.5 of the file's own; the pitch stays."""

    speed: float


MediaOrder = (
    Duck | Unduck | PlayMedia | TuneIn | PauseMedia | ResumeMedia | StopMedia | EndAfterThis | FadeMedia | NextMedia | PreviousMedia
    | RestartMedia | SetMediaSpeed
)
"""What the player is told."""


@dataclass(frozen=True, slots=True)
class StopMediaAt:
    """Let what plays then fade at ``due`` (local, naive), in place of any time set before; comes back as ``MediaTimeUp``. Not
    stored: nothing plays after a power cut."""

    due: dt.datetime


@dataclass(frozen=True, slots=True)
class KeepPlaying:
    """No time is set any more at which what plays is to stop."""


@dataclass(frozen=True, slots=True)
class NoteMiss:
    """Keep what was not understood: every reading of it, and what the box offered instead."""

    heard: tuple[str, ...]
    offered: tuple[Intent, ...] = ()


@dataclass(frozen=True, slots=True)
class Learn:
    """These words mean this: the person has confirmed it. Whoever carries it out may find the words not worth learning."""

    heard: str
    intent: Intent


@dataclass(frozen=True, slots=True)
class Unlearn:
    """The personal phrase was wrong: forget it."""

    phrase: str


@dataclass(frozen=True, slots=True)
class Attune:
    """The words ``meant`` came to be ``heard`` like this, and nobody objected: count what that says of the person's accent."""

    heard: str
    meant: str


Lesson = NoteMiss | Learn | Unlearn | Attune
"""What is learnt from an exchange; kept on this box only."""


class NoticeStep(Enum):
    """What has become of a notice on this box, in words that the hub knows too; ``TOLD`` stays here."""

    TOLD = "told"
    """It was said that there is one."""
    PLAYING = "playing"
    HEARD = "heard"
    """The loudspeaker has finished one whole reading."""
    INTERRUPTED = "interrupted"
    """Somebody stopped the first reading."""
    CONFIRMED = "confirmed"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class NoteNotice:
    """Remember how far this wording of a notice has come, and let the village know. ``answer`` is one of its choices."""

    notice_id: str
    revision: int
    step: NoticeStep
    answer: str = ""


@dataclass(frozen=True, slots=True)
class AskToJoin:
    """Say the digits with which the office takes this box into the village; nothing where it is in one."""


VillageOrder = NoteNotice | AskToJoin


@dataclass(frozen=True, slots=True)
class Exit:
    """Leave the loop."""


Command = (
    Listen | StopListening | Say | StopSpeaking | Show | SetVolume | SetSpeechRate | FetchForecast | StartTimer
    | DismissTimer | MediaOrder | StopMediaAt | KeepPlaying | Lesson | VillageOrder | Exit
)
