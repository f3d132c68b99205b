"""What the box has learnt and failed to understand: one file of its own, ``lessons.json``.

It is apart from the timers so that a growing diary of misses neither slows nor endangers what must ring. Text only; there
is no field that a sound could go into.
"""
from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from tinydb import Query, TinyDB
from tinydb.table import Table

from assistant.crash_safe import CrashSafeStorage, put
from assistant.errors import NothingLearnt, StoreError
from assistant.file_lock import FileLock
from intents.accent_evidence import AccentEvidence, Count
from intents.model import Intent
from intents.personal import PersonalPhrase

log = logging.getLogger(__name__)

FILE_NAME = "lessons.json"
MOST_MISSES, MOST_PHRASES = 500, 200
"""The oldest make room."""
MOST_READINGS, LONGEST_READING = 8, 60
"""Of one miss: readings, and characters of each. A television can talk for long."""
_PERSON = "person"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Miss:
    """``number`` names it on the command line; numbers do not shift when others are forgotten."""

    number: int
    at: dt.datetime
    heard: tuple[str, ...]
    offered: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Learnt:
    number: int
    at: dt.datetime
    phrase: PersonalPhrase


@dataclass(frozen=True, slots=True)
class Lessons:
    """The whole file, oldest first."""

    misses: tuple[Miss, ...] = ()
    phrases: tuple[Learnt, ...] = ()
    accent: AccentEvidence = AccentEvidence()


class LessonKeeper(Protocol):
    """What the learner needs of a store."""

    def lessons(self) -> Lessons: ...
    def keep_miss(self, heard: Iterable[str], offered: Iterable[Intent], at: dt.datetime) -> None: ...
    def keep_phrase(self, phrase: PersonalPhrase, at: dt.datetime) -> None: ...
    def drop_phrase(self, heard: str) -> None: ...
    def keep_accent(self, evidence: AccentEvidence) -> None: ...
    def close(self) -> None: ...


class NoLessons:
    """Keeps nothing: the person's wish, or a file that belongs to somebody else."""

    def lessons(self) -> Lessons:
        return Lessons()

    def keep_miss(self, heard: Iterable[str], offered: Iterable[Intent], at: dt.datetime) -> None:
        """Not kept."""

    def keep_phrase(self, phrase: PersonalPhrase, at: dt.datetime) -> None:
        """Not kept."""

    def drop_phrase(self, heard: str) -> None:
        """There is none."""

    def keep_accent(self, evidence: AccentEvidence) -> None:
        """Not kept."""

    def close(self) -> None:
        """Nothing is open."""


class LessonStore:
    """Typed access for one thread of the one process that owns the file.

    Raises StoreInUse when another process owns it, StoreError when the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / "lessons.lock")
        try:
            self._db = TinyDB(folder / FILE_NAME, storage=CrashSafeStorage)
            self._db.tables()
        except StoreError:
            self._lock.close()
            raise
        self._misses, self._phrases, self._accent = (self._db.table(name) for name in ("misses", "phrases", "accent"))

    @property
    def recovered(self) -> str:
        """One line on what was repaired when the file was opened, or empty."""
        return self._db.storage.recovered

    def lessons(self) -> Lessons:
        """Everything that can be read; a row that cannot is logged and passed over."""
        return Lessons(
            tuple(_readable(_miss, self._misses.all())), tuple(_readable(_learnt, self._phrases.all())),
            next(_readable(_evidence, self._accent.all()), AccentEvidence()),
        )

    def keep_miss(self, heard: Iterable[str], offered: Iterable[Intent], at: dt.datetime) -> None:
        self._make_room(self._misses, MOST_MISSES)
        readings = [text[:LONGEST_READING] for text in heard][:MOST_READINGS]
        wishes = [{"intent": one.name, "slots": dict(one.slots)} for one in offered]
        self._misses.insert({"number": self._next(), "at": _stamp(at), "heard": readings, "offered": wishes})

    def keep_phrase(self, phrase: PersonalPhrase, at: dt.datetime) -> None:
        """One of the same words is replaced: the last confirmation counts."""
        if not self._phrases.contains(Query().heard == phrase.heard):
            self._make_room(self._phrases, MOST_PHRASES)
        row = {"number": self._next(), "at": _stamp(at), "heard": phrase.heard, "template": phrase.template,
               "intent": phrase.intent, "slots": dict(phrase.slots)}
        put(self._phrases, row, "heard")

    def drop_phrase(self, heard: str) -> None:
        if self._phrases.contains(Query().heard == heard):
            self._phrases.remove(Query().heard == heard)

    def keep_accent(self, evidence: AccentEvidence) -> None:
        counts = {name: [count.confused, count.total] for name, count in evidence.counts.items()}
        put(self._accent, {"of": _PERSON, "counts": counts}, "of")

    def forget(self, numbers: Collection[int]) -> None:
        """Misses and phrases of these numbers, also from the generation before. Raises NothingLearnt for an unknown one."""
        known = {row.get("number") for table in (self._misses, self._phrases) for row in table.all()}
        if unknown := sorted(set(numbers) - known):
            raise NothingLearnt(f"there is no number {unknown[0]}")
        for table in (self._misses, self._phrases):
            table.remove(Query().number.one_of(list(numbers)))
        self._db.storage.previous.unlink(missing_ok=True)

    def forget_all(self) -> None:
        """No trace is left: neither the generation before nor damaged files that were set aside."""
        path = self._db.storage.path
        self._db.drop_tables()
        for old in [path, *path.parent.glob(f"{path.name}.*")]:
            old.unlink(missing_ok=True)

    def close(self) -> None:
        self._db.close()
        self._lock.close()

    def _make_room(self, table: Table, most: int) -> None:
        rows = table.all()
        if len(rows) >= most:
            oldest = sorted(rows, key=lambda row: row.get("at", ""))[: len(rows) - most + 1]
            table.remove(doc_ids=[row.doc_id for row in oldest])

    def _next(self) -> int:
        numbers = (row.get("number") for table in (self._misses, self._phrases) for row in table.all())
        return max((number for number in numbers if isinstance(number, int)), default=0) + 1


def read_lessons(folder: Path) -> Lessons:
    """What the file holds, without touching it, whoever owns it. Raises NothingLearnt when there is none, StoreError when it
    is damaged or cannot be read."""
    path = folder / FILE_NAME
    try:
        data = json.loads(path.read_bytes())
        misses, phrases, accent = (list(data.get(name, {}).values()) for name in ("misses", "phrases", "accent"))
        return Lessons(
            tuple(map(_miss, misses)), tuple(map(_learnt, phrases)), next(map(_evidence, accent), AccentEvidence())
        )
    except FileNotFoundError:
        raise NothingLearnt(f"nothing has been learnt yet: there is no {path}") from None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is damaged ({' '.join(str(error).split())}); the box sets a damaged file aside when it starts") from error


def _readable(parse: Callable[[Mapping], T], rows: Iterable[Mapping]) -> Iterator[T]:
    for row in rows:
        try:
            yield parse(row)
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            log.error("lessons: a row is passed over: %r", error)


def _miss(row: Mapping) -> Miss:
    offered = tuple(Intent(one["intent"], dict(one["slots"])) for one in row["offered"])
    return Miss(int(row["number"]), dt.datetime.fromisoformat(row["at"]), tuple(map(str, row["heard"])), offered)


def _learnt(row: Mapping) -> Learnt:
    phrase = PersonalPhrase(str(row["heard"]), str(row["template"]), str(row["intent"]), dict(row["slots"]))
    return Learnt(int(row["number"]), dt.datetime.fromisoformat(row["at"]), phrase)


def _evidence(row: Mapping) -> AccentEvidence:
    return AccentEvidence({str(name): Count(int(confused), int(total)) for name, (confused, total) in row["counts"].items()})


def _stamp(at: dt.datetime) -> str:
    return at.isoformat(timespec="seconds")
