"""Whoever sends too much is told so in words."""
from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.types import Receive, Scope, Send

from hub.errors import TooLarge
from hub.headers import headers
from hub.pages import faults

MOST_BYTES = 12_000_000
"""Of one request: a recording, or the table of a whole village, is smaller."""
MOST_LISTENED_TO = 10 * MOST_BYTES
"""A browser reads the answer only when it has sent all: so far it may go on, and nothing of it is kept."""


class Limited(FastAPI):
    """FastAPI's own limit answers in English where the request says beforehand how much will come; this is for those that do."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = dict(scope["headers"]).get(b"content-length", b"") if scope["type"] == "http" else b""
        if not length.isdigit() or int(length[:20]) <= MOST_BYTES:
            await super().__call__(scope, receive, send)
            return
        scope["app"], listened_to, has_more = self, 0, True
        while has_more and listened_to < MOST_LISTENED_TO:
            message = await receive()
            listened_to += len(message.get("body", b""))
            has_more = message.get("more_body", False)
        answer = faults.told(Request(scope), TooLarge(f"{int(length[:20])} bytes"))
        answer.headers.update(headers(self.state.parts.settings.is_https))
        await answer(scope, receive, send)
