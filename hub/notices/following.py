"""What has become of notices: read from the receipts of their boxes."""
from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, and_, case, distinct, func, or_, select
from sqlalchemy.orm import Session

from hub.db.tables import Box, Grid, Household, Notice, NoticeReceipt, Resident, Staff
from hub.link.attendance import ONLINE
from hub.notices.sending import SINCE
from hub.notices.standing import Standing

PAGE = 50
"""Notices of one page of the list."""


def standings(work: Session, notice: Notice, now: dt.datetime) -> list[Standing]:
    """Of each home that it was meant for when it went out, by name; a box that stands in no home is as a home of its own."""
    rows = work.execute(
        select(NoticeReceipt, Box.id, Box.name, Box.seen_at, Box.revoked_at, Household.id.label("home_id"), Household.name.label("home"),
               Household.address, Household.grid_id)
        .join(Box, (Box.village_id == NoticeReceipt.village_id) & (Box.id == NoticeReceipt.box_id))
        .outerjoin(Household, (Household.village_id == Box.village_id) & (Household.id == Box.household_id))
        .where(NoticeReceipt.village_id == notice.village_id, NoticeReceipt.notice_id == notice.id).order_by(Box.id))
    homes: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        homes[row.home_id or row.id].append(row)
    found = [_standing(some, now) for some in homes.values()]
    without = select(Household.id, Household.name, Household.address, Household.grid_id).where(Household.village_id == notice.village_id)
    missing = set(notice.missing) - homes.keys()
    found += [Standing(row.id, row.name, row.address, row.grid_id) for row in (work.execute(without) if missing else ()) if row.id in missing]
    return sorted(found, key=lambda standing: (standing.name, standing.home_id))


def _standing(rows: Sequence[Row], now: dt.datetime) -> Standing:
    receipts = [row.NoticeReceipt for row in rows]
    times = {name: min((at for receipt in receipts if (at := getattr(receipt, name)) is not None), default=None) for name in SINCE}
    answered = [receipt for receipt in receipts if receipt.answered_at is not None]
    boxes = [row for row in rows if row.revoked_at is None]
    seen = max((row.seen_at for row in boxes if row.seen_at is not None), default=None)
    home = rows[0]
    return Standing(home.home_id or home.id, home.home or home.name, home.address or "", home.grid_id, len(boxes),
                    seen is not None and now - seen <= ONLINE, seen,
                    answer=max(answered, key=lambda receipt: receipt.answered_at).answer if answered else "", **times)


@dataclass(frozen=True, slots=True)
class Listed:
    """``heard`` and ``of`` are homes; 0 of 0 where it has not gone out."""

    notice: Notice
    author: str
    heard: int = 0
    of: int = 0


def listed(work: Session, village_id: str, states: Iterable[str], before: str = "", plan_id: str = "") -> list[Listed]:
    """Those sent last, so many as fit on a page; ``before`` is the last one of the page before; ``plan_id``: only the times of this one."""
    query = (select(Notice, Staff.name).join(Staff, Staff.id == Notice.author_id)
             .where(Notice.village_id == village_id, Notice.state.in_(list(states))))
    at = func.coalesce(Notice.sent_at, Notice.created_at)
    last = work.get(Notice, (village_id, before)) if before else None
    if last is not None:
        reached = last.sent_at or last.created_at
        query = query.where(or_(at < reached, and_(at == reached, Notice.id < before)))
    if plan_id:
        query = query.where(Notice.plan_id == plan_id)
    rows = work.execute(query.order_by(at.desc(), Notice.id.desc()).limit(PAGE)).all()
    counts = _counts(work, village_id, [notice for notice, _ in rows])
    return [Listed(notice, author, *counts.get(notice.id, (0, 0))) for notice, author in rows]


def _counts(work: Session, village_id: str, notices: Sequence[Notice]) -> dict[str, tuple[int, int]]:
    """As ``standings`` counts: of each notice the homes that have heard it, and all of them."""
    home = func.coalesce(Box.household_id, Box.id)
    rows = work.execute(
        select(NoticeReceipt.notice_id, func.count(distinct(case((NoticeReceipt.heard_at.is_not(None), home)))), func.count(distinct(home)))
        .join(Box, (Box.village_id == NoticeReceipt.village_id) & (Box.id == NoticeReceipt.box_id))
        .where(NoticeReceipt.village_id == village_id, NoticeReceipt.notice_id.in_([notice.id for notice in notices]))
        .group_by(NoticeReceipt.notice_id))
    counts = {notice_id: (heard, of) for notice_id, heard, of in rows}
    there = set(work.scalars(select(Household.id).where(Household.village_id == village_id))) if any(notice.missing for notice in notices) else set()
    found = {}
    for notice in notices:
        heard, of = counts.get(notice.id, (0, 0))
        found[notice.id] = heard, of + len(there.intersection(notice.missing))
    return found


@dataclass(frozen=True, slots=True)
class Visit:
    """A home that somebody has to go to."""

    standing: Standing
    phone: str
    residents: tuple[Resident, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """``worker`` is empty where nobody has been put in charge."""

    grid: str
    worker: str
    visits: tuple[Visit, ...]


def grids(work: Session, village_id: str) -> dict[str, tuple[str, str]]:
    """Name, and who works there; by identity."""
    rows = work.execute(select(Grid.id, Grid.name, Staff.name).outerjoin(Staff, Staff.id == Grid.worker_id).where(Grid.village_id == village_id)
                        .order_by(Grid.name))
    return {grid: (name, worker or "") for grid, name, worker in rows}


def rounds(work: Session, village_id: str, unreached: Sequence[Standing]) -> list[Round]:
    """The visit list of each grid worker; homes of no grid come last."""
    named = grids(work, village_id)
    homes = {standing.home_id for standing in unreached}
    phones = dict(work.execute(select(Household.id, Household.phone).where(Household.village_id == village_id)).all())
    residents: dict[str, list[Resident]] = defaultdict(list)
    for resident in work.scalars(select(Resident).where(Resident.village_id == village_id).order_by(Resident.born.is_(None), Resident.born)):
        if resident.household_id in homes:
            residents[resident.household_id].append(resident)
    by_grid: dict[str | None, list[Visit]] = defaultdict(list)
    for standing in unreached:
        by_grid[standing.grid_id].append(Visit(standing, phones.get(standing.home_id, ""), tuple(residents[standing.home_id])))
    return [Round(*named.get(grid, ("没有分网格", "")), tuple(by_grid[grid])) for grid in (*named, None) if by_grid[grid]]
