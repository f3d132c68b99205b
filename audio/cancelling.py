"""A microphone that does not hear what the box itself plays."""
from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from assistant.ports import EchoCanceller, Microphone, Pcm, Post
from audio.echo import FRAME


class FarEnd(Protocol):
    """What the loudspeaker plays, in step with a microphone."""

    def start(self) -> None: ...

    def take(self, samples: int) -> Pcm:
        """Exactly so many samples, mono int16 at 16 kHz: silence where nothing is played, or nothing is known of it."""
        ...

    def stop(self) -> None: ...


class CancellingMicrophone:
    """``Microphone`` port around another one. The work is done on the capture's thread: 10 ms take a third of one at most."""

    def __init__(self, microphone: Microphone, far_end: FarEnd, canceller: EchoCanceller, done_already: Callable[[], bool] = lambda: False
                 ) -> None:
        """``done_already`` is asked for each chunk: somebody else has taken the echo out of it, and it is left alone."""
        self._microphone = microphone
        self._far_end = far_end
        self._canceller = canceller
        self._done_already = done_already
        self._rest = np.zeros(0, np.int16)

    def start(self, on_chunk: Callable[[Pcm], None], post: Post) -> None:
        self._far_end.start()
        self._microphone.start(lambda pcm: self._cancel(pcm, on_chunk), post)

    def stop(self) -> None:
        self._microphone.stop()
        self._far_end.stop()

    def _cancel(self, pcm: Pcm, on_chunk: Callable[[Pcm], None]) -> None:
        waiting = np.concatenate((self._rest, pcm))
        whole = len(waiting) // FRAME * FRAME
        self._rest = waiting[whole:]
        if not whole:
            return
        played = self._far_end.take(whole)
        if self._done_already():
            on_chunk(waiting[:whole])
            return
        frames = [self._canceller.process(waiting[at : at + FRAME], played[at : at + FRAME]) for at in range(0, whole, FRAME)]
        on_chunk(np.concatenate(frames))
