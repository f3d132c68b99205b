"""One hub process: listens, and ends cleanly when told to."""
from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable

import uvicorn

from hub.app import create_app
from hub.auth import first
from hub.errors import AddressTaken
from hub.link.switchboard import Switchboard
from hub.parts import Parts, build
from hub.settings import HubSettings
from hub.staff import nobody_yet

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


def serve(settings: HubSettings, tell: Callable[[str], None], until_eof: int | None = None) -> int:
    """Until SIGINT or SIGTERM, or until there is nothing more to be read from the descriptor ``until_eof``. ``tell`` gets lines for the person who
    started it. Raises DatabaseUnavailable, AddressTaken."""
    listener = listening(settings)
    parts = build(settings)
    config = uvicorn.Config(create_app(parts), log_config=None, access_log=False, proxy_headers=True, server_header=False,
                            forwarded_allow_ips=list(settings.proxies), timeout_graceful_shutdown=ENDS_WITHIN_S, ws="none", http="h11",
                            timeout_keep_alive=75)
    for line in _told(parts, listener.getsockname()[1]):
        tell(line)
    server = Server(config, parts.switchboard)
    if until_eof is not None:
        threading.Thread(target=_end_behind, args=(until_eof, server), name="until-eof", daemon=True).start()
    server.run([listener])
    return 0


def _end_behind(descriptor: int, server: Server) -> None:
    """Read without Python's own buffer, whose lock a thread that waits in it would keep for ever."""
    with contextlib.suppress(OSError):
        while os.read(descriptor, 4096):
            pass
    server.should_exit = True


def _told(parts: Parts, port: int) -> list[str]:
    """Where it is, and how it is begun with."""
    settings = parts.settings
    lines = [f"乡音村务台：{settings.public or _address(_IN_WORDS.get(settings.host, settings.host), port)}    Ctrl-C 结束"]
    if not settings.public and settings.host in _IN_WORDS and (own := _own_address()):
        lines.append(f"　　同一个网里的手机、电脑：{_address(own, port)}")
    with parts.database.read() as work:
        is_new = nobody_yet(work)
    if is_new and settings.is_of_this_machine_alone:
        lines.append("　　第一次用：打开上面的网址，写村名，给自己设登录名和密码。")
    elif is_new:
        lines.append(f"　　第一次用：打开上面的网址，填开通码 {first.shown(first.code(parts.key))}，写村名，给自己设登录名和密码。")
    return lines


_IN_WORDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""All addresses of the machine, and one by which it reaches itself."""


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _own_address() -> str:
    """Of this machine in its network, empty where it has none. Nothing is sent: it is only asked which way would be taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, contextlib.suppress(OSError):
        asking.connect(("10.255.255.255", 9))
        return asking.getsockname()[0]
    return ""


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
