"""Stand-ins for the outside world that keep its contracts: for tests, the demo, and a box without hardware."""
from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum

import numpy as np

from assistant.events import MicFailed, MicRestored
from assistant.ports import SAMPLE_RATE, Pcm, Post


class Pace(Enum):
    """How fast a simulated microphone delivers."""

    REAL_TIME = "real-time"
    CONSUMER = "as fast as the consumer takes it"


class SimulatedMicrophone:
    """Implements the port ``Microphone``: delivers what is played into it, and silence when there is nothing.

    At the pace of the consumer it delivers only what has been played (silence would never end), and ``drained`` tells
    when all of it has been delivered. ``unplug`` loses sound, as a real cable does.
    """

    def __init__(self, pace: Pace = Pace.REAL_TIME, chunk: int = 512) -> None:
        self._pace = pace
        self._chunk = chunk
        self._sound: deque[Pcm] = deque()
        self._changed = threading.Condition()
        self._plugged = True
        self._stopping = False
        self._idle = True
        self._post: Post | None = None
        self._thread: threading.Thread | None = None

    def start(self, on_chunk: Callable[[Pcm], None], post: Post) -> None:
        self._stopping, self._post = False, post
        self._thread = threading.Thread(target=self._run, args=(on_chunk,), name="simulated-microphone", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(5.0)
            self._thread = None

    def play(self, pcm: Pcm) -> None:
        """Say this (16 kHz, int16) into the microphone, after what is already waiting."""
        with self._changed:
            self._sound.append(np.asarray(pcm, dtype=np.int16))
            self._idle = False
            self._changed.notify_all()

    def drained(self, timeout_s: float) -> bool:
        """Wait until everything played has been delivered; False when it takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._idle, timeout_s)

    def unplug(self, reason: str = "unplugged") -> None:
        """The cable is out: waiting sound is lost, nothing is delivered; reported once."""
        with self._changed:
            was, self._plugged = self._plugged, False
            self._sound.clear()
            self._idle = True
            self._changed.notify_all()
        if was and self._post is not None:
            self._post(MicFailed(reason))

    def replug(self) -> None:
        """The cable is back; reported once."""
        with self._changed:
            was, self._plugged = self._plugged, True
            self._changed.notify_all()
        if not was and self._post is not None:
            self._post(MicRestored())

    def _run(self, on_chunk: Callable[[Pcm], None]) -> None:
        due = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(self._may_deliver)
                if self._stopping:
                    return
                chunk = self._take()
            on_chunk(chunk)
            with self._changed:
                if not self._sound:
                    self._idle = True
                    self._changed.notify_all()
                if self._pace is Pace.REAL_TIME:
                    due = max(due + len(chunk) / SAMPLE_RATE, time.monotonic() - 1.0)
                    self._changed.wait_for(lambda: self._stopping, max(0.0, due - time.monotonic()))

    def _may_deliver(self) -> bool:
        return self._stopping or (self._plugged and (bool(self._sound) or self._pace is Pace.REAL_TIME))

    def _take(self) -> Pcm:
        if not self._sound:
            return np.zeros(self._chunk, dtype=np.int16)
        pcm = self._sound.popleft()
        if len(pcm) > self._chunk:
            self._sound.appendleft(pcm[self._chunk :])
        return pcm[: self._chunk]
