"""From the rows of a table to what each line says of a home and of a person. Pure; the year comes from outside."""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from hub.db.tables import Resident
from hub.errors import Refused
from hub.people import facts
from hub.people.columns import Column, Layout, layout
from hub.people.sheet import UNCOUNTED, Rows

ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_DEFUSED = re.compile(r"'+[=+\-@]")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """What is empty, or None, is not told. ``name`` is empty where the line is of a home alone. ``age`` is told where ``born`` is not."""

    number: int
    home: str
    address: str = ""
    grid: str = ""
    home_phone: str = ""
    home_notes: str = ""
    name: str = ""
    born: int | None = None
    age: int | None = None
    phone: str = ""
    hearing: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that cannot be taken, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """A table as it was understood. ``below`` are the lines that belong to the home of a line above, as cells that were merged do."""

    lines: tuple[Line, ...]
    wrong: tuple[Wrong, ...]
    unused: tuple[str, ...]
    below: tuple[int, ...] = ()


def read(rows: Rows, this_year: int) -> Read:
    """Raises Refused where the table as a whole cannot be used."""
    found = layout(rows)
    lines: list[Line] = []
    wrong: list[Wrong] = []
    below: list[int] = []
    last: Line | None = None
    for number, cells in rows[found.row + 1:]:
        try:
            line = _line(number, _Cells(cells, found), this_year, last)
        except Refused as refused:
            wrong.append(Wrong(number, refused.shown))
            continue
        if last is not None and _Cells(cells, found).is_below(last):
            below.append(number)
        lines.append(line)
        last = line
    if not lines and not wrong:
        raise Refused("表里只有表头，没有人")
    return Read(tuple(lines), tuple(wrong), found.unused, tuple(below))


class _Cells:
    """One row, by what its columns mean."""

    def __init__(self, cells: Sequence[str], found: Layout) -> None:
        self._cells, self._places = cells, found.places

    def has(self, column: Column) -> bool:
        return column in self._places

    def text(self, column: Column) -> str:
        """Raises Refused for what the table's own program could not work out."""
        given = [self._cells[place] for place in self._places.get(column, ()) if place < len(self._cells) and self._cells[place]]
        for cell in given:
            if cell == UNCOUNTED:
                raise Refused(f"“{column}”里的公式没有结果，请在表格软件里打开、存一遍，或者改成文字")
            if cell.upper() in ERRORS:
                raise Refused(f"“{column}”里是 {cell.upper()}，公式出错了")
        return "、".join(armed(cell) for cell in given)

    def take(self, column: Column, reading: Callable[[str], T]) -> T:
        return reading(self.text(column))

    def short(self, column: Column, longest: int = facts.LONGEST_NAME) -> str:
        return facts.short(self.text(column), f"“{column}”", longest)

    def is_below(self, last: Line | None) -> bool:
        """Of the home above: merged cells hold their text in the uppermost alone."""
        return last is not None and self.has(Column.HOME) and self.has(Column.NAME) and not self.text(Column.HOME) \
            and not self.text(Column.ADDRESS) and bool(self.text(Column.NAME))


def _line(number: int, cells: _Cells, this_year: int, last: Line | None) -> Line:
    """Raises Refused."""
    home, name = cells.short(Column.HOME), cells.short(Column.NAME)
    if cells.has(Column.HOME) and not home and not cells.is_below(last):
        raise Refused("没有写户主")
    if not cells.has(Column.NAME):
        name = home
    if not cells.has(Column.HOME):
        home = facts.needed(name, "姓名")
    line = Line(number, home, cells.short(Column.ADDRESS, facts.LONGEST_ADDRESS), cells.short(Column.GRID),
                cells.take(Column.HOME_PHONE, facts.phones), cells.take(Column.HOME_NOTES, lambda text: facts.long(text, "家庭备注")))
    if not home:
        line = replace(line, home=last.home, address=last.address)
    said = _person(line, name, cells, this_year)
    if not name and said != replace(line, name=""):
        raise Refused("没有写姓名")
    return said


def _person(line: Line, name: str, cells: _Cells, this_year: int) -> Line:
    """Raises Refused. The surest of what tells the year counts."""
    by_identity = cells.take(Column.IDENTITY, lambda text: facts.year_of_identity(text, this_year))
    born = by_identity or cells.take(Column.BORN, lambda text: facts.birth_year(text, this_year))
    age = cells.take(Column.AGE, facts.age)
    return replace(line, name=name, born=born, age=None if born else age, phone=cells.take(Column.PHONE, facts.phones),
                   hearing=cells.short(Column.HEARING, Resident.hearing.type.length), tags=cells.take(Column.TAGS, facts.tags),
                   notes=cells.take(Column.NOTES, lambda text: facts.long(text, "备注")))


def defused(text: str) -> str:
    """So that no spreadsheet takes it for a formula (OWASP, CSV injection); :func:`armed` takes the sign away again."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) or _DEFUSED.match(text) else text


def armed(text: str) -> str:
    return text[1:] if _DEFUSED.match(text) else text


def to_plain(known: Read) -> dict[str, object]:
    return asdict(known)


def from_plain(plain: dict) -> Read:
    """What :func:`to_plain` has given, after it was JSON."""
    return Read(tuple(Line(**line | {"tags": tuple(line["tags"])}) for line in plain["lines"]), tuple(Wrong(**one) for one in plain["wrong"]),
                tuple(plain["unused"]), tuple(plain["below"]))
