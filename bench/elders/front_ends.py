"""What else could be done with the sound and with two hearings of it, to be measured beside what the product does.

Treatments take and give a whole utterance (mono int16, 16 kHz) and keep its length.
"""
from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.ports import SAMPLE_RATE, Pcm
from audio.denoise import whole
from audio.dereverb import HOP
from audio.ears import Readings
from intents.model import Hypothesis, Source

LEVEL = 3000.0
"""RMS of the speech after :func:`gain`: 21 dB below full scale."""
PAUSE_DB = 30.0
"""Frames this far below the loudest are pauses, and do not count as speech level."""
MOST_GAIN = 100.0
LOW, HIGH = 100.0, 7000.0
"""Hz that :func:`band_pass` lets through..."""
LOW_EDGE, HIGH_EDGE = 30.0, 400.0
"""...and within how many it fades beside them."""


def gain(pcm: Pcm) -> Pcm:
    """Speech at one level."""
    frames = pcm[: len(pcm) // HOP * HOP].reshape(-1, HOP).astype(np.float64)
    power = (frames**2).mean(axis=1)
    if not power.any():
        return pcm
    level = np.sqrt(power[power >= power.max() * 10 ** (-PAUSE_DB / 10)].mean())
    return whole(pcm * min(LEVEL / level, MOST_GAIN))


def band_pass(pcm: Pcm) -> Pcm:
    """Without hum and rumble below speech, and hiss above it."""
    size = len(pcm) + SAMPLE_RATE // 10  # so that the end does not ring into the beginning
    frequency = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    inside = np.minimum((frequency - LOW) / LOW_EDGE, (HIGH - frequency) / HIGH_EDGE)
    kept = 0.5 + 0.5 * np.cos(np.pi * np.clip(-inside, 0.0, 1.0))
    return whole(np.fft.irfft(np.fft.rfft(pcm, size) * kept, size)[: len(pcm)])


def both(first: Readings, second: Readings) -> Readings:
    """The readings of two hearings. Scores of different sound do not compare: the likeliest of each counts the same."""
    tops = [max((reading.score for reading in readings if reading.score is not None), default=0.0) for readings in (first, second)]
    found: dict[tuple[Source, str], Hypothesis] = {}
    for reading in (*first, *(replace(reading, score=(reading.score or 0.0) + tops[0] - tops[1]) for reading in second)):
        known = found.get((reading.source, reading.text))
        if known is None or (reading.score or 0.0) > (known.score or 0.0):
            found[reading.source, reading.text] = reading
    return tuple(sorted(found.values(), key=lambda reading: (reading.source is Source.GRAMMAR, -(reading.score or 0.0))))
