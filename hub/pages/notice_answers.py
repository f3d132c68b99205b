"""What was answered, to be kept and counted elsewhere: a line for each home, as CSV and as a workbook; of what repeats a column for each day."""
from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.db.tables import Box, Household, Notice
from hub.errors import NotFound
from hub.notices import drafts, following, tally
from hub.pages.given import download
from hub.pages.look import local, written
from hub.pages.notices import GONE_OUT, Which
from hub.pages.visit import parts_of, visiting
from hub.people.lines import defused
from hub.sheets import WORKBOOK, as_workbook

router = APIRouter(prefix="/notices", include_in_schema=False)
Looking = Annotated[Visitor, Depends(visiting(May.LOOK))]

Table = list[tuple[str, ...]]
HEADINGS = ("户名", "地址", "网格", "回答", "回答时间", "情况")
_WIDTHS = (14, 28, 14, 14, 20, 16)


def _table(request: Request, visitor: Visitor, notice_id: str) -> tuple[str, Table]:
    """Raises NotFound: also where it asks nothing, or has not gone out."""
    parts, now = parts_of(request), parts_of(request).now()
    with parts.database.read() as work:
        notice = drafts.one(work, visitor.village_id, notice_id)
        if not notice.question:
            raise NotFound("it asks nothing")
        if notice.repeat:
            return notice.title, _by_day(work, notice, lambda time: f"{local(time, visitor.zone):%Y-%m-%d}")
        if notice.state not in GONE_OUT or notice.sent_at is None:
            raise NotFound(f"{notice_id} has not gone out")
        grids = following.grids(work, notice.village_id)
        rows = [(one.name, one.address, grids.get(one.grid_id, ("", ""))[0], one.answer, written(one.answered_at, visitor.zone), one.stage(now).shown)
                for one in following.standings(work, notice, now)]
    return notice.title, [HEADINGS, *rows]


def _by_day(work: Session, plan: Notice, day: Callable) -> Table:
    """Homes down, days across, the first day first; who was not asked, or gave no answer, has an empty cell."""
    times = tally.times(work, plan)[::-1]
    homes = select(Household.id, Household.name).where(Household.village_id == plan.village_id).order_by(Household.name, Household.id)
    homeless = select(Box.id, Box.name).where(Box.village_id == plan.village_id, Box.household_id.is_(None))
    names = dict(work.execute(homes).all()) | dict(work.execute(homeless).all())
    asked = [home for home in names if any(home in time.homes for time in times)]
    rows = [(names[home], *(time.by_home.get(home, "") for time in times)) for home in asked]
    totals = [(f"{choice}（户）", *(str(time.count(choice)) for time in times)) for choice in tally.choices(times)]
    return [("户名", *(day(time.notice.sent_at) for time in times)), *rows, *totals, ("没回答（户）", *(str(time.unanswered) for time in times))]


@router.get("/{notice_id}/answers.csv")
def as_csv(request: Request, visitor: Looking, notice_id: Which) -> Response:
    """With a byte-order mark, without which Excel takes it for another encoding."""
    title, rows = _table(request, visitor, notice_id)
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows(tuple(map(defused, row)) for row in rows)
    return download(sheet.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", f"{title}-回答.csv")


@router.get("/{notice_id}/answers.xlsx")
def as_sheet(request: Request, visitor: Looking, notice_id: Which) -> Response:
    title, rows = _table(request, visitor, notice_id)
    widths = _WIDTHS if rows[0] == HEADINGS else (14, *(14 for _ in rows[0][1:]))
    return download(as_workbook([tuple(map(defused, row)) for row in rows], "回答", widths), WORKBOOK, f"{title}-回答.xlsx")
