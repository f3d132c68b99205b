"""How much may be sent at once, and how that is said."""
from __future__ import annotations

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.errors import TooLarge
from hub.pages import faults

MOST_BYTES = 12_000_000
"""Of one request: a recording, or the table of a whole village, is smaller."""


class BodyLimit:
    """ASGI middleware: Starlette's, which answers in English and without a page what is announced to be too large."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = RequestBodyLimitMiddleware(app, max_body_size=MOST_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _announced(scope) > MOST_BYTES:
            request = Request(scope, receive)
            await faults.told(request, TooLarge(request.url.path))(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0
