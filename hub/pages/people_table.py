"""The register as a table: brought in from a file, after one has seen what that would change, and given out as one."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from fastapi.responses import Response

from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.errors import Refused
from hub.pages.given import Id, download, noted
from hub.pages.look import local, onward, page
from hub.pages.visit import parts_of, visiting
from hub.people import export, waiting
from hub.people.lines import read
from hub.people.plan import Plan, State, plan, take
from hub.people.sheet import MOST_BYTES, MOST_ROWS, rows
from hub.sheets import WORKBOOK

router = APIRouter(include_in_schema=False)
Changing = Annotated[Visitor, Depends(visiting(May.PEOPLE))]
SHOWN = 300
"""Lines of each kind that the preview shows; of the rest it says how many there are."""


@router.get("/people/import")
def choose(request: Request, visitor: Changing) -> Response:
    return _choose(request, visitor)


@router.post("/people/import")
def bring(request: Request, visitor: Changing, file: UploadFile | None = None) -> Response:
    """Read it, and show what it would change. Nothing is changed yet."""
    parts = parts_of(request)
    try:
        if file is None or not file.filename:
            raise Refused("还没有选文件")
        understood = read(rows(file.file.read(MOST_BYTES + 1)), _this_year(request, visitor))
    except Refused as refused:
        return _choose(request, visitor, refused.shown)
    with parts.database.write() as work:
        kept = waiting.keep(work, visitor.village_id, understood, parts.now())
    return onward(request, f"/people/import/{kept}")


def _choose(request: Request, visitor: Visitor, wrong: str = "") -> Response:
    return page(request, "people/import.html", visitor, 400 if wrong else 200, wrong=wrong, most=MOST_ROWS)


@router.get("/people/import/{kept_id}")
def preview(request: Request, visitor: Changing, kept_id: Id) -> Response:
    return _preview(request, visitor, kept_id)


@router.post("/people/import/{kept_id}")
def bring_in(request: Request, visitor: Changing, kept_id: Id, seal: Annotated[str, Form()] = "") -> Response:
    """All of it, or nothing."""
    parts = parts_of(request)
    try:
        with parts.database.write() as work:
            understood = waiting.kept(work, visitor.village_id, kept_id, parts.now())
            done = take(work, visitor.village_id, understood.lines, understood.wrong, _this_year(request, visitor), parts.now(), seal)
            waiting.drop(work, visitor.village_id, kept_id)
            noted(work, request, visitor, "导入名册", _summary(done))
    except Refused as refused:
        return _preview(request, visitor, kept_id, refused.shown)
    return onward(request, "/people")


def _summary(done: Plan) -> str:
    return (f"新增{done.count(done.homes, State.NEW)}户{done.count(done.people, State.NEW)}人，"
            f"修改{done.count(done.homes, State.CHANGED)}户{done.count(done.people, State.CHANGED)}人")


def _preview(request: Request, visitor: Visitor, kept_id: str, wrong: str = "") -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        understood = waiting.kept(work, visitor.village_id, kept_id, parts.now())
        made = plan(work, visitor.village_id, understood.lines, understood.wrong, _this_year(request, visitor))
    return page(request, "people/preview.html", visitor, 400 if wrong else 200, plan=made, understood=understood, wrong=wrong, State=State,
                shown=SHOWN, kept_id=kept_id)


@router.get("/people/export.csv")
def as_csv(request: Request, visitor: Changing) -> Response:
    return download(export.as_csv(_table(request, visitor)), "text/csv; charset=utf-8", f"{visitor.village}住户.csv")


@router.get("/people/export.xlsx")
def as_workbook(request: Request, visitor: Changing) -> Response:
    return download(export.as_workbook(_table(request, visitor)), WORKBOOK, f"{visitor.village}住户.xlsx")


def _table(request: Request, visitor: Visitor) -> list[tuple[str, ...]]:
    """Whoever takes the whole register away is noted."""
    with parts_of(request).database.write() as work:
        table = export.table(work, visitor.village_id)
        noted(work, request, visitor, "导出名册", f"{len(table) - 1}行")
    return table


def _this_year(request: Request, visitor: Visitor) -> int:
    return local(parts_of(request).now(), visitor.zone).year
