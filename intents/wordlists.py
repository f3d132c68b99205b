"""The vocabulary files: ``canonical<TAB>alias|alias<TAB>key=value,key=value``, one entry a line, ``#`` for comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import SentenceError

VOCABULARY_DIR = Path(__file__).with_name("vocabulary")
LISTS = {
    "kind": "kinds",
    "genre": "genres",
    "title": "titles",
    "artist": "artists",
    "contact": "contacts",
    "activity": "activities",
    "festival": "festivals",
    "term": "terms",
    "repair_thing": "repair_things",
    "category": "categories",
    "aspect": "aspects",
    "errand": "errands",
}
"""Template slot -> file name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One catalogue entry; ``extras`` are further slots that go with it (kind, genre)."""

    canonical: str
    aliases: tuple[str, ...] = ()
    extras: Mapping[str, str] = field(default_factory=dict)

    @property
    def spoken(self) -> tuple[str, ...]:
        return (self.canonical, *self.aliases)


def parse_line(line: str, where: str) -> Entry:
    """Raises SentenceError, naming ``where``, for a line of another shape."""
    columns = [column.strip() for column in line.rstrip("\n").split("\t")]
    if not columns[0] or len(columns) > 3:
        raise SentenceError(f"{where}: expected canonical, aliases, extras separated by tabs")
    aliases = tuple(alias for alias in columns[1].split("|") if alias) if len(columns) > 1 else ()
    extras: dict[str, str] = {}
    for pair in columns[2].split(",") if len(columns) > 2 and columns[2] else ():
        key, separator, said = pair.partition("=")
        if not separator or not key or not said:
            raise SentenceError(f"{where}: {pair!r} is not key=value")
        extras[key.strip()] = said.strip()
    return Entry(columns[0], aliases, extras)


def load_list(path: Path) -> tuple[Entry, ...]:
    """All entries of one file; a missing file is an empty list."""
    if not path.exists():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(
        parse_line(line, f"{path.name}:{number}")
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("#")
    )


@dataclass(frozen=True)
class Vocabulary:
    """Entries by template slot name (see ``LISTS``)."""

    entries: Mapping[str, tuple[Entry, ...]]

    @classmethod
    def load(
        cls, folder: Path = VOCABULARY_DIR, contacts: Iterable[Entry] = (), titles: Iterable[Entry] = ()
    ) -> Vocabulary:
        """Read the folder; ``contacts`` and ``titles`` of this box (contact book, media library) come first."""
        entries = {slot: load_list(folder / f"{name}.tsv") for slot, name in LISTS.items()}
        entries["contact"] = (*contacts, *entries["contact"])
        entries["title"] = (*titles, *entries["title"])
        return cls(entries)

    def extras(self, slot: str, canonical: str) -> list[Mapping[str, str]]:
        """The extras of every entry with this canonical name."""
        return [entry.extras for entry in self.entries.get(slot, ()) if entry.canonical == canonical and entry.extras]
