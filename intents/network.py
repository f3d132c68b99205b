"""From the book to one automaton: states joined by arcs that are labelled with a character or a slot.

Each meaning is built as an automaton with empty arcs, made deterministic and minimal, and all are joined at state 0.
What is left is numbers in flat arrays, so that the search can treat all arcs of all sentences at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from hassil.expression import Alternative, Expression, Group, ListReference, Permutation, RuleReference, TextChunk
from numpy.typing import NDArray

from intents.book import Book, Meaning, list_of, target_slot
from intents.model import SlotValue
from intents.normalize import normalize_literal

Label = str
"""One character, or ``{list:slot}`` for a slot."""

Numbers = NDArray[np.int32]

PARTICLES = frozenset("的了啊吧呀呢嘛个一下儿着得地")
"""Characters that may easily be left out."""

DIALECT_SHORT = {"什么": "啥", "怎么": "咋", "我": "俺"}
"""Dialect words are standard words once they are spelled (see ``language.yaml``), but what merely sounds like one is not."""


Row = tuple[int, int, Label]
"""Source and target of an arc, and what is said on it."""


@dataclass(frozen=True)
class Network:
    """Arcs are sorted by source, those of one source by label; labels are particles, then other characters, then slots.

    ``finals`` maps a state to the numbers of the meanings that end there.
    """

    source: Numbers
    target: Numbers
    label: Numbers
    labels: tuple[Label, ...]
    finals: Mapping[int, tuple[int, ...]]
    states: int
    meanings: tuple[tuple[str, tuple[tuple[str, SlotValue], ...]], ...]

    @classmethod
    def of(
        cls, rows: Sequence[Row], finals: Mapping[int, tuple[int, ...]], states: int,
        meanings: tuple[tuple[str, tuple[tuple[str, SlotValue], ...]], ...],
    ) -> Network:
        """With these arcs, in any order."""
        labels = tuple(sorted({label for _, _, label in rows}, key=lambda label: (len(label) > 1, label not in PARTICLES, label)))
        spelled = {label: index for index, label in enumerate(labels)}
        table = np.array([(source, target, spelled[label]) for source, target, label in rows], np.int32).reshape(-1, 3)
        source, target, label = table[np.lexsort((table[:, 1], table[:, 2], table[:, 0]))].T.copy()
        return cls(source, target, label, labels, finals, states, meanings)


class _Sketch:
    """An automaton under construction, with empty arcs; state numbers grow from left to right."""

    def __init__(self) -> None:
        self.arcs: list[dict[Label, set[int]]] = []
        self.empty: list[list[int]] = []
        self.literals: dict[str, str] = {}
        self.reached: dict[int, frozenset[int]] = {}

    def state(self) -> int:
        self.arcs.append({})
        self.empty.append([])
        return len(self.arcs) - 1

    def add(self, expression: Expression, start: int, rules: Mapping[str, Expression]) -> int:
        """Lay ``expression`` down from ``start``; returns the state behind it."""
        match expression:
            case TextChunk():
                if expression.text not in self.literals:
                    self.literals[expression.text] = normalize_literal(expression.text)
                return self._path(self.literals[expression.text], start)
            case ListReference():
                return self._path([f"{{{list_of(expression)}:{target_slot(expression)}}}"], start)
            case RuleReference():
                return self.add(rules[expression.rule_name], start, rules)
            case Alternative():
                return self._branches(expression.items, start, rules)
            case Permutation():
                return self._orders(expression, start, rules)
            case Group():
                for item in expression.items:
                    start = self.add(item, start, rules)
                return start
        raise TypeError(f"unexpected part of a template: {expression!r}")

    def _path(self, labels: Sequence[Label], start: int) -> int:
        states = [start, *(self.state() for _ in labels)]
        for number, label in enumerate(labels):
            self.arcs[states[number]].setdefault(label, set()).add(states[number + 1])
            for word, short in DIALECT_SHORT.items():
                if label == word[0] and "".join(labels[number : number + len(word)]) == word:
                    self.arcs[states[number]].setdefault(short, set()).add(states[number + len(word)])
        return states[-1]

    def _branches(self, items: Iterable[Expression], start: int, rules: Mapping[str, Expression]) -> int:
        ends = [self.add(item, start, rules) for item in items]
        join = self.state()
        for end in set(ends):
            self.empty[end].append(join)
        return join

    def _orders(self, expression: Permutation, start: int, rules: Mapping[str, Expression]) -> int:
        if not expression.items:
            return start
        ends = []
        for item, rest in expression.iterate_permutations():
            ends.append(self._orders(rest, self.add(item, start, rules), rules))
        join = self.state()
        for end in ends:
            self.empty[end].append(join)
        return join

    def closure(self, states: Collection[int], ends: Collection[int]) -> frozenset[int]:
        """Those states reached without words that matter: a word leaves them, or a sentence ends there."""
        if len(states) == 1:
            return self._reached(next(iter(states)), ends)
        return frozenset(chain.from_iterable(self._reached(state, ends) for state in states))

    def _reached(self, state: int, ends: Collection[int]) -> frozenset[int]:
        known = self.reached.get(state)
        if known is None:
            own = [state] if self.arcs[state] or state in ends else []
            onward = (self._reached(following, ends) for following in self.empty[state])
            known = self.reached[state] = frozenset(chain(own, chain.from_iterable(onward)))
        return known


Node = tuple[bool, tuple[tuple[Label, int], ...]]
"""Whether a sentence may end here, and the arcs to other nodes."""


def _minimal(meaning: Meaning) -> tuple[list[Node], int]:
    """The smallest deterministic automaton of one meaning: nodes, targets before sources, and the start."""
    sketch = _Sketch()
    start = sketch.state()
    ends = set()
    for template in meaning.templates:
        begin = sketch.state()
        sketch.empty[start].append(begin)
        ends.add(sketch.add(template.expression, begin, template.rules))
    nodes: list[Node] = []
    known: dict[Node, int] = {}
    done: dict[frozenset[int], int] = {}

    def visit(states: frozenset[int]) -> int:
        if states in done:
            return done[states]
        outgoing: dict[Label, set[int]] = {}
        for state in states:
            for label, targets in sketch.arcs[state].items():
                outgoing.setdefault(label, set()).update(targets)
        arcs = tuple(sorted((label, visit(sketch.closure(targets, ends))) for label, targets in outgoing.items()))
        node = (not ends.isdisjoint(states), arcs)
        if node not in known:
            known[node] = len(nodes)
            nodes.append(node)
        done[states] = known[node]
        return done[states]

    return nodes, visit(sketch.closure([start], ends))


def compile_book(book: Book) -> Network:
    """Build the automaton of all sentences. Meanings that no sentence can reach without words do not exist."""
    rows: list[Row] = []
    finals: dict[int, tuple[int, ...]] = {}
    states = 1
    for number, meaning in enumerate(book.meanings):
        nodes, start = _minimal(meaning)
        place = {index: states + index for index in range(len(nodes)) if index != start}
        place[start] = 0
        states += len(nodes)
        for index, (final, arcs) in enumerate(nodes):
            if final and index != start:
                finals[place[index]] = (number,)
            rows.extend((place[index], place[target], label) for label, target in arcs)
    return Network.of(rows, finals, states, tuple((meaning.intent, meaning.slots) for meaning in book.meanings))
