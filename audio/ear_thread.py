"""The ear's thread: sound and orders go in without blocking, facts come out through ``post``."""
from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from assistant.commands import Listen
from assistant.events import PatienceLearned
from assistant.ports import SAMPLE_RATE, Pcm, Post
from audio.ear import EarCore, Order, SetPhrases, SpeakingBegan, SpeakingEnded
from audio.recognizer import Phrase
from audio.timeline import samples

log = logging.getLogger(__name__)

STOP = object()


class Ear:
    """Runs an ``EarCore`` in its own thread: sound and orders go in without blocking, facts come out through ``post``.

    ``make_core`` is called in the thread, so that the model is loaded where it is used. Sound that cannot be dealt
    with in time (``backlog_s``) is dropped and counted; orders are never dropped.
    """

    def __init__(self, make_core: Callable[[], EarCore], post: Post, backlog_s: float = 10.0) -> None:
        self._make_core = make_core
        self._post = post
        self._backlog = samples(backlog_s)
        self._items: deque[object] = deque()
        self._waiting_samples = 0
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._heard_at = time.monotonic()
        self.dropped_samples = 0
        self._thread = threading.Thread(target=self._run, name="ear", daemon=True)

    def begin(self) -> None:
        """Start loading and return at once. Orders given from now on are carried out when the model is warm."""
        self._thread.start()

    def wait_ready(self, timeout_s: float = 60.0) -> None:
        """Returns when the model is warm. Raises whatever making the core raised, TimeoutError when it hangs."""
        if not self._ready.wait(timeout_s):
            raise TimeoutError(f"the ear was not ready within {timeout_s:.0f} s")
        if self._failure is not None:
            raise self._failure

    def start(self, timeout_s: float = 60.0) -> None:
        """Both, for those who have nothing to do meanwhile."""
        self.begin()
        self.wait_ready(timeout_s)

    def hear(self, pcm: Pcm) -> None:
        """A chunk from the microphone; never blocks."""
        with self._changed:
            if self._waiting_samples + len(pcm) > self._backlog:
                if self.dropped_samples == 0:
                    log.warning("the ear is too slow: sound is being dropped")
                self.dropped_samples += len(pcm)
                return
            self._items.append(pcm)
            self._waiting_samples += len(pcm)
            self._changed.notify()

    def obey(self, order: Order) -> None:
        """Queue an order behind the sound that has already come; never blocks, never dropped."""
        with self._changed:
            self._items.append(order)
            self._changed.notify()

    def listen(self, turn: int, window_s: float, extra_patience_s: float = 0.0) -> None:
        """Open the listening window of ``turn``; see ``assistant.commands.Listen``."""
        self.obey(Listen(turn, window_s, extra_patience_s))

    def speaking_began(self, says: str = "") -> None:
        """The loudspeaker is about to sound, with these words."""
        self.obey(SpeakingBegan(says))

    def speaking_ended(self) -> None:
        """The loudspeaker is silent."""
        self.obey(SpeakingEnded())

    def set_phrases(self, phrases: Sequence[Phrase]) -> None:
        """Swap the grammar; takes effect between utterances."""
        self.obey(SetPhrases(tuple(tuple(phrase) for phrase in phrases)))

    def last_chunk_age(self) -> float:
        """Seconds since a chunk was last dealt with: large when the microphone or this thread is dead."""
        return time.monotonic() - self._heard_at

    def behind_s(self) -> float:
        """Seconds of sound that wait to be dealt with."""
        return self._waiting_samples / SAMPLE_RATE

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop and join; idempotent. Raises TimeoutError when the thread does not end."""
        if not self._thread.is_alive():
            return
        with self._changed:
            self._items.append(STOP)
            self._changed.notify()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise TimeoutError(f"the ear did not stop within {timeout_s:.0f} s")
        if self.dropped_samples:
            log.warning("the ear dropped %.1f s of sound", self.dropped_samples / SAMPLE_RATE)

    def _next(self) -> object:
        with self._changed:
            self._changed.wait_for(lambda: self._items)
            item = self._items.popleft()
            if isinstance(item, np.ndarray):
                self._waiting_samples -= len(item)
            return item

    def _run(self) -> None:
        try:
            core = self._make_core()
        except Exception as error:  # noqa: BLE001 - whatever it is, wait_ready() must raise it in the caller's thread
            self._failure = error
            return
        finally:
            self._ready.set()
        self._heard_at = time.monotonic()
        told = core.learner.patience_s
        while (item := self._next()) is not STOP:
            try:
                if isinstance(item, np.ndarray):
                    for event in core.feed(item):
                        self._post(event)
                    self._heard_at = time.monotonic()
                    if core.learner.patience_s != told:
                        told = core.learner.patience_s
                        self._post(PatienceLearned(told))
                else:
                    core.obey(item)  # type: ignore[arg-type]
            except Exception:  # an ear that dies is a box that is deaf until somebody restarts it
                # The fault is logged, and after one in feed() the chunk's age grows, so that the watchdog acts if it does not pass.
                log.exception("the ear stumbled over %s", type(item).__name__)
