"""Facts, in the past tense. Everything that reaches the dialogue comes through the mailbox as one of these.

``turn`` numbers one exchange with the elder: a fact about an older turn is stale and harmless.
"""
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from assistant.forecast import Forecast
from intents.model import Hypothesis


@dataclass(frozen=True, slots=True)
class Started:
    """The loop is up and all parts that exist are ready."""


@dataclass(frozen=True, slots=True)
class WakeHeard:
    """The wake phrase was heard and confirmed; the person paused after it."""


@dataclass(frozen=True, slots=True)
class StopHeard:
    """A stop word was heard while the box was speaking."""


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The person began to speak inside the listening window of ``turn``."""

    turn: int


@dataclass(frozen=True, slots=True)
class Guessed:
    """A short pause: what has been said so far. The person may go on, so nothing may be done yet, only prepared."""

    turn: int
    hypotheses: tuple[Hypothesis, ...]
    after_wake: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The utterance has ended. ``after_wake`` is true of a command said in one breath with the wake phrase."""

    turn: int
    hypotheses: tuple[Hypothesis, ...]
    after_wake: bool = False


@dataclass(frozen=True, slots=True)
class PatienceLearned:
    """The ear has learnt how long this person's pauses are: the silence (seconds) that ends a turn from now on."""

    patience_s: float


@dataclass(frozen=True, slots=True)
class ListenTimedOut:
    """Nobody spoke inside the listening window of ``turn``."""

    turn: int


class Ending(Enum):
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The box's own utterance of ``turn`` is over, and how."""

    turn: int
    ending: Ending = Ending.FINISHED


@dataclass(frozen=True, slots=True)
class TimerRang:
    """A timer that the elder set is due. ``late_s`` is how long ago it should have rung."""

    timer_id: str
    label: str
    late_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ForecastArrived:
    """Answer to ``FetchForecast``; ``forecast`` is None when no provider answered, ``reason`` then says why."""

    place: str
    forecast: Forecast | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MicFailed:
    """The microphone is gone; capture keeps retrying on its own."""

    reason: str


@dataclass(frozen=True, slots=True)
class MicRestored:
    """The microphone is back."""


@dataclass(frozen=True, slots=True)
class SpeakerFailed:
    """The loudspeaker is gone; what would have been said is shown instead."""

    reason: str


@dataclass(frozen=True, slots=True)
class MediaStarted:
    """This file can be heard now, or will be when the exchange is over."""

    file: str


@dataclass(frozen=True, slots=True)
class MediaPlayedOut:
    """This file has been played to its end; another may follow."""

    file: str


@dataclass(frozen=True, slots=True)
class MediaEnded:
    """The last of the files that were to be played is over."""


@dataclass(frozen=True, slots=True)
class MediaTimeUp:
    """The time has come at which what plays was to stop."""


@dataclass(frozen=True, slots=True)
class MediaFailed:
    """Nothing of what was to be played can be; ``file`` is the last that was tried."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class StreamLost:
    """What played from the address ``file`` has broken off, and could not be begun again for so long that it is given up on."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlayerLost:
    """The player ended by itself again and again. It is tried anew when something is to be played."""

    reason: str


@dataclass(frozen=True, slots=True)
class SticksRead:
    """What was plugged in while the box runs has been looked through; ``places`` are the folders where it is mounted."""

    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SticksGone:
    """Nothing is mounted any more at these ``places``; what was there is no longer offered."""

    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeArrived:
    """There is a notice, or a new wording of one; it is on disk."""

    notice_id: str


@dataclass(frozen=True, slots=True)
class RecordingSettled:
    """The recording of a notice is here, or it is known that it cannot be had for now."""

    notice_id: str


@dataclass(frozen=True, slots=True)
class NoticeWithdrawn:
    """A notice must not be read any more; it has been forgotten."""

    notice_id: str


@dataclass(frozen=True, slots=True)
class NoticesDue:
    """Time has passed: something that waited may have to be said now."""


@dataclass(frozen=True, slots=True)
class VillageSet:
    """The village has changed what it may change of this box."""


@dataclass(frozen=True, slots=True)
class JoiningCode:
    """Six digits that somebody has to type at the village's hub."""

    code: str


@dataclass(frozen=True, slots=True)
class Joined:
    """This box is one of the ``village``'s from now on."""

    village: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Text entered at the keyboard, handled as if it had been heard after the wake phrase."""

    text: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """Ctrl-C, SIGTERM or end of input: finish cleanly."""


Event = (
    Started | WakeHeard | StopHeard | SpeechBegan | Guessed | Heard | PatienceLearned | ListenTimedOut | SpeechEnded | TimerRang
    | ForecastArrived | MicFailed | MicRestored | SpeakerFailed | MediaStarted | MediaPlayedOut | MediaEnded | MediaTimeUp
    | MediaFailed | StreamLost | PlayerLost | SticksRead | SticksGone | NoticeArrived | RecordingSettled | NoticeWithdrawn | NoticesDue
    | VillageSet | JoiningCode | Joined | Typed | StopRequested
)
