"""Finds the media files below some folders, and looks into those that are new or have changed."""
from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import MediaUnreadable
from assistant.library.describe import Tags, describe
from assistant.library.index import Index, Known
from assistant.library.read_file import SUFFIXES, read_tags
from skills.api import Programme

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Files that are written together: what being killed may cost."""

Progress = Callable[[int, int], None]
"""Files looked into, of how many."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file where it lies: ``below`` is its path from the library's folder on."""

    file: str
    below: tuple[str, ...]
    mtime_ns: int
    size: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All files at one moment; those that cannot be played with the reason."""

    programmes: tuple[Programme, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()


def remembered(folders: tuple[Path, ...], index: Path) -> Catalogue:
    """What the last scan found below these folders. Does not look at the disks, of which one may be asleep or dying, and makes
    no index where there is none. Raises StoreError."""
    if not index.exists():
        return Catalogue()
    opened = Index(index)
    try:
        return recall(folders, opened)
    finally:
        opened.close()


def recall(folders: tuple[Path, ...], index: Index) -> Catalogue:
    """The same of an index that is open."""
    below = tuple(f"{folder}{os.sep}" for folder in folders)
    return _catalogue(one for file, one in index.all().items() if one.present and file.startswith(below))


def scan(folders: tuple[Path, ...], index: Index, progress: Progress = lambda done, of: None,
         stopping: Callable[[], bool] = lambda: False) -> Catalogue:
    """Everything below ``folders``; what is gone from a folder that is there is forgotten, what lies on a stick that is not
    plugged in is remembered. ``stopping``, asked before every ``AT_ONCE`` files, ends it early, with what is known so far. Raises StoreError."""
    known, found = index.all(), list(_walk(folders))
    fresh = [file for file in found if _changed(file, known.get(file.file))]
    done = 0
    for start in range(0, len(fresh), AT_ONCE):
        if stopping():
            break
        some = fresh[start : start + AT_ONCE]
        looked = [_look(file) for file in some]
        index.keep(looked)
        known |= {one.programme.file: one for one in looked}
        done += len(looked)
        progress(done, len(fresh))
    else:
        _settle(known, found, folders, index)
    return _catalogue(known[file.file] for file in found if file.file in known)


def _settle(known: dict[str, Known], found: list[Found], folders: tuple[Path, ...], index: Index) -> None:
    """Write down what has gone and what has come back; nothing where nothing has."""
    here = {file.file for file in found}
    gone = set(_gone(known, found, folders))
    index.forget(gone)
    index.keep([replace(one, present=file in here) for file, one in known.items() if file not in gone and one.present is not (file in here)])


def _catalogue(files: Iterable[Known]) -> Catalogue:
    present = sorted(files, key=lambda one: one.programme.file)
    return Catalogue(tuple(one.programme for one in present if not one.reason),
                     tuple((one.programme.file, one.reason) for one in present if one.reason))


def _gone(known: dict[str, Known], found: list[Found], folders: tuple[Path, ...]) -> list[str]:
    """Files that were below a folder that still has files: an unplugged stick leaves an empty one behind."""
    here = {file.file for file in found}
    kept = [f"{folder}{os.sep}" for folder in folders if any(file.startswith(f"{folder}{os.sep}") for file in here)]
    return [file for file in known if file not in here and file.startswith(tuple(kept))]


def _walk(folders: tuple[Path, ...]) -> Iterator[Found]:
    seen: set[str] = set()
    for folder in folders:
        for where, below, names in os.walk(folder, onerror=lambda error: log.info("library: %s", error)):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                file = os.path.join(where, name)
                if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES and file not in seen:
                    seen.add(file)
                    yield from _found(file, folder)


def _found(file: str, folder: Path) -> Iterator[Found]:
    try:
        state = os.stat(file)
    except OSError as error:  # a link that leads nowhere, or gone since
        log.info("library: %s", error)
        return
    if stat.S_ISREG(state.st_mode):
        yield Found(file, Path(file).relative_to(folder).parts, state.st_mtime_ns, state.st_size)


def _changed(file: Found, known: Known | None) -> bool:
    return known is None or (known.mtime_ns, known.size) != (file.mtime_ns, file.size)


def _look(file: Found) -> Known:
    tags, reason = Tags(), ""
    try:
        tags = read_tags(Path(file.file))
    except MediaUnreadable as error:
        reason = str(error)
    return Known(file.mtime_ns, file.size, describe(file.file, tuple(map(_legible, file.below)), tags), reason)


def _legible(name: str) -> str:
    """A name from a stick that was written as GBK."""
    raw = os.fsencode(name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gbk", "replace")
