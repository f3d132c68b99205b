"""Messages, receipts and signs of life of the same boxes at the same moment: on PostgreSQL each waits for the others, and none for ever."""
from __future__ import annotations

import random
import threading

from sqlalchemy import select

from hub.db.tables import Box
from hub.link import outgoing
from hub.link.receiving import Delivery, receive
from hub.messages import Kind, Receipt, Step
from tests.hub.conftest import Place
from tests.hub.noticing import boxes
from tests.hub.running import RunningHub

ROUNDS = 6


def test_nobody_waits_for_somebody_who_waits_for_him(postgres):
    with RunningHub(postgres.new_database()) as hub:
        village, now, wrong = Place(hub, "东山村"), hub.parts.now(), []
        boxes(village, 400)
        with hub.database.read() as work:
            ids = list(work.scalars(select(Box.id).where(Box.village_id == village.id)))

        def send(some: list[str], _: int) -> None:
            with hub.database.write() as work:
                outgoing.put(work, village.id, some, Kind.SETTINGS, {"volume": 50}, now)

        def take(some: list[str], turn: int) -> None:
            with hub.database.write() as work:
                receive(work, [Delivery(village.id, box, (Receipt(turn + 1, "n", 1, Step.HEARD, now),), now) for box in some], now)

        def attend(some: list[str], _: int) -> None:
            for box in some:
                hub.parts.attendance.seen(village.id, box)
            hub.parts.attendance.write_down()

        def often(what) -> None:
            chance = random.Random(what.__name__)
            try:
                for turn in range(ROUNDS):
                    what(chance.sample(ids, len(ids)), turn)
            except Exception as error:  # noqa: BLE001 (whatever it is, the test shows it)
                wrong.append(error)

        threads = [threading.Thread(target=often, args=(what,)) for what in (send, send, take, attend)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        with hub.database.read() as work:
            assert set(work.execute(select(Box.messages, Box.receipts))) == {(2 * ROUNDS, ROUNDS)}
