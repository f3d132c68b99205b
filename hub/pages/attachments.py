"""What is spoken instead of written, and what is to be seen: taken from the form, and given out to listen to and to look at."""
from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from hub import pictures, ranges, recordings
from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.errors import Refused
from hub.notices import attachments
from hub.pages.given import Id
from hub.pages.notice_form import Given
from hub.pages.visit import parts_of, visiting
from hub.parts import Parts

router = APIRouter(prefix="/notices", include_in_schema=False)
Looking = Annotated[Visitor, Depends(visiting(May.LOOK))]

_MAKING = threading.BoundedSemaphore(2)
"""Making one takes seconds of a core and a hundred megabytes or two."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What the hub has now of what came with the form, and what is wrong with the rest in words; empty where nothing is."""

    given: Given
    wrong: str = ""

    def check(self) -> None:
        """Raises Refused."""
        if self.wrong:
            raise Refused(self.wrong)


def brought(parts: Parts, village_id: str, form: FormData, given: Given) -> Brought:
    """With the recording and the picture that came, or without one where that is wanted: what is good of them is kept, whatever becomes of
    the form, so that nobody has to speak twice."""
    wrong = []
    for name, field, make in (("audio", "recording", recordings.prepared), ("picture", "photo", pictures.prepared)):
        sent = form.get(field)
        if isinstance(sent, UploadFile) and sent.filename:
            try:
                with _MAKING:
                    made = make(sent.file.read())
            except Refused as error:
                wrong.append(error.shown)
                continue
            with parts.database.write() as work:
                given = replace(given, **{name: attachments.keep(work, village_id, made, parts.now()).id})
        elif form.get(f"no_{field}"):
            given = replace(given, **{name: ""})
    return Brought(given, "；".join(wrong))


@router.get("/attachments/{upload_id}")
def attachment(request: Request, visitor: Looking, upload_id: Id) -> Response:
    """It never changes under its identity."""
    with parts_of(request).database.read() as work:
        found = attachments.one(work, visitor.village_id, upload_id)
    return ranges.answer(found.data, found.media_type, request.headers.get("range"), {"Cache-Control": "private, max-age=86400, immutable"})
