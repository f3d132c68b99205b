"""The hub as the program that people start: a process of its own."""
from __future__ import annotations

import re
import subprocess
import sys

import httpx

_START = "import sys; from assistant.cli import main; sys.exit(main(sys.argv[1:]))"


class HubProcess:
    """``with HubProcess(url) as hub:`` It listens when the block begins."""

    def __init__(self, database: str, *arguments: str) -> None:
        self._command = [sys.executable, "-c", _START, "hub", "--database", database, "--port", "0", *arguments]
        self._clients: list[httpx.Client] = []
        self.address = ""

    def __enter__(self) -> HubProcess:
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        for line in self._process.stderr:
            if found := re.search(r"http://[\d.]+:\d+", line):
                self.address = found.group()
                break
        assert self.address, "the hub does not start"
        return self

    def client(self) -> httpx.Client:
        """A browser, or a box, without a session."""
        self._clients.append(httpx.Client(base_url=self.address, timeout=20))
        return self._clients[-1]

    def kill(self) -> None:
        """As a power cut does."""
        self._process.kill()
        self._process.wait(20)

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self._process.terminate()
        self._process.stderr.close()
        self._process.wait(20)
