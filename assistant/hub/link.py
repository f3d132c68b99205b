"""The thread that listens to the hub: joins it, holds the line open, and has every message written down before anything follows from it."""
from __future__ import annotations

import datetime as dt
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence

from assistant.errors import StoreError, maintainer_line
from assistant.hub import client
from assistant.hub.client import HubClient, NotReached, TurnedAway
from assistant.hub.course import TURNED_AWAY_S, Course, Way
from assistant.hub.joining import Joiner, public_key
from assistant.hub.store import HubStore
from assistant.ports import Post
from hub.messages import Message, MessageRefused, opened

log = logging.getLogger(__name__)

FULL_DISK_S = 60.0
AT_ONCE_S = 3.0
"""Whoever says no says it sooner; who keeps an answer back until it is whole is silent for longer."""
FAILURES_TO_TELL = 3
"""In a row, which take ten seconds: a hub that starts together with its box is not there at once."""
_JOIN_S = 5.0


class HubLink:
    """``taken`` is called when a message has been written down: there are receipts to be sent. Both run in the link's thread."""

    def __init__(self, store: HubStore, client: HubClient, joiner: Joiner, now: Callable[[], dt.datetime], taken: Callable[[], None]) -> None:
        """``now`` in UTC."""
        self._store = store
        self._client = client
        self._joiner = joiner
        self._now = now
        self._taken = taken
        self._post: Post = lambda event: None
        self._course = Course()
        self._caught_up = False
        self._refused = 0
        self._is_known = True
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-link", daemon=True)

    def start(self, post: Post) -> None:
        self._post = post
        self._thread.start()

    def ask_to_join(self) -> None:
        """Somebody wants the box to join now; from any thread. Nothing where it has."""
        if self._store.membership() is None:
            self._joiner.ask_anew()
            self._wake.set()

    def close(self) -> None:
        """Idempotent."""
        self._closing.set()
        self._wake.set()
        self._client.hang_up()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)
            if self._thread.is_alive():
                log.warning("the hub's line did not end within %.0f s", _JOIN_S)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            self._wait(self._turn())
        self._client.close()

    def _wait(self, seconds: float) -> None:
        if not self._closing.is_set():
            self._wake.wait(seconds)

    def _turn(self) -> float:
        """Asks once, or as long as the line holds; returns the seconds until the next time."""
        try:
            if self._store.membership() is None:
                return self._join()
            wait_s = self._listen()
            self._is_known = True
            return wait_s
        except TurnedAway as error:
            if self._is_known:
                log.error("the hub has turned this box away: %s", error)
            self._is_known = False
            return TURNED_AWAY_S
        except NotReached as error:
            log.log(logging.WARNING if self._course.failures >= FAILURES_TO_TELL else logging.INFO, "hub: %s", error)
            self._course = self._course.not_reached()
        except StoreError as error:
            log.error(maintainer_line(error))
            return FULL_DISK_S
        except Exception:  # a line that has died of a mistake of ours would leave the home without notices, and nobody would know
            log.exception("the hub's line")
            self._course = self._course.not_reached()
        return self._course.wait_s(random.random())

    def _join(self) -> float:
        wait_s = self._joiner.turn(self._post)
        if self._store.membership() is not None:
            self._taken()
        return wait_s

    def _listen(self) -> float:
        if self._course.way is Way.POLL:
            self._catch_up()
            self._course = self._course.polled()
        else:
            self._hold()
        return self._course.wait_s(random.random())

    def _hold(self) -> None:
        """Holds the line until it ends."""
        if not self._caught_up:  # a month's messages in one piece are written down in one piece
            self._catch_up()
            self._caught_up = True
        began, signs = time.monotonic(), 0
        try:
            with self._client.line(self._store.last, self._store.seen) as lines:
                for line in lines:
                    signs += 1
                    if self._closing.is_set():
                        return
                    if line is not None and self._take([line]):
                        self._catch_up()
        except NotReached as error:
            log.info("hub: %s", error)
        lasted_s = time.monotonic() - began
        if signs:
            self._course = self._course.lasted(lasted_s)
        elif lasted_s < min(AT_ONCE_S, client.SILENCE_S / 2):  # refused: a hub that is being started anew is no reason to ask but now and then
            self._course = self._course.not_reached()
        else:
            self._course = self._course.was_silent()

    def _catch_up(self) -> None:
        """Asks for what there is until there is no more. Raises NotReached, TurnedAway, StoreError."""
        while not self._closing.is_set():
            before = self._store.last
            lines = self._client.messages(before, self._store.seen)
            is_gap = self._take(lines)
            if not lines:
                return
            if is_gap or self._store.last == before:
                raise NotReached(f"message {self._store.last + 1} is missing, or is not the hub's")

    def _take(self, lines: Sequence[str]) -> bool:
        """Whether one is missing before the next. What is not from this hub, or for another box, is not there at all."""
        messages = [message for line in lines if (message := self._opened(line)) is not None]
        intake = self._store.take(messages, self._now(), self._client.skew)
        if messages:
            self._taken()
        for event in intake.events:
            self._post(event)
        return intake.is_gap

    def _opened(self, line: str) -> Message | None:
        membership = self._store.membership()
        try:
            return opened(line, public_key(membership.hub_key), membership.box)
        except MessageRefused as error:
            self._refused += 1
            log.error("refused a message (%d so far): %s", self._refused, error)
            return None
