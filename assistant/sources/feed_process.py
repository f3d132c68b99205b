"""``FeedSource`` port: feeds are fetched and read by a process of its own, which has little memory, little time and no hurry.

What strangers wrote may be huge, endless or made to break parsers. So it never comes into the box's own process: that gets a short list,
or the news that there is none. A server that sends its headers byte by byte is ended with the process; no timeout of a socket would.
"""
from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from assistant.errors import FeedUnavailable
from assistant.feed import Episode, Feed

DEADLINE_S = 90.0
_POLL_S = 0.25
_MEMORY = 768_000_000
"""Address space; a feed of 8 MB needs some 300 MB of it for a few seconds."""
_CPU_S = 60
_LARGEST_ANSWER = 1_000_000


class FeedProcess:
    """One at a time."""

    def __init__(self, most: int, deadline_s: float = DEADLINE_S) -> None:
        """``most`` episodes are kept of a feed."""
        self._most = most
        self._deadline_s = deadline_s

    def fetch(self, address: str, known: Feed, stopping: Callable[[], bool] = lambda: False) -> Feed | None:
        order = {"address": address, "etag": known.etag, "modified": known.modified, "most": self._most}
        try:
            process = subprocess.Popen([sys.executable, "-m", __name__], cwd=Path(__file__).parents[2], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0)
        except OSError as error:
            raise FeedUnavailable(f"{address}: no process can be started to fetch it: {error.strerror}") from error
        with process:
            said = self._heard_out(process, json.dumps(order).encode(), stopping)
        try:
            return _feed(json.loads(said)) if said and len(said) <= _LARGEST_ANSWER else self._nothing(address)
        except (ValueError, KeyError, TypeError) as error:
            raise FeedUnavailable(f"{address}: the answer cannot be read: {error!r}") from error

    def _heard_out(self, process: subprocess.Popen, order: bytes, stopping: Callable[[], bool]) -> bytes:
        told: bytes | None = order
        for _ in range(round(self._deadline_s / _POLL_S)):
            try:
                return process.communicate(told, timeout=_POLL_S)[0]
            except subprocess.TimeoutExpired:
                told = None
                if stopping():
                    break
        process.kill()
        return b""

    def _nothing(self, address: str) -> Feed:
        raise FeedUnavailable(f"{address}: no answer within {self._deadline_s:.0f} s, or one that takes too much memory to be read")


def _feed(answer: dict) -> Feed | None:
    if fault := answer.get("fault"):
        raise FeedUnavailable(str(fault))
    if answer.get("unchanged"):
        return None
    episodes = tuple(Episode(str(one["address"]), float(one["duration_s"])) for one in answer["episodes"])
    return Feed(episodes, str(answer["etag"]), str(answer["modified"]))


def answer_to(order: dict) -> dict:
    """In the process: what is told to the box."""
    from assistant.sources.download import download
    from assistant.sources.read_feed import read_feed

    try:
        found = download(order["address"], order["etag"], order["modified"])
        if found is None:
            return {"unchanged": True}
        return asdict(Feed(read_feed(found.body, found.address, found.content_type, order["most"]), found.etag, found.modified))
    except FeedUnavailable as error:
        return {"fault": str(error)}
    except Exception as error:  # noqa: BLE001 - a parser of other people's formats may fall over anything, memory included
        return {"fault": f"{order['address']}: {type(error).__name__}: {error}"}


def main() -> None:
    """The process."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    with contextlib.suppress(OSError):
        os.nice(19)
    json.dump(answer_to(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
