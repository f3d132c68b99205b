"""How data reach the disk: TinyDB files that survive being killed at any moment.

The storage writes a temporary file beside the target, syncs it, keeps the previous generation as ``.1`` and renames: at any
instant either the new or the old data is whole on disk. A file that cannot be parsed is set aside (never deleted) and the
previous generation is used; the caller is told what happened.
"""
from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
from pathlib import Path

from tinydb import Query
from tinydb.storages import Storage
from tinydb.table import Table

from assistant.errors import StoreError

log = logging.getLogger(__name__)


class CrashSafeStorage(Storage):
    """TinyDB storage: atomic replace, one kept generation, recovery from a torn or corrupt file.

    ``recovered`` says in one line what was repaired at the first read, or is empty.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.previous = self.path.with_name(self.path.name + ".1")
        self.recovered = ""
        self._data: dict | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.path.parent}: cannot be created: {error.strerror}") from error

    def read(self) -> dict | None:
        """The whole database; from memory after the first time, because one process owns the file."""
        if self._data is None:
            self._data = self._read_disk()
        return self._data

    def _read_disk(self) -> dict | None:
        for path in (self.path, self.previous):
            try:
                data = json.loads(path.read_bytes())
                if not isinstance(data, dict):
                    raise ValueError("the top level is not an object")
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
            except ValueError as error:
                self._set_aside(path, error)
                continue
            if path is self.previous and not self.recovered and not self.path.exists():
                self.recovered = f"{self.path.name} was missing; the previous generation is used"
            return data
        return None

    def _set_aside(self, path: Path, error: ValueError) -> None:
        stamp = dt.datetime.now().strftime("%Y%m%d-%H%M%S-%f")
        aside = path.with_name(f"{path.name}.corrupt-{stamp}")
        os.replace(path, aside)
        self.recovered = f"{path.name} was damaged ({error}); kept as {aside.name}, the previous generation is used"
        log.error("store: %s", self.recovered)

    def write(self, data: dict) -> None:
        """Replace the file. When the disk refuses, memory keeps the data and the next write tries all of it again."""
        self._data = data
        temporary = self.path.with_name(self.path.name + ".tmp")
        try:
            with open(temporary, "wb") as file:
                # file names from old sticks are no Unicode; json reads them back as they were
                file.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
                file.flush()
                os.fsync(file.fileno())
            if self.path.exists():
                self._keep_generation()
            put_in_place(temporary, self.path)
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be written: {error.strerror}") from error

    def _keep_generation(self) -> None:
        spare = self.previous.with_name(self.previous.name + ".tmp")
        spare.unlink(missing_ok=True)
        try:
            os.link(self.path, spare)
        except OSError:  # FAT and some network disks have no hard links
            spare.write_bytes(self.path.read_bytes())
        os.replace(spare, self.previous)

    def erase(self) -> None:
        """Both generations. The older goes first: with the newer alone away it would be taken for what is left of a power cut."""
        try:
            for path in (self.previous, self.path):
                path.unlink(missing_ok=True)
                _sync(path.parent)
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be removed: {error.strerror}") from error
        self._data = None

    def close(self) -> None:
        """Nothing is held open between calls."""


def put_in_place(whole: Path, path: Path) -> None:
    """``whole``, which is synced, gets its name: after a power cut either that or what was there before is found. Raises OSError."""
    os.replace(whole, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    if os.name == "posix":
        with contextlib.closing(_Directory(folder)) as directory:
            os.fsync(directory.fd)


class _Directory:
    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDONLY)

    def close(self) -> None:
        os.close(self.fd)


def put(table: Table, row: dict, key: str) -> None:
    """Insert or replace in one write: TinyDB's upsert takes two, and each is a sync of the disk."""
    same = Query()[key] == row[key]
    if table.contains(same):
        table.update(row, same)
    else:
        table.insert(row)
