"""Somebody in the room who records all that the loudspeaker plays, on both channels, and knows which sample came when."""
from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bench.player.sound import RATE, Sound, parted
from bench.virtual_room import VirtualRoom

_FRAME = 4
_NEAR_S = 2.0
_POLL_S = 0.05
T = TypeVar("T")


class Recording:
    """Samples are counted from its beginning."""

    def __init__(self, stream) -> None:
        self._stream = stream
        self._pcm = bytearray()
        self._arrivals: list[tuple[float, int]] = []
        """When (monotonic) a block had come, and how many samples had then."""
        self._thread = threading.Thread(target=self._read, name="recording", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._pcm) // _FRAME

    def stereo(self, since: int) -> NDArray[np.int16]:
        """Of shape (samples, 2)."""
        whole = len(self)
        return np.frombuffer(bytes(self._pcm[since * _FRAME : whole * _FRAME]), np.int16).reshape(-1, 2)

    def sample_at(self, moment: float) -> int:
        """The sample that came out of the recorder at ``moment`` (monotonic). Blocks come late now and then, never early: the median
        of those around it tells."""
        arrivals = list(self._arrivals)
        near = [at - count / RATE for at, count in arrivals if abs(at - moment) < _NEAR_S] or [arrivals[-1][0] - arrivals[-1][1] / RATE]
        return round((moment - float(np.median(near))) * RATE)

    def wait(self, found: Callable[[Sound, Sound], T | None], since: int, timeout_s: float = 15.0) -> T:
        """What ``found(voice, music)`` makes of the sound from ``since`` on, as soon as that is not None. Raises TimeoutError."""
        end = time.monotonic() + timeout_s
        while True:
            result = found(*parted(self.stereo(since)))
            if result is not None:
                return result
            if time.monotonic() > end:
                raise TimeoutError(f"this was not heard within {timeout_s:.0f} s")
            time.sleep(_POLL_S)

    def until(self, sample: int) -> None:
        """Wait till that much is there."""
        self.wait(lambda voice, music: len(self) >= sample or None, max(0, sample - 1), sample / RATE + 15.0)

    def _read(self) -> None:
        while block := self._stream.read1(4096):
            self._pcm += block
            self._arrivals.append((time.monotonic(), len(self)))


@contextmanager
def recording(room: VirtualRoom) -> Iterator[Recording]:
    """The room's loudspeaker, which must be stereo, while inside."""
    recorder = subprocess.Popen(
        ["parec", "--device=speaker.monitor", f"--rate={RATE}", "--channels=2", "--format=s16le", "--latency-msec=10"],
        env=room.env, stdout=subprocess.PIPE)
    try:
        heard = Recording(recorder.stdout)
        heard.until(RATE // 10)
        yield heard
    finally:
        recorder.terminate()
        recorder.wait(10)
        heard._thread.join(10)
        recorder.stdout.close()
