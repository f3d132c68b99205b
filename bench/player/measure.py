"""All of it, one after the other: about seven minutes, in real time for the most part because it is heard."""
from __future__ import annotations

import os
import queue
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from unittest import mock

import psutil

from assistant.settings import Settings
from audio.mpv import MpvPlayer
from bench.player import requests, scan, soak
from bench.player.box import PlayerBox
from bench.player.media import COLLECTION, make_collection
from bench.player.recording import recording
from bench.player.soak import Soak
from bench.player.sound import SECONDS
from bench.player.witness import witnessed
from bench.virtual_room import VirtualRoom

ORDERS = soak.WARM + 1000
SEED = 11
Progress = Callable[..., Iterable]


def measure(settings: Settings, progress: Progress) -> dict[str, object]:
    """Latencies in ms and s, memory in MB; see ``bench/player/report.py`` for what is asked of them."""
    others = _Others()
    with (tempfile.TemporaryDirectory(prefix="xiangyin-player-") as folder, VirtualRoom(speaker_channels=2) as room,
          mock.patch.dict(os.environ, room.env)):
        print("making files", file=sys.stderr, flush=True)
        media = Path(folder) / "media"
        files = make_collection(media)
        found = _asked(settings, room, Path(folder) / "data", media, progress)
        found["orders"] = _ordered(Path(folder), [str(file) for file in files], progress)
    print(f"looking at {scan.FILES} files", file=sys.stderr, flush=True)
    found["scan"] = scan.measure()
    return {**found, "others_share": others.share()}


def _asked(settings: Settings, room: VirtualRoom, data: Path, media: Path, progress: Progress) -> dict[str, object]:
    with recording(room) as heard, PlayerBox(settings, data, media) as box:
        box.knows(len(COLLECTION))
        return requests.figures(requests.listen(box, heard, progress(requests.requests(), desc="requests")))


def _ordered(folder: Path, files: list[str], progress: Progress) -> dict[str, object]:
    events: queue.SimpleQueue = queue.SimpleQueue()
    with witnessed(folder) as witness:
        player = MpvPlayer("pulse/speaker")
        player.start(events.put)
        try:
            watching = Soak(player, witness, events, tuple(files[:6]), SECONDS, SEED)
            return watching.run(ORDERS, progress=lambda each: progress(each, desc="orders")).figures()
        finally:
            player.close()


class _Others:
    """What other programs take of the machine meanwhile."""

    def __init__(self) -> None:
        self._began, self._busy, self._own = time.monotonic(), self._busy_s(), self._own_s()

    def share(self) -> float:
        """Of one core; all that was started here must have ended."""
        own_s = self._own_s() - self._own
        return round(max(0.0, self._busy_s() - self._busy - own_s) / (time.monotonic() - self._began), 2)

    @staticmethod
    def _busy_s() -> float:
        times = psutil.cpu_times()
        return sum(times) - times.idle - times.iowait - times.guest - times.guest_nice

    @staticmethod
    def _own_s() -> float:
        return sum(psutil.Process().cpu_times()[:4])
