"""The network between boxes and hub is away while notices are sent: afterwards every box has each once, and the hub knows all of it."""
from __future__ import annotations

import contextlib
import datetime as dt
import time

import pytest

from assistant.commands import NoteNotice, NoticeStep
from assistant.events import NoticeArrived
from assistant.hub import client as client_module
from bench.hub.wire import Wire
from hub.link import routes
from tests.hub.conftest import Place
from tests.hub.real_box import Office, RealBox, join, until

BOXES = 3
AWAY_S = 2.0
"""In place of half a minute (script/bench hub): all times of the line are shorter by as much."""


@pytest.fixture(autouse=True)
def sooner(monkeypatch):
    monkeypatch.setattr("assistant.hub.joining.LOOKS_EVERY_S", 0.1)
    monkeypatch.setattr(routes, "PING_S", 0.3)
    monkeypatch.setattr(client_module, "SILENCE_S", 1.0)
    monkeypatch.setattr(client_module, "ANSWER_S", 1.0)


@pytest.mark.parametrize("forgotten", [0.0, 1.0], ids=["lines go on", "a router has forgotten them"])
def test_nothing_is_lost_and_nothing_comes_twice(hub, tmp_path, forgotten):
    village = Place(hub, "东山村")
    office = Office(village)
    with Wire(hub.address) as wire, contextlib.ExitStack() as stack:
        boxes = [stack.enter_context(RealBox(wire.address, tmp_path / f"box{number}")) for number in range(BOXES)]
        ids = [join(village, box) for box in boxes]

        def to_all(text: str) -> list[str]:
            return [office.send(box_id, text) for box_id in ids]

        sent = [to_all("之前")]
        for box in boxes:
            box.wait(NoticeArrived)
        wire.cut()
        ends, number = time.monotonic() + AWAY_S, 0
        while time.monotonic() < ends:
            sent.append(to_all(f"断网时第{number}条"))
            number += 1
            for box, notice in zip(boxes, sent[0], strict=True):
                box.village.note(NoteNotice(notice, 1, list(NoticeStep)[1 + number % 2]), dt.datetime.now())
            time.sleep(0.1)
        assert all(box.store.last == 1 for box in boxes), "the wire is not cut"
        assert (wire.mend(forgotten) > 0) is (forgotten == 1.0)
        sent.append(to_all("之后"))
        for place, (box, box_id) in enumerate(zip(boxes, ids, strict=True)):
            until(lambda box=box, box_id=box_id: box.store.last == len(sent) and not box.store.waiting(1)
                  and office.count(box_id) == len(sent) + 2)
            arrived = [event.notice_id for event in box.events if isinstance(event, NoticeArrived)]
            assert arrived == [some[place] for some in sent]
            assert all(office.receipt(some[place], box_id).delivered_at for some in sent)
            first = office.receipt(sent[0][place], box_id)
            assert first.playing_at and first.heard_at
