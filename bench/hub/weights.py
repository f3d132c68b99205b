"""What a village weighs: ``python -m bench.hub.weights``. Bytes a row on PostgreSQL, indexes included, after a hundred notices have been sent,
heard and confirmed by the hub's own code; and what a held line costs a hub process. A minute; docs/scale.md reckons with it."""
from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import select

from bench.hub.own_postgres import OwnPostgres
from bench.hub.processes import CrowdProcess, HubProcess, running
from bench.hub.village import settle
from hub.bell import Bell
from hub.db.engine import Database
from hub.db.tables import Staff
from hub.link.receiving import Delivery, receive
from hub.messages import Receipt, Step
from hub.notices import drafts, sending
from hub.notices.by import By
from hub.notices.drafts import Draft
from hub.notices.schedule import Repeat
from hub.notices.targets import Targets
from hub.notices.words import Category, Priority, words

HOMES, NOTICES, LINES = 103, 100, 2000
STEPS = (Step.DELIVERED, Step.PLAYING, Step.HEARD, Step.CONFIRMED)
TEXT = "明天上午八点到下午五点，村东头检修线路，停电一天。家里有用制氧机的，请提前跟村委会说一声。"
TABLES = ("household", "box", "notice", "box_message", "notice_receipt", "audit")


def bytes_a_row(url: str) -> dict[str, dict[str, float]]:
    """``written``: as the tables lie there; ``packed``: without what updates have left behind, which PostgreSQL uses again by and by."""
    database = Database(url)
    village, now = settle(database, HOMES), dt.datetime.now(dt.UTC)
    with database.read() as work:
        by = By(work.scalars(select(Staff.id)).one(), "王会计", "192.0.2.1")
    bell, said = Bell(database, lambda village, boxes: None), words("停电", TEXT, Category.OUTAGE, Priority.IMPORTANT)
    for number in range(NOTICES):
        with database.write() as work:
            notice = drafts.begin(work, village.id, Draft(said, Targets(), None, Repeat.NEVER, now + dt.timedelta(days=7)), by, now)
            work.flush()
            sending.release(work, bell, notice, by, now)
        for place, step in enumerate(STEPS, 1):
            receipts = [Delivery(village.id, box.id, (Receipt(number * len(STEPS) + place, notice.id, 1, step, now),), now) for box in village.boxes]
            with database.write() as work:
                receive(work, receipts, now)
    database.close()
    with psycopg.connect(url, autocommit=True) as connection:
        found = {table: {"written": _size(connection, table)} for table in TABLES}
        connection.execute("VACUUM FULL ANALYZE")
        for table in TABLES:
            found[table]["packed"] = _size(connection, table)
    return found


def _size(connection: psycopg.Connection, table: str) -> float:
    return round(connection.execute(f"SELECT pg_total_relation_size('{table}')::float / count(*) FROM {table}").fetchone()[0])


def kilobytes_a_line(url: str) -> dict[str, float]:
    """Of the hub's process, with so many boxes on the line and without."""
    village, hub = settle(Database(url), LINES), HubProcess(url)
    with running(hub), tempfile.TemporaryDirectory() as folder:
        before = hub.rss_mb
        crowd = CrowdProcess(hub.address, village.boxes, Path(folder), 5.0, 1.0)
        after = hub.rss_mb
        crowd.end()
    return {"lines": LINES, "before_mb": round(before), "with_mb": round(after), "kilobytes_a_line": round(1000 * (after - before) / LINES, 1)}


def main() -> None:
    with OwnPostgres() as server:
        print(json.dumps({"rows": bytes_a_row(server.new_database()), "line": kilobytes_a_line(server.new_database())}, indent=1))


if __name__ == "__main__":
    main()
