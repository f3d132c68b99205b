"""Which homes and boxes a notice reaches, were it sent now."""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.db.tables import Box, Household, Resident, Village
from hub.notices.targets import Person, Scope, Targets, meant


@dataclass(frozen=True, slots=True)
class Home:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Reach:
    """``boxes`` by identity, in order; a box that stands in no home is reached by what is for everybody."""

    homes: tuple[Home, ...]
    without: tuple[Home, ...]
    """Homes that are meant and have no box."""
    boxes: tuple[str, ...]


def reach(work: Session, village_id: str, targets: Targets, now: dt.datetime) -> Reach:
    year = now.astimezone(ZoneInfo(work.get_one(Village, village_id).zone)).year
    people = _people(work, village_id) if targets.by_people else {}
    homes = [Home(row.id, row.name) for row in work.execute(
        select(Household.id, Household.name, Household.grid_id).where(Household.village_id == village_id).order_by(Household.name, Household.id))
        if meant(targets, row.id, row.grid_id, people.get(row.id, ()), year)]
    chosen = {home.id for home in homes} | ({None} if targets.scope is Scope.EVERYBODY else set())
    boxes = [(box, home) for box, home in work.execute(
        select(Box.id, Box.household_id).where(Box.village_id == village_id, Box.revoked_at.is_(None)).order_by(Box.id)) if home in chosen]
    having = {home for _, home in boxes}
    return Reach(tuple(home for home in homes if home.id in having), tuple(home for home in homes if home.id not in having),
                 tuple(box for box, _ in boxes))


def ageless(work: Session, village_id: str) -> int:
    """Residents of whom nobody has written down the year of birth."""
    return work.scalar(select(func.count()).select_from(Resident).where(Resident.village_id == village_id, Resident.born.is_(None)))


def _people(work: Session, village_id: str) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = defaultdict(list)
    for home, born, tags in work.execute(select(Resident.household_id, Resident.born, Resident.tags).where(Resident.village_id == village_id)):
        found[home].append(Person(born, frozenset(tags)))
    return found
