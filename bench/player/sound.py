"""What a recording of the loudspeaker tells: when something begins, ends, is lowered or falls silent, and which place of a file sounds.

The loudspeaker is stereo and every file of the bench is silent on its left, while a voice, being mono, is the same on both sides:
left is the voice, right less left is the music, exactly, however both sound at once. All functions are pure; moments are samples.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.ports import SAMPLE_RATE as RATE

Sound = NDArray[np.float32]
"""Mono, full scale being 1."""

SOUNDS = 10 ** (-50 / 20)
"""Amplitude from which on a sample is sound: some 30 dB below what is played."""
SILENT_FOR = RATE // 20
"""So many samples without sound are silence; a low tone is near zero for less."""
WINDOW, HOP = RATE // 50, RATE // 200
"""In which, and how often, a level is measured: 20 ms, every 5 ms."""
LOWERED_FOR_S = 0.1
"""What was softer for less is no lowering."""
GAP = RATE // 100
"""A silence of so many samples within a tone is a gap."""
LOWEST_HZ, STEP_HZ = 600.0, 25.0
"""The pitch at a file's beginning, and by how much it has risen a second later."""
SECONDS = 90
"""The length of a file of the bench."""
SILENCE_DB = -100.0
_PLACE_WINDOW = RATE // 4


@dataclass(frozen=True, slots=True)
class Lowering:
    """``after_s`` seconds behind the event it was lower by what was wanted, None if it never was; ``by_db`` is by how much in the end."""

    after_s: float | None
    by_db: float


def parted(stereo: NDArray[np.int16]) -> tuple[Sound, Sound]:
    """The voice and the music of a recording of shape (samples, 2)."""
    sound = stereo.astype(np.float32) / 32768
    return sound[:, 0], sound[:, 1] - sound[:, 0]


def begins(sound: Sound, since: int = 0) -> int | None:
    """The first sample of a sound that comes out of a silence, ``since`` or later; None if there is none."""
    loud = np.flatnonzero(np.abs(sound) > SOUNDS)
    before = np.concatenate(([-SILENT_FOR - 1], loud[:-1]))
    fresh = loud[(loud - before > SILENT_FOR) & (loud >= since)]
    return int(fresh[0]) if len(fresh) else None


def ends(sound: Sound, until: int | None = None) -> int | None:
    """The sample behind the last sound before ``until``; None if there is none."""
    loud = np.flatnonzero(np.abs(sound[:until]) > SOUNDS)
    return int(loud[-1]) + 1 if len(loud) else None


def silence(sound: Sound, since: int) -> int | None:
    """The first sample from ``since`` on behind which nothing sounds for :data:`SILENT_FOR`; None if there is none."""
    loud = np.flatnonzero(np.abs(sound[since:]) > SOUNDS)
    edges = np.concatenate(([-1], loud, [len(sound) - since]))
    pauses = np.flatnonzero(np.diff(edges) > SILENT_FOR)
    return since + int(edges[pauses[0]]) + 1 if len(pauses) else None


def levels_db(sound: Sound) -> NDArray[np.float64]:
    """RMS in dBFS of each :data:`WINDOW`; number n ends at sample ``WINDOW + n * HOP``."""
    if len(sound) < WINDOW:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP].astype(np.float64)
    return 10 * np.log10(np.maximum(np.mean(windows**2, axis=1), 10 ** (SILENCE_DB / 10)))


def lowered(sound: Sound, event: int, before: tuple[float, float], wanted_db: float) -> Lowering:
    """How soon after ``event`` the sound is at least ``wanted_db`` below its level of ``before`` (from, to: seconds to the event, as
    -2.0, -1.0), not to be louder again in all that was recorded. It may have been before the event. ``by_db`` is from then on."""
    level = levels_db(sound)
    moments = (WINDOW + HOP * np.arange(len(level)) - event) / RATE
    full = float(np.median(level[(moments >= before[0]) & (moments < before[1])]))
    loud = np.flatnonzero(level > full - wanted_db)
    after = level[loud[-1] + 1 :] if len(loud) else level
    if len(after) < LOWERED_FOR_S * RATE / HOP:
        return Lowering(None, full - float(np.median(level[moments >= 0])))
    return Lowering(float(moments[-len(after)]), full - float(np.median(after)))


def gaps_ms(sound: Sound) -> list[float]:
    """Milliseconds of each silence of :data:`GAP` or more within the sound: what plays stumbles."""
    loud = np.flatnonzero(np.abs(sound) > SOUNDS)
    pauses = np.diff(loud)
    return [round(1000 * float(pause) / RATE, 1) for pause in pauses[pauses > GAP]]


def place_s(sound: Sound, at: int) -> float:
    """The second of its file that sounds at sample ``at``, by the pitch; exact to a tenth. Raises ValueError when nothing sounds there."""
    part = sound[at : at + _PLACE_WINDOW]
    if len(part) < _PLACE_WINDOW or np.max(np.abs(part)) <= SOUNDS:
        raise ValueError(f"nothing sounds at {at / RATE:.2f} s")
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 8 * len(part)))
    hertz = float(np.argmax(spectrum)) * RATE / (8 * len(part))
    return (hertz - LOWEST_HZ) / STEP_HZ - _PLACE_WINDOW / RATE / 2  # the pitch is that of the middle


def rising_tone(seconds: int, rate: int) -> NDArray[np.float32]:
    """Of shape (samples, 2), silent on the left; its pitch tells the place."""
    hertz = LOWEST_HZ + STEP_HZ * np.arange(seconds * rate) / rate
    tone = 0.3 * np.sin(2 * np.pi * np.cumsum(hertz) / rate)
    return np.stack((np.zeros_like(tone), tone), axis=1).astype(np.float32)
