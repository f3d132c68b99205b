"""The one place where facts arrive: any thread posts, the main thread takes."""
from __future__ import annotations

import logging
import queue

from assistant.events import Event

log = logging.getLogger(__name__)

CAPACITY = 1000


class Mailbox:
    """A bounded queue that never blocks the poster. A full box means the loop hangs: drops are counted and logged."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Event] = queue.Queue(CAPACITY)
        self.dropped = 0

    def post(self, event: Event) -> None:
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self.dropped += 1
            log.error("mailbox full: dropped %r (%d so far)", event, self.dropped)

    def take(self, timeout_s: float) -> Event | None:
        """The next event, or None when none came in time."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None
