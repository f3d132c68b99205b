"""Takes the random dropout out of the acoustic model: LiteRT alone can then run it, and a sentence always sounds alike.

The published FastSpeech2 graph was exported with two live dropout layers, after the f0 and the energy embedding: each
is ``x -> Mul by 1/(1-p) -> Mul by Cast(GreaterEqual(RandomUniform, p))``. RandomUniform exists only as a TensorFlow
("Flex") operator, which LiteRT does not carry. At inference a dropout layer passes its input on unchanged, so the
consumers are connected to ``x`` and the operators RandomUniform, GreaterEqual, Cast and Mul leave the list.

The edit is made inside the flatbuffer's own bytes instead of unpacking and packing it again: the result then depends on
the input alone, not on the version of the flatbuffers library, and its hash can stand in the catalogue.
Layout facts: TFLite schema (`SubGraph.operators` is the fourth field) and the flatbuffers binary format (a vector is a
uint32 length and then, for tables, uint32 offsets each relative to its own position).
"""
from __future__ import annotations

import struct

from ai_edge_litert import schema_py_generated as schema

from assistant.errors import ModelCorrupt

_RANDOM = b"FlexRandomUniform"
_OPERATORS_SLOT = 4 + 2 * 3
_CHAIN = "RandomUniform -> GreaterEqual -> Cast -> Mul"


def remove_random_dropout(model: bytes) -> bytes:
    """The same TFLite model without its dropout layers. Raises ModelCorrupt for any other model."""
    data = bytearray(model)
    try:
        root = schema.Model.GetRootAs(data, 0)
        graph = root.Subgraphs(0)
        islands = _find_islands(root, graph)
    except (struct.error, IndexError, TypeError, AttributeError, ValueError) as error:
        raise ModelCorrupt(f"acoustic model: not a TFLite file of the expected shape ({error})") from error
    if not islands:
        raise ModelCorrupt(f"acoustic model: no {_CHAIN} found")
    bypass = {output: source for output, source, _ in islands}
    for position in range(graph.OperatorsLength()):
        inputs = graph.Operators(position).InputsAsNumpy()
        for slot, tensor in enumerate(inputs):
            inputs[slot] = bypass.get(int(tensor), tensor)
    _drop_operators(data, graph, {position for _, _, chain in islands for position in chain})
    return bytes(data)


def _find_islands(root: schema.Model, graph: schema.SubGraph) -> list[tuple[int, int, tuple[int, ...]]]:
    """(tensor the island yields, tensor that entered the dropout, positions of the operators to drop) per island."""
    operators = [graph.Operators(i) for i in range(graph.OperatorsLength())]
    random_codes = {i for i in range(root.OperatorCodesLength()) if root.OperatorCodes(i).CustomCode() == _RANDOM}
    readers: dict[int, list[int]] = {}
    maker: dict[int, int] = {}
    for position, operator in enumerate(operators):
        for tensor in operator.InputsAsNumpy():
            readers.setdefault(int(tensor), []).append(position)
        for tensor in operator.OutputsAsNumpy():
            maker[int(tensor)] = position

    def only_reader(position: int) -> int:
        found = readers.get(operators[position].Outputs(0), [])
        if len(found) != 1:
            raise ModelCorrupt(f"acoustic model: operator {position} is not part of a plain {_CHAIN}")
        return found[0]

    islands = []
    for position, operator in enumerate(operators):
        if operator.OpcodeIndex() not in random_codes:
            continue
        compare = only_reader(position)
        cast = only_reader(compare)
        multiply = only_reader(cast)
        mask = operators[cast].Outputs(0)
        scaled = next(int(t) for t in operators[multiply].InputsAsNumpy() if int(t) != mask)
        source = _computed_input(root, graph, operators[maker[scaled]])
        islands.append((operators[multiply].Outputs(0), source, (position, compare, cast, multiply)))
    return islands


def _computed_input(root: schema.Model, graph: schema.SubGraph, scale: schema.Operator) -> int:
    """Of the two inputs of the scaling Mul, the one that is no constant (a constant has bytes in its buffer)."""
    for tensor in scale.InputsAsNumpy():
        if root.Buffers(graph.Tensors(int(tensor)).Buffer()).DataLength() == 0:
            return int(tensor)
    raise ModelCorrupt("acoustic model: a dropout layer scales a constant")


def _drop_operators(data: bytearray, graph: schema.SubGraph, dropped: set[int]) -> None:
    """Close the gaps in the vector of operators; offsets are relative, so each is recomputed for its new place."""
    table = graph._tab  # the generated code offers no public way to the position of a vector
    first = table.Vector(table.Offset(_OPERATORS_SLOT))
    length = graph.OperatorsLength()
    places = [first + 4 * i for i in range(length)]
    targets = [place + struct.unpack_from("<I", data, place)[0] for place in places]
    kept = [target for i, target in enumerate(targets) if i not in dropped]
    for place, target in zip(places, kept, strict=False):
        struct.pack_into("<I", data, place, target - place)
    struct.pack_into("<I", data, first - 4, len(kept))
