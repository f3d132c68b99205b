"""The hub as a thread of the test's: real HTTP, and its parts at hand."""
from __future__ import annotations

import asyncio
import datetime as dt
import threading

import httpx
import uvicorn

from hub.app import create_app
from hub.auth.sign_in import Visitor, visitor
from hub.db.engine import Database
from hub.parts import Now, Parts, build, utc_now
from hub.serve import Server, listening
from hub.settings import HubSettings


class Clock:
    """The hub's, which a test may put forward."""

    def __init__(self) -> None:
        self._ahead = dt.timedelta(0)

    def __call__(self) -> dt.datetime:
        return utc_now() + self._ahead

    def forward(self, **by: float) -> None:
        self._ahead += dt.timedelta(**by)


class RunningHub:
    """``with RunningHub(url) as hub:``"""

    def __init__(self, database: str, now: Now = utc_now, **settings: object) -> None:
        self.settings = HubSettings(database, **{"port": 0} | settings)
        self.parts: Parts = build(self.settings, now)
        self._clients: list[httpx.Client] = []
        self._listener = listening(self.settings)
        config = uvicorn.Config(create_app(self.parts), log_config=None, timeout_graceful_shutdown=1, ws="none", lifespan="on")
        self._server = Server(config, self.parts.switchboard)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), name="hub")

    @property
    def database(self) -> Database:
        return self.parts.database

    @property
    def address(self) -> str:
        return "http://{}:{}".format(*self._listener.getsockname()[:2])

    def client(self, **options: object) -> httpx.Client:
        """A browser without a session."""
        self._clients.append(httpx.Client(base_url=self.address, timeout=20, **options))
        return self._clients[-1]

    def visitor(self, token: str) -> Visitor:
        found = visitor(self.database, token, self.parts.now())
        assert found is not None
        return found

    def __enter__(self) -> RunningHub:
        self._thread.start()  # it listens already: whoever calls before it is up waits
        return self

    def end(self) -> None:
        """As by SIGTERM; whoever holds a line sees it end."""
        self._server.should_exit = True
        self._thread.join(20)

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self.end()
        self._listener.close()


async def only_when_told(work: object, pause_s: float) -> None:
    """In the place of ``over_and_over``: the test says when something is done."""
    await asyncio.Event().wait()
