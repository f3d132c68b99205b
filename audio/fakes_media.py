"""The media player that makes no sound and needs no mpv: for tests, the demo, and looking on."""
from __future__ import annotations

from collections.abc import Callable, Container

from assistant.errors import PlayerMissing
from assistant.events import MediaEnded, MediaFailed, MediaPlayedOut, MediaStarted, StreamLost
from assistant.ports import MediaState, MediaStatus, Post
from audio.media_course import Course


class SimulatedPlayer:
    """``MediaPlayer`` port. A file plays until :meth:`finish`; those in ``unplayable`` are passed over as by the real one.

    ``missing``, while true, is a machine without mpv.
    """

    def __init__(self, unplayable: Container[str] = ()) -> None:
        self.course = Course()
        self.missing = False
        self.closed = False
        self._unplayable = unplayable
        self._post: Post = lambda event: None

    def start(self, post: Post) -> None:
        self._post = post

    def play(self, files: tuple[str, ...], start_s: float = 0.0, first: int = 0) -> None:
        self._must_be_there()
        self._begin(lambda course: course.playing(files, start_s, first))

    def tune(self, stations: tuple[str, ...], first: int = 0) -> None:
        self._must_be_there()
        self._begin(lambda course: course.tuning(stations, first))

    def pause(self) -> None:
        self.course = self.course.pausing()

    def resume(self) -> None:
        self._must_be_there()
        self._begin(Course.resuming)

    def stop(self) -> None:
        self.course = self.course.stopping()

    def end_after_this(self) -> None:
        self.course = self.course.ending_after_this()

    def fade(self) -> None:
        """At once: there is nothing to be heard that could die away."""
        self.stop()

    def next(self) -> None:
        self._begin(Course.next)

    def previous(self) -> None:
        self._begin(Course.previous)

    def restart(self) -> None:
        self._begin(Course.restarting)

    def set_speed(self, speed: float) -> None:
        self.course = self.course.at_speed(speed)

    def set_volume(self, level: int) -> None:
        self.course = self.course.at_level(level)

    def duck(self) -> None:
        self.course = self.course.ducking()

    def unduck(self) -> None:
        self.course = self.course.unducking()

    def status(self) -> MediaStatus | None:
        return self.course.status()

    def close(self) -> None:
        self.course, self.closed = self.course.stopping(), True

    def finish(self) -> None:
        """The file that plays comes to its end."""
        self._post(MediaPlayedOut(self.course.file))
        self._begin(Course.ending)

    def lose(self) -> None:
        """What comes over the network has broken off and does not come back."""
        self.course = self.course.stopping()
        self._post(StreamLost(self.course.file, "simulated"))

    def _must_be_there(self) -> None:
        if self.missing:
            raise PlayerMissing("a machine without mpv is simulated")

    def _begin(self, change: Callable[[Course], Course]) -> None:
        before, self.course = self.course, change(self.course)
        anything = self.course.files is before.files and before.state is not MediaState.STOPPED
        while self.course.cue != before.cue and self.course.file in self._unplayable:
            before, self.course = self.course, self.course.ending()
        if self.course.cue != before.cue:
            self._post(MediaStarted(self.course.file))
        elif self.course.state is MediaState.STOPPED and before.state is not MediaState.STOPPED:
            self._post(MediaEnded() if anything else MediaFailed(self.course.file, "simulated"))
