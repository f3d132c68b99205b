"""Which boxes have been heard of, and how they do; written down together, now and then."""
from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping

from sqlalchemy import bindparam, update

from hub.db.engine import Database
from hub.db.tables import Box

log = logging.getLogger(__name__)

EVERY_S = 20.0
ONLINE = dt.timedelta(seconds=90)
"""Whoever was heard of within this time is there: longer than it takes to call anew."""


class Attendance:
    """Any thread may tell it."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._now = now
        self._guard = threading.Lock()
        self._seen: dict[tuple[str, str], dt.datetime] = {}

    def seen(self, village_id: str, box_id: str) -> None:
        with self._guard:
            self._seen[village_id, box_id] = self._now()

    def tell(self, village_id: str, box_id: str, facts: Mapping[str, object]) -> None:
        """Written at once: it is seldom."""
        with self._database.write() as work:
            work.execute(update(Box).where(Box.village_id == village_id, Box.id == box_id).values(facts=dict(facts), seen_at=self._now()))

    def write_down(self) -> None:
        """All that was seen since the last time."""
        with self._guard:
            seen, self._seen = self._seen, {}
        if not seen:
            return
        table = Box.__table__
        rows = [{"village": village, "box": box, "at": at} for (village, box), at in sorted(seen.items(), key=lambda one: one[0][1])]
        with self._database.write() as work:
            work.connection().execute(
                update(table).where(table.c.village_id == bindparam("village"), table.c.id == bindparam("box"))
                .values(seen_at=bindparam("at", type_=table.c.seen_at.type)), rows)
