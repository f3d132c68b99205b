"""听一听: what is being written, as the boxes will read it."""
from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import PlainTextResponse, Response

from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.errors import NoVoice, Refused, TooMany
from hub.notices.words import Category, Priority, words
from hub.pages.visit import parts_of, visiting
from hub.speech import MEDIA_TYPE, as_read

log = logging.getLogger(__name__)

router = APIRouter(prefix="/notices", include_in_schema=False)
Sending = Annotated[Visitor, Depends(visiting(May.SEND))]
MOST = 4_000
"""Letters of a field; what is longer than a notice may be is then refused in words."""


@router.post("/say")
def say(request: Request, visitor: Sending, title: Annotated[str, Form(max_length=MOST)] = "", text: Annotated[str, Form(max_length=MOST)] = ""
        ) -> Response:
    """Sound, or in plain text why there is none: a script asks, which puts it beside the button."""
    try:
        said = words(title, text, Category.OTHER, Priority.ORDINARY)
        sound = parts_of(request).speech.say(as_read(said.title, said.text), visitor.staff_id)
    except Refused as error:
        return PlainTextResponse(error.shown, error.status)
    except TooMany as error:
        return PlainTextResponse("正在给别人念，或者听得太勤了，过一会儿再点。", error.status, {"Retry-After": str(error.wait_s)})
    except NoVoice as error:
        log.warning("%s", error)
        return PlainTextResponse(error.spoken, error.status)
    return Response(sound, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
