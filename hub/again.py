"""What is done over and over, and when what did not get through is tried again."""
from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

PAUSES = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600))
"""Before the second try, the third, …; behind the last it is given up on."""
TAKEN_FOR = dt.timedelta(minutes=2)
"""As long nobody else tries: a process that dies meanwhile is not waited for longer."""


def next_try(tries: int, now: dt.datetime) -> dt.datetime | None:
    """After so many that failed; None: it is given up on."""
    return now + PAUSES[tries - 1] if tries <= len(PAUSES) else None


async def over_and_over(work: Callable[[], int | None], pause_s: float) -> None:
    """For ever, in a thread: at once again while ``work`` says that it had something to do, else after the pause."""
    while True:
        try:
            had_something = await asyncio.to_thread(work)
        except Exception:  # noqa: BLE001 (whatever the database does: none of this may ever end)
            log.exception("%s: tried again in %g s", getattr(work, "__qualname__", work), pause_s)
            had_something = None
        if not had_something:
            await asyncio.sleep(pause_s)
