"""The record: who did what, and when."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from hub import record
from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.pages.look import local, page
from hub.pages.visit import parts_of, visiting
from hub.record import Sought

router = APIRouter(include_in_schema=False)
Leader = Annotated[Visitor, Depends(visiting(May.STAFF))]
Chosen = Annotated[str, Query(max_length=80)]


@router.get("/audit")
def listed(request: Request, visitor: Leader, who: Chosen = "", word: Chosen = "", before: Chosen = "") -> Response:
    parts, sought = parts_of(request), Sought(who, word)
    with parts.database.read() as work:
        rows, behind = record.newest(work, visitor.village_id, sought, before)
        people = record.people(work, visitor.village_id)
    return page(request, "audit.html", visitor, rows=rows, people=people, sought=sought, now=parts.now(),
                query=urlencode({"who": who, "word": word}), behind=behind)


@router.get("/audit.csv")
def table(request: Request, visitor: Leader, who: Chosen = "", word: Chosen = "") -> Response:
    """All that the page would show, from the first to the last."""
    headers = {"Content-Disposition": 'attachment; filename="record.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(request, visitor, Sought(who, word)), media_type="text/csv; charset=utf-8", headers=headers)


def _lines(request: Request, visitor: Visitor, sought: Sought) -> Iterator[str]:
    yield "\ufeff" + record.line(("时间", "谁", "做了什么", "对象", "网络地址"))  # without the mark Excel takes it for another encoding
    with parts_of(request).database.read() as work:
        for row in record.everything(work, visitor.village_id, sought):
            yield record.line((f"{local(row.at, visitor.zone):%Y-%m-%d %H:%M:%S}", row.who, row.did, row.subject, row.address))
