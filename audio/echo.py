"""Acoustic echo cancellation in this process: what the box itself plays is taken out of what its microphone hears.

A partitioned-block frequency-domain Kalman filter estimates the echo path (loudspeaker, room, microphone) and subtracts its
echo: G. Enzner and P. Vary, *Frequency-domain adaptive Kalman filter for acoustic echo control in hands-free telephones*,
Signal Processing 86 (2006); partitioned as by F. Kuech, E. Mabande and G. Enzner, ICASSP 2014. Its step size is the ratio
of the path's uncertainty to all that the microphone hears beside the echo, so a person who speaks at the same time (double
talk) stops the learning by themselves; no detector is needed. Nothing is suppressed beyond the subtraction: a recogniser hears a
voice with some echo better than a voice with holes.
"""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.ports import SAMPLE_RATE, Pcm

FRAME = SAMPLE_RATE // 100
"""Samples in one frame: 10 ms."""
TAIL_S = 0.4
"""Echo that comes later than this is not cancelled: the delay of the sound card and the length of the room together."""
_FFT = 2 * FRAME
_FORGETTING = 0.9995
"""How much of the path is expected to be the same 10 ms later (the state transition factor)."""
_NOISE_SMOOTHING = 0.5
"""Of the spectrum of what is no echo. With 0.9 the filter is 2 dB worse after three seconds of speech, in which the syllables
are shorter than it remembers."""
_UNKNOWN = 0.3
"""Variance of the path's spectrum before anything has been played. With 1 speech is learnt from more slowly (by 2 dB after three
seconds), with 0.1 music (by 2 dB)."""
_CONSTRAINED = 4
"""Partitions that are freed of circular wrapping in each frame, in turn: to do it to all of them would take most of the time."""
_REMEMBERED = 0.98
"""Of the energies by which a wrong path is known, 10 ms later."""
_AUDIBLE = 0.03
"""An estimated echo that is a smaller share of what the microphone hears says nothing about its path."""
_WRONG = 30
"""Frames in a row after which a path that adds to what is heard, instead of taking from it, is given up. It is so sure of itself that it
would be in the way for ten seconds and more, when a sound server has come out of step; a new one is better within one."""
_FLOOR = 1e-7
"""Power of full-scale sound's spectrum below which nothing is learnt: about -70 dBFS."""


class AdaptiveEchoCanceller:
    """``EchoCanceller`` port. One stream; not for several threads."""

    def __init__(self, tail_s: float = TAIL_S) -> None:
        """``tail_s``: seconds by which the echo may come after its far end."""
        self._partitions = max(1, round(tail_s * SAMPLE_RATE / FRAME))
        bins = FRAME + 1
        self._far = np.zeros((self._partitions, bins), np.complex64)
        self._power = np.zeros((self._partitions, bins), np.float32)
        self._forget()
        self._last = np.zeros(FRAME, np.float32)
        self._turn = 0
        self._silent = self._partitions
        """Frames since something was played: after a whole tail of silence there is no echo, and nothing to do."""

    def _forget(self) -> None:
        """Nothing is known of the path."""
        shape = self._far.shape
        self._path = np.zeros(shape, np.complex64)
        self._doubt = np.full(shape, _UNKNOWN, np.float32)
        self._beside = np.full(shape[1], _FLOOR, np.float32)
        self._energies = np.zeros(3)
        self._wrong = 0

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        """One frame of the microphone without the echo of ``far``; both mono int16 of ``FRAME`` samples at 16 kHz."""
        self._silent = 0 if far.any() else self._silent + 1
        if self._silent > self._partitions:
            return near
        heard, played = near.astype(np.float32) / 32768, far.astype(np.float32) / 32768
        self._play(np.fft.rfft(np.concatenate((self._last, played))))
        self._last = played
        echo = np.fft.irfft((self._far * self._path).sum(axis=0), _FFT)[FRAME:]
        rest = heard - echo
        if self._is_wrong(heard, echo, rest):
            self._forget()
        self._learn(np.fft.rfft(np.concatenate((np.zeros(FRAME, np.float32), rest))))
        return np.clip(np.round(rest * 32768), -32768, 32767).astype(np.int16)

    def _is_wrong(self, *sounds: NDArray[np.float32]) -> bool:
        """Of the right path's echo so much energy is taken away as it has itself, whoever else speaks; a wrong one adds its own."""
        self._energies = _REMEMBERED * self._energies + [float(sound @ sound) for sound in sounds]
        heard, echo, rest = self._energies
        self._wrong = self._wrong + 1 if rest > heard and echo > _AUDIBLE * heard else 0
        return self._wrong >= _WRONG

    def _play(self, newest: NDArray[np.complex64]) -> None:
        for kept, value in ((self._far, newest), (self._power, np.abs(newest) ** 2)):
            kept[1:] = kept[:-1]
            kept[0] = value

    def _learn(self, rest: NDArray[np.complex64]) -> None:
        self._beside *= _NOISE_SMOOTHING
        self._beside += (1 - _NOISE_SMOOTHING) * np.abs(rest) ** 2
        heard = self._power * self._doubt
        explained = heard.sum(axis=0) + 2 * self._beside + _FLOOR
        self._path += np.conj(self._far) * self._doubt * (rest / explained)
        self._constrain()
        square = _FORGETTING**2
        self._doubt *= square * (1 - 0.5 * heard / explained)
        self._doubt += (1 - square) * (self._path.real**2 + self._path.imag**2)

    def _constrain(self) -> None:
        """Each partition is ``FRAME`` taps long: what has wrapped into its other half is none of the path's."""
        first = self._turn % self._partitions
        self._turn = first + _CONSTRAINED
        taps = np.fft.irfft(self._path[first : first + _CONSTRAINED], _FFT, axis=1)
        taps[:, FRAME:] = 0
        self._path[first : first + _CONSTRAINED] = np.fft.rfft(taps, axis=1)
