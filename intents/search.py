"""The cheapest ways through the network for an utterance.

Every token may match an arc's character (cost: distance in sound), be ignored (its own skip price), an arc may go unsaid
(deletion), or a slot may take several tokens at once. The table of cheapest costs, positions by states, is filled column
by column over all live arcs with numpy; a path is read back only for the few sentences that finish cheaply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intents.network import Network
from intents.normalize import FULL_PRICE, Token, Utterance
from intents.slots.span import Slots, Span
from intents.sound import Alphabet

Costs = NDArray[np.float32]
Indices = NDArray[np.intp]

UNSAID = 0.7
"""Leaving out a character of a template; particles may easily be dropped, negations not at all."""
UNSAID_PARTICLE = 0.15
UNSAID_NEGATION = 1.2
MISHEARD_DEAR = np.float32(0.4)
"""Added to hearing another word in one that is dear to ignore: 灯 is not a misheard 铃."""
EPSILON = 2e-4
FUNCTION_SKIP, FUNCTION_EVIDENCE = 0.1, 0.4
"""Words this cheap to skip are function words, and speak less for a sentence than others."""
BEAM = 500
"""States kept at each position."""
_NEGATIONS = set("不别没")
_PARTICLES = set("的了啊吧呀呢嘛吗个一下儿着得地")


@dataclass(frozen=True, slots=True)
class Path:
    """One way through: ``meaning`` is an index into the network's, ``evidence`` the number of characters that speak for it."""

    meaning: int
    cost: float
    evidence: float
    slots: Slots
    text: str
    """The sentence as the template has it, with the slots as they were said."""


@dataclass(frozen=True, slots=True)
class _Step:
    position: int
    state: int
    slots: Slots
    evidence: float
    text: str


class Search:
    """Compiled form of a network. :meth:`paths` is pure."""

    def __init__(self, network: Network) -> None:
        self._network = network
        order = np.argsort(network.source, kind="stable")
        self._target = network.target[order].astype(np.intp)
        self._label = network.label[order].astype(np.intp)
        self._source = network.source[order].astype(np.intp)
        self._from = np.searchsorted(self._source, np.arange(network.states + 1)).astype(np.intp)
        self._into = np.searchsorted(network.target, np.arange(network.states + 1)).astype(np.intp)
        self._alphabet = Alphabet([label if len(label) == 1 else "\uf8ff" for label in network.labels])
        self._unsaid = np.array([_unsaid(label) for label in network.labels], np.float32)
        self._slot_labels = {
            number: label[1:-1].split(":") for number, label in enumerate(network.labels) if len(label) > 1
        }
        self._slot_arcs = {number: np.flatnonzero(self._label == number) for number in self._slot_labels}
        self._is_slot = np.array([len(label) > 1 for label in network.labels])
        self._never_a_character = np.where(self._is_slot, np.float32(np.inf), np.float32(0))
        self._final_states = np.array(sorted(network.finals), np.intp)

    @property
    def wanted(self) -> frozenset[str]:
        """Template slots that some sentence uses."""
        return frozenset(name for name, _ in self._slot_labels.values())

    def paths(self, utterance: Utterance, spans: Mapping[str, list[Span]], limit: float, count: int) -> list[Path]:
        """Up to ``count`` cheapest meanings that cost at most ``limit``, cheapest first."""
        table = self._fill(utterance, spans, limit)
        last = table[-1, self._final_states]
        ranked = self._final_states[np.argsort(last, kind="stable")[: count * 3]]
        found: dict[int, Path] = {}
        for state in ranked.tolist():
            cost = float(table[-1, state])
            if cost > limit:
                break
            steps = self._trace(table, utterance, spans, state)
            evidence = sum(step.evidence for step in steps)
            slots = tuple(slot for step in steps for slot in step.slots)
            text = "".join(step.text for step in steps)
            for meaning in self._network.finals[state]:
                known = found.get(meaning)
                if known is None or (cost, -evidence) < (known.cost, -known.evidence):
                    found[meaning] = Path(meaning, cost, evidence, slots, text)
        return sorted(found.values(), key=lambda path: (path.cost, -path.evidence))[:count]

    def _outgoing(self, states: Indices) -> Indices:
        """Numbers of all arcs that leave ``states``."""
        counts = self._from[states + 1] - self._from[states]
        total = int(counts.sum())
        if not total:
            return np.empty(0, np.intp)
        starts = np.repeat(self._from[states] - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
        return starts + np.arange(total)

    def _fill(self, utterance: Utterance, spans: Mapping[str, list[Span]], limit: float) -> Costs:
        tokens = utterance.tokens
        table = np.full((len(tokens) + 1, self._network.states), np.inf, np.float32)
        table[0, 0] = 0.0
        starting = self._spans_by_start(spans)
        for position in range(len(tokens) + 1):
            row = table[position]
            fresh = self._prune(row, limit)
            while len(fresh):
                fresh = self._leave_unsaid(row, fresh, limit)
            live = np.flatnonzero(row <= limit)
            if position == len(tokens) or not len(live):
                continue
            following = table[position + 1]
            following[live] = np.minimum(following[live], row[live] + np.float32(tokens[position].skip))
            arcs = self._outgoing(live)
            hearing = self._hearing(tokens[position])
            costs = row[self._source[arcs]] + hearing[self._label[arcs]]
            cheap = costs <= limit
            np.minimum.at(following, self._target[arcs[cheap]], costs[cheap])
            for label, group in starting.get(position, {}).items():
                arcs = self._slot_arcs[label]
                before = row[self._source[arcs]]
                reached = before <= limit
                if not reached.any():
                    continue
                before, targets = before[reached], self._target[arcs[reached]]
                room = limit - float(before.min())
                for span in group:
                    if span.cost > room:
                        continue
                    np.minimum.at(table[span.end], targets, _up_to(before + np.float32(span.cost), limit))
        return table

    @staticmethod
    def _prune(row: Costs, limit: float) -> Indices:
        """Give up all but the cheapest states of a column; returns those kept."""
        live = np.flatnonzero(row <= limit)
        if len(live) > BEAM:
            costs = row[live]
            keep = costs <= np.partition(costs, BEAM)[BEAM]
            row[live[~keep]] = np.inf
            live = live[keep]
        return live

    def _hearing(self, token: Token) -> Costs:
        costs = self._alphabet.costs(token.char) + self._never_a_character
        if token.skip >= FULL_PRICE:
            costs = np.where(costs > 0, costs + MISHEARD_DEAR, costs)
        return costs

    def _leave_unsaid(self, row: Costs, states: Indices, limit: float) -> Indices:
        """Lower the cost of states reached by an arc that nobody said; returns those that changed."""
        arcs = self._outgoing(states[row[states] <= limit - UNSAID_PARTICLE])
        costs = row[self._source[arcs]] + self._unsaid[self._label[arcs]]
        better = (costs <= limit) & (costs < row[self._target[arcs]] - EPSILON)
        targets, costs = self._target[arcs[better]], costs[better]
        np.minimum.at(row, targets, costs)
        return targets[costs <= row[targets]]

    def _spans_by_start(self, spans: Mapping[str, list[Span]]) -> dict[int, dict[int, list[Span]]]:
        """Position -> number of the slot label -> the spans that begin there."""
        starting: dict[int, dict[int, list[Span]]] = {}
        for label, (name, _) in self._slot_labels.items():
            for span in spans.get(name, ()):
                starting.setdefault(span.start, {}).setdefault(label, []).append(span)
        return starting

    def _trace(self, table: Costs, utterance: Utterance, spans: Mapping[str, list[Span]], state: int) -> list[_Step]:
        steps = []
        position = len(utterance.tokens)
        while position > 0 or state != 0:
            step = self._back(table, utterance, spans, position, state)
            steps.append(step)
            position, state = step.position, step.state
        return steps[::-1]

    def _back(
        self, table: Costs, utterance: Utterance, spans: Mapping[str, list[Span]], position: int, state: int
    ) -> _Step:
        """The step that gave this state its cost: a character, a slot, a skipped token or an unsaid character."""
        cost = float(table[position, state])
        into = slice(int(self._into[state]), int(self._into[state + 1]))
        sources, labels = self._network.source[into], self._network.label[into]
        if position > 0:
            token = utterance.tokens[position - 1]
            hearing = self._hearing(token)[labels]
            for arc in _equal(table[position - 1, sources] + hearing, cost):
                heard = max(0.0, 1 - float(hearing[arc])) * (FUNCTION_EVIDENCE if token.skip <= FUNCTION_SKIP else 1.0)
                return _Step(position - 1, int(sources[arc]), (), heard, self._network.labels[labels[arc]])
        for arc in np.flatnonzero(self._is_slot[labels]):
            name, slot = self._slot_labels[int(labels[arc])]
            for span in spans.get(name, ()):
                if span.end == position and abs(table[span.start, sources[arc]] + span.cost - cost) < EPSILON:
                    said = utterance.chars[span.start : span.end]
                    return _Step(span.start, int(sources[arc]), _renamed(span.slots, name, slot), span.weight, said)
        if position > 0 and abs(table[position - 1, state] + utterance.tokens[position - 1].skip - cost) < EPSILON:
            return _Step(position - 1, state, (), 0.0, "")
        for arc in _equal(table[position, sources] + self._unsaid[labels], cost):
            return _Step(position, int(sources[arc]), (), 0.0, self._network.labels[labels[arc]])
        raise AssertionError(f"no step leads to state {state} at {position} with cost {cost}")


def _up_to(costs: Costs, limit: float) -> Costs:
    return np.where(costs <= limit, costs, np.float32(np.inf))


def _equal(costs: Costs, cost: float) -> Indices:
    return np.flatnonzero(np.abs(costs - cost) < EPSILON)


def _renamed(slots: Slots, name: str, slot: str) -> Slots:
    """Values of the list ``name`` go into ``slot``; 时间 parts of {when} keep their own names."""
    return tuple((slot if key == name else key, value) for key, value in slots)


def _unsaid(label: str) -> float:
    if len(label) > 1:
        return float("inf")
    if label in _NEGATIONS:
        return UNSAID_NEGATION
    return UNSAID_PARTICLE if label in _PARTICLES else UNSAID
