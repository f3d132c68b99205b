"""A box that loses its power at any moment: every notice comes once, and everything about it is told once."""
from __future__ import annotations

import datetime as dt
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.hub.store import HubStore
from tests.hub.conftest import Place
from tests.hub.real_box import Office, RealBox, join, until

NOTICES = 60
STEPS = 4
"""Delivered, playing, heard, confirmed."""
ROOT = Path(__file__).parents[2]


def start(address: str, folder: Path) -> subprocess.Popen:
    box = subprocess.Popen([sys.executable, "-m", "bench.hub.real_link", address, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert box.stdout.readline() == "started\n"
    return box


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment_it_misses_nothing_and_tells_nothing_twice(hub, tmp_path, monkeypatch, seed):
    monkeypatch.setattr("assistant.hub.joining.LOOKS_EVERY_S", 0.1)
    chance, village, folder = random.Random(seed), Place(hub, "东山村"), tmp_path / "box"
    office = Office(village)
    with RealBox(hub.address, folder) as box:
        box_id = join(village, box)
    sent, kills = [], 0
    while len(sent) < NOTICES:
        box = start(hub.address, folder)
        for _ in range(chance.randrange(2, 9)):
            sent.append(office.send(box_id, f"第{len(sent)}条"))
            time.sleep(chance.random() * 0.08)
        box.send_signal(signal.SIGKILL)
        assert box.wait(10) == -signal.SIGKILL
        box.stdout.close()
        kills += 1
    box = start(hub.address, folder)
    try:
        until(lambda: office.count(box_id) >= STEPS * len(sent), 60)
    finally:
        box.kill()
        box.wait(10)
        box.stdout.close()
    with RealBox(hub.address, folder) as last:  # it may have been killed before it knew that the last receipt had been taken
        until(lambda: not last.store.waiting(1))
    assert kills >= 7 and office.count(box_id) == STEPS * len(sent)
    for notice in sent:
        found = office.receipt(notice, box_id)
        assert found.delivered_at and found.playing_at and found.heard_at and found.confirmed_at
    store = HubStore(folder)
    assert store.recovered == "" and store.waiting(10) == () and store.last == len(sent)
    assert [notice.notice_id for notice in store.notices()] == sorted(sent)
    assert all(notice.times_told == 1 for notice in store.notices()) and all(notice.told_at < dt.datetime.now() for notice in store.notices())
