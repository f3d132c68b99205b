"""What ought to be heard of a list of files, as one frozen value. Pure; whoever plays makes the real sound follow it."""
from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.ports import MediaState, MediaStatus

SLOWEST, FASTEST = 0.5, 1.5
DUCKED_DB = 20.0
"""How much quieter media are while somebody speaks; speech over music is understood from some 15 dB on."""


@dataclass(frozen=True, slots=True)
class Course:
    """``cue`` is the number of the order to begin ``file`` at ``position_s``; as long as it is the same, the file runs on."""

    files: tuple[str, ...] = ()
    index: int = 0
    position_s: float = 0.0
    state: MediaState = MediaState.STOPPED
    speed: float = 1.0
    level: int = 60
    ducked: bool = False
    held: bool = False
    """What began while it was ducked waits, silent, until it no longer is."""
    live: bool = False
    """The files are stations: none has a position, a speed or an end."""
    ends: bool = False
    """Nothing follows the file that plays."""
    fade: float = 1.0
    """What is left of the loudness while it dies away: 1, nothing has been taken from it, to 0."""
    cue: int = 0

    @property
    def file(self) -> str:
        return self.files[self.index]

    @property
    def following(self) -> str | None:
        """The file that begins by itself when this one is over; a station never is, and what has been stopped is not played to its end."""
        over = self.ends or self.live or self.state is MediaState.STOPPED or self.index + 1 >= len(self.files)
        return None if over else self.files[self.index + 1]

    @property
    def silent(self) -> bool:
        """No sound is wanted now, though the file may be loaded."""
        return self.state is not MediaState.PLAYING or self.held

    @property
    def idle(self) -> bool:
        """Nothing need be loaded. A station that is paused is let go of: what it sends meanwhile is not wanted."""
        return self.state is MediaState.STOPPED or (self.live and self.state is MediaState.PAUSED)

    @property
    def is_fading(self) -> bool:
        return self.fade < 1.0

    @property
    def amplitude(self) -> float:
        """0..1: the square of the level, as for the box's voice, the ducking, and the fade."""
        loud = (self.level / 100 * self.fade) ** 2
        return loud * 10 ** (-DUCKED_DB / 20) if self.ducked else loud

    def status(self) -> MediaStatus | None:
        if not self.files:
            return None
        return MediaStatus(self.file, self.index, len(self.files), self.state, self.position_s, self.speed)

    def playing(self, files: tuple[str, ...], start_s: float, first: int = 0) -> Course:
        if not files:
            return self
        return replace(self, files=files, live=False, speed=1.0, ends=False)._at(first, start_s)

    def tuning(self, stations: tuple[str, ...], first: int) -> Course:
        if not stations:
            return self
        return replace(self, files=stations, live=True, speed=1.0, ends=False)._at(first, 0.0)

    def pausing(self) -> Course:
        return replace(self, state=MediaState.PAUSED, fade=1.0) if self.state is MediaState.PLAYING else self

    def resuming(self) -> Course:
        if not self.files or self.state is MediaState.PLAYING:
            return replace(self, fade=1.0, ends=False)
        if self.idle:
            return self._at(self.index, self.position_s)
        return replace(self, state=MediaState.PLAYING, held=self.ducked)

    def stopping(self) -> Course:
        return replace(self, state=MediaState.STOPPED, held=False, fade=1.0)

    def softer(self, by: float) -> Course:
        """The next step of dying away, ``by`` of the whole; behind the last it is stopped. What is silent anyway stops at once."""
        left = self.fade - by
        return replace(self, fade=left) if left > 0 and not self.silent else self.stopping()

    def next(self) -> Course:
        """Beyond the last file it is stopped, and the last one would begin anew."""
        if self.index + 1 < len(self.files):
            return self._at(self.index + 1, 0.0)
        return replace(self.stopping(), position_s=0.0)

    def ending_after_this(self) -> Course:
        return replace(self, ends=True)

    def ending(self) -> Course:
        """The file is over by itself: on with the next if one is to follow, but a pause stays a pause. Nothing follows a station."""
        after = replace(self.stopping(), position_s=0.0, ends=False) if self.ends or self.live else self.next()
        return replace(after, state=MediaState.PAUSED) if self.state is MediaState.PAUSED and after.cue != self.cue else after

    def previous(self) -> Course:
        return self._at(max(0, self.index - 1), 0.0) if self.files else self

    def restarting(self) -> Course:
        return self._at(self.index, 0.0) if self.files else self

    def at_speed(self, speed: float) -> Course:
        return self if self.live else replace(self, speed=min(FASTEST, max(SLOWEST, speed)))

    def at_level(self, level: int) -> Course:
        return replace(self, level=min(100, max(0, level)))

    def ducking(self) -> Course:
        return replace(self, ducked=True)

    def unducking(self) -> Course:
        return replace(self, ducked=False, held=False)

    def reached(self, position_s: float) -> Course:
        return self if self.live else replace(self, position_s=position_s)

    def gone_over(self, to: Course) -> Course:
        """Whoever plays it has begun the file that ``to`` is at, and knows nothing else of it."""
        return replace(self, files=to.files, index=to.index, position_s=to.position_s, cue=to.cue)

    def again(self) -> Course:
        """The same, begun anew where it was: whoever played it is gone."""
        return replace(self, cue=self.cue + 1)

    def _at(self, index: int, position_s: float) -> Course:
        return replace(self, index=index, position_s=position_s, state=MediaState.PLAYING, held=self.ducked, fade=1.0,
                       cue=self.cue + 1)
