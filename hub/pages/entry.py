"""The door: the first start, signing in and out."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from hub.audit import note
from hub.auth import first as first_time
from hub.auth import throttle
from hub.auth.passwords import hashed
from hub.auth.roles import May, Role
from hub.auth.sign_in import NeedsCode, Visitor, begin, sign_in, sign_out
from hub.db.columns import new_id
from hub.db.tables import Staff
from hub.errors import NotFound, Refused
from hub.pages.look import onward, page
from hub.pages.visit import parts_of, same_origin, visiting, with_cookie, without_cookie
from hub.parts import Parts
from hub.staff import nobody_yet, one_after_the_other
from hub.villages import found_village

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=80)]
Secret = Annotated[str, Form(max_length=500)]


def _is_new(parts: Parts) -> bool:
    with parts.database.read() as work:
        return nobody_yet(work)


@router.get("/setup")
def first(request: Request) -> Response:
    """Only as long as there is nobody."""
    if not _is_new(parts_of(request)):
        raise NotFound("set up already")
    return _first(request, dict.fromkeys(("village", "county", "name", "login"), ""))


def _first(request: Request, given: dict[str, str], wrong: str = "") -> Response:
    return page(request, "setup.html", status=400 if wrong else 200, wrong=wrong, given=given,
                needs_code=first_time.needs_code(parts_of(request).settings, request.client.host))


def _may_set_up(parts: Parts, code: str, address: str) -> None:
    """Raises Refused, TooMany."""
    if not first_time.needs_code(parts.settings, address) or not _is_new(parts):
        return
    with parts.database.read() as work:
        throttle.check(work, parts.now(), f"setup {address}", address)
    if not first_time.fits(parts.key, code):
        with parts.database.write() as work:
            throttle.failed(work, parts.now(), f"setup {address}", address)
        raise Refused("开通码不对。它写在启动村务台的那个窗口（或日志）里，是8位数字")


@router.post("/setup")
def set_up(request: Request, village: Text = "", county: Text = "", name: Text = "", login: Text = "", password: Secret = "",
           again: Secret = "", code: Text = "") -> Response:
    """The first village and the first administrator. There is no password that was there before."""
    same_origin(request)
    parts = parts_of(request)
    login, now = login.strip().lower(), parts.now()
    try:
        _may_set_up(parts, code, request.client.host)
        if not all(part.strip() for part in (village, name, login)):
            raise Refused("村名、姓名和登录名都要填")
        if password != again:
            raise Refused("两次输入的密码不一样")
        secret = hashed(password, login)
    except Refused as error:
        given = {"village": village, "county": county, "name": name, "login": login}
        return _first(request, given, error.shown)
    with parts.database.write() as work:
        one_after_the_other(work)
        if not nobody_yet(work):
            raise NotFound("set up already")
        place = found_village(work, village, county, now)
        staff = Staff(id=new_id(now), village_id=place.id, login=login, name=name.strip(), phone="", role=Role.OPERATOR, password=secret,
                      totp="", created_at=now)
        work.add(staff)
        work.flush()
        token = begin(work, staff, now)
        note(work, place.id, now, staff.id, staff.name, "开通", place.name, request.client.host)
    return with_cookie(parts, onward(request, "/"), token)


@router.get("/login")
def door(request: Request) -> Response:
    if _is_new(parts_of(request)):
        return onward(request, "/setup")
    return page(request, "login.html", wrong="", login="", needs_code=False)


@router.post("/login")
def enter(request: Request, login: Text = "", password: Secret = "", code: Annotated[str, Form(max_length=20)] = "") -> Response:
    same_origin(request)
    parts = parts_of(request)
    try:
        token = sign_in(parts.database, login, password, code, request.client.host, parts.now())
    except Refused as error:
        return page(request, "login.html", status=400, wrong=error.shown, login=login, needs_code=bool(code))
    if isinstance(token, NeedsCode):
        return page(request, "login.html", wrong="请再输一遍密码，和手机上的验证码", login=login, needs_code=True)
    return with_cookie(parts, onward(request, "/"), token)


@router.post("/logout")
def leave(request: Request, visitor: Annotated[Visitor, Depends(visiting(May.LOOK))]) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        sign_out(work, visitor.session)
    return without_cookie(parts, onward(request, "/login"))


@router.get("/")
def home(request: Request, visitor: Annotated[Visitor, Depends(visiting(May.LOOK))]) -> Response:
    return onward(request, "/notices")
