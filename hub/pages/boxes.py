"""The village's boxes."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from hub import boxes
from hub.auth import throttle
from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.boxes import Wished
from hub.errors import NotFound, Refused
from hub.link import joining
from hub.pages.look import onward, page
from hub.pages.visit import noted, parts_of, visiting

router = APIRouter(prefix="/boxes", include_in_schema=False)
Looking = Annotated[Visitor, Depends(visiting(May.LOOK))]
Changing = Annotated[Visitor, Depends(visiting(May.BOXES))]
Text = Annotated[str, Form(max_length=80)]
MOST_SHOWN = 300


@router.get("")
def listed(request: Request, visitor: Looking, sought: Annotated[str, Query(max_length=80)] = "") -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        found = boxes.listed(work, visitor.village_id, sought, parts.now(), parts.switchboard.online)
    return page(request, "boxes.html", visitor, boxes=found[:MOST_SHOWN], count=len(found), online=sum(one.online for one in found), sought=sought,
                now=parts.now())


@router.get("/join")
def blank(request: Request, visitor: Changing, home: Annotated[str, Query(max_length=20)] = "") -> Response:
    return _join(request, visitor, "", home)


def _join(request: Request, visitor: Visitor, code: str, home: str, status: int = 200, wrong: str = "") -> HTMLResponse:
    with parts_of(request).database.read() as work:
        homes = boxes.homes(work, visitor.village_id)
    return page(request, "box_join.html", visitor, status, code=code, home=home, homes=homes, wrong=wrong)


@router.post("/join")
def join(request: Request, visitor: Changing, code: Text = "", home: Text = "") -> Response:
    """Digits that no box says count as wrong tries of this person: nobody is to find one by trying."""
    parts, address = parts_of(request), request.client.host
    try:
        if not home:
            raise Refused("请选这个盒子放在谁家")
        with parts.database.write() as work:
            box = joining.take(work, visitor.village_id, home, code, parts.now(), visitor.staff_id, address)
            noted(work, request, visitor, "盒子加入", box.name)
    except Refused as error:
        if home:
            with parts.database.write() as work:
                throttle.failed(work, parts.now(), f"code {visitor.staff_id}", address)
        return _join(request, visitor, code, home, 400, error.shown)
    return onward(request, f"/boxes/{box.id}")


@router.get("/{box_id}")
def one(request: Request, visitor: Looking, box_id: str) -> Response:
    return _one(request, visitor, box_id)


def _one(request: Request, visitor: Visitor, box_id: str, given: Wished | None = None, wrong: str = "") -> HTMLResponse:
    parts = parts_of(request)
    with parts.database.read() as work:
        seen = boxes.one_of(work, visitor.village_id, box_id, parts.now(), parts.switchboard.online)
        homes = boxes.homes(work, visitor.village_id)
    return page(request, "box_one.html", visitor, 400 if wrong else 200, seen=seen, homes=homes, wrong=wrong, now=parts.now(), hours=boxes.HOURS,
                given=given or boxes.wished_of(seen.box))


@router.post("/{box_id}")
def change(request: Request, visitor: Changing, box_id: str, name: Text = "", home: Text = "", volume: Text = "", muted: Text = "",
           quiet_from: Text = "", quiet_until: Text = "") -> Response:
    parts, given = parts_of(request), Wished(name, home, volume, bool(muted), quiet_from, quiet_until)
    try:
        with parts.database.write() as work:
            box = boxes.set_up(work, parts.bell, visitor.village_id, box_id, given, parts.now())
            noted(work, request, visitor, "改盒子", boxes.in_words(box))
    except Refused as error:
        return _one(request, visitor, box_id, given, error.shown)
    return onward(request, f"/boxes/{box_id}")


@router.get("/{box_id}/turn-away")
def ask(request: Request, visitor: Changing, box_id: str) -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        seen = boxes.one_of(work, visitor.village_id, box_id, parts.now(), parts.switchboard.online)
    if seen.box.revoked_at is not None:
        raise NotFound(f"{box_id} has been turned away already")
    return page(request, "box_turn_away.html", visitor, seen=seen)


@router.post("/{box_id}/turn-away")
def turn_away(request: Request, visitor: Changing, box_id: str) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        box = boxes.turn_away(work, parts.bell, visitor.village_id, box_id, parts.now())
        noted(work, request, visitor, "停用盒子", box.name)
    return onward(request, "/boxes")
