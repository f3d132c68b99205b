"""How far a notice has come in each home. Nothing counts as heard unless the loudspeaker has finished it. Pure."""
from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

PLAYS_AT_MOST = dt.timedelta(minutes=15)
"""Longer than the longest notice is read twice: what still plays after this has been cut off, and the box could not say so."""


class Stage(StrEnum):
    """From the worst to the best."""

    NO_BOX = "no-box"
    OFFLINE = "offline"
    WAITING = "waiting"
    DELIVERED = "delivered"
    PLAYING = "playing"
    CUT_OFF = "cut-off"
    HEARD = "heard"
    CONFIRMED = "confirmed"
    ANSWERED = "answered"

    @property
    def shown(self) -> str:
        return _STAGES[self][0]

    @property
    def tag(self) -> str:
        """Its class on the page."""
        return _STAGES[self][1]


_STAGES = {
    Stage.NO_BOX: ("没有盒子", "no"), Stage.OFFLINE: ("盒子没联网", "no"), Stage.WAITING: ("还没送到", "wait"),
    Stage.DELIVERED: ("送到了，没听", "wait"), Stage.PLAYING: ("正在念", "wait"), Stage.CUT_OFF: ("打断了，没听完", "no"),
    Stage.HEARD: ("听完了", "yes"), Stage.CONFIRMED: ("知道了", "yes"), Stage.ANSWERED: ("回答了", "yes"),
}


class Show(StrEnum):
    """Which homes the page is asked for."""

    ALL = "all"
    UNHEARD = "unheard"
    UNCONFIRMED = "unconfirmed"

    @property
    def shown(self) -> str:
        return {Show.ALL: "全部", Show.UNHEARD: "没听到", Show.UNCONFIRMED: "听了没确认"}[self]


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one home. ``boxes`` are those that it has still; the times are the first ones of any of them, the answer is the last."""

    home_id: str
    name: str
    address: str = ""
    grid_id: str | None = None
    boxes: int = 0
    online: bool = False
    seen_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    playing_at: dt.datetime | None = None
    heard_at: dt.datetime | None = None
    interrupted_at: dt.datetime | None = None
    confirmed_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    answer: str = ""

    @property
    def heard(self) -> bool:
        return self.heard_at is not None

    @property
    def confirmed(self) -> bool:
        """An answer says as much as 知道了."""
        return self.confirmed_at is not None or self.answered_at is not None

    def stage(self, now: dt.datetime) -> Stage:
        for stage, at in ((Stage.ANSWERED, self.answered_at), (Stage.CONFIRMED, self.confirmed_at), (Stage.HEARD, self.heard_at),
                          (Stage.CUT_OFF, self.interrupted_at)):
            if at is not None:
                return stage
        if self.playing_at is not None:
            return Stage.PLAYING if now - self.playing_at < PLAYS_AT_MOST else Stage.CUT_OFF
        if not self.boxes:
            return Stage.NO_BOX
        if self.delivered_at is not None:
            return Stage.DELIVERED
        return Stage.WAITING if self.online else Stage.OFFLINE

    def is_of(self, show: Show) -> bool:
        if show is Show.ALL:
            return True
        return self.heard and not self.confirmed if show is Show.UNCONFIRMED else not self.heard

    @property
    def steps(self) -> tuple[tuple[str, dt.datetime], ...]:
        """What has happened, in the order of the steps."""
        steps = (("送到", self.delivered_at), ("开始念", self.playing_at), ("打断", self.interrupted_at), ("听完", self.heard_at),
                 ("知道了", self.confirmed_at), ("回答", self.answered_at))
        return tuple((name, at) for name, at in steps if at is not None)


@dataclass(frozen=True, slots=True)
class Figures:
    """How many homes."""

    of: int
    delivered: int
    heard: int
    confirmed: int
    answers: tuple[tuple[str, int], ...]
    """Each choice, how many have given it."""
    unanswered: int


def figures(standings: Sequence[Standing], choices: Iterable[str]) -> Figures:
    given = Counter(standing.answer for standing in standings if standing.answered_at is not None)
    return Figures(len(standings), sum(standing.delivered_at is not None for standing in standings), sum(standing.heard for standing in standings),
                   sum(standing.confirmed for standing in standings), tuple((choice, given[choice]) for choice in choices),
                   len(standings) - sum(given.values()))


def percent(part: int, of: int) -> int:
    """Whole ones; a hundred only where none is missing."""
    return 100 * part // of if of else 0
