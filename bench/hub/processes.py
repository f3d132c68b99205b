"""A real hub and a crowd of simulated boxes, each a process of its own, and a clerk who sends notices from the pages."""
from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import requests

from bench.hub.crowd import SimulatedBox

ROOT = Path(__file__).parent.parent.parent


class HubProcess:
    """``xiangyin hub``; it can be killed and started again at the same address."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._port = 0
        self.process: subprocess.Popen | None = None
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def rss_mb(self) -> float:
        return psutil.Process(self.process.pid).memory_info().rss / 1e6

    def start(self) -> None:
        """Returns when it listens."""
        command = [sys.executable, "-m", "assistant.cli", "hub", "--port", str(self._port), "--database", self._database]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline()
        self._port = int(re.search(r":(\d+) ", said)[1])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self._gone()

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self._gone()

    def _gone(self) -> None:
        self.process.wait(30)
        self.process.stderr.close()


@dataclass(frozen=True)
class Arrivals:
    """What a crowd has told in the end; ``arrived``: of each box, numbers and times."""

    arrived: dict[str, list[tuple[int, float]]]
    lines: dict[str, list[str]]
    taken: int
    lost_lines: int


class CrowdProcess:
    def __init__(self, address: str, boxes: Sequence[SimulatedBox], folder: Path, seconds: float, receipt_within_s: float) -> None:
        """Returns when all are connected; they stay for ``seconds``."""
        keys = folder / f"keys{address.rpartition(':')[2]}"
        keys.write_text("".join(f"{box.id}\t{box.key}\n" for box in boxes), encoding="utf-8")
        self._process = subprocess.Popen([sys.executable, "-m", "bench.hub.crowd", address, str(keys), str(seconds), str(receipt_within_s)],
                                         cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if self._process.stdout.readline() != "connected\n":
            raise RuntimeError("the crowd did not get through to the hub")

    def end(self, is_over: bool = False) -> Arrivals:
        """Waits until the time is up, unless it is over already."""
        if is_over:
            self._process.send_signal(signal.SIGTERM)
        told, _ = self._process.communicate()
        return Arrivals(**json.loads(told))


class Clerk:
    """A browser in which somebody has signed in, as far as forms go."""

    def __init__(self, address: str, session: str) -> None:
        self._address = address
        self._browser = requests.Session()
        self._browser.cookies.set("xiangyin", session)
        page = self._browser.get(f"{address}/notices")
        page.raise_for_status()
        self._browser.headers["x-csrf"] = re.search(r'"X-CSRF": "([^"]+)"', page.text)[1]

    def write(self, title: str, text: str, priority: str = "important") -> str:
        """A notice to everybody, not sent yet: its address."""
        form = {"title": title, "text": text, "category": "停水停电", "priority": priority, "scope": "everybody", "when": "now"}
        answer = self._browser.post(f"{self._address}/notices/new", data=form, allow_redirects=False)
        if answer.status_code != 303:
            raise RuntimeError(f"the notice was not taken: {answer.status_code}")
        return f"{self._address}{answer.headers['location']}"

    def looked_at(self, notice: str) -> dict[str, str]:
        """What the button on the notice's page sends."""
        form = re.search(rf'action="{re.escape(urlsplit(notice).path)}/send">(.*?)</form>', self._browser.get(notice).text)
        return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1])) if form else {}

    def send(self, notice: str, button: dict[str, str]) -> None:
        self._browser.post(f"{notice}/send", data=button, allow_redirects=False).raise_for_status()

    def withdraw(self, notice: str) -> None:
        self._browser.post(f"{notice}/withdraw", allow_redirects=False).raise_for_status()


@contextlib.contextmanager
def running(*hubs: HubProcess) -> Iterator[None]:
    try:
        yield
    finally:
        for hub in hubs:
            hub.end()
