"""What is still ahead of each state of the network: states from which no sentence can end cheaply need not be followed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float32]
Indices = NDArray[np.intp] | NDArray[np.int32]
"""What is kept for every arc has 32 bits: 16 MB less, and a tenth slower."""

BUNDLE = 2
"""Arcs that a node of its own must save."""
COLUMNS = 2
"""Arcs of a state that are compared side by side with those of others; most states have no more."""


@dataclass(frozen=True, slots=True)
class _Level:
    """States of one height, those with most arcs first: ``low`` .. ``high``, and their arcs, ``start`` .. ``end``.

    The first arc of each state lies in one row, the second of each that has one in another, of so many ``columns``; what is
    more than ``COLUMNS`` lies state by state, from ``rest`` on.
    """

    low: int
    high: int
    start: int
    end: int
    columns: tuple[int, ...]
    rest: Indices


class Outlook:
    """What it costs at least to finish a sentence from each state, given what was said anywhere in the utterance.

    Where several states share several arcs, those leave a node of their own: a third fewer arcs.
    """

    def __init__(self, source: Indices, target: Indices, label: Indices, states: int) -> None:
        self._states = states
        source, target, label, nodes = _bundled(source, target, label, states)
        height, degree = _heights(source, target, nodes), np.bincount(source, minlength=nodes)
        self._number = np.empty(nodes, np.int32)
        """State or node -> its number here."""
        self._number[np.lexsort((-degree, height))] = np.arange(nodes, dtype=np.int32)
        order = np.argsort(self._number[source], kind="stable")
        source = self._number[source[order]]
        rank = np.arange(len(source)) - np.searchsorted(source, source)
        bounds = np.searchsorted(np.sort(height), np.arange(1, height.max() + 2)).tolist()
        self._levels = []
        for low, high in itertools.pairwise(bounds):
            start, end = np.searchsorted(source, (low, high)).tolist()
            here = np.minimum(rank[start:end], COLUMNS)
            rows = np.argsort(here, kind="stable")
            order[start:end] = order[start:end][rows]
            *columns, more = np.bincount(here, minlength=COLUMNS + 1).tolist()
            rest = source[start:end][rows[len(rows) - more :]]
            self._levels.append(_Level(low, high, start, end, tuple(columns), np.flatnonzero(np.diff(rest, prepend=-1))))
        self._target, self._label = self._number[target[order]], label[order]

    def of(self, cheapest: Costs, finals: Indices) -> Costs:
        """State -> least cost to one of the ``finals``, where ``cheapest`` is what each label costs at best."""
        ahead = np.full(len(self._number), np.inf, np.float32)
        ahead[self._number[finals]] = 0.0
        prices = np.append(cheapest, np.float32(0))
        for level in self._levels:
            arcs = slice(level.start, level.end)
            # "clip" only because it is twice as fast: no number is outside
            onward = prices.take(self._label[arcs], mode="clip") + ahead.take(self._target[arcs], mode="clip")
            begin = 0
            for count in level.columns:
                least = ahead[level.low : level.low + count]
                np.minimum(least, onward[begin : begin + count], out=least)
                begin += count
            if len(level.rest):
                least = ahead[level.low : level.low + len(level.rest)]
                np.minimum(least, np.minimum.reduceat(onward[begin:], level.rest), out=least)
        return ahead[self._number[: self._states]]


def _heights(source: Indices, target: Indices, states: int) -> NDArray[np.intp]:
    """State -> the most arcs in a row that lead on from it."""
    height = np.zeros(states, np.intp)
    rising = True
    while rising:
        before = height.copy()
        np.maximum.at(height, source, height[target] + 1)
        rising = bool((before != height).any())
    return height


def _bundled(source: Indices, target: Indices, label: Indices, states: int) -> tuple[Indices, Indices, Indices, int]:
    """The arcs with nodes in between where that makes them fewer, and how many states and nodes there are.

    The arc from a state to a node has a label of its own, which costs nothing: the one after the last.
    """
    free = int(label.max()) + 1
    order = np.lexsort((source, target, label))
    begins = np.flatnonzero(np.diff(label[order], prepend=-1) | np.diff(target[order], prepend=-1))
    alike: dict[bytes, list[slice]] = {}
    for start, end in itertools.pairwise((*begins.tolist(), len(order))):
        alike.setdefault(source[order[start:end]].tobytes(), []).append(slice(start, end))
    kept = np.ones(len(order), bool)
    added: list[tuple[Indices, Indices, Indices]] = []
    for places in alike.values():
        sources = source[order[places[0]]]
        if len(sources) * len(places) > len(sources) + len(places) + BUNDLE:
            node = np.full(1, states, source.dtype)
            states += 1
            arcs = order[[place.start for place in places]]
            added.append((sources, node.repeat(len(sources)), np.full(len(sources), free, label.dtype)))
            added.append((node.repeat(len(arcs)), target[arcs], label[arcs]))
            for place in places:
                kept[place] = False
    rest = order[kept]
    columns = zip((source[rest], target[rest], label[rest]), *added, strict=True)
    source, target, label = (np.concatenate(column) for column in columns)
    return source, target, label, states
