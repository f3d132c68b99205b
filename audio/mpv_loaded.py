"""What one mpv has been told to load, and how its answers are told apart. Pure."""
from __future__ import annotations

from dataclasses import dataclass

NEAR_THE_END_S = 15.0
"""Of what comes over the network and has an end: what stops earlier has broken off, whatever mpv says."""
KINDS = 3
"""Of requests; from those of one cue to those of the next."""
OUTPUT_REQUEST = -KINDS
"""Whether there is a sound device; of no cue."""


@dataclass(frozen=True, slots=True)
class Following:
    """What mpv has been told to go on with by itself, without a gap."""

    file: str
    gain_db: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """By mpv's own numbers. A new one stands for nothing at all, or for what mpv has not taken yet."""

    entry: int | None = None
    """The file that the course is at; None until mpv has taken it."""
    length_s: float = 0.0
    """Of that file, if it comes over the network; 0 as long as it is not known."""
    next: Following | None = None
    next_entry: int | None = None

    def breaks_off_at(self, position_s: float) -> bool:
        """Whether it cannot be over there: its end is known, and far. What follows is told near the end only."""
        return self.next is None and position_s < self.length_s - NEAR_THE_END_S

    def is_near_the_end_at(self, position_s: float) -> bool:
        """Whether it can only be over soon. Once what follows has been told, it stays so."""
        return self.next is not None or 0 < self.length_s <= position_s + NEAR_THE_END_S

    def gone_over(self) -> Loaded:
        """mpv is at what was to follow."""
        return Loaded(self.next_entry)


def load_request(cue: int) -> int:
    """The file that follows is asked for as that of the next cue, which it becomes."""
    return KINDS * cue


def position_request(cue: int) -> int:
    return KINDS * cue + 1


def length_request(cue: int) -> int:
    return KINDS * cue + 2


def is_of_position(request: int) -> bool:
    """Of whatever cue: mpv is alive."""
    return request % KINDS == 1


def options(gain_db: float, start_s: float = 0.0) -> dict[str, str]:
    """Of one file, which knows nothing of those before and after it. Louder or softer in the sound itself: mpv's own volume changes
    for what is still on its way from the file before."""
    start = {"start": f"+{start_s:.3f}"} if start_s else {}
    return start | ({"af": f"lavfi=[volume=volume={gain_db}dB:precision=float]"} if gain_db else {})
