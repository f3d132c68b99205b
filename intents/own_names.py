"""This box's own names: ``contacts.tsv`` and ``titles.tsv`` in its data directory, in the form of the vocabulary files.

They are written by hand, on machines of all kinds, so what looks wrong is refused with its line instead of being guessed at.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.errors import NamesError, SentenceError, maintainer_line
from intents.normalize import normalize_literal
from intents.sound import readings
from intents.wordlists import VOCABULARY_DIR, Entry, load_list, parse_line

log = logging.getLogger(__name__)

CONTACTS, TITLES = "contacts.tsv", "titles.tsv"
_SEPARATORS = re.compile(r"[|｜=＝]")
_LIST = re.compile(r"[、，,;；\s]")
"""What stands between the names of people, never in one; a title may well have a comma."""


@dataclass(frozen=True, slots=True)
class Names:
    """People and titles that only this box knows."""

    contacts: tuple[Entry, ...] = ()
    titles: tuple[Entry, ...] = ()
    artists: tuple[Entry, ...] = ()

    @classmethod
    def joined(cls, several: Iterable[Names]) -> Names:
        """All of them; the first ones come first."""
        several = tuple(several)
        contacts = tuple(entry for names in several for entry in names.contacts)
        titles = tuple(entry for names in several for entry in names.titles)
        return cls(contacts, titles, tuple(entry for names in several for entry in names.artists))


def names_in(folder: Path) -> Names:
    """What both files say. One that is missing says nothing; neither does one that is wrong, and that is logged."""
    return Names(*(_or_none(folder / file) for file in (CONTACTS, TITLES)))


def _or_none(path: Path) -> tuple[Entry, ...]:
    try:
        return read_names(path)
    except NamesError as error:
        log.error("%s", maintainer_line(error))
        return ()


def read_names(path: Path) -> tuple[Entry, ...]:
    """The entries of one of the two files; none when it is missing. Raises NamesError, naming file and line."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise NamesError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NamesError(f"{path}:{line}: this is not UTF-8; save it as UTF-8 text") from error
    return tuple(_entries(text, path))


def _entries(text: str, path: Path) -> Iterator[Entry]:
    owners: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        where = f"{path}:{number}"
        try:
            entry = parse_line(line, where)
        except SentenceError as error:
            raise NamesError(str(error)) from error
        fault = _fault_of_contact(entry, owners) if path.name == CONTACTS else _fault_of_title(entry)
        if fault := _fault(entry) or fault:
            raise NamesError(f"{where}: {fault}")
        yield entry


def _fault(entry: Entry) -> str:
    """What is wrong with an entry of either file, or nothing."""
    for name in entry.spoken:
        if found := _SEPARATORS.search(name):
            return f"{name!r} has {found[0]!r} in it; columns are separated by tabs, aliases by |"
    if not any(can_be_said(name) for name in entry.spoken):
        return f"nobody can say {entry.canonical!r}; give it an alias in Chinese characters"
    return ""


def _fault_of_contact(entry: Entry, owners: dict[str, str]) -> str:
    """``owners`` gathers who is called what: a call must not go to whoever comes first."""
    for name in entry.spoken:
        if found := _LIST.search(name):
            return f"{name!r} has {found[0]!r} in it; columns are separated by tabs, aliases by |"
        if owners.setdefault(name, entry.canonical) != entry.canonical:
            return f"{name} is already a name of {owners[name]}"
    return ""


def _fault_of_title(entry: Entry) -> str:
    kind = entry.extras.get("kind")
    return f"kind={kind}: it must be one of {', '.join(kinds())}" if kind and kind not in kinds() else ""


@cache
def kinds() -> tuple[str, ...]:
    """Those of the contract."""
    return tuple(entry.canonical for entry in load_list(VOCABULARY_DIR / "kinds.tsv"))


def can_be_said(name: str) -> bool:
    """Names are matched by sound, and a character without a reading has none."""
    standard = normalize_literal(name)
    return bool(standard) and all(readings(char) for char in standard)
