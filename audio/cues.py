"""Tones that call, and fixed sentences worth having ready. Old ears hear 500-2000 Hz best and dislike hard attacks."""
from __future__ import annotations

import numpy as np

from assistant.ports import Pcm

WORD_CUES = ("哎，我在。", "您说。", "您慢慢说。", "好的。", "我没听清，您再说一遍。", "我先歇着了，您叫我一声我就来。")
"""Said often enough to be kept ready; the first acknowledges the wake phrase."""

_ATTACK_S = 0.03
_PEAK = 0.45


def timer_ring(sample_rate: int = 16_000) -> Pcm:
    """Three calls of a rising pair, 2.6 s: clear from the next room, not alarming."""
    call = [_tone(784, 0.28, sample_rate), _tone(1047, 0.4, sample_rate), _silence(0.2, sample_rate)]
    return np.concatenate(call * 3)


def attention(sample_rate: int = 16_000) -> Pcm:
    """Two soft notes before a notice, 0.7 s."""
    return np.concatenate([_tone(659, 0.25, sample_rate), _tone(880, 0.35, sample_rate), _silence(0.1, sample_rate)])


def error(sample_rate: int = 16_000) -> Pcm:
    """Two falling notes: something did not work, 0.7 s."""
    return np.concatenate([_tone(784, 0.25, sample_rate), _tone(523, 0.35, sample_rate), _silence(0.1, sample_rate)])


TONES = {"ring": timer_ring, "attention": attention, "error": error}


def _tone(frequency: float, seconds: float, sample_rate: int) -> Pcm:
    t = np.arange(int(seconds * sample_rate)) / sample_rate
    wave = np.sin(2 * np.pi * frequency * t) + 0.25 * np.sin(4 * np.pi * frequency * t) * (frequency <= 1000)
    rise = np.minimum(1.0, t / _ATTACK_S)
    fall = np.exp(-3.0 * t / seconds) * np.minimum(1.0, (seconds - t) / _ATTACK_S)
    return np.rint(wave / 1.25 * rise * fall * _PEAK * 32767).astype(np.int16)


def _silence(seconds: float, sample_rate: int) -> Pcm:
    return np.zeros(int(seconds * sample_rate), np.int16)
