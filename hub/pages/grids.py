"""The village's grids and who looks after them."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.errors import Refused
from hub.pages.given import Id, noted, picked
from hub.pages.look import onward, page
from hub.pages.visit import parts_of, visiting
from hub.people import grids

router = APIRouter(include_in_schema=False)
Looking = Annotated[Visitor, Depends(visiting(May.LOOK))]
Changing = Annotated[Visitor, Depends(visiting(May.PEOPLE))]
Typed = Annotated[str, Form()]
PLACE = "/people/grids"


@router.get(PLACE)
def grids_page(request: Request, visitor: Looking) -> Response:
    return _page(request, visitor)


@router.post(PLACE)
def make_grid(request: Request, visitor: Changing, name: Typed = "", worker: Typed = "") -> Response:
    parts = parts_of(request)
    try:
        with parts.database.write() as work:
            made = grids.new_grid(work, visitor.village_id, name, picked(worker), parts.now())
            noted(work, request, visitor, "新网格", made.name)
    except Refused as refused:
        return _page(request, visitor, refused.shown, "", name, worker)
    return onward(request, PLACE)


@router.post("/people/grids/{grid_id}")
def change_grid(request: Request, visitor: Changing, grid_id: Id, name: Typed = "", worker: Typed = "") -> Response:
    try:
        with parts_of(request).database.write() as work:
            changed = grids.change_grid(work, visitor.village_id, grid_id, name, picked(worker))
            noted(work, request, visitor, "修改网格", changed.name)
    except Refused as refused:
        return _page(request, visitor, refused.shown, grid_id, name, worker)
    return onward(request, PLACE)


@router.post("/people/grids/{grid_id}/delete")
def delete_grid(request: Request, visitor: Changing, grid_id: Id) -> Response:
    try:
        with parts_of(request).database.write() as work:
            noted(work, request, visitor, "删除网格", grids.delete_grid(work, visitor.village_id, grid_id))
    except Refused as refused:
        return _page(request, visitor, refused.shown)
    return onward(request, PLACE)


def _page(request: Request, visitor: Visitor, wrong: str = "", of: str = "", name: str = "", worker: str = "") -> Response:
    """``of``, ``name`` and ``worker`` are what was typed, and into which of the forms, if it was wrong."""
    with parts_of(request).database.read() as work:
        known = grids.all_grids(work, visitor.village_id)
        workers = grids.workers(work, visitor.village_id)
    return page(request, "people/grids.html", visitor, 400 if wrong else 200, grids=known, workers=workers, wrong=wrong, of=of, name=name,
                worker=worker)
