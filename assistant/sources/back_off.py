"""When a feed is asked for the next time. Pure: the clock, in seconds, is an argument."""
from __future__ import annotations

from dataclasses import dataclass

FIRST_S = 60.0
LONGEST_S = 24 * 3600.0
"""A feed that has failed for long is asked once a day: the village's link is small, and so may be the server."""


@dataclass(frozen=True, slots=True)
class Round:
    """One feed's turn: due at once at first; ``faults`` in a row make it wait longer each time."""

    due_s: float = 0.0
    faults: int = 0

    def is_due(self, now_s: float) -> bool:
        return now_s >= self.due_s

    def answered(self, now_s: float, every_s: float) -> Round:
        return Round(now_s + every_s)

    def failed(self, now_s: float) -> Round:
        wait_s = min(LONGEST_S, FIRST_S * 2.0 ** min(self.faults, 20))
        return Round(now_s + wait_s, self.faults + 1)
