"""Tells every hub process that there is something new for boxes, or that one has been turned away, the moment it is on disk."""
from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence

import psycopg
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from hub.db.engine import Database

log = logging.getLogger(__name__)

CHANNEL = "xiangyin"
MOST_NAMED = 100
"""Boxes that a notification names (it holds 8,000 bytes); with more, all of the village look."""
AGAIN_S = 3.0

Ring = Callable[[str, Sequence[str] | None], None]
"""Village, and which of its boxes; None: any of them."""
HangUp = Callable[[str], None]
"""The box whose line is to end."""


class Bell:
    """With SQLite there is one process, which is told directly; PostgreSQL tells all of them (LISTEN, NOTIFY)."""

    def __init__(self, database: Database, ring: Ring, hang_up: HangUp) -> None:
        """Both may be called from any thread."""
        self._database = database
        self._ring = ring
        self._hang_up = hang_up

    def ring(self, work: Session, village_id: str, boxes: Sequence[str] | None) -> None:
        """When what ``work`` writes is on disk, and never if it is not kept."""
        named = None if boxes is None or len(boxes) > MOST_NAMED else list(boxes)
        self._tell(work, {"village": village_id, "boxes": named})

    def hang_up(self, work: Session, box_id: str) -> None:
        """In the same way: its line ends, whichever process holds it."""
        self._tell(work, {"hang_up": box_id})

    def _tell(self, work: Session, told: Mapping[str, object]) -> None:
        if self._database.is_sqlite:
            event.listen(work, "after_commit", lambda _: self._hear(told), once=True)
        else:
            work.execute(select(func.pg_notify(CHANNEL, json.dumps(told))))

    def _hear(self, told: Mapping) -> None:
        if "hang_up" in told:
            self._hang_up(told["hang_up"])
        else:
            self._ring(told["village"], told["boxes"])

    async def run(self) -> None:
        """Listen to the database for ever; a lost connection is made anew."""
        if self._database.is_sqlite:
            return
        address = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for told in connection.notifies():
                        self._hear(json.loads(told.payload))
            except psycopg.Error as error:
                log.error("the database tells nothing any more (%s); boxes get what is new at the next look", error)
                await asyncio.sleep(AGAIN_S)
