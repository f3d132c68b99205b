"""Homes and residents as they are kept. Whoever changes them in a village waits for whoever does so already, so that what is looked up
before a change is still true when it is written."""
from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from hub.db.columns import new_id
from hub.db.tables import Box, Grid, Household, Resident, Village
from hub.errors import NotFound, Refused
from hub.people import facts
from hub.people.facts import HomeFacts, PersonFacts
from hub.people.names import sought


def alone(work: Session, village_id: str) -> None:
    """Until the end of the transaction. SQLite has but one writer at a time anyway."""
    work.execute(select(Village.id).where(Village.id == village_id).with_for_update(key_share=True))


def home(work: Session, village_id: str, home_id: str) -> Household:
    """Raises NotFound."""
    found = work.get(Household, (village_id, home_id))
    if found is None:
        raise NotFound(f"no household {home_id} in {village_id}")
    return found


def resident(work: Session, village_id: str, resident_id: str) -> Resident:
    """Raises NotFound."""
    found = work.get(Resident, (village_id, resident_id))
    if found is None:
        raise NotFound(f"no resident {resident_id} in {village_id}")
    return found


def of_home(village_id: str, home_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What the residents of this home fulfil."""
    return Resident.village_id == village_id, Resident.household_id == home_id


def residents(work: Session, village_id: str, home_id: str) -> list[Resident]:
    return list(work.scalars(select(Resident).where(*of_home(village_id, home_id)).order_by(Resident.id)))


def box_of(work: Session, village_id: str, home_id: str) -> Box | None:
    """The one that stands there; those that were turned away do not count."""
    return work.scalar(select(Box).where(Box.village_id == village_id, Box.household_id == home_id, Box.revoked_at.is_(None))
                       .order_by(Box.id.desc()).limit(1))


def read_home(work: Session, village_id: str, name: str, address: str, grid_id: str, phone: str, notes: str) -> HomeFacts:
    """As the form gives it. Raises Refused."""
    if grid_id and work.get(Grid, (village_id, grid_id)) is None:
        raise Refused("没有这个网格，可能刚被删掉，请另选一个")
    return HomeFacts(facts.needed(name, "户名"), facts.short(address, "地址", facts.LONGEST_ADDRESS), grid_id or None, facts.phones(phone),
                     facts.long(notes, "备注"))


def new_home(work: Session, village_id: str, told: HomeFacts, now: dt.datetime) -> Household:
    """Raises Refused where there is one of this name at this address."""
    alone(work, village_id)
    _is_free(work, village_id, told, "")
    made = Household(village_id=village_id, id=new_id(now), name=told.name, address=told.address, grid_id=told.grid_id, phone=told.phone,
                     notes=told.notes, created_at=now)
    work.add(made)
    work.flush()
    return made


def change_home(work: Session, village_id: str, home_id: str, told: HomeFacts) -> Household:
    """Raises NotFound, Refused."""
    alone(work, village_id)
    known = home(work, village_id, home_id)
    _is_free(work, village_id, told, home_id)
    known.name, known.address, known.grid_id, known.phone, known.notes = told.name, told.address, told.grid_id, told.phone, told.notes
    return known


def _is_free(work: Session, village_id: str, told: HomeFacts, but: str) -> None:
    if work.scalar(select(func.count(Household.id)).where(Household.village_id == village_id, Household.name == told.name,
                                                          Household.address == told.address, Household.id != but)):
        raise Refused(f"已经有一户叫“{told.name}”，地址也一样。请在户名或地址上分开")


def delete_home(work: Session, village_id: str, home_id: str) -> str:
    """With its residents; its name. Raises NotFound, and Refused as long as a box stands there."""
    alone(work, village_id)
    known = home(work, village_id, home_id)
    if box_of(work, village_id, home_id) is not None:
        raise Refused("这一户还有盒子。请先在“盒子”里把它解除，再删这一户")
    work.execute(update(Box).where(Box.village_id == village_id, Box.household_id == home_id).values(household_id=None))
    work.execute(delete(Resident).where(*of_home(village_id, home_id)))
    work.delete(known)
    work.flush()
    return known.name


def new_resident(work: Session, village_id: str, home_id: str, told: PersonFacts, now: dt.datetime) -> Resident:
    """Raises NotFound, and Refused where one of this name lives there."""
    alone(work, village_id)
    home(work, village_id, home_id)
    _is_other(work, village_id, home_id, told.name, "")
    made = Resident(village_id=village_id, id=new_id(now), household_id=home_id, **columns(told))
    work.add(made)
    work.flush()
    return made


def change_resident(work: Session, village_id: str, resident_id: str, told: PersonFacts) -> Resident:
    """Raises NotFound, Refused."""
    alone(work, village_id)
    known = resident(work, village_id, resident_id)
    _is_other(work, village_id, known.household_id, told.name, resident_id)
    for name, value in columns(told).items():
        setattr(known, name, value)
    return known


def move_resident(work: Session, village_id: str, resident_id: str, home_id: str) -> Resident:
    """To another home. Raises NotFound, and Refused where they live there, or one of this name does."""
    alone(work, village_id)
    known = resident(work, village_id, resident_id)
    home(work, village_id, home_id)
    _is_other(work, village_id, home_id, known.name, "")
    known.household_id = home_id
    return known


def columns(told: PersonFacts) -> dict[str, object]:
    """As the table holds them."""
    return {"name": told.name, "sought": sought(told.name), "born": told.born, "phone": told.phone, "hearing": told.hearing,
            "tags": list(told.tags), "notes": told.notes}


def _is_other(work: Session, village_id: str, home_id: str, name: str, but: str) -> None:
    if work.scalar(select(func.count(Resident.id)).where(*of_home(village_id, home_id), Resident.name == name, Resident.id != but)):
        raise Refused(f"这一户已经有一位“{name}”")


def delete_resident(work: Session, village_id: str, resident_id: str) -> Resident:
    """What they were. Raises NotFound."""
    alone(work, village_id)
    known = resident(work, village_id, resident_id)
    work.delete(known)
    work.flush()
    return known
