"""From the clerk's click to the first sound: a real hub, the whole box on a virtual sound card, and somebody in its room who records it.

A notice begins with two soft notes, so that nobody misses its first word; how soon that word comes is measured too.
"""
from __future__ import annotations

import itertools
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import requests

from audio.cues import TONES
from bench.hub.processes import ROOT, Clerk, HubProcess, running
from bench.hub.village import settle_real
from bench.player import sound
from bench.player.recording import Recording, recording
from bench.player.sound import RATE
from bench.tables import percentiles
from bench.virtual_room import VirtualRoom
from hub.db.engine import Database

TIMES = 40
PRIORITIES = ("important", "urgent")
TEXT = "第{number}条，今天下午两点到四点，村委会发放慢性病药品，请带上医保卡。"
SILENT_S = 1.5
"""As long nothing may sound before the next click."""
WITHIN_S = 40.0
NOTES_S = (len(TONES["attention"](RATE)) - RATE // 20) / RATE
"""Behind the notes is a tenth of a second of silence; half of it is left out, so that a first word is found that comes out of it."""

_SETTINGS = """\
[box]
data_dir = "{data}"
[audio]
microphone = "room_mic"
loudspeaker = "room_speaker"
[weather]
open_meteo_url = "http://127.0.0.1:9"
met_norway_url = "http://127.0.0.1:9"
[media]
folders = []
[listening]
follow_up_s = 0.0
[hub]
url = "{address}"
quiet_from = 0
quiet_until = 0
"""

Progress = Callable[..., Iterable]


@dataclass
class Found:
    """Milliseconds from the click."""

    sound_ms: list[float] = field(default_factory=list)
    word_ms: list[float] = field(default_factory=list)
    answered_ms: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


class BoxProcess:
    """``xiangyin run``, to which one can type; a context manager."""

    def __init__(self, room: VirtualRoom, settings: Path) -> None:
        command = [sys.executable, "-m", "assistant.cli", "--settings", str(settings), "run"]
        self._process = subprocess.Popen(command, cwd=ROOT, env={**room.env, "PYTHONUNBUFFERED": "1"}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._lines.put(line)

    def type(self, text: str) -> None:
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()

    def said(self, part: str) -> str:
        """The next line of its transcript, which must have this in it. Raises TimeoutError."""
        try:
            line = next(line for line in iter(lambda: self._lines.get(timeout=WITHIN_S), "") if line.startswith("小乡："))
        except queue.Empty:
            raise TimeoutError(f"the box does not say {part}") from None
        if part not in line:
            raise TimeoutError(f"the box says {line.strip()}, not {part}")
        return line

    def __enter__(self) -> BoxProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._reader.join(5)
        self._process.stdin.close()
        self._process.stdout.close()


def measure(progress: Progress) -> dict[str, object]:
    """Important and urgent ones by turns, each to a box that is asleep."""
    with tempfile.TemporaryDirectory(prefix="xiangyin-spoken-") as name, VirtualRoom(speaker_channels=2) as room:
        folder, url = Path(name), f"sqlite:///{name}/hub.sqlite"
        village, hub = settle_real(Database(url), [folder / "box"]), HubProcess(url)
        settings = folder / "settings.toml"
        settings.write_text(_SETTINGS.format(data=folder / "box", address=hub.address), encoding="utf-8")
        with running(hub), recording(room) as heard, BoxProcess(room, settings) as box:
            box.said("我准备好了")
            clerk = Clerk(hub.address, village.session)
            _one(clerk, box, heard, 0, PRIORITIES[0], Found())  # the hub's pages and the box's line are warm behind it
            found, kinds = Found(), itertools.cycle(PRIORITIES)
            for number in progress(range(1, TIMES + 1), desc="spoken"):
                try:
                    _one(clerk, box, heard, number, next(kinds), found)
                except (TimeoutError, requests.RequestException) as error:
                    found.missed.append(f"{number}: {error}")
    return {"notices": TIMES, "missed": found.missed, "sound_ms": percentiles(found.sound_ms), "word_ms": percentiles(found.word_ms),
            "answered_ms": percentiles(found.answered_ms)}


def _one(clerk: Clerk, box: BoxProcess, heard: Recording, number: int, priority: str, found: Found) -> None:
    text = TEXT.format(number=number)
    notice = clerk.write("领药", text, priority)
    button = clerk.looked_at(notice)
    since = _silent(heard)
    clicked = time.monotonic()
    clerk.send(notice, button)
    answered = time.monotonic()
    box.said(text)
    onset = heard.wait(lambda voice, _: sound.begins(voice), since)
    word = heard.wait(lambda voice, _: sound.begins(voice, onset + round(NOTES_S * RATE)), since)
    at = heard.sample_at(clicked) - since
    if onset < at:
        raise TimeoutError(f"something sounded {at - onset} samples before the click")
    found.sound_ms.append(1000 * (onset - at) / RATE)
    found.word_ms.append(1000 * (word - at) / RATE)
    found.answered_ms.append(1000 * (answered - clicked))
    box.type("知道了")
    box.said("")
    clerk.withdraw(notice)  # an urgent one that was not heard to its end would come again


def _silent(heard: Recording) -> int:
    """Waits until nothing has sounded for a while; the sample from which on it is so."""
    needed = round(SILENT_S * RATE)
    heard.wait(lambda voice, _: (len(voice) >= needed and sound.ends(voice[-needed:]) is None) or None, len(heard), WITHIN_S)
    return len(heard) - needed // 2
