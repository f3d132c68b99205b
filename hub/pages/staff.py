"""The village's staff: who may come in, and as what."""
from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from hub import staff as people
from hub.auth.invitations import invite
from hub.auth.roles import May, Role
from hub.auth.sign_in import Visitor, sign_out_everywhere
from hub.errors import Refused
from hub.pages.look import onward, page
from hub.pages.visit import noted, parts_of, visiting
from hub.staff import Person

router = APIRouter(prefix="/staff", include_in_schema=False)
Leader = Annotated[Visitor, Depends(visiting(May.STAFF))]
Text = Annotated[str, Form(max_length=80)]


def link_page(request: Request, visitor: Visitor, token: str, name: str, back: str) -> HTMLResponse:
    """The link is nowhere else, only what it can be known by: whoever loses it asks for another."""
    address = f"{parts_of(request).settings.public.rstrip('/') or str(request.base_url).rstrip('/')}/welcome/{token}"
    return page(request, "staff_link.html", visitor, address=address, name=name, back=back, drawn=segno.make(address).svg_data_uri(scale=5, border=2))


@router.get("")
def listed(request: Request, visitor: Leader) -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        staff = people.of_village(work, visitor.village_id)
    return page(request, "staff.html", visitor, staff=staff, now=parts.now(), changeable=people.roles_given_by(visitor))


@router.get("/new")
def blank(request: Request, visitor: Leader) -> Response:
    return page(request, "staff_new.html", visitor, given=Person(), roles=people.roles_given_by(visitor), wrong="")


@router.post("")
def engage(request: Request, visitor: Leader, login: Text = "", name: Text = "", phone: Text = "", role: Text = "") -> Response:
    parts, given = parts_of(request), Person(login, name, phone, role)
    try:
        with parts.database.write() as work:
            staff = people.engage(work, visitor, visitor.village_id, given, parts.now())
            token = invite(work, staff.id, parts.now())
            noted(work, request, visitor, "新增人员", f"{staff.name}（{staff.login}），{Role(staff.role).shown}")
    except Refused as error:
        return page(request, "staff_new.html", visitor, 400, given=given, roles=people.roles_given_by(visitor), wrong=error.shown)
    return link_page(request, visitor, token, staff.name, "/staff")


@router.get("/{staff_id}")
def one(request: Request, visitor: Leader, staff_id: str) -> Response:
    with parts_of(request).database.read() as work:
        staff = people.found(work, visitor, staff_id)
    given = Person(staff.login, staff.name, staff.phone, staff.role)
    return page(request, "staff_one.html", visitor, staff=staff, given=given, roles=people.roles_given_by(visitor), wrong="")


@router.post("/{staff_id}")
def change(request: Request, visitor: Leader, staff_id: str, name: Text = "", phone: Text = "", role: Text = "") -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        before = people.found(work, visitor, staff_id)
    given = Person(before.login, name, phone, role or before.role)
    try:
        with parts.database.write() as work:
            staff = people.change(work, visitor, staff_id, given)
            became = "" if staff.role == before.role else f"，改为{Role(staff.role).shown}"
            noted(work, request, visitor, "改人员", f"{staff.name}（{staff.login}）{became}")
    except Refused as error:
        return page(request, "staff_one.html", visitor, 400, staff=before, given=given, roles=people.roles_given_by(visitor), wrong=error.shown)
    return onward(request, "/staff")


@router.post("/{staff_id}/link")
def link(request: Request, visitor: Leader, staff_id: str) -> Response:
    """Whoever has forgotten the password; the old one counts until a new one is set."""
    parts = parts_of(request)
    with parts.database.write() as work:
        people.one_after_the_other(work)
        staff = people.found(work, visitor, staff_id)
        token = invite(work, staff.id, parts.now())
        noted(work, request, visitor, "给登录链接", f"{staff.name}（{staff.login}）")
    return link_page(request, visitor, token, staff.name, f"/staff/{staff_id}")


@router.post("/{staff_id}/without-code")
def without_code(request: Request, visitor: Leader, staff_id: str) -> Response:
    """Whoever has lost the telephone. One's own goes with the password alone (/me)."""
    with parts_of(request).database.write() as work:
        staff = people.found(work, visitor, staff_id)
        if staff.id == visitor.staff_id:
            raise Refused("自己的验证码请在“我的账号”里关掉")
        staff.totp = ""
        sign_out_everywhere(work, staff.id)
        noted(work, request, visitor, "关掉验证码", f"{staff.name}（{staff.login}）")
    return onward(request, f"/staff/{staff_id}")


@router.get("/{staff_id}/end")
def ask(request: Request, visitor: Leader, staff_id: str) -> Response:
    with parts_of(request).database.read() as work:
        return page(request, "staff_end.html", visitor, staff=people.found(work, visitor, staff_id), wrong="")


@router.post("/{staff_id}/end")
def end(request: Request, visitor: Leader, staff_id: str) -> Response:
    parts = parts_of(request)
    try:
        with parts.database.write() as work:
            staff = people.end(work, visitor, staff_id, parts.now())
            noted(work, request, visitor, "停用人员", f"{staff.name}（{staff.login}）")
    except Refused as error:
        with parts.database.read() as work:
            return page(request, "staff_end.html", visitor, 400, staff=people.found(work, visitor, staff_id), wrong=error.shown)
    return onward(request, "/staff")
