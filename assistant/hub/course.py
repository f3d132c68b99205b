"""How the hub is to be asked next, and when. Pure: chance is an argument."""
from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

FIRST_S, LONGEST_S = 1.0, 60.0
POLL_S = 30.0
TURNED_AWAY_S = 600.0
"""A box that is no longer known asks on: the office may have erred, and nobody at home could tell the box."""
ALIVE_S = 20.0
"""A line that has held so long is a good one: longer than the hub is ever silent."""
SILENT_LINES = 2
MOST_POLLS = 20


class Way(Enum):
    LINE = "line"
    """One connection is held open; what is new comes at once."""
    POLL = "poll"
    """Where a proxy keeps back what is not finished: asked now and then."""


@dataclass(frozen=True, slots=True)
class Course:
    """``failures`` in a row, of lines that brought nothing how many (``silent``), and how often was asked since (``polls``)."""

    failures: int = 0
    silent: int = 0
    polls: int = 0

    @property
    def way(self) -> Way:
        if self.silent < SILENT_LINES or self.polls >= min(MOST_POLLS, 2 ** (self.silent - 1)):
            return Way.LINE
        return Way.POLL

    def wait_s(self, chance: float) -> float:
        """Before the next try; ``chance`` (0..1) keeps a village that got its power back from calling all at once."""
        if self.failures:
            return min(LONGEST_S, FIRST_S * 2.0 ** min(self.failures - 1, 10) * (1.0 + chance))
        return POLL_S if self.way is Way.POLL else 0.0

    def lasted(self, seconds: float) -> Course:
        """A line that brought something has ended."""
        return Course(failures=1 if seconds >= ALIVE_S else self.failures + 1)

    def was_silent(self) -> Course:
        """A line has ended without a sign of life, or nothing was answered at all for long."""
        return Course(self.failures + 1, self.silent + 1)

    def polled(self) -> Course:
        return replace(self, failures=0, polls=self.polls + 1)

    def not_reached(self) -> Course:
        """It said no at once, or did not answer in the simplest way either: that says nothing about lines."""
        return Course(self.failures + 1)
