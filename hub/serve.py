"""One hub process: listens, and ends cleanly when told to."""
from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from hub.app import create_app
from hub.errors import AddressTaken
from hub.link.switchboard import Switchboard
from hub.parts import build
from hub.settings import HubSettings

WAITING = 4096
"""Connections that may wait to be taken: after a power cut a whole county calls at once."""
ENDS_WITHIN_S = 3


class Server(uvicorn.Server):
    """Lets its boxes go before it ends; they call anew, wherever a hub is."""

    def __init__(self, config: uvicorn.Config, switchboard: Switchboard) -> None:
        super().__init__(config)
        self._switchboard = switchboard

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._switchboard.let_all_go()
        await super().shutdown(sockets)


def serve(settings: HubSettings, tell: Callable[[str], None]) -> int:
    """Until SIGINT or SIGTERM. ``tell`` gets a line for the person who started it. Raises DatabaseUnavailable, AddressTaken."""
    listener = listening(settings)
    parts = build(settings)
    config = uvicorn.Config(create_app(parts), log_config=None, access_log=False, proxy_headers=True, server_header=False,
                            forwarded_allow_ips=list(settings.proxies), timeout_graceful_shutdown=ENDS_WITHIN_S, ws="none", http="h11",
                            timeout_keep_alive=75)
    host, port = listener.getsockname()[:2]
    tell(f"乡音村务台：{settings.public or f'http://{host}:{port}'}    Ctrl-C 结束")
    Server(config, parts.switchboard).run([listener])
    return 0


def listening(settings: HubSettings) -> socket.socket:
    """Raises AddressTaken."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(WAITING)
    except OSError as error:
        raise AddressTaken(f"{settings.host}:{settings.port}: {error.strerror}") from error
    return listener
