"""When a notice goes out. Pure; days are those of the village's clocks."""
from __future__ import annotations

import datetime as dt
from enum import StrEnum
from zoneinfo import ZoneInfo

from hub.errors import Refused


class Repeat(StrEnum):
    NEVER = ""
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def shown(self) -> str:
        return _SHOWN[self]

    @property
    def days(self) -> int:
        """From one time to the next."""
        return _DAYS[self]


_SHOWN = {Repeat.NEVER: "只发一次", Repeat.DAILY: "每天一次", Repeat.WEEKLY: "每周一次"}
_DAYS = {Repeat.NEVER: 0, Repeat.DAILY: 1, Repeat.WEEKLY: 7}


def next_time(last: dt.datetime, repeat: Repeat, now: dt.datetime, zone: str) -> dt.datetime | None:
    """The first time later than ``now`` at which it is due again, at the same hour by the village's clocks: what was missed is not made up
    for one by one. None where it does not repeat."""
    if repeat is Repeat.NEVER:
        return None
    local = last.astimezone(ZoneInfo(zone))
    times = max(1, (now.astimezone(local.tzinfo).date() - local.date()).days // repeat.days)
    while (at := local + dt.timedelta(days=times * repeat.days)) <= now:
        times += 1
    return at.astimezone(dt.UTC)


def check(send_at: dt.datetime | None, repeat: Repeat, expires_at: dt.datetime | None, now: dt.datetime) -> None:
    """Raises Refused. ``send_at`` None: at once."""
    if send_at is not None and send_at <= now:
        raise Refused("定的发出时间已经过了，请改一下")
    if repeat is not Repeat.NEVER and expires_at is None:
        raise Refused("重复的通知要写有效期，到那时就不再发")
    if expires_at is not None and expires_at <= (send_at or now):
        raise Refused("有效期要在发出之后")
