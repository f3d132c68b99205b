"""The form as a ready-made notice fills it in."""
from __future__ import annotations

import datetime as dt

from hub.notices.starters import Starter
from hub.notices.words import MOST_CHOICES
from hub.pages.look import local
from hub.pages.notice_form import ENDS_AT, TYPED, Given


def begun(starter: Starter, now: dt.datetime, zone: str) -> Given:
    """``now`` decides which day is tomorrow; ``zone`` is the village's."""
    here = local(now, zone)
    choices = (starter.choices + ("",) * MOST_CHOICES)[:MOST_CHOICES]
    send_at = ""
    if starter.at:
        hour, minute = map(int, starter.at.split(":"))
        send_at = (here + dt.timedelta(days=1)).replace(hour=hour, minute=minute).strftime(TYPED)
    ends = (here + dt.timedelta(days=starter.lasts_days)).replace(hour=ENDS_AT, minute=0).strftime(TYPED)
    return Given(starter.title, starter.text, starter.category, starter.priority, "own", starter.question, choices,
                 "at" if send_at else "now", send_at, starter.repeat, ends, starter.scope)
