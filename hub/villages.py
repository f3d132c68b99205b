"""The villages of a hub, for whoever runs it."""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session as Work

from hub.auth.roles import Role
from hub.auth.sign_in import Visitor
from hub.db.columns import new_id
from hub.db.tables import Box, Household, Session, Staff, Village
from hub.errors import NotFound, Refused
from hub.staff import Person, engage

ZONE = "Asia/Shanghai"
"""All of China has one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One village, and how many there are of what."""

    village: Village
    staff: int
    homes: int
    boxes: int


def all_of_them(work: Work) -> Sequence[Seen]:
    """By county and name."""
    counts = (select(func.count()).where(Staff.village_id == Village.id, Staff.left_at.is_(None)),
              select(func.count()).where(Household.village_id == Village.id),
              select(func.count()).where(Box.village_id == Village.id, Box.revoked_at.is_(None)))
    rows = work.execute(select(Village, *(count.scalar_subquery() for count in counts)).order_by(Village.county, Village.name, Village.id))
    return [Seen(*row) for row in rows]


def found_village(work: Work, name: str, county: str, now: dt.datetime) -> Village:
    """A new one. Raises Refused."""
    if not name.strip():
        raise Refused("村名要填")
    village = Village(id=new_id(now), name=name.strip(), county=county.strip(), zone=ZONE, created_at=now)
    work.add(village)
    work.flush()
    return village


def open_village(work: Work, visitor: Visitor, name: str, county: str, first: Person, now: dt.datetime) -> tuple[Village, Staff]:
    """With its first administrator. Raises Refused."""
    village = found_village(work, name, county, now)
    return village, engage(work, visitor, village.id, Person(first.login, first.name, first.phone, Role.ADMIN), now)


def go(work: Work, visitor: Visitor, village_id: str) -> Village:
    """The visitor looks at this village from now on. Raises NotFound."""
    village = work.get(Village, village_id)
    if village is None:
        raise NotFound(f"no village {village_id}")
    work.execute(update(Session).where(Session.id == visitor.session).values(village_id=village.id))
    return village
