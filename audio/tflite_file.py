"""The layers with weights in a TFLite file, in the order in which they are computed.

The file is read by its format: the module that LiteRT generates for it holds 4 MB for twelve classes' worth of reading.
Layout facts: the flatbuffers binary format (flatbuffers.dev/internals: a table begins with the signed distance back to its
vtable, whose uint16 entries are the fields' places or 0; a vector is a uint32 length and its elements; tables in a vector
are uint32 distances) and TFLite's schema.fbs for the numbers of the fields.
"""
from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_ADD, _CONV_2D, _TRANSPOSE_CONV = 0, 3, 67
_FLOAT32 = 0


class Layer(NamedTuple):
    """``weight`` [taps, in, out], ``bias`` [out]."""

    weight: Array
    bias: Array


class _Table(NamedTuple):
    data: bytes
    at: int

    def _place(self, field: int) -> int:
        vtable = self.at - struct.unpack_from("<i", self.data, self.at)[0]
        size, slot = struct.unpack_from("<H", self.data, vtable)[0], 4 + 2 * field
        offset = struct.unpack_from("<H", self.data, vtable + slot)[0] if slot < size else 0
        return self.at + offset if offset else 0

    def number(self, field: int, kind: str) -> int:
        place = self._place(field)
        return struct.unpack_from(kind, self.data, place)[0] if place else 0

    def vector(self, field: int, kind: type = np.int32) -> NDArray:
        place = self._place(field)
        if not place:
            return np.zeros(0, kind)
        start = place + struct.unpack_from("<I", self.data, place)[0]
        return np.frombuffer(self.data, kind, struct.unpack_from("<I", self.data, start)[0], start + 4)

    def tables(self, field: int) -> list[_Table]:
        distances = self.vector(field, np.uint32)
        place = self._place(field)
        start = place + struct.unpack_from("<I", self.data, place)[0] + 4
        return [_Table(self.data, start + 4 * index + int(distance)) for index, distance in enumerate(distances)]


def layers(model: bytes) -> tuple[list[Layer], list[Layer]]:
    """Convolutions and transposed convolutions. A bias may stand in the operator, in an addition behind it, or in both.

    Raises struct.error, IndexError, ValueError, TypeError for what is no such file.
    """
    root = _Table(model, struct.unpack_from("<I", model)[0])
    kinds = [max(code.number(0, "<b"), code.number(3, "<i")) for code in root.tables(1)]
    graph, buffers = root.tables(2)[0], root.tables(4)
    tensors = graph.tables(0)
    found: dict[int, list[Layer]] = {_CONV_2D: [], _TRANSPOSE_CONV: []}
    latest: Layer | None = None
    for operator in graph.tables(3):
        kind = kinds[operator.number(0, "<I")]
        inputs = [_constant(tensors[number], buffers) if number >= 0 else None for number in operator.vector(1)]
        if kind in found:
            out, height, width, into = inputs[1].shape
            weight = inputs[1].reshape(out, height * width, into).transpose(1, 2, 0).copy()
            own_bias = inputs[2] if kind == _CONV_2D else None
            latest = Layer(weight, np.zeros(out, np.float32) if own_bias is None else own_bias.copy())
            found[kind].append(latest)
        elif kind == _ADD and latest is not None and inputs[1] is not None:
            latest.bias[:] += inputs[1]
            latest = None
    return found[_CONV_2D], found[_TRANSPOSE_CONV]


def _constant(tensor: _Table, buffers: list[_Table]) -> Array | None:
    """A float tensor that the file holds; None for one that is computed."""
    data = buffers[tensor.number(2, "<I")].vector(0, np.uint8)
    if tensor.number(1, "<b") != _FLOAT32 or not len(data):
        return None
    return data.view("<f4").reshape(tensor.vector(0))
