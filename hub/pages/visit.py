"""Who comes with a request, and whether they may: the dependency of every route of the pages."""
from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from hub import audit
from hub.auth.roles import May
from hub.auth.sign_in import LASTS, Visitor, visitor
from hub.errors import NotAllowed, NotSignedIn
from hub.parts import Parts

MOST_FIELDS = 20_000
"""Of one form: a village has thousands of homes, and each may be ticked."""
READING = frozenset({"GET", "HEAD"})
_NAMES = {True: "__Host-xiangyin", False: "xiangyin"}


def cookie_name(parts: Parts) -> str:
    """With https a browser takes the cookie from nobody but this very host (RFC 6265bis, 4.1.3)."""
    return _NAMES[parts.settings.is_https]


def with_cookie(parts: Parts, answer: Response, token: str) -> Response:
    """From now on the browser holds this session."""
    answer.set_cookie(cookie_name(parts), token, max_age=int(LASTS.total_seconds()), secure=parts.settings.is_https, httponly=True,
                      samesite="lax", path="/")
    return answer


def without_cookie(parts: Parts, answer: Response) -> Response:
    answer.delete_cookie(cookie_name(parts), secure=parts.settings.is_https, httponly=True, samesite="lax")
    return answer


def noted(work: Session, request: Request, visitor: Visitor, did: str, subject: str) -> None:
    """In the record of the village that the visitor looks at."""
    audit.note(work, visitor.village_id, parts_of(request).now(), visitor.staff_id, visitor.name, did, subject, request.client.host)


def parts_of(request: Request) -> Parts:
    return request.app.state.parts


def visiting(may: May) -> Callable[[Request], AsyncIterator[Visitor]]:
    """A dependency: the visitor, who may do this. It raises NotSignedIn, NotAllowed; a form that was not made for this session, or comes
    from elsewhere, is not obeyed."""

    async def check(request: Request) -> AsyncIterator[Visitor]:
        parts = parts_of(request)
        token = request.cookies.get(cookie_name(parts), "")
        found = await run_in_threadpool(visitor, parts.database, token, parts.now()) if token else None
        if found is None:
            raise NotSignedIn("no session")
        try:
            if request.method not in READING:
                same_origin(request)
                given = request.headers.get("x-csrf", "") or str((await form_of(request)).get("csrf", ""))
                if not hmac.compare_digest(given.encode(), found.csrf.encode()):
                    raise NotAllowed("a form of another session")
            found.must(may)
            yield found
        finally:
            await request.close()  # the files that came with its form

    check.may = may
    return check


async def form_of(request: Request) -> FormData:
    """All that was typed and ticked."""
    return await request.form(max_fields=MOST_FIELDS)


def same_origin(request: Request) -> None:
    """Raises NotAllowed for what another site's page sends (Origin is sent with every POST: https://fetch.spec.whatwg.org/#origin-header)."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    public = parts_of(request).settings.public
    wanted = urlsplit(public).netloc if public else request.headers.get("host", "")
    if urlsplit(origin).netloc != wanted:
        raise NotAllowed(f"a form from {origin}, not from {wanted}")
