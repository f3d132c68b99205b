"""Programs of other systems that may reach homes through this hub."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy import select

from hub.api.tokens import Scope, make
from hub.audit import note
from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.db.tables import ApiToken, WebhookCall
from hub.errors import NotFound, Refused
from hub.pages.look import onward, page
from hub.pages.visit import parts_of, visiting

router = APIRouter(include_in_schema=False, prefix="/programs")
NEWEST = 50

Admin = Annotated[Visitor, Depends(visiting(May.STAFF))]


def _shown(request: Request, visitor: Visitor, status: int = 200, **given: object) -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        tokens = work.scalars(select(ApiToken).where(ApiToken.village_id == visitor.village_id).order_by(ApiToken.id.desc())).all()
        calls = work.execute(select(WebhookCall, ApiToken.name).join(
            ApiToken, (ApiToken.village_id == WebhookCall.village_id) & (ApiToken.id == WebhookCall.token_id)).where(
            WebhookCall.village_id == visitor.village_id).order_by(WebhookCall.id.desc()).limit(NEWEST)).all()
    values = {"wrong": "", "name": "", "webhook": "", "scopes": (Scope.SEND, Scope.READ), "made": None, "held": ""} | given
    return page(request, "programs.html", visitor, status, tokens=tokens, calls=calls, Scope=Scope, now=parts.now(),
                base=parts.settings.public or str(request.base_url).rstrip("/"), **values)


@router.get("")
def look(request: Request, visitor: Admin) -> Response:
    return _shown(request, visitor)


@router.post("")
def add(request: Request, visitor: Admin, name: Annotated[str, Form(max_length=80)], webhook: Annotated[str, Form(max_length=500)] = "",
        scopes: Annotated[list[str], Form()] = ()) -> Response:
    """What the program is to hold is shown this one time, so this page is not gone on from."""
    parts, now = parts_of(request), parts_of(request).now()
    try:
        with parts.database.write() as work:
            made, held = make(work, visitor.village_id, visitor.staff_id, name, scopes, webhook, now)
            note(work, visitor.village_id, now, visitor.staff_id, visitor.name, "开接口", made.name, request.client.host)
    except Refused as error:
        return _shown(request, visitor, error.status, wrong=error.shown, name=name, webhook=webhook, scopes=tuple(scopes))
    return _shown(request, visitor, made=made, held=held)


@router.post("/{token_id}/revoke")
def revoke(request: Request, visitor: Admin, token_id: str) -> Response:
    parts, now = parts_of(request), parts_of(request).now()
    with parts.database.write() as work:
        token = work.get(ApiToken, (visitor.village_id, token_id))
        if token is None:
            raise NotFound("no such program")
        token.revoked_at = token.revoked_at or now
        note(work, visitor.village_id, now, visitor.staff_id, visitor.name, "停接口", token.name, request.client.host)
    return onward(request, "/programs")
