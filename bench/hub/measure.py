"""The section ``hub``: from the click to the sound, one notice to ten thousand boxes, hubs and boxes that are killed, a network that is cut."""
from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select

from bench.hub import hardship, spoken
from bench.hub.own_postgres import OwnPostgres
from bench.hub.processes import Arrivals, Clerk, CrowdProcess, HubProcess, running
from bench.hub.village import SimulatedVillage, fresh_keys, settle
from hub.db.engine import Database
from hub.db.tables import NoticeReceipt
from hub.keys import signing_key
from hub.messages import MessageRefused, opened

BOXES, KILLED_BOXES = 10_000, 1_000
STAYS_S, RECEIPT_WITHIN_S = 60.0, 15.0
"""Behind the last connection: the notice, and receipts that boxes spread over so long."""
KILLS, BETWEEN_S = 4, 1.0
TEXT = "明天上午八点到下午五点，村东头检修线路，停电一天。家里有用制氧机的，请提前跟村委会说一声。"


def measure(progress: Callable) -> dict[str, object]:
    """One whole box; both databases with many simulated ones, and two processes on PostgreSQL; and all that can go wrong on the way."""
    found: dict[str, object] = {"spoken": spoken.measure(progress), "hardship": hardship.measure(progress)}
    for name, hubs in progress((("sqlite", 1), ("postgresql", 1), ("postgresql", 2))):
        with _database(name) as url, tempfile.TemporaryDirectory() as folder:
            found[f"{name}, {hubs}"] = one_notice(url, hubs, Path(folder))
    with _database("sqlite") as url, tempfile.TemporaryDirectory() as folder:
        found["killed"] = killed(url, Path(folder))
    return found


@contextlib.contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "postgresql":
        with OwnPostgres() as server:
            yield server.new_database()
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/hub.sqlite"


def one_notice(url: str, count: int, folder: Path) -> dict[str, object]:
    """From the click on 发送 to each box, by one clock."""
    database = Database(url)
    village, hubs = settle(database, fresh_keys(BOXES)), [HubProcess(url) for _ in range(count)]
    with running(*hubs):
        began = time.monotonic()
        crowds = _crowds(hubs, village, folder)
        connected_s = time.monotonic() - began
        clerk = Clerk(hubs[0].address, village.session)
        notice = clerk.write("停电", TEXT)
        button = clerk.looked_at(notice)
        clicked = time.time()
        clerk.send(notice, button)
        answered_s = time.time() - clicked
        arrivals = [crowd.end() for crowd in crowds]
        rss = max(hub.rss_mb for hub in hubs)
    delays = [at - clicked for one in arrivals for box in one.arrived.values() for number, at in box if number == 1]
    return {"boxes": BOXES, "connected_s": round(connected_s, 1), "answered_s": round(answered_s, 2), "delivered": len(delays),
            "p50_s": round(float(np.percentile(delays, 50)), 2), "p99_s": round(float(np.percentile(delays, 99)), 2),
            "largest_s": round(max(delays), 2), "rss_mb": round(rss), **_kept(database, arrivals, 1)}


def killed(url: str, folder: Path) -> dict[str, object]:
    """Notices are sent one after the other, and the hub is killed (SIGKILL) within each sending and started again."""
    database = Database(url)
    village, hub = settle(database, fresh_keys(KILLED_BOXES)), HubProcess(url)
    with running(hub):
        crowds = _crowds([hub], village, folder)
        for number in range(KILLS):
            notice = Clerk(hub.address, village.session).write(f"通知{number}", TEXT)
            sending = threading.Thread(target=_sent, args=(hub.address, village.session, notice))
            sending.start()
            time.sleep(0.1 * (number + 1))
            hub.kill()
            sending.join()
            hub.start()
            _sent(hub.address, village.session, notice)
            time.sleep(BETWEEN_S)
        ends = time.monotonic() + STAYS_S
        while _receipts(database) < KILLED_BOXES * KILLS and time.monotonic() < ends:
            time.sleep(0.2)
        time.sleep(BETWEEN_S)  # for what would come twice
        arrivals = [crowd.end(is_over=True) for crowd in crowds]
    return {"boxes": KILLED_BOXES, "kills": KILLS, **_kept(database, arrivals, KILLS)}


def _sent(address: str, session: str, notice: str) -> None:
    """Clicked; also once more where the answer did not come: what has gone out does not go out again."""
    with contextlib.suppress(requests.ConnectionError):
        clerk = Clerk(address, session)
        button = clerk.looked_at(notice)
        if button:
            clerk.send(notice, button)


def _crowds(hubs: Sequence[HubProcess], village: SimulatedVillage, folder: Path) -> list[CrowdProcess]:
    """Every hub has its share."""
    return [CrowdProcess(hub.address, village.boxes[place :: len(hubs)], folder, STAYS_S, RECEIPT_WITHIN_S) for place, hub in enumerate(hubs)]


def _kept(database: Database, arrivals: Sequence[Arrivals], notices: int) -> dict[str, int]:
    """What never came, came twice, was not signed, and what the hub does not know of."""
    key = signing_key(database, dt.datetime.now(dt.UTC)).public_key()
    numbers = [[number for number, _ in box] for one in arrivals for box in one.arrived.values()]
    with database.read() as work:
        total = work.scalar(select(func.count(NoticeReceipt.notice_id)))
    unsigned = sum(not _is_signed(line, key, box) for one in arrivals for box, lines in one.lines.items() for line in lines)
    return {"lost": sum(len(set(range(1, notices + 1)) - set(some)) for some in numbers),
            "twice": sum(len(some) - len(set(some)) for some in numbers), "unsigned": unsigned, "receipts": _receipts(database), "of": total}


def _receipts(database: Database) -> int:
    """Deliveries of which the hub knows."""
    with database.read() as work:
        return work.scalar(select(func.count()).where(NoticeReceipt.delivered_at.is_not(None)))


def _is_signed(line: str, key: Ed25519PublicKey, box: str) -> bool:
    try:
        opened(line.rstrip("\n"), key, box)
    except MessageRefused:
        return False
    return True
