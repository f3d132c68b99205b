"""A hundred random orders to a real mpv without sound: the player, mpv and a simple model agree after each, and nothing is left behind."""
from __future__ import annotations

import queue
import threading

import numpy as np
import pytest
import soundfile

from audio.mpv import MpvPlayer
from audio.mpv_link import MpvLink
from bench.player import soak
from bench.player.model import Order
from bench.player.soak import Soak
from bench.player.witness import witnessed

SECONDS = 60
RATE = 8000


@pytest.fixture
def soaked(tmp_path):
    """A player that nothing has been asked of, all set up to be given orders and looked at."""
    files = tuple(str(tmp_path / f"{number}.wav") for number in range(4))
    for file in files:
        soundfile.write(file, np.zeros(SECONDS * RATE, np.int16), RATE)
    events: queue.SimpleQueue = queue.SimpleQueue()
    with witnessed(tmp_path, "--ao=null") as witness:
        player = MpvPlayer()
        player.start(events.put)
        yield Soak(player, witness, events, files, SECONDS, seed=5), player
        player.close()


def test_a_hundred_orders_at_random_and_mpv_is_where_it_should_be(soaked):
    found = soaked[0].run(100, warm=30)
    assert found.disagreements == []
    assert found.compared >= 60
    more = found.first.leaked(found.last)
    assert max(more["processes"], more["threads"], more["files"]) <= 0 and more["own_mb"] < 5


def test_an_order_that_does_not_reach_mpv_is_noticed(soaked, monkeypatch):
    watching, player = soaked
    watching.give(Order("play", (watching.files,)))
    watching.compare("the beginning")
    assert watching.found.disagreements == []
    monkeypatch.setattr(player, "_follow", lambda: None)
    monkeypatch.setattr(soak, "SETTLED_WITHIN_S", 0.3)
    watching.give(Order("pause"))
    watching.compare("a pause that is lost")
    assert [words.partition(": ")[2] for words in watching.found.disagreements] == ["a pause that is lost: mpv: pause False, not True"]


def test_what_is_stopped_while_mpv_takes_it_is_followed_by_nothing(soaked, monkeypatch):
    watching, player = soaked
    loaded, answered = [], threading.Event()

    def stopped_meanwhile(link, file, *rest, load=MpvLink.load):
        loaded.append(file)
        player.stop()
        load(link, file, *rest)

    def taken(message, answer=player._answered):
        answer(message)
        if isinstance(message.get("data"), dict):
            answered.set()

    monkeypatch.setattr(MpvLink, "load", stopped_meanwhile)
    monkeypatch.setattr(player, "_answered", taken)
    watching.give(Order("play", (watching.files,)))
    assert answered.wait(10)
    watching.give(Order("stop"))
    watching.compare("a stop that overtakes mpv's answer")
    assert loaded == [watching.files[0]] and not [words for words in watching.found.disagreements if "mpv:" in words]
