"""``clock.time`` and ``clock.date``."""
from __future__ import annotations

import datetime as dt

from assistant.commands import Card
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import Reply, World
from skills.calendar.lunar import lunar_date
from skills.clock import abroad
from skills.replies import load_replies

REPLIES = load_replies("skills.clock")


def time(intent: Intent, world: World) -> Reply:
    """The time to the minute; of a city abroad when one was named."""
    city = abroad.city_in(intent.heard)
    if city:
        there = abroad.time_in(city, world.now)
        day = spoken.near_day(there.date(), world.now.date()) if there.date() != world.now.date() else ""
        text = REPLIES.say("abroad", world.turn, city=city, time=f"{day or ''}{spoken.clock_time(there)}")
        return Reply(text, card=Card("clock", there.strftime("%H:%M"), (city,)))
    if abroad.elsewhere_unknown(intent.heard):
        return Reply(REPLIES.say("elsewhere", world.turn, time=spoken.clock_time(world.now)))
    text = REPLIES.say("time", world.turn, time=spoken.clock_time(world.now))
    return Reply(text, card=Card("clock", world.now.strftime("%H:%M"), (spoken.part_of_day(world.now),)))


def date(intent: Intent, world: World) -> Reply:
    """The date, weekday and lunar date of ``date`` (today when not said)."""
    today = world.now.date()
    asked = dt.date.fromisoformat(str(intent.slots.get("date") or today.isoformat()))
    fields = {
        "date": spoken.full_date(asked, today), "weekday": spoken.weekday(asked), "lunar": lunar_date(asked).spoken,
    }
    near = spoken.near_day(asked, today)
    if asked == today:
        text = REPLIES.say("today", world.turn, **fields)
    elif near is not None:
        text = REPLIES.say("other_day", world.turn, day=near, **fields)
    else:
        text = REPLIES.say("named_day", world.turn, **fields)
    card = Card("date", f"{asked.month}月{asked.day}日", (fields["weekday"], f"农历{fields['lunar']}"))
    return Reply(text, card=card)


HANDLERS = {"clock.time": time, "clock.date": date}
