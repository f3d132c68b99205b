"""The files with this box's own names, looked at now and then while the box runs."""
from __future__ import annotations

import logging
from pathlib import Path

from assistant.errors import NamesError, maintainer_line
from assistant.watched_file import WatchedFile
from intents.own_names import CONTACTS, TITLES, Names, read_names
from intents.wordlists import Entry

log = logging.getLogger(__name__)

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
        self._file = WatchedFile(path)
        self._take()

    def look(self) -> None:
        if self._file.has_settled():
            self._take()

    def _take(self) -> None:
        fault = ""
        entries = self.entries
        try:
            entries = read_names(self._file.path)
        except NamesError as error:
            fault = maintainer_line(error)
        if self._file.was_written_meanwhile():
            return
        self.entries = entries
        if fault:
            log.error("%s; the box goes on with %d names from before", fault, len(entries))
