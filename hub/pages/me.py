"""One's own account: password, second factor, and where one is signed in."""
from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select

from hub.auth import throttle
from hub.auth.passwords import fits, hashed, is_totp_secret, new_totp_secret, totp_address, totp_step
from hub.auth.roles import May
from hub.auth.sign_in import LASTS, Visitor, begin, sign_out_everywhere
from hub.db.tables import Session, Staff
from hub.errors import Refused
from hub.pages.look import onward, page
from hub.pages.visit import noted, parts_of, visiting, with_cookie, without_cookie

router = APIRouter(prefix="/me", include_in_schema=False)
Anybody = Annotated[Visitor, Depends(visiting(May.LOOK))]
Secret = Annotated[str, Form(max_length=500)]


@router.get("")
def own(request: Request, visitor: Anybody) -> Response:
    return _own(request, visitor)


def _own(request: Request, visitor: Visitor, status: int = 200, wrong: str = "", wrong_code: str = "") -> HTMLResponse:
    parts = parts_of(request)
    with parts.database.read() as work:
        staff = work.get_one(Staff, visitor.staff_id)
        sessions = work.scalars(select(Session).where(Session.staff_id == staff.id, Session.expires_at > parts.now())
                                .order_by(Session.seen_at.desc())).all()
    begun = [(session.id == visitor.session, session.expires_at - LASTS, session.seen_at) for session in sessions]
    return page(request, "me.html", visitor, status, staff=staff, sessions=begun, now=parts.now(), wrong=wrong, wrong_code=wrong_code)


def _prove(request: Request, visitor: Visitor, password: str) -> None:
    """That it is really the owner who sits there. Wrong ones count as at the door. Raises Refused, TooMany."""
    parts, address = parts_of(request), request.client.host
    with parts.database.read() as work:
        throttle.check(work, parts.now(), visitor.login, address)
        known = work.get_one(Staff, visitor.staff_id).password
    if not fits(password, known):
        with parts.database.write() as work:
            throttle.failed(work, parts.now(), visitor.login, address)
        raise Refused("现在的密码不对")


@router.post("/password")
def new_password(request: Request, visitor: Anybody, old: Secret = "", password: Secret = "", again: Secret = "") -> Response:
    """All sessions end, and this browser gets a new one."""
    parts = parts_of(request)
    try:
        _prove(request, visitor, old)
        if password != again:
            raise Refused("两次输入的新密码不一样")
        secret = hashed(password, visitor.login)
    except Refused as error:
        return _own(request, visitor, 400, wrong=error.shown)
    with parts.database.write() as work:
        staff = work.get_one(Staff, visitor.staff_id)
        staff.password = secret
        sign_out_everywhere(work, staff.id)
        token = begin(work, staff, parts.now())
        noted(work, request, visitor, "改密码", staff.login)
    return with_cookie(parts, onward(request, "/me"), token)


@router.get("/code")
def code(request: Request, visitor: Anybody) -> Response:
    return _code(request, visitor, new_totp_secret())


def _code(request: Request, visitor: Visitor, secret: str, status: int = 200, wrong: str = "") -> HTMLResponse:
    """The secret goes with the form: nothing is kept of one whose code nobody has typed."""
    drawn = segno.make(totp_address(secret, visitor.login, visitor.village)).svg_data_uri(scale=5, border=2)
    return page(request, "me_code.html", visitor, status, secret=secret, drawn=drawn, wrong=wrong)


@router.post("/code")
def code_on(request: Request, visitor: Anybody, secret: Annotated[str, Form(max_length=80)] = "",
            code: Annotated[str, Form(max_length=20)] = "") -> Response:
    parts = parts_of(request)
    if not is_totp_secret(secret):
        return onward(request, "/me/code")
    step = totp_step(secret, code, parts.now(), 0)
    if step is None:
        return _code(request, visitor, secret, 400, "验证码不对。请看手机上现在的六位数字；手机的时间也要准")
    with parts.database.write() as work:
        staff = work.get_one(Staff, visitor.staff_id)
        if staff.totp:
            raise Refused("验证码已经开着了。要换手机，请先关掉再开")
        staff.totp, staff.totp_used = secret, step
        noted(work, request, visitor, "打开验证码", staff.login)
    return onward(request, "/me")


@router.post("/code/off")
def code_off(request: Request, visitor: Anybody, old: Secret = "") -> Response:
    try:
        _prove(request, visitor, old)
    except Refused as error:
        return _own(request, visitor, 400, wrong_code=error.shown)
    with parts_of(request).database.write() as work:
        staff = work.get_one(Staff, visitor.staff_id)
        staff.totp = ""
        noted(work, request, visitor, "关掉验证码", staff.login)
    return onward(request, "/me")


@router.post("/leave")
def leave_everywhere(request: Request, visitor: Anybody) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        sign_out_everywhere(work, visitor.staff_id)
        noted(work, request, visitor, "各处退出", visitor.login)
    return without_cookie(parts, onward(request, "/login"))
