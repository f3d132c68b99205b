"""A canceller and an ear at work on a simulated echo, in audio time: the loudspeaker can be lowered while the sound goes on."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from assistant.ports import EchoCanceller
from audio.ear import EarCore
from audio.echo import FRAME
from audio.timeline import samples
from bench.elders.acoustics import Sound
from bench.playback.echo_path import EchoPath, room_noise, to_pcm

GLIDE = 10 ** (-2 / 20)
"""By how much the loudness changes in 10 ms while it is lowered: 20 dB in a tenth of a second, as the player does it."""
REVERBERATES_S = 0.5


class Playback:
    """What is played, and the microphone in the same room. ``gain`` is the loudness that is asked for, 1 being full."""

    def __init__(self, core: EarCore, canceller: EchoCanceller, path: EchoPath, far: Sound, echo_level: float) -> None:
        """``echo_level``: RMS of the echo at the microphone while it is not lowered, full scale being 1."""
        self._core = core
        self._canceller = canceller
        self._far = far.copy()
        self._path = path
        echo = path.echo(far)
        loudness = float(np.sqrt(np.mean(echo.astype(np.float64) ** 2)))
        self._coupling = np.float32(echo_level / max(loudness, 1e-9))
        self._echo = echo * self._coupling
        self._noise = room_noise(len(far))
        self._gain = 1.0
        self.gain = 1.0
        self.position = 0
        """Samples that have been played."""

    def left(self) -> int:
        """Whole frames until nothing is played any more."""
        return (len(self._far) - self.position) // FRAME

    def hear(self, voice: Sound) -> Iterator[object]:
        """The ear's facts while ``voice`` sounds at the microphone, beside the echo of as much as is played meanwhile."""
        for start in range(0, len(voice) // FRAME * FRAME, FRAME):
            now = slice(self.position, self.position + FRAME)
            self._glide()
            near = to_pcm(voice[start : start + FRAME] + self._gain * self._echo[now] + self._noise[now])
            self.position = now.stop
            yield from self._core.feed(self._canceller.process(near, to_pcm(self._gain * self._far[now])))

    def hear_for(self, seconds: float) -> Iterator[object]:
        """The same while nobody speaks."""
        yield from self.hear(np.zeros(samples(seconds), np.float32))

    def play(self, sound: Sound, after_s: float) -> int:
        """Beside what is played anyway, beginning so much later; the position where it ends."""
        start = self.position + samples(after_s)
        reverberant = np.concatenate((sound, np.zeros(samples(REVERBERATES_S), np.float32)))
        for where, added in ((self._far, sound), (self._echo, self._path.echo(reverberant) * self._coupling)):
            where[start : start + len(added)] += added[: max(0, len(where) - start)]
        return start + len(sound)

    def hush(self) -> int:
        """Nothing more is played, but the room still sounds of what was; the position where it ends."""
        self._far[self.position :] = 0
        self._echo[self.position + samples(REVERBERATES_S) :] = 0
        return self.position

    def _glide(self) -> None:
        if self._gain > self.gain:
            self._gain = max(self.gain, self._gain * GLIDE)
        else:
            self._gain = min(self.gain, self._gain / GLIDE)
