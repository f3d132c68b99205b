"""All villages of this hub: for its operator alone."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from hub import audit, villages
from hub.auth.invitations import invite
from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.errors import Refused
from hub.pages.look import onward, page
from hub.pages.staff import link_page
from hub.pages.visit import parts_of, visiting
from hub.staff import Person

router = APIRouter(prefix="/villages", include_in_schema=False)
Operator = Annotated[Visitor, Depends(visiting(May.VILLAGES))]
Text = Annotated[str, Form(max_length=80)]


@router.get("")
def listed(request: Request, visitor: Operator) -> Response:
    with parts_of(request).database.read() as work:
        return page(request, "villages.html", visitor, villages=villages.all_of_them(work))


@router.get("/new")
def blank(request: Request, visitor: Operator) -> Response:
    return page(request, "village_new.html", visitor, village="", county="", given=Person(), wrong="")


@router.post("")
def open_one(request: Request, visitor: Operator, village: Text = "", county: Text = "", login: Text = "", name: Text = "",
             phone: Text = "") -> Response:
    parts, given = parts_of(request), Person(login, name, phone)
    try:
        with parts.database.write() as work:
            opened, first = villages.open_village(work, visitor, village, county, given, parts.now())
            token = invite(work, first.id, parts.now())
            subject = f"{opened.name}，管理员{first.name}（{first.login}）"
            audit.note(work, opened.id, parts.now(), visitor.staff_id, visitor.name, "新增村庄", subject, request.client.host)
    except Refused as error:
        return page(request, "village_new.html", visitor, 400, village=village, county=county, given=given, wrong=error.shown)
    return link_page(request, visitor, token, first.name, "/villages")


@router.post("/{village_id}/go")
def go(request: Request, visitor: Operator, village_id: str) -> Response:
    """The village's own record tells that somebody came from outside."""
    parts = parts_of(request)
    with parts.database.write() as work:
        village = villages.go(work, visitor, village_id)
        audit.note(work, village.id, parts.now(), visitor.staff_id, visitor.name, "进入村庄", village.name, request.client.host)
    return onward(request, "/")
