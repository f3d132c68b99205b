"""Where a link to set a password leads. Whoever holds the link is believed."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub import audit
from hub.auth.invitations import accept, invited
from hub.auth.sign_in import begin
from hub.errors import Refused
from hub.pages.look import onward, page
from hub.pages.visit import parts_of, same_origin, with_cookie

router = APIRouter(prefix="/welcome", include_in_schema=False)
Secret = Annotated[str, Form(max_length=500)]


@router.get("/{token}")
def door(request: Request, token: str) -> Response:
    """Looking uses nothing up: chat programs look at links before people do."""
    parts = parts_of(request)
    with parts.database.read() as work:
        return page(request, "welcome.html", staff=invited(work, token, parts.now()), wrong="")


@router.post("/{token}")
def choose(request: Request, token: str, password: Secret = "", again: Secret = "") -> Response:
    """Signed in with it, but for those who have a second factor too."""
    same_origin(request)
    parts, now = parts_of(request), parts_of(request).now()
    try:
        if password != again:
            raise Refused("两次输入的密码不一样")
        with parts.database.write() as work:
            staff = accept(work, token, password, now)
            audit.note(work, staff.village_id, now, staff.id, staff.name, "设密码", staff.login, request.client.host)
            session = None if staff.totp else begin(work, staff, now)
    except Refused as error:
        with parts.database.read() as work:
            return page(request, "welcome.html", status=400, staff=invited(work, token, now), wrong=error.shown)
    return with_cookie(parts, onward(request, "/"), session) if session else onward(request, "/login")
