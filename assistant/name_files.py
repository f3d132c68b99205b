"""The files with this box's own names, looked at now and then while the box runs."""
from __future__ import annotations

import logging
from pathlib import Path

from assistant.errors import NamesError, maintainer_line
from intents.own_names import CONTACTS, TITLES, Names, read_names
from intents.wordlists import Entry

log = logging.getLogger(__name__)

Stamp = tuple[int, int, int] | None
"""Changes with every writing of a file; None when there is none."""


class NameFiles:
    """``contacts.tsv`` and ``titles.tsv`` of a folder. What cannot be used is logged, once, and the names before it stay.

    Belongs to one thread at a time.
    """

    def __init__(self, folder: Path) -> None:
        """Reads both at once: at a start nobody is in the middle of writing them."""
        self._contacts, self._titles = _NameFile(folder / CONTACTS), _NameFile(folder / TITLES)

    @property
    def names(self) -> Names:
        """As they were last read."""
        return Names(self._contacts.entries, self._titles.entries)

    def look(self) -> None:
        """Read again what has changed, and has not changed any more since the look before: a file may be half written."""
        for file in (self._contacts, self._titles):
            file.look()


class _NameFile:
    def __init__(self, path: Path) -> None:
        self.entries: tuple[Entry, ...] = ()
        self._path = path
        self._seen = self._read = _stamp(path)
        self._take(self._seen)

    def look(self) -> None:
        before, self._seen = self._seen, _stamp(self._path)
        if self._seen == before and self._seen != self._read:
            self._take(self._seen)

    def _take(self, stamp: Stamp) -> None:
        fault = ""
        entries = self.entries
        try:
            entries = read_names(self._path)
        except NamesError as error:
            fault = maintainer_line(error)
        if _stamp(self._path) != stamp:
            return  # written to meanwhile: neither what was read nor its fault counts
        self.entries, self._read = entries, stamp
        if fault:
            log.error("%s; the box goes on with %d names from before", fault, len(entries))


def _stamp(path: Path) -> Stamp:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
