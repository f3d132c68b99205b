"""What happens in a village: the network is away for half a minute, boxes lose their power, the hub is killed; while notices are sent.

The hub and each box's side of the line, with its disk, are processes of their own; all that boxes and hub say goes through a wire that can be cut.
"""
from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests
from sqlalchemy import select

from assistant.hub.store import HubStore
from bench.hub.processes import ROOT, Clerk, HubProcess, running
from bench.hub.village import SimulatedVillage, settle_real
from bench.hub.wire import Wire
from hub.db.engine import Database
from hub.db.tables import Box, NoticeReceipt

BOXES = 10
CUT_S, EVERY_S, FORGOTTEN = 30.0, 3.0, 0.5
"""How long the network is away, how often a notice is sent meanwhile, and the share of lines that it forgets."""
BOX_KILLS, HUB_KILLS = 20, 4
WITHIN_S = 120.0
STEPS = ("delivered_at", "playing_at", "heard_at", "confirmed_at")
"""What :mod:`bench.hub.real_link` tells of each notice, once."""
TEXT = "明天上午八点到下午五点，村东头检修线路，停电一天。家里有用制氧机的，请提前跟村委会说一声。"


class LinkProcess:
    """One box's side of the line; it can be killed and started again."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address, self.folder = address, folder
        self.start()

    def start(self) -> None:
        """Returns when it runs."""
        self._process = subprocess.Popen([sys.executable, "-m", "bench.hub.real_link", self._address, str(self.folder)], cwd=ROOT,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self._process.stdout.readline() != "started\n":
            raise RuntimeError("the box's side of the line does not start")

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        self._process.stdout.close()


class Hardship:
    """A village in which notices are sent; :meth:`figures` says what is left of them when all is over."""

    def __init__(self, url: str, folder: Path, progress: Callable) -> None:
        self._database = Database(url)
        self._folders = [folder / f"box{number}" for number in range(BOXES)]
        self._village: SimulatedVillage = settle_real(self._database, self._folders)
        self._hub = HubProcess(url)
        self._progress = progress
        self._chance = random.Random(7)
        self._sent: list[str] = []
        self._found: dict[str, object] = {"boxes": BOXES}

    def run(self) -> dict[str, object]:
        with running(self._hub), Wire(self._hub.address) as wire, self._boxes(wire.address) as boxes:
            self._network_away(wire)
            self._boxes_killed(boxes)
            self._hub_killed()
            self._settled()
        return self._found | {"notices": len(self._sent), **self._figures()}

    @contextlib.contextmanager
    def _boxes(self, address: str) -> Iterator[list[LinkProcess]]:
        boxes = []
        try:
            boxes.extend(LinkProcess(address, folder) for folder in self._folders)
            self._send()
            self._settled()
            yield boxes
        finally:
            for box in boxes:
                box.kill()

    def _network_away(self, wire: Wire) -> None:
        wire.cut()
        ends = time.monotonic() + CUT_S
        while time.monotonic() < ends:
            self._send()
            time.sleep(min(EVERY_S, max(0.0, ends - time.monotonic())))
        back = time.monotonic()
        self._found |= {"cut_s": CUT_S, "forgotten": wire.mend(FORGOTTEN)}
        self._settled()
        self._found["caught_up_s"] = round(time.monotonic() - back, 1)

    def _boxes_killed(self, boxes: Sequence[LinkProcess]) -> None:
        for _ in self._progress(range(BOX_KILLS), desc="boxes killed"):
            victim = self._chance.choice(boxes)
            self._send()
            time.sleep(self._chance.uniform(0.0, 0.4))
            victim.kill()
            self._send()
            victim.start()
        self._found["box_kills"] = BOX_KILLS

    def _hub_killed(self) -> None:
        """In the middle of sending; whoever clicked and saw no answer clicks again."""
        for _ in self._progress(range(HUB_KILLS), desc="hub killed"):
            notice = self._clerk().write(f"通知{len(self._sent)}", TEXT)
            clicking = threading.Thread(target=self._click_in_vain, args=(notice,))
            clicking.start()
            time.sleep(self._chance.uniform(0.0, 0.3))
            self._hub.kill()
            clicking.join()
            self._hub.start()
            self._click(notice)
            self._sent.append(urlsplit(notice).path.rpartition("/")[2])
        self._found["hub_kills"] = HUB_KILLS

    def _clerk(self) -> Clerk:
        return Clerk(self._hub.address, self._village.session)

    def _send(self) -> None:
        notice = self._clerk().write(f"通知{len(self._sent)}", TEXT)
        self._click(notice)
        self._sent.append(urlsplit(notice).path.rpartition("/")[2])

    def _click(self, notice: str) -> None:
        """What has gone out has no button any more."""
        clerk = self._clerk()
        button = clerk.looked_at(notice)
        if button:
            clerk.send(notice, button)

    def _click_in_vain(self, notice: str) -> None:
        with contextlib.suppress(requests.RequestException):  # the hub dies under it: that is what is tried
            self._click(notice)

    def _settled(self) -> None:
        """Waits until the hub knows all of every notice; if it never does, the figures show it."""
        ends = time.monotonic() + WITHIN_S
        while self._missing() and time.monotonic() < ends:
            time.sleep(0.1)

    def _missing(self) -> int:
        """Receipts that the hub should have and has not."""
        with self._database.read() as work:
            rows = work.execute(select(*(getattr(NoticeReceipt, step) for step in STEPS)).where(NoticeReceipt.notice_id.in_(self._sent))).all()
        return len(STEPS) * BOXES * len(self._sent) - sum(at is not None for row in rows for at in row)

    def _figures(self) -> dict[str, int]:
        """Of what each box has on its disk, and of what the hub has. ``twice``: notices that a box began more than once, and receipts beyond
        one of each step."""
        lost = twice = 0
        for folder in self._folders:
            store = HubStore(folder)
            told = {notice.notice_id: notice.times_told for notice in store.notices()}
            lost += len(set(self._sent) - told.keys())
            twice += sum(times - 1 for times in told.values()) + len(told.keys() - set(self._sent))
        with self._database.read() as work:
            receipts = work.scalars(select(Box.receipts)).all()
        twice += sum(max(0, count - len(STEPS) * len(self._sent)) for count in receipts)
        return {"lost": lost, "twice": twice, "receipts_missing": self._missing()}


def measure(progress: Callable) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="xiangyin-hardship-") as folder:
        return Hardship(f"sqlite:///{folder}/hub.sqlite", Path(folder), progress).run()
