"""The cheapest ways through the network for an utterance.

Every token may match an arc's character (cost: distance in sound), be ignored (its own skip price), an arc may go unsaid
(deletion), or a slot may take several tokens at once. The table of cheapest costs, positions by states, is filled column
by column over all live arcs with numpy; a path is read back only for the few sentences that finish cheaply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from intents.network import PARTICLES, Network
from intents.normalize import FULL_PRICE, Token, Utterance
from intents.outlook import Costs, Indices, Outlook
from intents.slots.span import Slots, Span
from intents.sound import STANDARD, Accent, Alphabet

UNSAID = 0.85
"""Leaving out a character of a template; particles may easily be dropped, negations not at all."""
UNSAID_PARTICLE = 0.15
UNSAID_NEGATION = 1.2
UNSAID_QUESTION = 1.1
"""A statement lacks just the word that would make it a question."""
MISHEARD_DEAR = np.float32(0.4)
"""Added to hearing another word in one that is dear to ignore: 灯 is not a misheard 铃."""
CLAUSES_IGNORED = np.float32(0.65)
"""Ignoring whole clauses in front of the one that matters, or behind it."""
MISHEARD_LIGHTLY = np.float32(0.3)
"""What is beyond the usual confusions counts twice."""
MISHEARD_AT_MOST = np.float32(0.7)
"""Characters further apart are not one heard as the other."""
EPSILON = 2e-4
DROPPED = "_"
"""``{list:_}``: what is heard there is of no use."""
FUNCTION_SKIP, FUNCTION_EVIDENCE = 0.1, 0.4
"""Words this cheap to skip are function words, and speak less for a sentence than others."""
MOST_UNSAID = 3
"""Characters in a row."""
BEAM = 300
"""States kept at each position."""
MOST_HEARINGS = 150
"""Characters whose costs are remembered, about 10 kB each."""
_NEGATIONS = set("不别没让")
_QUESTIONS = set("吗么谁什几哪多怎")


@dataclass(frozen=True, slots=True)
class Path:
    """One way through: ``meaning`` is an index into the network's, ``evidence`` the number of characters that speak for it."""

    meaning: int
    cost: float
    evidence: float
    slots: Slots
    text: str
    """The sentence as the template has it, with the slots as they were said."""
    taken: tuple[tuple[int, int], ...] = ()
    """The tokens that went into slots, as ranges."""


@dataclass(frozen=True, slots=True)
class _Step:
    position: int
    state: int
    slots: Slots
    evidence: float
    text: str


def _ranges(first: Indices, count: Indices) -> tuple[Indices, Indices]:
    """For each of the ranges ``first`` .. ``first + count`` its number, repeated, and the numbers in it."""
    which = np.repeat(np.arange(len(count)), count)
    return which, (first - np.cumsum(count) + count)[which] + np.arange(len(which))


class _Arcs:
    """The arcs by the state they leave: first the particles, then the other characters, then the slots."""

    def __init__(self, network: Network) -> None:
        kinds = np.array([2 if len(label) > 1 else int(label not in PARTICLES) for label in network.labels])[network.label]
        self._first = np.searchsorted(network.source, np.arange(network.states)).astype(np.int32)
        self._particles, self._characters, self._all = (
            np.bincount(network.source[kinds <= kind], minlength=network.states).astype(np.int32) for kind in range(3)
        )
        opening = slice(0, int(self._characters[0]))
        self._opening = np.searchsorted(network.label[opening], np.arange(len(network.labels) + 1)).astype(np.int32)

    def characters(self, states: Indices) -> Indices:
        """Numbers of those that leave ``states`` with a character."""
        return _ranges(self._first[states], self._characters[states])[1]

    def openings(self, labels: Indices) -> Indices:
        """Of those that leave the first state, the ones with these characters."""
        return _ranges(self._opening[labels], self._opening[labels + 1] - self._opening[labels])[1]

    def slots(self, states: Indices) -> Indices:
        """Those that leave ``states`` with a slot."""
        characters = self._characters[states]
        return _ranges(self._first[states] + characters, self._all[states] - characters)[1]

    def unsaid(self, states: Indices, words: NDArray[np.bool_]) -> Indices:
        """Those that may go unsaid; of the states where ``words`` may not, only particles."""
        return _ranges(self._first[states], np.where(words, self._characters[states], self._particles[states]))[1]


@dataclass(frozen=True, slots=True)
class _Spans:
    """Spans that begin at one place: list number -> ``first`` and ``count`` of its ``end`` and ``cost``."""

    first: Indices
    count: Indices
    end: Indices
    cost: Costs

    @classmethod
    def of(cls, cheapest: Mapping[tuple[int, int], float], lists: int) -> _Spans:
        keys = np.array(list(cheapest), np.intp).reshape(-1, 2)
        count = np.bincount(keys[:, 0], minlength=lists)
        return cls(np.cumsum(count) - count, count, keys[:, 1], np.array(list(cheapest.values()), np.float32))


class Search:
    """Compiled form of a network. :meth:`paths` is pure."""

    def __init__(self, network: Network, accent: Accent = STANDARD) -> None:
        self._network = network
        self._source, self._target, self._label = network.source, network.target, network.label
        self._by_target = np.argsort(network.target, kind="stable").astype(np.int32)
        self._into = np.searchsorted(network.target[self._by_target], np.arange(network.states + 1)).astype(np.int32)
        self._arcs = _Arcs(network)
        self._alphabet = Alphabet([label if len(label) == 1 else "\uf8ff" for label in network.labels], accent)
        self._unsaid = np.array([_unsaid(label) for label in network.labels], np.float32)
        self._slot_labels = {
            number: label[1:-1].split(":") for number, label in enumerate(network.labels) if len(label) > 1
        }
        self._names = sorted({name for name, _ in self._slot_labels.values()})
        self._name = np.zeros(len(network.labels), np.intp)
        for number, (name, _) in self._slot_labels.items():
            self._name[number] = self._names.index(name)
        self._is_slot = np.array([len(label) > 1 for label in network.labels])
        self._never_a_character = np.where(self._is_slot, np.float32(np.inf), np.float32(0))
        self._finals = {None: np.array(sorted(network.finals), np.intp)}
        """Intent -> states in which a sentence of it ends; None: of any."""
        self._heard_before: dict[tuple[str, bool], Costs] = {}
        self._outlook = Outlook(self._source, self._target, self._label, network.states)

    @property
    def wanted(self) -> frozenset[str]:
        """Template slots that some sentence uses."""
        return frozenset(name for name, _ in self._slot_labels.values())

    def paths(
        self, utterance: Utterance, spans: Mapping[str, list[Span]], limit: float, count: int, intent: str | None = None
    ) -> list[Path]:
        """Up to ``count`` cheapest meanings that cost at most ``limit``, cheapest first; only those of ``intent`` if given."""
        finals = self._finals_of(intent)
        table = self._fill(utterance, spans, limit, finals)
        found: dict[int, Path] = {}
        back = cache(partial(self._back, table, utterance, spans))
        for cost, end, state in self._endings(table, utterance, limit, count * 3, finals):
            meanings = [
                meaning for meaning in self._network.finals[state]
                if intent in (None, self._network.meanings[meaning][0]) and (meaning not in found or cost <= found[meaning].cost)
            ]
            if not meanings:
                continue
            steps = _trace(back, end, state)
            evidence = sum(step.evidence for step in steps)
            slots = tuple(slot for step in steps for slot in step.slots)
            text = "".join(step.text for step in steps)
            for meaning in meanings:
                if meaning not in found or (cost, -evidence) < (found[meaning].cost, -found[meaning].evidence):
                    found[meaning] = Path(meaning, cost, evidence, slots, text, _taken(steps, end))
        return sorted(found.values(), key=lambda path: (path.cost, -path.evidence))[:count]

    def _finals_of(self, intent: str | None) -> Indices:
        if intent not in self._finals:
            meanings, finals = self._network.meanings, self._network.finals
            own = [state for state in sorted(finals) if any(meanings[meaning][0] == intent for meaning in finals[state])]
            self._finals[intent] = np.array(own, np.intp)
        return self._finals[intent]

    def _endings(
        self, table: Costs, utterance: Utterance, limit: float, count: int, finals: Indices
    ) -> list[tuple[float, int, int]]:
        """Cost, end and state of the cheapest sentences; what follows the clause that matters costs a lump sum."""
        ends = [len(utterance.tokens), *utterance.clauses]
        costs = table[np.ix_(ends, finals)]
        costs[1:] += CLAUSES_IGNORED
        cheapest = np.argsort(costs, axis=None, kind="stable")[:count]
        places = zip(*np.unravel_index(cheapest, costs.shape), strict=True)
        found = [(float(costs[end, state]), ends[end], int(finals[state])) for end, state in places]
        return [ending for ending in found if ending[0] <= limit]

    def _fill(self, utterance: Utterance, spans: Mapping[str, list[Span]], limit: float, finals: Indices) -> Costs:
        tokens = utterance.tokens
        table = np.full((len(tokens) + 1, self._network.states), np.inf, np.float32)
        starting = self._spans_by_start(spans)
        room = np.float32(limit) - self._outlook.of(self._cheapest(utterance, spans), finals)
        if room[0] >= 0:
            table[0, 0] = 0.0
            table[list(utterance.clauses), 0] = CLAUSES_IGNORED
        skipped = np.full(self._network.states, np.inf, np.float32)
        for position in range(len(tokens) + 1):
            row = table[position]
            # ignoring a word and then leaving one out is the same as the other way round: only the latter is tried
            fresh = self._prune(np.minimum(row, skipped, out=row), skipped, room)
            for _ in range(MOST_UNSAID):
                fresh = self._leave_unsaid(row, fresh, room)
            live = np.flatnonzero(np.isfinite(row))
            if position < len(tokens) and len(live):
                self._hear(row, live, tokens[position], table[position + 1], room)
                if position in starting:
                    self._take_slots(table, row, live, starting[position], room)
                skipped = np.full(self._network.states, np.inf, np.float32)
                skipped[live] = row[live] + np.float32(tokens[position].skip)
            else:
                skipped.fill(np.inf)
        return table

    def _hear(self, row: Costs, live: Indices, token: Token, following: Costs, room: Costs) -> None:
        """Let every character arc that leaves a live state hear the token."""
        hearing = self._hearing(token)
        near = np.flatnonzero(np.isfinite(hearing))
        within = self._arcs.characters(live[live != 0])
        within = within[np.isfinite(hearing[self._label[within]])]
        arcs = np.concatenate((self._arcs.openings(near), within)) if live[0] == 0 else within
        costs = row[self._source[arcs]] + hearing[self._label[arcs]]
        targets = self._target[arcs]
        cheap = costs <= room[targets]
        np.minimum.at(following, targets[cheap], costs[cheap])

    def _take_slots(self, table: Costs, row: Costs, live: Indices, spans: _Spans, room: Costs) -> None:
        """Let every slot arc that leaves a live state take each of the spans that begin here."""
        arcs = self._arcs.slots(live)
        which, chosen = _ranges(spans.first[self._name[self._label[arcs]]], spans.count[self._name[self._label[arcs]]])
        costs = row[self._source[arcs]][which] + spans.cost[chosen]
        targets = self._target[arcs][which]
        cheap = costs <= room[targets]
        np.minimum.at(table, (spans.end[chosen[cheap]], targets[cheap]), costs[cheap])

    def _cheapest(self, utterance: Utterance, spans: Mapping[str, list[Span]]) -> Costs:
        """Label -> its price at best: heard from some token, left unsaid, or the cheapest span."""
        prices = self._unsaid.copy()
        for token in set(utterance.tokens):
            np.minimum(prices, self._hearing(token), out=prices)
        for label, (name, _) in self._slot_labels.items():
            prices[label] = min((span.cost for span in spans.get(name, ())), default=np.inf)
        return prices

    @staticmethod
    def _prune(row: Costs, skipped: Costs, room: Costs) -> Indices:
        """Give up all but the cheapest states of a column, and those that cannot end in time.

        Returns those kept that were not reached by ignoring a word.
        """
        live = np.flatnonzero(np.isfinite(row))
        slack = row[live] - room[live]
        keep = slack <= (0.0 if len(live) <= BEAM else min(0.0, float(np.partition(slack, BEAM)[BEAM])))
        row[live[~keep]] = np.inf
        live = live[keep]
        return live[row[live] < skipped[live]]

    def _hearing(self, token: Token) -> Costs:
        """Label -> what it costs to hear it from ``token``; inf where it cannot be."""
        key = (token.char, token.skip >= FULL_PRICE)
        found = self._heard_before.get(key)
        if found is None:
            if len(self._heard_before) >= MOST_HEARINGS:
                self._heard_before.clear()
            found = self._heard_before[key] = self._hear_anew(token)
        return found

    def _hear_anew(self, token: Token) -> Costs:
        costs = self._alphabet.costs(token.char)
        costs = costs + np.maximum(costs - MISHEARD_LIGHTLY, 0) + self._never_a_character
        if token.skip >= FULL_PRICE:
            costs = np.where(costs > 0, costs + MISHEARD_DEAR, costs)
        return np.where(costs <= MISHEARD_AT_MOST, costs, np.float32(np.inf))

    def _leave_unsaid(self, row: Costs, states: Indices, room: Costs) -> Indices:
        """Lower the cost of states reached by an arc that nobody said; returns those that changed."""
        arcs = self._arcs.unsaid(states, row[states] <= room[0] - np.float32(UNSAID))
        costs = row[self._source[arcs]] + self._unsaid[self._label[arcs]]
        targets = self._target[arcs]
        better = np.flatnonzero((costs < row[targets] - EPSILON) & (costs <= room[targets]))
        targets, costs = targets[better], costs[better]
        np.minimum.at(row, targets, costs)
        return targets[costs <= row[targets]]

    def _spans_by_start(self, spans: Mapping[str, list[Span]]) -> dict[int, _Spans]:
        """Position -> the spans that begin there, the cheapest to each end, by the number of their list."""
        cheapest: dict[int, dict[tuple[int, int], float]] = {}
        for number, name in enumerate(self._names):
            for span in spans.get(name, ()):
                ends = cheapest.setdefault(span.start, {})
                key = (number, span.end)
                if span.cost < ends.get(key, np.inf):
                    ends[key] = span.cost
        return {start: _Spans.of(ends, len(self._names)) for start, ends in cheapest.items()}

    def _back(
        self, table: Costs, utterance: Utterance, spans: Mapping[str, list[Span]], position: int, state: int
    ) -> _Step:
        """The step that gave this state its cost: a character, a slot, a skipped token or an unsaid character."""
        cost = float(table[position, state])
        if state == 0 and position in utterance.clauses and cost == CLAUSES_IGNORED:
            return _Step(0, 0, (), 0.0, "")
        into = self._by_target[self._into[state] : self._into[state + 1]]
        sources, labels = self._source[into], self._label[into]
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
        # the state before may have become cheaper after its last chance to tell (see MOST_UNSAID), but not dearer
        before = table[position, sources] + self._unsaid[labels]
        arc = int(np.argmin(before)) if len(before) else -1
        if arc >= 0 and before[arc] <= cost + EPSILON:
            return _Step(position, int(sources[arc]), (), 0.0, self._network.labels[labels[arc]])
        raise AssertionError(f"no step leads to state {state} at {position} with cost {cost}")


def _trace(back: Callable[[int, int], _Step], position: int, state: int) -> list[_Step]:
    """The steps from the beginning to this state; ``back`` tells the last one."""
    steps = []
    while position > 0 or state != 0:
        step = back(position, state)
        steps.append(step)
        position, state = step.position, step.state
    return steps[::-1]


def _taken(steps: Sequence[_Step], end: int) -> tuple[tuple[int, int], ...]:
    ends = [*(step.position for step in steps[1:]), end]
    return tuple((step.position, until) for step, until in zip(steps, ends, strict=True) if any(key != DROPPED for key, _ in step.slots))


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
    if label in _QUESTIONS:
        return UNSAID_QUESTION
    return UNSAID_PARTICLE if label in PARTICLES else UNSAID
