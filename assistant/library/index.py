"""What is known of every media file, in an SQLite file: a file is looked into once, and again when it has changed.

The index can always be made anew from the files. It is written in transactions, so being killed costs the last few files; a
file that SQLite cannot read is set aside.
"""
from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from assistant.errors import StoreError
from audio.loudness import Loudness
from skills.api import Programme

log = logging.getLogger(__name__)

FORM = 1
"""Number of the table's form and of how files are described: another one in the file means that all is looked at again."""
_TABLE = """CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY, mtime_ns INTEGER, size INTEGER, reason TEXT, present INTEGER,
    title TEXT, kind TEXT, genre TEXT, artist TEXT, part INTEGER, duration_s REAL) WITHOUT ROWID"""


_LOUDNESS = """CREATE TABLE IF NOT EXISTS loudness (
    path BLOB PRIMARY KEY, mtime_ns INTEGER, size INTEGER, lufs REAL, peak_db REAL) WITHOUT ROWID"""
"""Of a file as it was then: one that has changed since is measured again."""


@dataclass(frozen=True, slots=True)
class Known:
    """One file as it was when it was looked into; ``reason`` says why it cannot be played, else it is empty. One that is not
    ``present`` was not there at the last scan, and neither was its stick."""

    mtime_ns: int
    size: int
    programme: Programme
    reason: str = ""
    present: bool = True


class Index:
    """One at a time in a thread; several processes may use the file. Raises StoreError when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._refusing():
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = self._opened()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise StoreError(f"{path}: {error}") from error
            aside = path.with_name(path.name + ".corrupt")
            log.error("library: %s is damaged (%s); kept as %s, all files are looked into again", path, error, aside.name)
            os.replace(path, aside)
            self._db = self._opened()

    def _opened(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=20.0, check_same_thread=False)
        try:
            if db.execute("PRAGMA user_version").fetchone()[0] not in (0, FORM):
                db.execute("DROP TABLE IF EXISTS files")
            db.execute("PRAGMA journal_mode=WAL")
            db.execute(_TABLE)
            db.execute(_LOUDNESS)
            db.execute(f"PRAGMA user_version={FORM}")
            db.commit()
        except sqlite3.Error:
            db.close()
            raise
        return db

    def all(self) -> dict[str, Known]:
        """By file."""
        with self._refusing():
            rows = self._db.execute("SELECT * FROM files").fetchall()
        return {file: Known(mtime, size, Programme(file, *described), reason, bool(present))
                for file, (mtime, size, reason, present, *described) in ((os.fsdecode(path), rest) for path, *rest in rows)}

    def keep(self, known: Iterable[Known]) -> None:
        """All of them in one transaction."""
        rows = []
        for one in known:
            file, *described = astuple(one.programme)
            rows.append((os.fsencode(file), one.mtime_ns, one.size, one.reason, one.present, *described))
        with self._refusing(), self._db:
            self._db.executemany(f"INSERT OR REPLACE INTO files VALUES ({','.join('?' * 11)})", rows)

    def forget(self, files: Iterable[str]) -> None:
        with self._refusing(), self._db:
            self._db.executemany("DELETE FROM files WHERE path = ?", ((os.fsencode(file),) for file in files))
            self._db.execute("DELETE FROM loudness WHERE path NOT IN (SELECT path FROM files)")

    def loudness(self) -> dict[str, Loudness]:
        """Of the files that have been measured, by file."""
        with self._refusing():
            rows = self._db.execute("SELECT path, lufs, peak_db FROM files JOIN loudness USING (path, mtime_ns, size)").fetchall()
        return {os.fsdecode(path): Loudness(lufs, peak_db) for path, lufs, peak_db in rows}

    def unmeasured(self) -> list[tuple[str, float]]:
        """File and length in seconds (0 if that is not known) of those that are there and can be played."""
        with self._refusing():
            rows = self._db.execute("SELECT path, duration_s FROM files LEFT JOIN loudness USING (path, mtime_ns, size) "
                                    "WHERE present AND reason = '' AND lufs IS NULL").fetchall()
        return [(os.fsdecode(path), duration_s) for path, duration_s in rows]

    def keep_loudness(self, file: str, loudness: Loudness) -> None:
        with self._refusing(), self._db:
            self._db.execute("INSERT OR REPLACE INTO loudness SELECT path, mtime_ns, size, ?, ? FROM files WHERE path = ?",
                             (loudness.lufs, loudness.peak_db, os.fsencode(file)))

    def close(self) -> None:
        self._db.close()

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self._path}: {error}") from error
