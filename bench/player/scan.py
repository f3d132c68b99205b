"""A disk full of files that the box has never seen: how long it looks, what it holds in memory, and how soon it sees that nothing is new.

Runs in a process of its own, so that its memory is that of the box alone: every part real but the microphone and the loudspeaker.
"""
from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from assistant.head_start import begin
from assistant.library.library import SOURCE, Library
from assistant.loop import Loop
from assistant.settings import Settings
from assistant.simulated_room import FirstSamples, Onlooker, SilentScreen, SimulatedRoom
from assistant.weather.simulated import SimulatedWeather
from assistant.wiring import build_box, build_voice
from audio import loudness
from audio.fakes import SimulatedMicrophone
from audio.fakes_out import RecordingLoudspeaker
from bench.player.many import make_many

FILES = 20_000
WITHIN_S = 400.0
_QUIET_SHARE, _QUIET_S, _QUIET_WITHIN_S = 0.1, 2.0, 30.0
_EVERY_S = 0.05
_ROOT = Path(__file__).parents[2]


def measure(count: int = FILES) -> dict[str, object]:
    """Seconds of the first look and of one at unchanged files; MB that the box grew by and that its children held at most."""
    with tempfile.TemporaryDirectory(prefix="xiangyin-scan-") as folder:
        began = time.monotonic()
        make_many(Path(folder) / "files", count)
        made_s = time.monotonic() - began
        done = subprocess.run([sys.executable, "-m", "bench.player.scan", folder, str(count)], stdout=subprocess.PIPE, check=True, cwd=_ROOT)
    return {"files": count, "made_s": round(made_s, 1), **json.loads(done.stdout.splitlines()[-1])}


def _in_the_box(folder: Path, count: int) -> dict[str, object]:
    settings = dataclasses.replace(
        Settings(), box=dataclasses.replace(Settings().box, data_dir=str(folder / "data")),
        media=dataclasses.replace(Settings().media, folders=(str(folder / "files"),)))
    with _box(settings) as (loop, look):
        _quiet()
        library, names = loop.parts.library, _Names(loop)
        library.follow(names.know)
        with _peaks() as peaks, _adopted() as adopted:
            before, began = _rss_mb(), time.monotonic()
            look()
            names.known.wait(WITHIN_S)
            scanned_s, scanned_mb = names.at - began, peaks.own_mb() - before
            if not adopted.wait(WITHIN_S):
                raise TimeoutError(f"the names of {count} files were not in use within {WITHIN_S:.0f} s")
            adopted_s = time.monotonic() - began
            _quiet()
            grown = peaks.own_mb() - before
        found = len(library.programmes)
    return {"found": found, "titles": len(library.names.titles), "first_s": round(scanned_s, 1), "in_use_s": round(adopted_s, 1),
            "before_mb": round(before), "scan_mb": round(scanned_mb, 1), "box_mb": round(grown, 1), "children_mb": round(peaks.children_mb, 1),
            "after_mb": round(_rss_mb() - before, 1), "unchanged_s": round(_unchanged(settings), 2)}


class _Names:
    """Hands the names on, as the wiring does, and knows when they first came: the scan was over then."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.known = threading.Event()
        self.at = 0.0

    def know(self, names) -> None:
        self.at = time.monotonic()
        self.known.set()
        self._loop.parts.refresher.know(SOURCE, names)


@contextlib.contextmanager
def _box(settings: Settings) -> Iterator[tuple[Loop, Callable[[], None]]]:
    """A running box whose library has not begun to look; calling the second begins it."""
    microphone, onlooker, first_samples, voice = SimulatedMicrophone(), Onlooker(), FirstSamples(), build_voice(settings)
    loop = build_box(settings, SilentScreen(), begin(settings, microphone), voice=voice, loudspeaker=RecordingLoudspeaker(),
                     weather=SimulatedWeather(dt.datetime.now), note=onlooker.around, on_started=first_samples.note)
    look, loop.parts.library.start = loop.parts.library.start, lambda post: None
    with SimulatedRoom(loop, microphone, first_samples, onlooker, voice):
        yield loop, look


def _unchanged(settings: Settings) -> float:
    """Seconds of the look at files of which all are known: until the library begins to listen into them."""
    over: list[float] = []
    listening = threading.Event()

    def measured(file: str, duration_s: float, stopping: Callable[[], bool]) -> loudness.Loudness | None:
        over.append(time.monotonic())
        listening.set()
        return loudness.measure(file, duration_s, stopping)

    library, began = Library(settings.media_folders, settings.media_index, measure=measured), time.monotonic()
    library.start()
    listening.wait(WITHIN_S)
    library.close()
    return over[0] - began


@dataclasses.dataclass
class _Peaks:
    """The most that was held since it began: by this process, to the page, and by all of its children together."""

    children_mb: float = 0.0

    @staticmethod
    def own_mb() -> float:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


@contextlib.contextmanager
def _peaks() -> Iterator[_Peaks]:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the kernel's own record begins anew
    peaks, over = _Peaks(), threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_S):
            peaks.children_mb = max(peaks.children_mb, _children_mb())

    watcher = threading.Thread(target=watch, name="peaks")
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


@contextlib.contextmanager
def _adopted() -> Iterator[threading.Event]:
    """Set when the understanding has taken new names."""
    adopted, logger = threading.Event(), logging.getLogger("assistant.refresher")

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.msg.startswith("names:"):
                adopted.set()

    handler = Handler()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield adopted
    finally:
        logger.removeHandler(handler)


def _quiet() -> None:
    """The box has nothing more to do for itself."""
    process, end = psutil.Process(), time.monotonic() + _QUIET_WITHIN_S
    while process.cpu_percent(_QUIET_S) > 100 * _QUIET_SHARE and time.monotonic() < end:
        pass


def _children_mb() -> float:
    """Of their own: a child that is just being started shares all that this process has."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += child.memory_full_info().uss
    return total / 1e6


def _rss_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


if __name__ == "__main__":
    os.environ["PULSE_SERVER"] = "unix:/nowhere"  # nothing is to be heard of it
    print(json.dumps(_in_the_box(Path(sys.argv[1]), int(sys.argv[2]))))
