"""What boxes ask of the hub. They hold one connection open, over which messages come as server-sent events
(https://html.spec.whatwg.org/multipage/server-sent-events.html); where that does not get through they ask now and then."""
from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field
from starlette.concurrency import run_in_threadpool

from hub import audit, boxes, ranges
from hub.db.tables import Box, Village
from hub.errors import NotFound, NotSignedIn, Refused
from hub.keys import public_text
from hub.link import joining, numbering
from hub.link.outgoing import lines
from hub.link.receiving import Delivery, readable
from hub.messages import MessageRefused, read_time
from hub.notices import attachments
from hub.parts import Parts

PING_S = 15.0
"""Shorter than any router forgets a silent connection."""
RECONNECT_MS = 3000
MOST_RECEIPTS = 500
LAST_YEAR = 9000
MOST_MESSAGES = 2_000_000_000
"""To one box: PostgreSQL counts no further."""
_ID = re.compile("[0-9a-z]{18}")
"""PostgreSQL does not even look for what no text of its own can be."""

router = APIRouter(prefix="/link", include_in_schema=False)


class Joining(BaseModel):
    """What a box tells of itself before anybody knows it."""

    version: str = Field("", max_length=200)
    host: str = Field("", max_length=200)


class Receipts(BaseModel):
    """``now`` is the box's clock at the moment of sending."""

    now: AwareDatetime
    receipts: list[dict] = Field(max_length=MOST_RECEIPTS)


class Facts(BaseModel):
    """How a box does."""

    version: str = Field("", max_length=40)
    volume: int = Field(0, ge=0, le=100)
    free_mb: int = Field(0, ge=0, le=10**9)
    microphone: str = Field("", max_length=80)
    """What is wrong with it, in words; empty where nothing is."""


async def key_of(request: Request) -> str:
    """Raises NotSignedIn."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise NotSignedIn("no key of a box")
    return key


async def box_of(request: Request, key: Annotated[str, Depends(key_of)]) -> Box:
    """Raises NotSignedIn: also for a box that has been turned away."""
    box = await run_in_threadpool(_found, request.app.state.parts, key)
    if box is None:
        raise NotSignedIn("no box of this hub has that key")
    return box


def _found(parts: Parts, key: str) -> Box | None:
    with parts.database.read() as work:
        return joining.box_of(work, key)


Key = Annotated[str, Depends(key_of)]
Known = Annotated[Box, Depends(box_of)]


@router.post("/join")
def wish(request: Request, key: Key, facts: Joining) -> JSONResponse:
    """A box that is no one's yet asks for six digits to say."""
    parts: Parts = request.app.state.parts
    with parts.database.write() as work:
        wanting = joining.wish(work, key, request.client.host, facts.model_dump(), parts.now())
    left = wanting.expires_at - parts.now()
    return JSONResponse({"code": wanting.code, "expires_in_s": max(0, int(left.total_seconds()))})


@router.get("/join")
def joined(request: Request, key: Key) -> JSONResponse:
    """Whether it has become somebody's: 200 with what it needs from now on, 202 while it waits, 404 when its digits are over."""
    parts: Parts = request.app.state.parts
    with parts.database.read() as work:
        box = joining.box_of(work, key)
        village = box and work.get_one(Village, box.village_id)
        waits = box is None and joining.is_waiting(work, key, parts.now())
    if box is None:
        return JSONResponse({"state": "waiting" if waits else "over"}, 202 if waits else 404)
    return JSONResponse({"box": box.id, "name": box.name, "village": village.name, "zone": village.zone, "hub_key": public_text(parts.key)})


After = Annotated[int, Query(ge=0, le=MOST_MESSAGES)]
Seen = Annotated[str, Query(max_length=40)]


def _time(text: str) -> dt.datetime | None:
    """Raises Refused."""
    try:
        time = read_time(text) if text else None
    except ValueError as error:
        raise Refused(f"时间看不懂：{error}") from error
    if time is not None and time.year > LAST_YEAR:
        raise Refused(f"时间看不懂：{text}")
    return time


@router.get("/messages")
def messages(request: Request, box: Known, after: After = 0, seen: Seen = "") -> JSONResponse:
    """What there is behind ``after``, which was sent at ``seen``, at once: for where nothing can be held open."""
    parts: Parts = request.app.state.parts
    numbering.line_up(parts.database, box, after, _time(seen))
    parts.attendance.seen(box.village_id, box.id)
    with parts.database.read() as work:
        found = lines(work, box.village_id, {box.id: after}, parts.key, parts.now())
    return JSONResponse({"messages": [line for _, line in found.get(box.id, [])]})


@router.get("/stream")
async def stream(request: Request, box: Known, after: After = 0, seen: Seen = "") -> StreamingResponse:
    """The same for ever, each message the moment it is there; its number is the event's id."""
    await run_in_threadpool(numbering.line_up, request.app.state.parts.database, box, after, _time(seen))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    last = request.headers.get("last-event-id", "")
    begin = int(last) if last.isascii() and last.isdigit() and len(last) < 10 else after
    return StreamingResponse(_events(request.app.state.parts, box, begin), media_type="text/event-stream", headers=headers)


async def _events(parts: Parts, box: Box, after: int) -> AsyncIterator[str]:
    async with parts.switchboard.connected(box.village_id, box.id, after) as connection:
        yield f"retry: {RECONNECT_MS}\n\n"
        while True:
            parts.attendance.seen(box.village_id, box.id)
            try:
                item = await asyncio.wait_for(connection.lines.get(), PING_S)
            except TimeoutError:
                yield ":\n\n"
                continue
            if item is None:
                return
            yield f"id: {item[0]}\ndata: {item[1]}\n\n"


@router.get("/audio/{upload_id}")
@router.get("/picture/{upload_id}")
def attachment(request: Request, box: Known, upload_id: str) -> Response:
    """What belongs to a notice that this box was sent, or the part of it that Range asks for."""
    parts: Parts = request.app.state.parts
    if not _ID.fullmatch(upload_id):
        raise NotFound("no identity")
    with parts.database.read() as work:
        found = attachments.of_box(work, box, upload_id)
    parts.attendance.seen(box.village_id, box.id)
    return ranges.answer(found.data, found.media_type, request.headers.get("range"), {"Cache-Control": "no-store"})


@router.post("/receipts")
async def receipts(request: Request, box: Known, body: Receipts) -> JSONResponse:
    """``through``: the number up to which they have been taken, on disk. Raises Refused."""
    parts: Parts = request.app.state.parts
    try:
        read, now = tuple(map(readable, body.receipts)), body.now.astimezone(dt.UTC)
    except (MessageRefused, OverflowError) as error:
        raise Refused(f"回执看不懂：{error}") from error
    through = await parts.clerk.take(Delivery(box.village_id, box.id, read, now))
    parts.attendance.seen(box.village_id, box.id)
    return JSONResponse({"through": through})


@router.post("/leave")
def leave(request: Request, box: Known) -> JSONResponse:
    """Somebody at the box wants it to be none of this hub's any more."""
    parts: Parts = request.app.state.parts
    with parts.database.write() as work:
        boxes.turn_away(work, parts.bell, box.village_id, box.id, parts.now())
        audit.note(work, box.village_id, parts.now(), None, box.name, "盒子退出", box.name, request.client.host)
    return JSONResponse({})


@router.post("/status")
async def status(request: Request, box: Known, facts: Facts) -> JSONResponse:
    """How the box does, now and then."""
    parts: Parts = request.app.state.parts
    await run_in_threadpool(parts.attendance.tell, box.village_id, box.id, facts.model_dump())
    return JSONResponse({})
