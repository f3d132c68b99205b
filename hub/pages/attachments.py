"""What is spoken instead of written: taken from the form, and given out to listen to."""
from __future__ import annotations

import threading
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from hub import ranges, recordings
from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.notices import attachments
from hub.pages.given import Id
from hub.pages.notice_form import Given
from hub.pages.visit import parts_of, visiting
from hub.parts import Parts

router = APIRouter(prefix="/notices", include_in_schema=False)
Looking = Annotated[Visitor, Depends(visiting(May.LOOK))]

_MAKING = threading.BoundedSemaphore(2)
"""Making one takes seconds of a core and, of three minutes, a hundred megabytes."""


def spoken(parts: Parts, village_id: str, form: FormData, given: Given) -> Given:
    """With the recording that came with the form, or without one where that is wanted. Raises Refused."""
    sent = form.get("recording")
    if isinstance(sent, UploadFile) and sent.filename:
        with _MAKING:
            made = recordings.prepared(sent.file.read())
        with parts.database.write() as work:
            return replace(given, audio=attachments.keep(work, village_id, made, parts.now()).id)
    return replace(given, audio="") if form.get("no_recording") else given


@router.get("/attachments/{upload_id}")
def attachment(request: Request, visitor: Looking, upload_id: Id) -> Response:
    """It never changes under its identity."""
    with parts_of(request).database.read() as work:
        found = attachments.one(work, visitor.village_id, upload_id)
    return ranges.answer(found.data, found.media_type, request.headers.get("range"), {"Cache-Control": "private, max-age=86400, immutable"})
