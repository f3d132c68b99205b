"""What was played and where it was left, across restarts: one file of its own, ``played.json``.

It is apart from the timers so that what is written every half minute neither slows nor endangers what must ring.
"""
from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import Counter
from pathlib import Path

from tinydb import TinyDB

from assistant.crash_safe import CrashSafeStorage, put
from assistant.errors import StoreError
from skills.api import Hearing

log = logging.getLogger(__name__)

FILE_NAME = "played.json"
MOST = 600
"""Hearings that are kept: some months of an elder's listening, and 100 kB to be written at a time."""
_ROW = "hearings"
_Key = tuple[str, dt.date]


class PlayHistory:
    """All hearings, at hand in memory; each change is on the disk before :meth:`keep` returns. Any thread may read."""

    def __init__(self, folder: Path | None = None) -> None:
        """Without a folder it is forgotten at the end. Raises StoreError when the disk refuses."""
        self._lock = threading.Lock()
        self._db = TinyDB(folder / FILE_NAME, storage=CrashSafeStorage) if folder else None
        row = self._db.table(_ROW).get(doc_id=1) if self._db is not None else None
        self._by_day: dict[_Key, Hearing] = {}
        for plain in row[_ROW] if row else ():
            self._take(plain)
        self._hearings = tuple(self._by_day.values())

    @property
    def recovered(self) -> str:
        """One line on what was repaired when the file was opened, or empty."""
        return self._db.storage.recovered if self._db is not None else ""

    @property
    def hearings(self) -> tuple[Hearing, ...]:
        """The latest is the last."""
        return self._hearings

    def of_the_day(self, file: str, now: dt.datetime) -> Hearing | None:
        """The hearing of ``file`` that began on the day of ``now``."""
        return self._by_day.get((file, now.date()))

    def keep(self, *hearings: Hearing) -> None:
        """Each in place of the one of the same file and day, all in one write. Raises StoreError; memory keeps them even then."""
        with self._lock:
            self._by_day |= {_key(one): one for one in hearings}
            ordered = sorted(self._by_day.values(), key=lambda one: one.at)
            kept = ordered if len(ordered) <= MOST else _most_useful(ordered)
            self._by_day = {_key(one): one for one in kept}
            self._hearings = tuple(kept)
            if self._db is not None:
                put(self._db.table(_ROW), {"name": _ROW, _ROW: [_plain(one) for one in kept]}, "name")

    def close(self) -> None:
        if self._db is not None:
            self._db.close()

    def _take(self, plain: dict) -> None:
        try:
            one = Hearing(str(plain["file"]), dt.datetime.fromisoformat(plain["began"]), dt.datetime.fromisoformat(plain["at"]),
                          None if plain["position_s"] is None else float(plain["position_s"]))
        except (KeyError, TypeError, ValueError) as error:
            log.error("store: %s", StoreError(f"{FILE_NAME}: {plain!r} cannot be read ({error!r}); it is forgotten"))
        else:
            self._by_day[_key(one)] = one


def _most_useful(ordered: list[Hearing]) -> list[Hearing]:
    """Where each file was left last outweighs on which days it was heard before; of the same weight the oldest go."""
    later = Counter(one.file for one in ordered)
    worth = []
    for number, one in enumerate(ordered):
        later[one.file] -= 1
        worth.append((later[one.file] == 0, number))
    kept = {number for _, number in sorted(worth)[-MOST:]}
    return [one for number, one in enumerate(ordered) if number in kept]


def _key(one: Hearing) -> _Key:
    return one.file, one.began.date()


def _plain(one: Hearing) -> dict:
    position_s = None if one.position_s is None else round(one.position_s, 1)
    return {"file": one.file, "began": one.began.isoformat(timespec="seconds"), "at": one.at.isoformat(timespec="seconds"),
            "position_s": position_s}
