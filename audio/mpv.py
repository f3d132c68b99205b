"""The real media player: mpv, a process of its own, made to follow a :class:`audio.media_course.Course`.

Whoever orders changes the course at once; the thread ``media`` brings mpv after it. mpv is started for the first file,
started anew at the same place when it dies or hangs, and let go of when nothing has been played for a while: it holds 67 MB.
"""
from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

from assistant.errors import MediaError
from assistant.events import MediaEnded, MediaFailed, MediaPlayedOut, MediaStarted, PlayerLost
from assistant.ports import MediaState, MediaStatus, Post
from audio.media_course import Course
from audio.mpv_link import MpvLink, find_mpv

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often the position is asked for: what mpv repeats at most when it has died."""
HUNG_S = 5.0
"""An mpv that has not answered for so long is as good as dead."""
FADE_S, FADE_STEP_S = 12.0, 0.25
"""How long it takes to die away, and in what steps: nobody should be woken by a sudden silence."""
LOOKS_FOR_DEVICE = 5
"""Every so many looks: whether there is a sound device after all, if there was none."""
_OUTPUT_REQUEST = -2
LINGER_S = 60.0
"""How long mpv is kept when nothing is to be played."""
DEATHS, WITHIN_S = 3, 60.0
"""So many deaths in this time are given up on and reported; fewer are mended in silence."""


class MpvPlayer:
    """``MediaPlayer`` port."""

    def __init__(self, device: str = "", gain_db: Callable[[str], float] = lambda file: 0.0) -> None:
        """``device`` is an audio device by mpv's name (``mpv --audio-device=help``); empty is the system's default. ``gain_db`` tells
        by how much a file is to be played louder than it is."""
        self._device = device
        self._gain_db = gain_db
        self._guard = threading.Lock()
        self._course = Course()
        self._inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="media", daemon=True)
        self._post: Post = lambda event: None
        # all that follows belongs to the thread
        self._done = Course()
        self._link: MpvLink | None = None
        self._links = 0
        self._entry: int | None = None
        """mpv's number of the file that the course is at; None until mpv has taken it."""
        self._heard: tuple[str, ...] = ()
        """The files of the last order of which one could be played."""
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._asked_at: float | None = None
        self._idle_since = 0.0
        self._looks = 0

    # -- orders, from any thread ----------------------------------------------------------------------------------

    def start(self, post: Post) -> None:
        self._post = post
        self._thread.start()

    def play(self, files: tuple[str, ...], start_s: float = 0.0, first: int = 0) -> None:
        find_mpv()
        self._order(lambda course: course.playing(files, start_s, first))

    def pause(self) -> None:
        self._order(Course.pausing)

    def resume(self) -> None:
        find_mpv()
        self._order(Course.resuming)

    def stop(self) -> None:
        self._order(Course.stopping)

    def end_after_this(self) -> None:
        self._order(Course.ending_after_this)

    def fade(self) -> None:
        self._order(lambda course: course.softer(FADE_STEP_S / FADE_S))

    def next(self) -> None:
        before = self._course
        if self._order(Course.next).state is MediaState.STOPPED and before.state is not MediaState.STOPPED:
            self._post(MediaEnded())

    def previous(self) -> None:
        self._order(Course.previous)

    def restart(self) -> None:
        self._order(Course.restarting)

    def set_speed(self, speed: float) -> None:
        self._order(lambda course: course.at_speed(speed))

    def set_volume(self, level: int) -> None:
        self._order(lambda course: course.at_level(level))

    def duck(self) -> None:
        self._order(Course.ducking)

    def unduck(self) -> None:
        self._order(Course.unducking)

    def status(self) -> MediaStatus | None:
        return self._course.status()

    def close(self) -> None:
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join(10.0)

    def _order(self, change: Callable[[Course], Course]) -> Course:
        with self._guard:
            self._course = course = change(self._course)
        self._inbox.put(self._follow)
        return course

    # -- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        look_at = time.monotonic() + LOOK_S
        while True:
            until_s = max(0.0, look_at - time.monotonic())
            try:
                task = self._inbox.get(timeout=min(until_s, FADE_STEP_S) if self._course.is_fading else until_s)
            except queue.Empty:
                self._order(_faded)
                if time.monotonic() >= look_at:
                    self._look()
                    look_at = time.monotonic() + LOOK_S
                continue
            if task is None:
                break
            task()
        self._let_go()

    def _follow(self) -> None:
        """Tell mpv what the course says and it has not been told."""
        course, done = self._course, self._done
        if self._link is None:
            if course.state is MediaState.STOPPED or not self._started():
                self._done = self._course
                return
            done = Course()
        tell = self._link.tell
        if course.amplitude != done.amplitude or not done.cue:
            tell("set_property", "volume", round(100 * course.amplitude ** (1 / 3), 2))  # mpv's volume is cubic
        if course.speed != done.speed or not done.cue:
            tell("set_property", "speed", course.speed)
        if course.silent != done.silent or course.cue != done.cue:
            tell("set_property", "pause", course.silent)
        if course.state is MediaState.STOPPED and done.state is not MediaState.STOPPED:
            tell("stop")
            self._entry, self._idle_since = None, time.monotonic()
        elif course.cue != done.cue and course.state is not MediaState.STOPPED:
            self._load(course)
        self._done = course

    def _load(self, course: Course) -> None:
        self._entry = None
        self._link.tell("set_property", "start", f"+{course.position_s:.3f}" if course.position_s else "none")
        self._link.tell("set_property", "replaygain-fallback", self._gain_db(course.file))  # used of every file: tags are left alone
        self._link.tell("loadfile", course.file, "replace", request=_load_request(course))

    def _started(self) -> bool:
        self._links += 1
        try:
            self._link = MpvLink(lambda message, link=self._links: self._inbox.put(partial(self._hear, link, message)), self._device)
        except MediaError as error:
            self._give_up(str(error))
        self._asked_at = None
        return self._link is not None

    def _look(self) -> None:
        now, course = time.monotonic(), self._course
        if self._link is None:
            return
        if course.state is MediaState.STOPPED:
            if now - self._idle_since > LINGER_S:
                self._let_go()
        elif self._asked_at is None:
            self._asked_at = now
            self._link.tell("get_property", "time-pos", request=_position_request(course))
            self._looks += 1
            if self._looks % LOOKS_FOR_DEVICE == 0:
                self._link.tell("get_property", "current-ao", request=_OUTPUT_REQUEST)
        elif now - self._asked_at > HUNG_S:
            log.error("mpv has not answered for %.0f s and is killed", HUNG_S)
            self._link.process.kill()

    def _let_go(self) -> None:
        link, self._link = self._link, None
        if link:
            link.close()

    # -- what mpv says --------------------------------------------------------------------------------------------

    def _hear(self, link: int, message: Mapping | None) -> None:
        if link != self._links or self._link is None:
            return  # an mpv that has been let go of
        if message is None:
            self._died()
        elif "event" not in message:
            self._answered(message)
        elif message["event"] == "file-loaded" and self._entry is not None:
            self._heard = self._done.files
            self._post(MediaStarted(self._done.file))
        elif message["event"] == "end-file" and message.get("playlist_entry_id") == self._entry is not None:
            self._ended(message)

    def _answered(self, message: Mapping) -> None:
        request, data, course = message.get("request_id", 0), message.get("data"), self._done
        if request % 2:
            self._asked_at = None
        if request == _OUTPUT_REQUEST and data == "null":
            self._link.tell("ao-reload")  # mpv itself does not try again before it is begun anew
        elif request == _load_request(course) and isinstance(data, Mapping):
            self._entry = data.get("playlist_entry_id")
        elif request == _position_request(course) and isinstance(data, float | int):
            self._change_unless_overtaken(lambda now: now.reached(max(0.0, float(data))))

    def _ended(self, message: Mapping) -> None:
        """By itself: at its end, or because it cannot be played. On with the next, if nobody has ordered something else."""
        reason, file = message.get("reason"), self._done.file
        if reason not in ("eof", "error"):
            return
        if reason == "error":
            log.error("%s cannot be played: %s", file, message.get("file_error", "no reason given"))
        else:
            self._post(MediaPlayedOut(file))
        heard = self._heard is self._done.files
        if not self._change_unless_overtaken(Course.ending) or self._course.state is not MediaState.STOPPED:
            self._follow()
            return
        self._done = self._course
        self._entry, self._idle_since = None, time.monotonic()
        self._post(MediaEnded() if heard else MediaFailed(file, str(message.get("file_error", "unreadable"))))

    def _change_unless_overtaken(self, change: Callable[[Course], Course]) -> bool:
        """What mpv says is about the file that it was told to play; an order for another may be on its way."""
        with self._guard:
            current = self._course.cue == self._done.cue and self._course.state is not MediaState.STOPPED
            if current:
                self._course = change(self._course)
        return current

    def _died(self) -> None:
        code = self._link.process.wait()
        self._let_go()
        if self._course.state is MediaState.STOPPED:
            return
        now = time.monotonic()
        self._deaths.append(now)
        course = self._course
        if len(self._deaths) == DEATHS and now - self._deaths[0] < WITHIN_S:
            self._give_up(f"mpv ended {DEATHS} times by itself (the last time with {code}) while playing {course.file}")
            return
        log.error("mpv ended by itself (%s); %s goes on at %.0f s", code, course.file, course.position_s)
        self._order(Course.again)

    def _give_up(self, reason: str) -> None:
        self._deaths.clear()
        self._order(Course.stopping)
        self._post(PlayerLost(reason))


def _faded(course: Course) -> Course:
    return course.softer(FADE_STEP_S / FADE_S) if course.is_fading else course


def _load_request(course: Course) -> int:
    return 2 * course.cue


def _position_request(course: Course) -> int:
    return 2 * course.cue + 1
