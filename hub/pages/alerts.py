"""Where alerts go, and what became of them."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy import delete, select

from hub.alerts import words
from hub.alerts.channels import SCHEMES, channel, shown
from hub.alerts.sending import put
from hub.alerts.words import AlertKind
from hub.audit import note
from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.db.columns import new_id
from hub.db.tables import Alert, AlertChannel, AlertSending
from hub.errors import NotFound, Refused
from hub.pages.look import onward, page
from hub.pages.visit import parts_of, visiting

router = APIRouter(include_in_schema=False, prefix="/alerts")
NEWEST = 50
CHOICES = (AlertKind.SILENT, AlertKind.UNHEARD)

Admin = Annotated[Visitor, Depends(visiting(May.STAFF))]


def _shown(request: Request, visitor: Visitor, wrong: str = "", name: str = "", address: str = "", kinds: tuple[str, ...] = CHOICES, status: int = 200
           ) -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        channels = work.scalars(select(AlertChannel).where(AlertChannel.village_id == visitor.village_id).order_by(AlertChannel.id)).all()
        sendings = work.execute(
            select(Alert, AlertSending, AlertChannel.name)
            .outerjoin(AlertSending, (AlertSending.village_id == Alert.village_id) & (AlertSending.alert_id == Alert.id))
            .outerjoin(AlertChannel, (AlertChannel.village_id == Alert.village_id) & (AlertChannel.id == AlertSending.channel_id))
            .where(Alert.village_id == visitor.village_id).order_by(Alert.id.desc()).limit(NEWEST)).all()
    return page(request, "alerts.html", visitor, status, channels=channels, sendings=sendings, shown=shown, AlertKind=AlertKind, choices=CHOICES,
                now=parts.now(), wrong=wrong, name=name, address=address, kinds=kinds, examples=sorted(set(SCHEMES.values())))


@router.get("")
def look(request: Request, visitor: Admin) -> Response:
    return _shown(request, visitor)


@router.post("")
def add(request: Request, visitor: Admin, name: Annotated[str, Form(max_length=80)], address: Annotated[str, Form(max_length=500)],
        kinds: Annotated[list[AlertKind], Form(default_factory=list)]) -> Response:
    parts, now = parts_of(request), parts_of(request).now()
    try:
        channel(address)
        if not name.strip():
            raise Refused("给它起个名字，比如“村委会群”")
    except Refused as error:
        return _shown(request, visitor, error.shown, name, address, tuple(kinds), error.status)
    with parts.database.write() as work:
        work.add(AlertChannel(village_id=visitor.village_id, id=new_id(now), name=name.strip(), address=address.strip(), kinds=list(kinds),
                              created_at=now))
        note(work, visitor.village_id, now, visitor.staff_id, visitor.name, "加提醒渠道", name.strip(), request.client.host)
    return onward(request, "/alerts")


@router.post("/{channel_id}/delete")
def remove(request: Request, visitor: Admin, channel_id: str) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        name = _named(work.get(AlertChannel, (visitor.village_id, channel_id)))
        work.execute(delete(AlertChannel).where(AlertChannel.village_id == visitor.village_id, AlertChannel.id == channel_id))
        note(work, visitor.village_id, parts.now(), visitor.staff_id, visitor.name, "删提醒渠道", name, request.client.host)
    return onward(request, "/alerts")


@router.post("/test")
def test(request: Request, visitor: Admin) -> Response:
    """Over all channels, to see whether it arrives."""
    parts, now = parts_of(request), parts_of(request).now()
    with parts.database.write() as work:
        cause = f"{AlertKind.TEST} {new_id(now)}"
        put(work, visitor.village_id, AlertKind.TEST, {cause: ""}, lambda _: words.test(visitor.village, visitor.name), now)
        note(work, visitor.village_id, now, visitor.staff_id, visitor.name, "试提醒", "", request.client.host)
    return onward(request, "/alerts")


def _named(found: AlertChannel | None) -> str:
    if found is None:
        raise NotFound("no such channel")
    return found.name
