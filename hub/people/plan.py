"""What an import would change, and the change itself: all of it or nothing. What a table does not tell stays as it is known."""
from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.db.columns import new_id
from hub.db.tables import Grid, Household, Resident
from hub.errors import Refused
from hub.people.columns import Column
from hub.people.lines import Line, Wrong
from hub.people.names import sought
from hub.people.register import alone

_HOME = {"grid": Column.GRID, "phone": Column.HOME_PHONE, "notes": Column.HOME_NOTES}
_PERSON = {"born": Column.BORN, "phone": Column.PHONE, "hearing": Column.HEARING, "tags": Column.TAGS, "notes": Column.NOTES}


class State(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Difference:
    """As it is shown; ``before`` is empty where nothing was known."""

    what: str
    before: str
    after: str


@dataclass(slots=True)
class HomeStep:
    """``known`` is None of a home that is new; ``told`` is what the lines say of it, ``values`` what of that is to be written, a grid by
    its name."""

    number: int
    name: str
    address: str
    known: Household | None
    told: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def of(self) -> HomeStep:
        """The home that it is about."""
        return self

    @property
    def state(self) -> State:
        return _state(self.known, self.values)


@dataclass(frozen=True, slots=True)
class PersonStep:
    number: int
    name: str
    of: HomeStep
    known: Resident | None
    values: dict[str, object]
    differences: tuple[Difference, ...]

    @property
    def state(self) -> State:
        return _state(self.known, self.values)


def _state(known: object, values: object) -> State:
    return State.NEW if known is None else State.CHANGED if values else State.SAME


@dataclass(frozen=True, slots=True)
class Plan:
    homes: Sequence[HomeStep]
    people: Sequence[PersonStep]
    grids: tuple[str, ...]
    """Names of those that would be new."""
    wrong: tuple[Wrong, ...]

    @property
    def changes_anything(self) -> bool:
        return any(step.state is not State.SAME for step in (*self.homes, *self.people))

    @property
    def seal(self) -> str:
        """Two plans that do the same have the same."""
        told = [(step.number, step.state, sorted(step.values.items(), key=str)) for step in (*self.homes, *self.people)]
        return hashlib.sha256(repr((told, self.grids, self.wrong)).encode()).hexdigest()

    def count(self, steps: Iterable[HomeStep | PersonStep], state: str) -> int:
        return sum(step.state == state for step in steps)


class _Register:
    """What is known of the village, by the names that tables use."""

    def __init__(self, work: Session, village_id: str) -> None:
        self.grids = {grid.name: grid.id for grid in work.scalars(select(Grid).where(Grid.village_id == village_id))}
        self.named: dict[str, list[Household]] = defaultdict(list)
        self.homes: dict[tuple[str, str], Household] = {}
        for home in work.scalars(select(Household).where(Household.village_id == village_id).order_by(Household.id)):
            self.named[home.name].append(home)
            self.homes.setdefault((home.name, home.address), home)
        self.people: dict[tuple[str, str], Resident] = {}
        for one in work.scalars(select(Resident).where(Resident.village_id == village_id).order_by(Resident.id)):
            self.people.setdefault((one.household_id, one.name), one)

    def grid_name(self, grid_id: str | None) -> str:
        return next((name for name, known in self.grids.items() if known == grid_id), "")

    def address(self, line: Line) -> str:
        """Without an address a line means the one home of its name. Raises Refused where there are several."""
        if line.address or (line.home, "") in self.homes or not self.named.get(line.home):
            return line.address
        if len(self.named[line.home]) > 1:
            raise Refused(f"有几户都叫“{line.home}”，请写上地址")
        return self.named[line.home][0].address


def plan(work: Session, village_id: str, lines: Iterable[Line], wrong: Iterable[Wrong], this_year: int) -> Plan:
    """Changes nothing. ``wrong`` are the lines that could not even be read; those that contradict each other join them."""
    register, bad = _Register(work, village_id), list(wrong)
    homes: dict[tuple[str, str], HomeStep] = {}
    people: dict[tuple[int, str], tuple[Line, PersonStep]] = {}
    for line in lines:
        try:
            key = (line.home, register.address(line))
            home = homes.get(key) or HomeStep(line.number, *key, register.homes.get(key))
            _tell_home(home, line, register)
            homes[key] = home
            if not line.name:
                continue
            before, _ = people.get((id(home), line.name), (line, None))
            if _said(before) != _said(line):
                raise Refused(f"和第{before.number}行是同一个人，写的却不一样")
            people.setdefault((id(home), line.name), (line, _person(home, line, register, this_year)))
        except Refused as refused:
            bad.append(Wrong(line.number, refused.shown))
    fresh = dict.fromkeys(home.values["grid"] for home in homes.values() if home.values.get("grid", "") not in {"", *register.grids})
    return Plan(tuple(homes.values()), tuple(step for _, step in people.values()), tuple(fresh), tuple(sorted(bad, key=lambda one: one.number)))


def _said(line: Line) -> tuple[object, ...]:
    return line.born, line.age, line.phone, line.hearing, line.tags, line.notes


def _tell_home(home: HomeStep, line: Line, register: _Register) -> None:
    """Raises Refused where an earlier line has said something else."""
    for name, told in (("grid", line.grid), ("phone", line.home_phone), ("notes", line.home_notes)):
        if not told:
            continue
        known = "" if home.known is None else register.grid_name(home.known.grid_id) if name == "grid" else getattr(home.known, name)
        if home.told.setdefault(name, told) != told:
            raise Refused(f"“{_HOME[name]}”和“{home.name}”前面的行写的不一样")
        if told != known and name not in home.values:
            home.values[name] = told
            home.differences.append(Difference(_HOME[name], known, told))


def _person(home: HomeStep, line: Line, register: _Register, this_year: int) -> PersonStep:
    known = register.people.get((home.known.id, line.name)) if home.known is not None else None
    told = {"born": _born(line, known, this_year), "phone": line.phone, "hearing": line.hearing, "tags": list(line.tags), "notes": line.notes}
    values = {name: value for name, value in told.items() if value and (known is None or value != getattr(known, name))}
    differences = tuple(Difference(_PERSON[name], "" if known is None else _shown(getattr(known, name)), _shown(value))
                        for name, value in values.items())
    return PersonStep(line.number, line.name, home, known, values, differences)


def _born(line: Line, known: Resident | None, this_year: int) -> int | None:
    """Somebody of an age was born in one of two years: if one of them is known, it stays."""
    if line.age is None:
        return line.born
    year = this_year - line.age
    return known.born if known is not None and known.born in (year, year - 1) else year


def _shown(value: object) -> str:
    return "、".join(value) if isinstance(value, list) else "" if value is None else str(value)


def take(work: Session, village_id: str, lines: Iterable[Line], wrong: Iterable[Wrong], this_year: int, now: dt.datetime, seal: str = "") -> Plan:
    """Do it; what has been done. With ``seal``, that of a plan that was looked at, only if it is still the same. Raises Refused."""
    alone(work, village_id)
    made = plan(work, village_id, lines, wrong, this_year)
    if made.wrong:
        raise Refused(f"还有{len(made.wrong)}行不对，一行也没有导入。请在表里改好，再选一次文件")
    if seal and made.seal != seal:
        raise Refused("您看的时候，名册又有人改过了。请再看一遍下面的内容，没问题再点导入")
    later = _ids(now)
    grids = {grid.name: grid.id for grid in work.scalars(select(Grid).where(Grid.village_id == village_id))}
    for name in made.grids:
        grids[name] = next(later)
        work.add(Grid(village_id=village_id, id=grids[name], name=name, worker_id=None))
    work.flush()
    homes = {id(home): _write_home(work, village_id, home, grids, later, now) for home in made.homes}
    work.flush()
    for person in made.people:
        _write_person(work, village_id, homes[id(person.of)], person, later)
    work.flush()
    return made


def _ids(now: dt.datetime) -> Iterator[str]:
    """A millisecond apart: they sort as the lines of the table do."""
    while True:
        yield new_id(now)
        now += dt.timedelta(milliseconds=1)


def _write_home(work: Session, village_id: str, home: HomeStep, grids: dict[str, str], later: Iterator[str], now: dt.datetime) -> str:
    kept = home.known
    if kept is None:
        kept = Household(village_id=village_id, id=next(later), name=home.name, address=home.address, phone="", notes="", created_at=now)
        work.add(kept)
    for name, value in home.values.items():
        if name == "grid":
            kept.grid_id = grids[value]
        else:
            setattr(kept, name, value)
    return kept.id


def _write_person(work: Session, village_id: str, home_id: str, person: PersonStep, later: Iterator[str]) -> None:
    kept = person.known
    if kept is None:
        kept = Resident(village_id=village_id, id=next(later), household_id=home_id, name=person.name, sought=sought(person.name), born=None,
                        phone="", hearing="", tags=[], notes="")
        work.add(kept)
    for name, value in person.values.items():
        setattr(kept, name, value)
