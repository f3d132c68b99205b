"""Writes down what many boxes send at the same moment, together: each write to the disk costs as much as a hundred receipts."""
from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from hub.db.engine import Database
from hub.link.receiving import Delivery, receive

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500
WAITING = 20_000
"""Deliveries that wait; the boxes beyond are asked to come later."""


class Clerk:
    """Lives in one event loop."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._now = now
        self._inbox: asyncio.Queue[tuple[Delivery, asyncio.Future[int]]] = asyncio.Queue(WAITING)

    async def take(self, delivery: Delivery) -> int:
        """Returns when they are on disk: the number up to which. Raises what the database does."""
        done = asyncio.get_running_loop().create_future()
        await self._inbox.put((delivery, done))
        return await done

    async def run(self) -> None:
        """For ever."""
        while True:
            batch = [await self._inbox.get()]
            while len(batch) < MOST_AT_ONCE and not self._inbox.empty():
                batch.append(self._inbox.get_nowait())
            deliveries = [delivery for delivery, _ in batch]
            try:
                through = await asyncio.to_thread(self._write, deliveries)
            except Exception as error:  # noqa: BLE001 (each box that waits is told, whatever it was)
                log.exception("receipts cannot be written")
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                continue
            for delivery, done in batch:
                if not done.done():
                    done.set_result(through[delivery.box_id])

    def _write(self, deliveries: list[Delivery]) -> dict[str, int]:
        with self._database.write() as work:
            return receive(work, deliveries, self._now())
