"""What is still ahead of a state, against going through all that follows it one by one."""
from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from intents.outlook import COLUMNS, Outlook

LABELS = 12


def a_graph(seed, states=60):
    """Arcs from lower to higher states: many of them shared, a few states with very many."""
    rng = np.random.default_rng(seed)
    shared = [(int(rng.integers(LABELS)), int(rng.integers(30, states))) for _ in range(25)]
    arcs = set()
    for state in range(states - 1):
        own = [(int(rng.integers(LABELS)), int(rng.integers(state + 1, states))) for _ in range(int(rng.integers(0, COLUMNS + 4)))]
        arcs |= {(state, target, label) for label, target in own}
        if state < 30 and rng.random() < 0.6:
            arcs |= {(state, target, label) for label, target in shared[: int(rng.integers(5, 25))]}
    columns = np.array(sorted(arcs), np.int32).T
    return (*columns, states)


def one_by_one(source, target, label, states, cheapest, finals):
    onward = [[] for _ in range(states)]
    for start, end, number in zip(source, target, label, strict=True):
        onward[start].append((end, cheapest[number]))

    @cache
    def least(state):
        return min([0.0 if state in finals else np.inf, *(price + least(end) for end, price in onward[state])])

    return [least(state) for state in range(states)]


@pytest.mark.parametrize("seed", range(20))
def test_the_least_cost_to_an_end_is_found_for_every_state(seed):
    source, target, label, states = a_graph(seed)
    rng = np.random.default_rng(1000 + seed)
    outlook = Outlook(source, target, label, states)
    for _ in range(3):
        prices = rng.random(LABELS).astype(np.float32)
        prices[rng.random(LABELS) < 0.3] = np.inf
        finals = np.unique(rng.integers(0, states, 6))
        found = outlook.of(prices, finals)
        assert found.tolist() == pytest.approx(one_by_one(source, target, label, states, prices.tolist(), set(finals.tolist())), abs=1e-5)


def test_arcs_that_many_share_are_followed_once():
    """Forty states, each with the same twenty arcs and one of its own."""
    shared = [(state, 40 + label, label) for state in range(40) for label in range(20)]
    own = [(state, state + 1, 20) for state in range(39)]
    source, target, label = np.array(shared + own, np.int32).T
    outlook = Outlook(source, target, label, 60)
    assert len(outlook._label) == 39 + 40 + 20
    prices = np.linspace(0.9, 0.1, 21).astype(np.float32)
    assert outlook.of(prices, np.array([59]))[:40].tolist() == pytest.approx([prices[19]] * 40)
    assert np.isinf(outlook.of(prices, np.array([0]))[1:]).all()
