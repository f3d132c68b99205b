"""Taking steady noise out of an utterance, a fan or a kettle, in the spectrum."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.ports import SAMPLE_RATE, Pcm
from audio.dereverb import FRAME, HOP, LOUDEST, SHORTEST, dereverberate, sound_of, spectrum_of

Power = NDArray[np.float64]

SMOOTHING = 0.85
"""Of the power whose minimum is sought, from frame to frame."""
EDGE = FRAME // HOP
"""Frames at both ends that are partly imagined silence, which is no noise."""
MINIMUM_FRAMES = 2 * SAMPLE_RATE // HOP
"""Frames among which the quietest is taken for noise alone: two seconds, longer than people speak without a gap in a band."""
MINIMUM_BIAS = 2.7
"""Mean noise over the minimum of its smoothed power, for these two figures (measured on white noise)."""
DECISION = 0.98
"""Weight of the last frame's result in the a priori SNR."""
LEAST_SNR = 10 ** (-25 / 10)
LEAST_GAIN = 10 ** (-15 / 20)
"""What is left of noise alone. A recogniser takes holes in the sound worse than noise."""


def suppress(pcm: Pcm) -> Pcm:
    """Less noise: the estimator of the least error in log spectral amplitude, with the decision-directed a priori SNR
    (Y. Ephraim and D. Malah, *Speech Enhancement Using a Minimum Mean-Square Error Log-Spectral Amplitude Estimator*, IEEE
    TASSP 33 (2), 1985); the noise by minimum statistics (after R. Martin, IEEE TSAP 9 (5), 2001, with one smoothing
    constant and one bias instead of his optimal ones; the utterance is over, so the minimum looks both ways)."""
    if len(pcm) < SHORTEST or not pcm.any():
        return pcm
    spectrum = spectrum_of(pcm)
    power = np.abs(spectrum) ** 2
    snr = power / _noise(power)
    gains = np.empty_like(snr)
    clean = np.ones_like(snr[0])
    for number, posterior in enumerate(snr):
        prior = np.maximum(DECISION * clean + (1 - DECISION) * np.maximum(posterior - 1, 0), LEAST_SNR)
        gains[number] = np.maximum(_log_mmse(prior, posterior), LEAST_GAIN)
        clean = gains[number] ** 2 * posterior
    return whole(sound_of(spectrum * gains, len(pcm)))


def dry_and_quiet(pcm: Pcm) -> Pcm:
    """Echo first: the prediction of it is linear in the sound, and what suppression leaves is not."""
    return suppress(dereverberate(pcm))


def _noise(power: Power) -> Power:
    """Of each frame and band: the least power around, corrected by what a minimum is below the mean."""
    inside = power[EDGE:-EDGE]
    smooth = np.empty_like(inside)
    last = inside[0]
    for number, frame in enumerate(inside):
        smooth[number] = last = SMOOTHING * last + (1 - SMOOTHING) * frame
    around = np.pad(smooth, ((MINIMUM_FRAMES // 2,) * 2, (0, 0)), constant_values=np.inf)
    least = np.lib.stride_tricks.sliding_window_view(around, MINIMUM_FRAMES // 2 * 2 + 1, axis=0).min(axis=-1)
    return np.maximum(MINIMUM_BIAS * np.pad(least, ((EDGE, EDGE), (0, 0)), mode="edge"), 1e-9)


def _log_mmse(prior: Power, posterior: Power) -> Power:
    wiener = prior / (1 + prior)
    return np.minimum(wiener * np.exp(0.5 * _e1(wiener * posterior)), 1.0)


def _e1_table() -> tuple[Power, Power]:
    """The exponential integral on a logarithmic grid: the integral of exp(-exp(u)) over u from log x on."""
    u = np.linspace(np.log(1e-8), np.log(50.0), 4000)
    value = np.exp(-np.exp(u))
    steps = (value[1:] + value[:-1]) / 2 * np.diff(u)
    return u, np.append(np.cumsum(steps[::-1])[::-1], 0.0)


_E1 = _e1_table()


def _e1(x: Power) -> Power:
    return np.interp(np.log(np.maximum(x, 1e-8)), *_E1)


def whole(sound: NDArray[np.float64]) -> Pcm:
    """As int16: turned down where it would be clipped."""
    peak = np.abs(sound).max(initial=0.0)
    return np.round(sound * min(1.0, LOUDEST / max(peak, 1e-9))).astype(np.int16)
