"""Taking a room's echo out of an utterance: weighted prediction error (WPE).

What a room adds to a spectrum is predicted, band by band, from what was heard a few frames before, and subtracted; the few
frames left alone are the speech itself. Estimated over the whole utterance, with the variance of the speech and the filter
by turns: T. Nakatani et al., *Speech Dereverberation Based on Variance-Normalized Delayed Linear Prediction*, IEEE TASLP
18 (7), 2010. Band by band, so that a minute of sound takes a few megabytes more, not hundreds.
"""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.ports import Pcm

Spectrum = NDArray[np.complex128]

FRAME, HOP = 512, 128
"""Samples: 32 ms and 8 ms."""
TAPS, DELAY = 10, 3
"""Frames that the echo is predicted from, and frames before they begin."""
ROUNDS = 3
SHORTEST = 4000
"""Samples. There is nothing to be learnt from less."""
LOUDEST = 32_000
_WINDOW = np.hanning(FRAME + 1)[:-1]


def dereverberate(pcm: Pcm) -> Pcm:
    """The utterance (mono int16, 16 kHz) with less echo, as loud and as long as before."""
    if len(pcm) < SHORTEST or not pcm.any():
        return pcm
    dry = np.stack([_without_echo(band) for band in spectrum_of(pcm).T], axis=1)
    return _as_loud(sound_of(dry, len(pcm)), pcm)


def spectrum_of(pcm: Pcm) -> Spectrum:
    """Frame by frame, one row each; silence before and after is imagined."""
    sound = np.pad(pcm.astype(np.float64), FRAME)
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP]
    return np.fft.rfft(frames * _WINDOW, axis=1)


def sound_of(spectrum: Spectrum, length: int) -> NDArray[np.float64]:
    """``length`` samples again, from frames like those of :func:`spectrum_of`."""
    return _overlapped(spectrum, length + 2 * FRAME)[FRAME : FRAME + length]


def _without_echo(band: Spectrum) -> Spectrum:
    past = np.zeros((TAPS, len(band)), complex)
    for tap in range(TAPS):
        past[tap, DELAY + tap :] = band[: len(band) - DELAY - tap]
    dry = band
    for _ in range(ROUNDS):
        power = np.abs(dry) ** 2
        weighted = past / np.maximum(power, 1e-10 * power.max() + 1e-12)
        correlation = weighted @ past.conj().T
        steadied = correlation + np.eye(TAPS) * (1e-8 * np.trace(correlation).real / TAPS + 1e-12)
        dry = band - np.linalg.solve(steadied, weighted @ band.conj()).conj() @ past
    return dry


def _overlapped(spectrum: Spectrum, length: int) -> NDArray[np.float64]:
    sound, weight = np.zeros(length), np.zeros(length)
    for number, frame in enumerate(np.fft.irfft(spectrum, FRAME, axis=1) * _WINDOW):
        place = slice(number * HOP, number * HOP + FRAME)
        sound[place] += frame
        weight[place] += _WINDOW**2
    return sound / np.maximum(weight, 1e-6)


def _as_loud(dry: NDArray[np.float64], pcm: Pcm) -> Pcm:
    gain = np.sqrt((pcm.astype(np.float64) ** 2).mean() / max((dry**2).mean(), 1e-9))
    gain = min(gain, LOUDEST / max(np.abs(dry).max(), 1e-9))
    return np.round(dry * gain).astype(np.int16)
