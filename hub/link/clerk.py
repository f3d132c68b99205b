"""Writes down what many boxes send at the same moment, together: each write to the disk costs as much as a hundred receipts."""
from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from hub.db.engine import Database
from hub.link.receiving import Delivery, receive

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500
WAITING = 20_000
"""Deliveries that wait; the boxes beyond are asked to come later."""
OF_THE_DATABASE = (OperationalError, InterfaceError, TimeoutError)
"""Faults that are nobody's delivery's: it is away, locked, or has no connection left."""
Waiting = tuple[Delivery, asyncio.Future[int]]


class Clerk:
    """Lives in one event loop."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._now = now
        self._inbox: asyncio.Queue[Waiting] = asyncio.Queue(WAITING)

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
            wrong = await self._take(batch)
            if wrong is not None and len(batch) > 1 and not isinstance(wrong, OF_THE_DATABASE):
                log.error("receipts of %d boxes cannot be written together (%r): now one after the other", len(batch), wrong)
                for one in batch:
                    await self._take([one], is_last=True)

    async def _take(self, batch: list[Waiting], is_last: bool = False) -> Exception | None:
        """Written down, and those who wait are told. Returns what went wrong; they are told of that where nothing else is to be tried."""
        try:
            through = await asyncio.to_thread(self._write, [delivery for delivery, _ in batch])
        except Exception as error:  # noqa: BLE001 (each box that waits is told, whatever it was)
            if is_last or len(batch) == 1 or isinstance(error, OF_THE_DATABASE):
                log.exception("receipts cannot be written")
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
            return error
        for delivery, done in batch:
            if not done.done():
                done.set_result(through[delivery.box_id])
        return None

    def _write(self, deliveries: list[Delivery]) -> dict[str, int]:
        with self._database.write() as work:
            return receive(work, deliveries, self._now())
