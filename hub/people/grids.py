"""The village's grids, each with the worker who looks after its homes."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.auth.roles import Role
from hub.db.columns import new_id
from hub.db.tables import Grid, Household, Staff
from hub.errors import NotFound, Refused
from hub.people import facts
from hub.people.register import alone


@dataclass(frozen=True, slots=True)
class GridRow:
    """``worker`` is empty where nobody looks after it."""

    id: str
    name: str
    worker_id: str | None
    worker: str
    homes: int


def grid(work: Session, village_id: str, grid_id: str) -> Grid:
    """Raises NotFound."""
    found = work.get(Grid, (village_id, grid_id))
    if found is None:
        raise NotFound(f"no grid {grid_id} in {village_id}")
    return found


def all_grids(work: Session, village_id: str) -> list[GridRow]:
    """In the order in which they were made."""
    homes = dict(work.execute(select(Household.grid_id, func.count()).where(Household.village_id == village_id).group_by(Household.grid_id)).all())
    rows = work.execute(select(Grid, Staff.name).outerjoin(Staff, (Staff.id == Grid.worker_id) & Staff.left_at.is_(None))
                        .where(Grid.village_id == village_id).order_by(Grid.id))
    return [GridRow(one.id, one.name, one.worker_id, worker or "", homes.get(one.id, 0)) for one, worker in rows]


def workers(work: Session, village_id: str) -> list[Staff]:
    """Who can be given a grid: grid workers first, then the others of the office."""
    everybody = work.scalars(select(Staff).where(Staff.village_id == village_id, Staff.left_at.is_(None)).order_by(Staff.id))
    return sorted(everybody, key=lambda staff: staff.role != Role.GRID)


def new_grid(work: Session, village_id: str, name: str, worker_id: str, now: dt.datetime) -> Grid:
    """Raises Refused."""
    alone(work, village_id)
    made = Grid(village_id=village_id, id=new_id(now), name=_free_name(work, village_id, name, ""), worker_id=_worker(work, village_id, worker_id))
    work.add(made)
    work.flush()
    return made


def change_grid(work: Session, village_id: str, grid_id: str, name: str, worker_id: str) -> Grid:
    """Raises NotFound, Refused."""
    alone(work, village_id)
    known = grid(work, village_id, grid_id)
    known.name, known.worker_id = _free_name(work, village_id, name, grid_id), _worker(work, village_id, worker_id)
    return known


def delete_grid(work: Session, village_id: str, grid_id: str) -> str:
    """Its name. Raises NotFound, and Refused as long as homes belong to it."""
    alone(work, village_id)
    known = grid(work, village_id, grid_id)
    homes = work.scalar(select(func.count(Household.id)).where(Household.village_id == village_id, Household.grid_id == grid_id))
    if homes:
        raise Refused(f"“{known.name}”里还有{homes}户，先把它们改到别的网格")
    work.delete(known)
    work.flush()
    return known.name


def _free_name(work: Session, village_id: str, given: str, but: str) -> str:
    name = facts.needed(given, "网格的名字")
    if work.scalar(select(func.count(Grid.id)).where(Grid.village_id == village_id, Grid.name == name, Grid.id != but)):
        raise Refused(f"已经有一个网格叫“{name}”")
    return name


def _worker(work: Session, village_id: str, worker_id: str) -> str | None:
    if not worker_id:
        return None
    found = work.get(Staff, worker_id)
    if found is None or found.village_id != village_id or found.left_at is not None:
        raise Refused("没有这位网格员，可能已经离开了")
    return worker_id
