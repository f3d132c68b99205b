"""What the pages' routes share in taking what a browser gives, and in noting who gave it."""
from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from pydantic import AfterValidator
from sqlalchemy.orm import Session

from hub.audit import note
from hub.auth.sign_in import Visitor
from hub.errors import NotFound
from hub.pages.visit import parts_of

_ID = re.compile(r"[0-9a-z]{1,18}")


def _identity(text: str) -> str:
    """PostgreSQL does not even look for what no text of its own can be. Raises NotFound."""
    if not _ID.fullmatch(text):
        raise NotFound(f"{text!r} is no identity")
    return text


Id = Annotated[str, AfterValidator(_identity)]
"""Of a path; whatever is none is not found."""


def picked(text: str) -> str:
    """Of a list of choices: an identity, or nothing; what is neither is one that nobody has."""
    return text if not text or _ID.fullmatch(text) else "0"


def noted(work: Session, request: Request, visitor: Visitor, did: str, subject: str) -> None:
    """Who did what, in the transaction in which it is done."""
    note(work, visitor.village_id, parts_of(request).now(), visitor.staff_id, visitor.name, did, subject, request.client.host)


def download(data: bytes, media_type: str, name: str) -> Response:
    """A file to keep; its name may be Chinese (RFC 6266)."""
    return Response(data, media_type=media_type, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
                                                          "Cache-Control": "no-store"})
