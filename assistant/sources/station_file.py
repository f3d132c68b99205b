"""``stations.tsv`` in the data folder: the radio stations and podcasts of this box, written by hand.

``name<TAB>radio|podcast<TAB>address<TAB>other|names<TAB>kind=…,genre=…``, the last two columns optional, ``#`` for remarks.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from assistant.errors import SentenceError, StationsError
from assistant.sources.address import fault_of
from intents.own_names import Names, can_be_said, kinds
from intents.wordlists import Entry, parse_line
from skills.api import Programme

STATIONS = "stations.tsv"
LONGEST_FILE = 1_000_000
"""Bytes; a list that somebody wrote is shorter."""
SHORTEST_NAME = 2
"""Characters: names are matched by sound, and one of a single character sounds like half of everything."""


class Sort(Enum):
    """How what is at the address is to be understood."""

    RADIO = "radio"
    """A stream that never ends."""
    PODCAST = "podcast"
    """A feed of episodes."""


@dataclass(frozen=True, slots=True)
class Station:
    """One line. ``entry`` is how it is called, with kind and genre among its extras."""

    entry: Entry
    sort: Sort
    address: str

    @property
    def name(self) -> str:
        return self.entry.canonical


@dataclass(frozen=True, slots=True)
class Stations:
    """What the file says: its good lines, and one plain sentence for each of the others."""

    stations: tuple[Station, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def names(self) -> Names:
        return Names(titles=tuple(station.entry for station in self.stations))

    @property
    def podcasts(self) -> tuple[Station, ...]:
        return tuple(station for station in self.stations if station.sort is Sort.PODCAST)

    @property
    def radio(self) -> tuple[Programme, ...]:
        """The stations as programmes, in their order in the file."""
        return tuple(Programme(station.address, station.name, "radio") for station in self.stations if station.sort is Sort.RADIO)


def read_stations(path: Path) -> Stations:
    """A line that is wrong is passed over and named; a missing file says nothing. Raises StationsError when all of it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST_FILE + 1)
    except FileNotFoundError:
        return Stations()
    except OSError as error:
        raise StationsError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > LONGEST_FILE:
        raise StationsError(f"{path}: longer than {LONGEST_FILE} bytes; this is no list of stations")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StationsError(f"{path}:{line}: this is not UTF-8; save it as UTF-8 text") from error
    read = tuple(_lines(text, str(path)))
    return Stations(tuple(one for one in read if isinstance(one, Station)), tuple(one for one in read if isinstance(one, str)))


def _lines(text: str, where: str) -> Iterator[Station | str]:
    owners: dict[str, str] = {}
    addresses: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            station = _station(line)
            _must_be_new(station, owners, addresses)
        except StationsError as error:
            yield f"{where}:{number}: {error}"
        else:
            owners |= dict.fromkeys(station.entry.spoken, station.name)
            addresses.add(station.address)
            yield station


def _station(line: str) -> Station:
    """Raises StationsError with what is wrong and nothing else."""
    name, sort, address, *more = (*(column.strip() for column in line.split("\t")), "", "")
    if not (name and sort and address) or len(more) > 4:
        raise StationsError("a line is name, radio or podcast, and address, with a tab between them; other names and kind= may follow")
    if sort not in (one.value for one in Sort):
        raise StationsError(f"the second column is {sort!r}; it must be radio or podcast")
    if fault := fault_of(address):
        raise StationsError(fault)
    try:
        entry = parse_line("\t".join((name, *more[:2])), "the last columns")
    except SentenceError as error:
        raise StationsError(str(error)) from error
    if fault := _fault(entry, Sort(sort)):
        raise StationsError(fault)
    kind = {"kind": "radio"} if sort == Sort.RADIO.value else {"kind": "story", **entry.extras}
    return Station(Entry(entry.canonical, entry.aliases, kind), Sort(sort), address)


def _fault(entry: Entry, sort: Sort) -> str:
    for spoken in entry.spoken:
        if len(spoken) < SHORTEST_NAME or not can_be_said(spoken):
            return f"{spoken!r} cannot be used as a name: it must be two or more Chinese characters"
    unknown = set(entry.extras) - {"kind", "genre"}
    if unknown or (sort is Sort.RADIO and entry.extras):
        return f"{', '.join(sorted(unknown or entry.extras))} means nothing here; a podcast may have kind= and genre=, a station neither"
    kind = entry.extras.get("kind", "story")
    allowed = [one for one in kinds() if one != "radio"]
    return "" if kind in allowed else f"kind={kind}: it must be one of {', '.join(allowed)}"


def _must_be_new(station: Station, owners: dict[str, str], addresses: set[str]) -> None:
    for spoken in station.entry.spoken:
        if spoken in owners:
            raise StationsError(f"{spoken} is already a name of {owners[spoken]}")
    if station.address in addresses:
        raise StationsError("this address is already in the file, under another name")
