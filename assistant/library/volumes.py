"""Which disks and sticks are mounted below some folders, and the moment at which that changes. The kernel tells: no disk is looked at."""
from __future__ import annotations

import io
import os
import re
import select
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

MOUNTINFO = Path("/proc/self/mountinfo")
SETTLED_S = 1.0
"""A stick of several partitions is mounted one after the other, and is one stick to whoever plugs it in."""
_ESCAPED = re.compile(rb"\\([0-7]{3})")
_PLACEHOLDERS = frozenset([b"autofs"])
"""What is mounted there comes later, or never."""

Places = frozenset[str]
"""Paths of folders on which something is mounted."""


class Volumes(Protocol):
    """What is mounted. Nothing is opened before it is asked for the first time."""

    def now(self) -> Places: ...

    def changed(self, timeout_s: float | None) -> bool:
        """Waits until something has been mounted or unmounted since the last call. False when the time is up (None: never), or woken."""
        ...

    def wake(self) -> None:
        """Nobody waits any more; any thread may call."""
        ...

    def close(self) -> None: ...


class MountTable:
    """``Volumes`` port: the kernel's table of this process's mounts. On a system without one nothing is ever mounted."""

    def __init__(self, folders: Iterable[Path], table: Path = MOUNTINFO) -> None:
        self._folders = tuple(folders)
        self._path = table
        self._guard = threading.Lock()
        self._table: io.FileIO | None = None
        self._woken, self._waking = -1, -1

    def now(self) -> Places:
        with self._guard:
            self._open()
            if self._table is None:
                return frozenset()
            self._table.seek(0)
            return mounted_below(self._folders, self._table.read())

    def changed(self, timeout_s: float | None) -> bool:
        poll = select.poll()
        with self._guard:
            self._open()
            poll.register(self._woken, select.POLLIN)
            if self._table is not None:
                poll.register(self._table, select.POLLPRI)
        told = poll.poll(None if timeout_s is None else 1000 * timeout_s)
        return any(where != self._woken for where, _ in told)

    def wake(self) -> None:
        with self._guard:
            self._open()
            os.write(self._waking, b".")

    def close(self) -> None:
        with self._guard:
            if self._table is not None:
                self._table.close()
            if self._woken != -1:
                os.close(self._woken)
                os.close(self._waking)
            self._table, self._woken, self._waking = None, -1, -1

    def _open(self) -> None:
        if self._woken == -1:
            self._woken, self._waking = os.pipe()
        if self._table is None and self._path.exists():
            self._table = io.FileIO(self._path)


def mounts(mountinfo: bytes) -> Iterator[tuple[str, str]]:
    """Number of the device (major:minor) and place of all that is mounted; ``mountinfo`` has the form of proc(5)."""
    for line in mountinfo.splitlines():
        described, _, filesystem = line.partition(b" - ")
        if filesystem.split(b" ")[0] not in _PLACEHOLDERS:
            fields = described.split(b" ")
            place = _ESCAPED.sub(lambda escaped: bytes([int(escaped[1], 8)]), fields[4])
            yield fields[2].decode(), os.fsdecode(place)


def mounted_below(folders: Iterable[Path], mountinfo: bytes) -> Places:
    """The places in ``mountinfo`` that are one of the folders, or below one."""
    wanted = tuple(map(str, folders))
    return frozenset(place for _, place in mounts(mountinfo) if place in wanted or is_below(wanted, place))


def is_below(places: Iterable[str], path: str) -> bool:
    return path.startswith(tuple(f"{place}{os.sep}" for place in places))


class VolumeWatch:
    """A thread of its own that tells which volumes have gone, at once, and which have come, as soon as no more do."""

    def __init__(self, volumes: Volumes, on_gone: Callable[[Places], None], on_come: Callable[[Places], None]) -> None:
        self._volumes = volumes
        self._on_gone = on_gone
        self._on_come = on_come
        self._seen: Places = frozenset()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="volumes", daemon=True)

    def start(self) -> None:
        """What is there already is not told."""
        self._seen = self._volumes.now()
        self._thread.start()

    def close(self) -> None:
        if not self._thread.is_alive():
            return
        self._closing.set()
        self._volumes.wake()
        self._thread.join(10.0)
        self._volumes.close()

    def _watch(self) -> None:
        coming: Places = frozenset()
        while True:
            more = self._volumes.changed(SETTLED_S if coming else None)
            if self._closing.is_set():
                return
            now = self._volumes.now()
            gone, come, self._seen = self._seen - now, now - self._seen, now
            coming = (coming | come) - gone
            if gone:
                self._on_gone(gone)
            if coming and not more:
                self._on_come(coming)
                coming = frozenset()
