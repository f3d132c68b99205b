"""Homes: the register of the village, found as one types, and the page of each home."""
from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.db.tables import Box, Household
from hub.errors import Refused
from hub.link.attendance import ONLINE
from hub.pages import grids as grid_pages
from hub.pages import people_table, residents
from hub.pages.given import Id, noted, picked
from hub.pages.look import local, onward, page
from hub.pages.visit import parts_of, visiting
from hub.people import finding, grids, register

router = APIRouter(include_in_schema=False)
Looking = Annotated[Visitor, Depends(visiting(May.LOOK))]
Changing = Annotated[Visitor, Depends(visiting(May.PEOPLE))]
LONGEST_SEARCH = 100
LAST_PAGE = 100_000


class HomeForm(BaseModel):
    """As it was typed: nothing of it is turned away before it can be shown again."""

    name: str = ""
    address: str = ""
    grid: str = ""
    phone: str = ""
    notes: str = ""

    @classmethod
    def of(cls, home: Household) -> HomeForm:
        return cls(name=home.name, address=home.address, grid=home.grid_id or "", phone=home.phone, notes=home.notes)

    def read(self, work: Session, village_id: str) -> register.HomeFacts:
        """Raises Refused."""
        return register.read_home(work, village_id, self.name, self.address, picked(self.grid), self.phone, self.notes)


def is_online(box: Box, now: dt.datetime) -> bool:
    return box.seen_at is not None and now - box.seen_at < ONLINE


@router.get("/people")
def people(request: Request, visitor: Looking, q: str = "", grid: str = "",
           number: Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)] = 1) -> Response:
    parts, now = parts_of(request), parts_of(request).now()
    q = q[:LONGEST_SEARCH]
    grid_id = grid if grid == finding.NO_GRID else picked(grid)
    with parts.database.read() as work:
        found = finding.find(work, visitor.village_id, q, grid_id, number)
        known = grids.all_grids(work, visitor.village_id)
    online = {home for home, box in found.boxes.items() if is_online(box, now)}
    return page(request, "people/list.html", visitor, q=q, grid=grid_id, number=number, found=found, online=online, grids=known,
                names={one.id: one.name for one in known}, pages=-(-found.count // finding.PAGE), year=_year(visitor, now), NO_GRID=finding.NO_GRID)


def _year(visitor: Visitor, now: dt.datetime) -> int:
    return local(now, visitor.zone).year


@router.get("/people/homes/new")
def blank_home(request: Request, visitor: Changing) -> Response:
    return _home_form(request, visitor, HomeForm())


@router.post("/people/homes/new")
def make_home(request: Request, visitor: Changing, given: Annotated[HomeForm, Form()]) -> Response:
    parts = parts_of(request)
    try:
        with parts.database.write() as work:
            home = register.new_home(work, visitor.village_id, given.read(work, visitor.village_id), parts.now())
            noted(work, request, visitor, "登记住户", home.name)
    except Refused as refused:
        return _home_form(request, visitor, given, wrong=refused.shown)
    return onward(request, f"/people/homes/{home.id}")


@router.get("/people/homes/{home_id}")
def home_page(request: Request, visitor: Looking, home_id: Id) -> Response:
    parts, now = parts_of(request), parts_of(request).now()
    with parts.database.read() as work:
        home = register.home(work, visitor.village_id, home_id)
        living = register.residents(work, visitor.village_id, home_id)
        box = register.box_of(work, visitor.village_id, home_id)
        grid = next((one for one in grids.all_grids(work, visitor.village_id) if one.id == home.grid_id), None)
    return page(request, "people/home.html", visitor, home=home, residents=living, box=box, online=box is not None and is_online(box, now), grid=grid,
                year=_year(visitor, now), now=now)


@router.get("/people/homes/{home_id}/edit")
def edit_home(request: Request, visitor: Changing, home_id: Id) -> Response:
    with parts_of(request).database.read() as work:
        home = register.home(work, visitor.village_id, home_id)
    return _home_form(request, visitor, HomeForm.of(home), home_id)


@router.post("/people/homes/{home_id}/edit")
def change_home(request: Request, visitor: Changing, home_id: Id, given: Annotated[HomeForm, Form()]) -> Response:
    try:
        with parts_of(request).database.write() as work:
            home = register.change_home(work, visitor.village_id, home_id, given.read(work, visitor.village_id))
            noted(work, request, visitor, "修改住户", home.name)
    except Refused as refused:
        return _home_form(request, visitor, given, home_id, refused.shown)
    return onward(request, f"/people/homes/{home_id}")


@router.get("/people/homes/{home_id}/delete")
def ask_about_home(request: Request, visitor: Changing, home_id: Id) -> Response:
    return _ask(request, visitor, home_id)


@router.post("/people/homes/{home_id}/delete")
def delete_home(request: Request, visitor: Changing, home_id: Id) -> Response:
    try:
        with parts_of(request).database.write() as work:
            name = register.delete_home(work, visitor.village_id, home_id)
            noted(work, request, visitor, "删除住户", name)
    except Refused as refused:
        return _ask(request, visitor, home_id, refused.shown)
    return onward(request, "/people")


def _ask(request: Request, visitor: Visitor, home_id: str, wrong: str = "") -> Response:
    with parts_of(request).database.read() as work:
        home = register.home(work, visitor.village_id, home_id)
        living = register.residents(work, visitor.village_id, home_id)
        has_box = register.box_of(work, visitor.village_id, home_id) is not None
    also = f"住在里面的{len(living)}个人（{'、'.join(one.name for one in living)}）也一起删除。" if living else ""
    blocked = wrong or ("这一户还有盒子。请先在“盒子”里把它解除，再删这一户。" if has_box else "")
    return page(request, "people/ask.html", visitor, 400 if wrong else 200, question=f"删除“{home.name}”这一户？", means=f"{also}删了就找不回来了。",
                action="删除这一户", back=f"/people/homes/{home_id}", blocked=blocked)


def _home_form(request: Request, visitor: Visitor, given: HomeForm, home_id: str = "", wrong: str = "") -> Response:
    with parts_of(request).database.read() as work:
        known = grids.all_grids(work, visitor.village_id)
    return page(request, "people/home_form.html", visitor, 400 if wrong else 200, given=given, home_id=home_id, wrong=wrong, grids=known)


for _more in (residents, grid_pages, people_table):
    router.include_router(_more.router)
