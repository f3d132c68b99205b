"""The parts of one hub process, and how they are put together."""
from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.again import over_and_over
from hub.alerts import sending, watch
from hub.alerts.sending import Sender
from hub.alerts.watch import Watch
from hub.api import calls
from hub.api.calls import Caller
from hub.bell import Bell
from hub.board import weather
from hub.board.weather import Weather
from hub.db.engine import Database
from hub.keys import signing_key
from hub.link import attendance
from hub.link.attendance import Attendance
from hub.link.clerk import Clerk
from hub.link.outgoing import Lines, lines
from hub.link.switchboard import Switchboard
from hub.notices import due
from hub.settings import HubSettings
from hub.speech import Speech

log = logging.getLogger(__name__)

Now = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes work with."""

    settings: HubSettings
    database: Database
    key: Ed25519PrivateKey
    now: Now
    switchboard: Switchboard
    clerk: Clerk
    attendance: Attendance
    bell: Bell
    sender: Sender
    watch: Watch
    caller: Caller
    weather: Weather
    speech: Speech


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def build(settings: HubSettings, now: Now = utc_now) -> Parts:
    """Opens the database and brings its tables to this version. Raises DatabaseUnavailable."""
    database = Database(settings.database)
    database.migrate()
    key = signing_key(database, now())

    def fetch(village_id: str, after: Mapping[str, int]) -> dict[str, Lines]:
        with database.read() as work:
            return lines(work, village_id, after, key, now())

    switchboard = Switchboard(fetch)
    bell = Bell(database, switchboard.ring, switchboard.hang_up)
    return Parts(settings, database, key, now, switchboard, Clerk(database, now), Attendance(database, now), bell,
                 Sender(database, now), Watch(database, now), Caller(database, now), Weather(settings.weather, now), Speech(settings.box, now))


@contextlib.asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[None]:
    """All that goes on beside the requests."""
    beside = {
        "switchboard": parts.switchboard.run(), "clerk": parts.clerk.run(), "bell": parts.bell.run(),
        "attendance": over_and_over(parts.attendance.write_down, attendance.EVERY_S),
        "notices": over_and_over(lambda: due.send_due(parts.database, parts.bell, parts.now()), due.EVERY_S),
        "watch": over_and_over(parts.watch.look, watch.LOOKS_EVERY_S),
        "alerts": over_and_over(parts.sender.work, sending.LOOKS_EVERY_S), "webhooks": over_and_over(parts.caller.work, calls.LOOKS_EVERY_S),
        "weather": over_and_over(parts.weather.look, weather.LOOKS_EVERY_S)}
    tasks = [asyncio.create_task(part, name=name) for name, part in beside.items()]
    for task in tasks:
        task.add_done_callback(_tell)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        parts.speech.close()
        await asyncio.get_running_loop().shutdown_default_executor()  # what they had begun in threads still holds connections
        parts.attendance.write_down()
        parts.database.close()


def _tell(task: asyncio.Task) -> None:
    """None of them ends by itself but the bell of SQLite."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("%s has ended", task.get_name(), exc_info=task.exception())

