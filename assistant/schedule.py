"""Things that happen at a time: APScheduler fires, the store is the truth."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from assistant.events import TimerRang
from assistant.ports import Post
from skills.api import Timer

CLOCK_CHECK_S = 10
"""The scheduler sleeps by the monotonic clock; waking it this often lets it notice that the wall clock was set."""


class Schedule:
    """Posts TimerRang when a timer is due; a timer whose time passed while the box was off rings at once, and late."""

    def __init__(self, post: Post, now: Callable[[], dt.datetime]) -> None:
        self._post = post
        self._now = now
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self, timers: Iterable[Timer]) -> None:
        """Take over the stored timers and begin."""
        for timer in timers:
            self.add(timer)
        self._scheduler.add_job(_notice_the_clock, "interval", seconds=CLOCK_CHECK_S, id="clock-check")
        self._scheduler.start()

    def add(self, timer: Timer) -> None:
        """Ring once at ``timer.due``; replaces a timer of the same id."""
        self._scheduler.add_job(self._ring, "date", run_date=timer.due, args=(timer,), id=timer.timer_id, replace_existing=True)

    def remove(self, timer_id: str) -> None:
        if self._scheduler.get_job(timer_id):
            self._scheduler.remove_job(timer_id)

    def once(self, name: str, due: dt.datetime, job: Callable[[], None]) -> None:
        """Run ``job`` at ``due`` (local, naive) instead of any other of this ``name``; ``remove`` calls it off. Not stored."""
        self._scheduler.add_job(job, "date", run_date=due, id=name, replace_existing=True)

    def every(self, minutes: int, job: Callable[[], None]) -> None:
        """Run ``job`` now and then every ``minutes``."""
        first = dt.datetime.now(self._scheduler.timezone)
        self._scheduler.add_job(job, "interval", minutes=minutes, next_run_time=first, id=f"every-{minutes}-minutes")

    def close(self) -> None:
        """Stop firing; running jobs are short and are waited for."""
        if not self._scheduler.running:
            return
        # shutdown() does not wait for a round of firing that has begun, and APScheduler 3 then fails in its own thread:
        # pausing lets no new round begin, and emptying the list takes the lock that the running one holds.
        self._scheduler.pause()
        self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=True)

    def _ring(self, timer: Timer) -> None:
        late = (self._now() - timer.due).total_seconds()
        self._post(TimerRang(timer.timer_id, timer.label, max(0.0, late)))


def _notice_the_clock() -> None:
    """Nothing to do: waking up is what makes the scheduler look at the wall clock."""
