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
from dataclasses import replace
from functools import partial

from assistant.errors import MediaError
from assistant.events import MediaEnded, MediaFailed, MediaPlayedOut, MediaStarted, PlayerLost, StreamLost
from assistant.feed import is_address
from assistant.ports import MediaState, MediaStatus, Post
from audio.media_course import Course
from audio.mpv_link import MpvLink, find_mpv
from audio.mpv_loaded import (
    OUTPUT_REQUEST,
    Following,
    Loaded,
    is_of_position,
    length_request,
    load_request,
    options,
    position_request,
)
from audio.reception import Reception

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often the position is asked for: what mpv repeats at most when it has died."""
HUNG_S = 5.0
"""An mpv that has not answered for so long is as good as dead."""
FADE_S, FADE_STEP_S = 12.0, 0.25
"""How long it takes to die away, and in what steps: nobody should be woken by a sudden silence."""
LOOKS_FOR_DEVICE = 5
"""Every so many looks: whether there is a sound device after all, if there was none."""
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
        self._loaded = Loaded()
        self._heard: tuple[str, ...] = ()
        """The files of the last order of which one could be played."""
        self._reception = Reception()
        """Of what comes over the network."""
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

    def tune(self, stations: tuple[str, ...], first: int = 0) -> None:
        find_mpv()
        self._order(lambda course: course.tuning(stations, first))

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
            if course.idle or not self._started():
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
        if course.idle and not done.idle:
            tell("stop")
            self._rest()
        elif course.cue != done.cue and not course.idle:
            self._load(course)
        self._done = course
        self._tell_what_follows()

    def _rest(self) -> None:
        """Nothing is loaded any more, or something else is."""
        self._loaded, self._idle_since = Loaded(), time.monotonic()

    def _load(self, course: Course) -> None:
        self._rest()
        self._receive(course)
        self._link.load(course.file, "replace", options(self._gain_db(course.file), course.position_s), load_request(course.cue))

    def _tell_what_follows(self) -> None:
        """So that mpv can go over to it without a gap; what is no longer to follow, or was to be louder or softer, is taken back."""
        if self._link is None or self._loaded.entry is None:
            return
        following, before = self._following(), self._loaded.next
        if following == before:
            return
        if before is not None:
            self._link.tell("playlist-clear")
        self._loaded = replace(self._loaded, next=following, next_entry=None)
        if following is not None:  # if there is nothing to wait for any more, mpv begins at once
            self._link.load(following.file, "append-play", options(following.gain_db), load_request(self._done.cue + 1))

    def _following(self) -> Following | None:
        """Nothing, as long as what plays may break off: mpv would go over to it instead of beginning again."""
        done, file = self._done, self._done.following
        if file is None or (is_address(done.file) and not self._loaded.is_near_the_end_at(done.position_s)):
            return None
        return Following(file, self._gain_db(file))

    def _started(self) -> bool:
        self._links += 1
        try:
            self._link = MpvLink(lambda message, link=self._links: self._inbox.put(partial(self._hear, link, message)), self._device)
        except MediaError as error:
            self._give_up(str(error))
        self._asked_at = None
        self._rest()
        return self._link is not None

    def _look(self) -> None:
        now, course = time.monotonic(), self._course
        if self._link is None:
            return
        if not course.idle and is_address(course.file):
            self._look_at_reception(now, course)
        if course.idle:
            if now - self._idle_since > LINGER_S:
                self._let_go()
        elif self._asked_at is None:
            self._tell_what_follows()
            self._asked_at = now
            self._link.tell("get_property", "time-pos", request=position_request(self._done.cue))
            if is_address(course.file):
                self._link.tell("get_property", "duration", request=length_request(self._done.cue))
            self._looks += 1
            if self._looks % LOOKS_FOR_DEVICE == 0:
                self._link.tell("get_property", "current-ao", request=OUTPUT_REQUEST)
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
        elif message["event"] == "file-loaded" and self._loaded.entry is not None:
            self._heard = self._done.files
            self._post(MediaStarted(self._done.file))
        elif message["event"] == "end-file" and message.get("playlist_entry_id") == self._loaded.entry is not None:
            self._ended(message)

    def _answered(self, message: Mapping) -> None:
        request, data, cue = message.get("request_id", 0), message.get("data"), self._done.cue
        if is_of_position(request):
            self._asked_at = None
        if request == OUTPUT_REQUEST and data == "null":
            self._link.tell("ao-reload")  # mpv itself does not try again before it is begun anew
        elif request == load_request(cue) and isinstance(data, Mapping):
            self._loaded = replace(self._loaded, entry=data.get("playlist_entry_id"))
            self._tell_what_follows()
        elif request == load_request(cue + 1) and isinstance(data, Mapping):
            self._loaded = replace(self._loaded, next_entry=data.get("playlist_entry_id"))
        elif request == position_request(cue) and isinstance(data, float | int):
            self._change_unless_overtaken(lambda now: now.reached(max(0.0, float(data))))
            self._reception = self._reception.moved(time.monotonic(), float(data))
        elif request == length_request(cue) and isinstance(data, float | int):
            self._loaded = replace(self._loaded, length_s=float(data))

    def _ended(self, message: Mapping) -> None:
        """By itself: at its end, or because it cannot be played. On with the next, if nobody has ordered something else."""
        reason, file = message.get("reason"), self._done.file
        if reason == "redirect" and "playlist_insert_id" in message:  # a list: it is over when the last that it leads to is
            last = message["playlist_insert_id"] + message["playlist_insert_num_entries"] - 1
            self._loaded = replace(self._loaded, entry=last)
            return
        if reason not in ("eof", "error", "redirect"):
            return
        if is_address(file) and (reason != "eof" or self._done.live or self._loaded.breaks_off_at(self._done.position_s)):
            self._broken_off(str(message.get("file_error", "it came to an end")))
            return
        if reason != "eof":
            log.error("%s cannot be played: %s", file, message.get("file_error", "no reason given"))
        else:
            self._post(MediaPlayedOut(file))
        heard = self._heard is self._done.files
        after = self._change_unless_overtaken(Course.ending)
        if after is None:
            self._follow()
        elif after.state is not MediaState.STOPPED:
            self._go_over(after)
            self._follow()
        else:
            if self._loaded.next is not None:  # it was told too late that nothing follows
                self._link.tell("stop")
            self._done = after
            self._rest()
            self._post(MediaEnded() if heard else MediaFailed(file, str(message.get("file_error", "unreadable"))))

    def _go_over(self, after: Course) -> None:
        """mpv has gone on by itself, if it was told to go on with that file."""
        if self._loaded.next is not None and self._loaded.next.file == after.file:
            self._done = self._done.gone_over(after)
            self._loaded = self._loaded.gone_over()
            self._receive(after)

    # -- what comes over the network -----------------------------------------------------------------------------------

    def _receive(self, course: Course) -> None:
        """It is waited for from now on, unless it has merely been begun again."""
        if course.cue != self._reception.cue:
            now = time.monotonic()
            self._reception = Reception(course.cue, now, now)

    def _look_at_reception(self, now: float, course: Course) -> None:
        if course.silent:
            self._reception = self._reception.rested(now)
        elif course.cue != self._done.cue:
            return
        elif self._reception.again_s is not None:
            if now >= self._reception.again_s:
                self._begin_again()
        elif self._reception.is_silent(now):
            self._broken_off("nothing is heard of it any more")

    def _begin_again(self) -> None:
        course = self._order(Course.again)
        self._reception = self._reception.begun_again(time.monotonic(), course.cue)

    def _broken_off(self, reason: str) -> None:
        """Or not even begun. It is begun again after a while, unless it has been given up on or something else is to be played."""
        now, file = time.monotonic(), self._done.file
        self._link.tell("stop")  # mpv may have gone over to what follows
        self._rest()
        self._reception = reception = self._reception.failed(now)
        if not reception.is_hopeless(now):
            log.warning("%s does not come (%s); tried again in %.0f s", file, reason, reception.wait_s)
        elif after := self._change_unless_overtaken(Course.stopping):
            self._done = after
            self._post(StreamLost(file, reason) if reception.heard else MediaFailed(file, reason))
        else:
            self._follow()

    def _change_unless_overtaken(self, change: Callable[[Course], Course]) -> Course | None:
        """What mpv says is about the file that it was told to play; an order for another may be on its way: then None."""
        with self._guard:
            if self._course.cue != self._done.cue or self._course.state is MediaState.STOPPED:
                return None
            self._course = course = change(self._course)
        return course

    def _died(self) -> None:
        code = self._link.process.wait()
        self._let_go()
        if self._course.idle:
            return
        now = time.monotonic()
        self._deaths.append(now)
        course = self._course
        if len(self._deaths) == DEATHS and now - self._deaths[0] < WITHIN_S:
            self._give_up(f"mpv ended {DEATHS} times by itself (the last time with {code}) while playing {course.file}")
            return
        log.error("mpv ended by itself (%s); %s goes on at %.0f s", code, course.file, course.position_s)
        self._begin_again()

    def _give_up(self, reason: str) -> None:
        self._deaths.clear()
        self._order(Course.stopping)
        self._post(PlayerLost(reason))


def _faded(course: Course) -> Course:
    return course.softer(FADE_STEP_S / FADE_S) if course.is_fading else course
