"""How well something comes over the network, and when it is worth trying again. Pure: the clock, in seconds, is an argument."""
from __future__ import annotations

from dataclasses import dataclass, replace

ASKED_FOR_S = 9.0
"""Somebody has asked for it and waits: after so long they are told that it does not come."""
COMES_BACK_S = 600.0
"""What broke off while it played is tried for so long. A router that starts anew takes three minutes; after ten nobody waits."""
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
STEADY_S = 10.0
"""What has played for so long has come back: what breaks off then is a new fault."""
SILENT_S = 20.0
"""No sound for so long is a fault, though nobody has said so."""


@dataclass(frozen=True, slots=True)
class Reception:
    """Of what was begun by order number ``cue``, at ``since_s``."""

    cue: int = 0
    since_s: float = 0.0
    """When it was asked for, or when it broke off."""
    moved_s: float = 0.0
    """When it was last seen to play on, or could not."""
    place_s: float | None = None
    heard: bool = False
    steady_s: float = 0.0
    """How long it has played since it was last begun."""
    faults: int = 0
    """In a row."""
    again_s: float | None = None
    """When what broke off is to be begun again; None while it plays, or ought to."""

    def moved(self, now_s: float, place_s: float) -> Reception:
        """It plays, and is at ``place_s``."""
        if self.place_s is None or place_s <= self.place_s:
            return replace(self, place_s=place_s)
        steady_s = self.steady_s + place_s - self.place_s
        after = replace(self, place_s=place_s, moved_s=now_s, heard=True, steady_s=steady_s)
        return replace(after, faults=0) if steady_s >= STEADY_S else after

    def rested(self, now_s: float) -> Reception:
        """It is not to be heard now, so it does not move."""
        return replace(self, moved_s=now_s)

    def is_silent(self, now_s: float) -> bool:
        return now_s - self.moved_s > (SILENT_S if self.heard else ASKED_FOR_S)

    def failed(self, now_s: float) -> Reception:
        since_s = now_s if self.heard and not self.faults else self.since_s
        after = replace(self, since_s=since_s, faults=self.faults + 1, place_s=None, steady_s=0.0)
        return replace(after, again_s=now_s + after.wait_s)

    def begun_again(self, now_s: float, cue: int) -> Reception:
        return replace(self, cue=cue, moved_s=now_s, place_s=None, steady_s=0.0, again_s=None)

    @property
    def wait_s(self) -> float:
        """From the last fault to the next attempt."""
        return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(self.faults - 1, 10))

    def is_hopeless(self, now_s: float) -> bool:
        """After the fault at ``now_s``: the next attempt would come too late."""
        return now_s + self.wait_s - self.since_s >= (COMES_BACK_S if self.heard else ASKED_FOR_S)
