"""The vocabulary files: ``canonical<TAB>alias|alias<TAB>key=value,key=value``, one entry a line, ``#`` for comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
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


def _own_first(own: tuple[Entry, ...], shipped: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Both, but a name that this box has given to somebody means that one alone: where 闺女 is 张桂芳, so is 我闺女."""
    owners = {spoken: entry.canonical for entry in reversed(own) for spoken in entry.spoken}
    also: dict[str, list[Entry]] = {}
    rest = []
    for entry in shipped:
        free = tuple(alias for alias in entry.aliases if owners.get(alias, entry.canonical) == entry.canonical)
        owner = owners.get(entry.canonical, entry.canonical)
        if owner == entry.canonical:
            rest.append(replace(entry, aliases=free))
        else:
            also.setdefault(owner, []).append(replace(entry, aliases=free))
    return (*(_with(entry, also.pop(entry.canonical, [])) for entry in own), *rest)


def _with(entry: Entry, others: Iterable[Entry]) -> Entry:
    """``entry`` with what the others are called and say besides."""
    for other in others:
        entry = Entry(entry.canonical, (*entry.aliases, *other.aliases), {**other.extras, **entry.extras})
    return entry


@dataclass(frozen=True)
class Vocabulary:
    """Entries by template slot name (see ``LISTS``)."""

    entries: Mapping[str, tuple[Entry, ...]]

    @classmethod
    def load(
        cls, folder: Path = VOCABULARY_DIR, contacts: Iterable[Entry] = (), titles: Iterable[Entry] = (),
        artists: Iterable[Entry] = (),
    ) -> Vocabulary:
        """Read the folder; ``contacts``, ``titles`` and ``artists`` of this box (contact book, media library) come first."""
        entries = {slot: load_list(folder / f"{name}.tsv") for slot, name in LISTS.items()}
        entries["contact"] = _own_first(tuple(contacts), entries["contact"])
        entries["title"] = _own_first(tuple(titles), entries["title"])
        entries["artist"] = _own_first(tuple(artists), entries["artist"])
        return cls(entries)

    def extras(self, slot: str, canonical: str) -> list[Mapping[str, str]]:
        """The extras of every entry with this canonical name."""
        return self._extras.get((slot, canonical), [])

    @cached_property
    def _extras(self) -> dict[tuple[str, str], list[Mapping[str, str]]]:
        found: dict[tuple[str, str], list[Mapping[str, str]]] = {}
        for slot, entries in self.entries.items():
            for entry in entries:
                if entry.extras:
                    found.setdefault((slot, entry.canonical), []).append(entry.extras)
        return found
