"""The real player with its events at hand, for the tests that listen to it."""
from __future__ import annotations

import os
import queue
import time

import psutil

from audio.mpv import MpvPlayer


class Watched:
    """A player whose events can be waited for."""

    def __init__(self) -> None:
        self.player = MpvPlayer("pulse/speaker")
        self.events: queue.SimpleQueue = queue.SimpleQueue()
        self.player.start(self.events.put)
        self.player.set_volume(100)

    def wait(self, kind: type, timeout_s: float = 10.0):
        end = time.monotonic() + timeout_s
        while True:
            event = self.events.get(timeout=max(0.0, end - time.monotonic()))
            if isinstance(event, kind):
                return event

    def until(self, wanted, timeout_s: float = 10.0) -> None:
        """The position comes from mpv about once a second, without an event."""
        end = time.monotonic() + timeout_s
        while not wanted(self.player.status()):
            assert time.monotonic() < end, self.player.status()
            time.sleep(0.02)


def mpv_processes(of: int | None = None) -> list[psutil.Process]:
    children = psutil.Process(of or os.getpid()).children(recursive=True)
    return [child for child in children if child.status() != psutil.STATUS_ZOMBIE and "mpv" in child.name()]
