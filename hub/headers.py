"""What a browser is to allow on every page."""
from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; frame-ancestors 'none'; "
                               "base-uri 'none'; form-action 'self'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
}
HTTPS_ONLY = {"strict-transport-security": "max-age=31536000"}


def headers(https: bool) -> dict[str, str]:
    """All of them; ``https``: whether the hub is reached by it."""
    return HEADERS | (HTTPS_ONLY if https else {})


class SecurityHeaders:
    """ASGI middleware: these, where the answer has none of that name."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in headers(https).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *((name, value) for name, value in self._headers if name not in given)]
            await send(message)

        await self._app(scope, receive, dressed if scope["type"] == "http" else send)
