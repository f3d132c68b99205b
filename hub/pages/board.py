"""The board of the square: where it is switched on, and the public page itself, for which nobody signs in."""
from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.board import places, showing, switch
from hub.errors import Refused
from hub.pages.look import onward, page
from hub.pages.visit import noted, parts_of, visiting

router = APIRouter(include_in_schema=False, prefix="/board")
Leader = Annotated[Visitor, Depends(visiting(May.STAFF))]
Text = Annotated[str, Form(max_length=80)]


# -- for the office -----------------------------------------------------------------------------------------------------

@router.get("")
def look(request: Request, visitor: Leader) -> Response:
    return _settings(request, visitor)


def _settings(request: Request, visitor: Visitor, wrong: str = "", typed: str = "", sought: str = "", choices: tuple[places.Place, ...] = ()
              ) -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        board = switch.of(work, visitor.village_id)
        items = showing.for_all(work, visitor.village_id, parts.now())
    path = board.path if board else None
    address = f"{parts.settings.public.rstrip('/') or str(request.base_url).rstrip('/')}/board/{path}" if path else ""
    return page(request, "board_settings.html", visitor, 400 if wrong else 200, address=address, path=path, items=items, wrong=wrong, typed=typed,
                place=switch.place_of(board), sought=sought, choices=choices,
                drawn=segno.make(address).svg_data_uri(scale=5, border=2) if address else "")


@router.post("/on")
def renew(request: Request, visitor: Leader) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        switch.renew(work, visitor.village_id, parts.now())
        noted(work, request, visitor, "大屏新网址", "猜不到的")
    return onward(request, "/board")


@router.post("/name")
def choose(request: Request, visitor: Leader, path: Text = "") -> Response:
    parts = parts_of(request)
    try:
        with parts.database.write() as work:
            board = switch.choose(work, visitor.village_id, path, parts.now())
            noted(work, request, visitor, "大屏新网址", board.path)
    except Refused as error:
        return _settings(request, visitor, error.shown, path)
    return onward(request, "/board")


@router.post("/off")
def turn_off(request: Request, visitor: Leader) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        switch.turn_off(work, visitor.village_id, parts.now())
        noted(work, request, visitor, "关大屏", "")
    return onward(request, "/board")


@router.post("/place")
def set_place(request: Request, visitor: Leader, place: Text = "") -> Response:
    """``place``: a code that was offered, or what somebody typed; empty: no weather."""
    parts, found = parts_of(request), places.of(place)
    choices = places.found(place) if found is None else ()
    if len(choices) == 1:
        found = choices[0]
    if found is None and place.strip():
        wrong = "" if choices else f"没有找到“{place.strip()}”。请写县、区的名字，比如“章丘区”"
        return _settings(request, visitor, wrong, sought=place.strip(), choices=choices)
    with parts.database.write() as work:
        switch.set_place(work, visitor.village_id, found, parts.now())
        noted(work, request, visitor, "大屏天气", found.name if found else "不显示")
    return onward(request, "/board")


# -- for the square -----------------------------------------------------------------------------------------------------

def _shown(request: Request, path: str) -> showing.Shown:
    """Raises NotFound."""
    parts = parts_of(request)
    with parts.database.read() as work:
        return showing.shown(work, switch.village_at(work, path), parts.weather, parts.now())


@router.get("/{path}")
def public(request: Request, path: str) -> Response:
    return page(request, "board.html", board=_shown(request, path), path=path, now=parts_of(request).now())


@router.get("/{path}/now")
def live(request: Request, path: str, seen: Annotated[str, Query(max_length=64)] = "") -> Response:
    """What changes by itself; nothing where it is as it was ``seen``."""
    found = _shown(request, path)
    if seen == found.digest:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    return page(request, "board_now.html", board=found, path=path, now=parts_of(request).now())
