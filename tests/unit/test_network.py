"""The order of the arcs, on which the search relies."""
import numpy as np
import pytest

from intents.network import PARTICLES, Network


def a_network(seed):
    rng = np.random.default_rng(seed)
    said = [*"的了吧天气不下雨", "{place:place}", "{date:date}"]
    rows = list({(int(rng.integers(9)), int(rng.integers(1, 10)), said[int(rng.integers(len(said)))]) for _ in range(60)})
    return rows, Network.of(rows, {9: (0,)}, 10, (("weather.query", ()),))


@pytest.mark.parametrize("seed", range(5))
def test_arcs_lie_by_source_particles_first_and_slots_last(seed):
    rows, network = a_network(seed)
    kinds = [2 if len(label) > 1 else int(label not in PARTICLES) for label in network.labels]
    assert kinds == sorted(kinds)
    arcs = list(zip(network.source.tolist(), network.label.tolist(), network.target.tolist(), strict=True))
    assert arcs == sorted(arcs)
    assert sorted(rows) == sorted((source, target, network.labels[label]) for source, label, target in arcs)


def test_a_network_without_arcs_is_one():
    assert len(Network.of([], {}, 1, ()).source) == 0
