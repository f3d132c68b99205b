"""Writing, sending, correcting and withdrawing notices, and the templates from which they are begun."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.db.tables import Notice
from hub.errors import Refused
from hub.limit import MOST_BYTES
from hub.notices import drafts, sending, starters
from hub.notices.by import By
from hub.notices.schedule import Repeat
from hub.notices.targets import Scope
from hub.notices.words import (
    MOST_OF_CHOICE,
    MOST_OF_QUESTION,
    MOST_OF_TEXT,
    MOST_OF_TITLE,
    Category,
    Priority,
    State,
)
from hub.pages.attachments import brought
from hub.pages.look import onward, page
from hub.pages.notice_form import Given, Known, fresh, known, read, read_expiry, read_words, typed, written
from hub.pages.notice_starters import begun as begun_with
from hub.pages.notices import Which, gone_out, not_sent, notice_id, to, told
from hub.pages.visit import form_of, parts_of, visiting
from hub.recordings import LONGEST_S, SHORTEST_S

router = APIRouter(prefix="/notices", include_in_schema=False)
Looking = Annotated[Visitor, Depends(visiting(May.LOOK))]
Sending = Annotated[Visitor, Depends(visiting(May.SEND))]

_CHOICES = {"Category": Category, "Priority": Priority, "Repeat": Repeat, "Scope": Scope,
            "most": {"title": MOST_OF_TITLE, "text": MOST_OF_TEXT, "question": MOST_OF_QUESTION, "choice": MOST_OF_CHOICE},
            "shortest_s": int(SHORTEST_S), "longest_s": int(LONGEST_S), "most_bytes": MOST_BYTES - 200_000}


Fields = Annotated[FormData, Depends(form_of)]


def by(request: Request, visitor: Visitor) -> By:
    return By(visitor.staff_id, visitor.name, request.client.host)


def _form(request: Request, visitor: Visitor, given: Given, there: Known, notice: Notice | None = None, wrong: str = "") -> Response:
    return page(request, "notice_form.html", visitor, status=400 if wrong else 200, given=given, known=there, notice=notice, wrong=wrong, **_CHOICES)


# -- drafts -------------------------------------------------------------------------------------------------------------

@router.get("/new")
def new(request: Request, visitor: Sending, template: str = "", starter: str = "") -> Response:
    parts, ready = parts_of(request), starters.starter(starter)
    with parts.database.read() as work:
        if ready is not None:
            return _form(request, visitor, begun_with(ready, parts.now(), visitor.zone), known(work, visitor.village_id))
        begun = drafts.template(work, visitor.village_id, notice_id(template)) if template else None
        return _form(request, visitor, fresh(begun, parts.now(), visitor.zone), known(work, visitor.village_id))


@router.post("/new")
def keep(request: Request, visitor: Sending, form: Fields) -> Response:
    parts = parts_of(request)
    came = brought(parts, visitor.village_id, form, typed(form))
    try:
        came.check()
        with parts.database.write() as work:
            draft = read(came.given, known(work, visitor.village_id), visitor.zone)
            notice = drafts.begin(work, visitor.village_id, draft, by(request, visitor), parts.now())
    except Refused as error:
        with parts.database.read() as work:
            return _form(request, visitor, came.given, known(work, visitor.village_id), wrong=error.shown)
    return to(request, notice.id)


@router.get("/{notice_id}/edit")
def edit(request: Request, visitor: Sending, notice_id: Which) -> Response:
    with parts_of(request).database.read() as work:
        notice = drafts.one(work, visitor.village_id, notice_id)
        if notice.state != State.DRAFT:
            return to(request, notice_id)
        return _form(request, visitor, written(notice, visitor.zone), known(work, visitor.village_id), notice)


@router.post("/{notice_id}/edit")
def change(request: Request, visitor: Sending, notice_id: Which, form: Fields) -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        drafts.one(work, visitor.village_id, notice_id)
    came = brought(parts, visitor.village_id, form, typed(form))
    try:
        came.check()
        with parts.database.write() as work:
            draft = read(came.given, known(work, visitor.village_id), visitor.zone)
            drafts.change(work, drafts.one(work, visitor.village_id, notice_id), draft, by(request, visitor), parts.now())
    except Refused as error:
        with parts.database.read() as work:
            notice = drafts.one(work, visitor.village_id, notice_id)
            return _form(request, visitor, came.given, known(work, visitor.village_id), notice, error.shown)
    return to(request, notice_id)


@router.post("/{notice_id}/discard")
def discard(request: Request, visitor: Sending, notice_id: Which) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        drafts.discard(work, drafts.one(work, visitor.village_id, notice_id), by(request, visitor), parts.now())
    return onward(request, "/notices")


# -- on their way -------------------------------------------------------------------------------------------------------

@router.post("/{notice_id}/send")
def send(request: Request, visitor: Sending, notice_id: Which, seen: Annotated[str, Form(max_length=64)] = "") -> Response:
    """``seen`` is the fingerprint of what the preview showed."""
    parts = parts_of(request)
    with parts.database.write() as work:
        notice = drafts.one(work, visitor.village_id, notice_id)
        try:
            drafts.hold_as_seen(work, notice, seen)
            sending.release(work, parts.bell, notice, by(request, visitor), parts.now())
        except Refused as error:
            return not_sent(request, visitor, work, notice, error.shown)
    return to(request, notice_id)


@router.post("/{notice_id}/hold")
def hold(request: Request, visitor: Sending, notice_id: Which) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        sending.hold(work, drafts.one(work, visitor.village_id, notice_id), by(request, visitor), parts.now())
    return onward(request, f"/notices/{notice_id}/edit")


@router.get("/{notice_id}/correct")
def show_words(request: Request, visitor: Sending, notice_id: Which) -> Response:
    with parts_of(request).database.read() as work:
        notice = gone_out(work, visitor.village_id, notice_id)
        return _correcting(request, visitor, notice, written(notice, visitor.zone))


@router.post("/{notice_id}/correct")
def correct(request: Request, visitor: Sending, notice_id: Which, form: Fields) -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        gone_out(work, visitor.village_id, notice_id)
    came = brought(parts, visitor.village_id, form, typed(form))
    try:
        came.check()
        with parts.database.write() as work:
            notice = gone_out(work, visitor.village_id, notice_id)
            expires_at = read_expiry(came.given, visitor.zone)
            sending.correct(work, parts.bell, notice, read_words(came.given), expires_at, by(request, visitor), parts.now())
    except Refused as error:
        with parts.database.read() as work:
            return _correcting(request, visitor, gone_out(work, visitor.village_id, notice_id), came.given, error.shown)
    return to(request, notice_id)


def _correcting(request: Request, visitor: Visitor, notice: Notice, given: Given, wrong: str = "") -> Response:
    return page(request, "notice_correct.html", visitor, status=400 if wrong else 200, notice=notice, given=given, wrong=wrong, **_CHOICES)


@router.get("/{notice_id}/withdraw")
def ask(request: Request, visitor: Sending, notice_id: Which) -> Response:
    parts = parts_of(request)
    with parts.database.read() as work:
        notice = drafts.one(work, visitor.village_id, notice_id)
        if notice.state not in (State.SENT, State.SCHEDULED):
            return to(request, notice_id)
        return page(request, "notice_withdraw.html", visitor, plan=sending.plan_of(work, notice), **told(work, visitor, notice, parts.now()))


@router.post("/{notice_id}/withdraw")
def withdraw(request: Request, visitor: Sending, notice_id: Which) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        sending.withdraw(work, parts.bell, drafts.one(work, visitor.village_id, notice_id), by(request, visitor), parts.now())
    return to(request, notice_id)


# -- templates ----------------------------------------------------------------------------------------------------------

@router.get("/templates")
def templates(request: Request, visitor: Looking) -> Response:
    with parts_of(request).database.read() as work:
        return page(request, "notice_templates.html", visitor, templates=drafts.templates(work, visitor.village_id),
                    starters=starters.STARTERS)


@router.post("/{notice_id}/template")
def keep_as_template(request: Request, visitor: Sending, notice_id: Which) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        drafts.keep_as_template(work, drafts.one(work, visitor.village_id, notice_id), by(request, visitor), parts.now())
    return onward(request, "/notices/templates")


@router.post("/templates/{template_id}/discard")
def drop_template(request: Request, visitor: Sending, template_id: str) -> Response:
    parts = parts_of(request)
    with parts.database.write() as work:
        drafts.drop_template(work, drafts.template(work, visitor.village_id, notice_id(template_id)), by(request, visitor), parts.now())
    return onward(request, "/notices/templates")
