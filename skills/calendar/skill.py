"""``calendar.lunar``, ``calendar.festival``, ``calendar.term`` and ``calendar.market``."""
from __future__ import annotations

import datetime as dt
from itertools import takewhile

from assistant.commands import Card
from assistant.errors import ConfigError
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import Reply, World
from skills.calendar import festivals
from skills.calendar.lunar import TERMS, lunar_date, term_dates, term_on
from skills.calendar.markets import Cycle, parse_cycle
from skills.replies import load_replies

REPLIES = load_replies("skills.calendar")


def lunar(intent: Intent, world: World) -> Reply:
    """The lunar date of ``date`` (today when not said), with the festival or term that falls on it."""
    today = world.now.date()
    date = _date_slot(intent, today)
    said = lunar_date(date).spoken
    near = spoken.near_day(date, today)
    if date == today:
        text = REPLIES.say("lunar_today", world.turn, lunar=said)
    elif near is not None:
        text = REPLIES.say("lunar_near", world.turn, day=near, lunar=said)
    else:
        text = REPLIES.say("lunar_far", world.turn, date=spoken.full_date(date, today), lunar=said)
    names = _names_on(date)
    if names:
        text += REPLIES.say("lunar_also", world.turn, names="，也是".join(names))
    return Reply(text, card=_card(f"农历{said}", date, names))


def festival(intent: Intent, world: World) -> Reply:
    """When a festival falls and how long it is until then; without ``name``, the nearest one."""
    today = world.now.date()
    if "name" not in intent.slots:
        return _next_festival(today, world)
    asked = str(intent.slots["name"])
    name = festivals.canonical(asked)
    if name is None:
        if asked in TERMS:
            return _term(asked, world)
        return Reply(REPLIES.say("festival_unknown", world.turn, name=asked))
    date = festivals.next_date(name, today)
    text = _countdown("festival", name, date, world)
    if date != today and festivals.keeps_lunar_date(name):
        text += REPLIES.say("festival_lunar", world.turn, lunar=lunar_date(date).spoken)
    return Reply(text, card=_card(name, date, (_days_left(date, today),)))


def term(intent: Intent, world: World) -> Reply:
    """When a solar term begins; without ``name``, today's term and the next one."""
    today = world.now.date()
    if "name" in intent.slots:
        name = str(intent.slots["name"])
        if name not in TERMS:
            return Reply(REPLIES.say("term_unknown", world.turn, name=name))
        return _term(name, world)
    dates = sorted((date, name) for year in range(today.year - 1, today.year + 2)
                   for name, date in term_dates(year).items())
    last = list(takewhile(lambda one: one[0] <= today, dates))[-1]
    following = dates[dates.index(last) + 1]
    key = "term_today" if last[0] == today else "term_none"
    fields = {"name": last[1]} if last[0] == today else {"last": last[1]}
    text = REPLIES.say(key, world.turn, **fields) + REPLIES.say(
        "term_next", world.turn, name=following[1], date=spoken.full_date(following[0], today),
        left=_days(following[0], today),
    )
    return Reply(text, card=_card(following[1], following[0], (_days_left(following[0], today),)))


def market(intent: Intent, world: World) -> Reply:
    """Whether there is a market on ``date``, and the next market day."""
    if not world.market_cycle.strip():
        return Reply(REPLIES.say("market_unset", world.turn))
    try:
        cycle = parse_cycle(world.market_cycle)
    except ConfigError:
        return Reply(REPLIES.say("market_unreadable", world.turn))
    today = world.now.date()
    if "date" in intent.slots:
        return _market_on(_date_slot(intent, today), cycle, world)
    if cycle.falls_on(today):
        text = REPLIES.say("market_today", world.turn, lunar=lunar_date(today).spoken)
        return Reply(text + _next_market(today + dt.timedelta(1), cycle, world), card=_market_card(today, cycle))
    return Reply(_next_market(today, cycle, world), card=_market_card(today, cycle))


def _market_on(date: dt.date, cycle: Cycle, world: World) -> Reply:
    today = world.now.date()
    day = spoken.day_name(date, today)
    if cycle.falls_on(date):
        text = REPLIES.say("market_yes", world.turn, day=day, lunar=lunar_date(date).spoken)
        return Reply(text, card=_market_card(date, cycle))
    text = REPLIES.say("market_no", world.turn, day=day)
    start = max(date, today)
    return Reply(text + _next_market(start, cycle, world), card=_market_card(start, cycle))


def _next_market(start: dt.date, cycle: Cycle, world: World) -> str:
    date = cycle.next_on_or_after(start)
    if date is None:
        return REPLIES.say("market_unreadable", world.turn)
    today = world.now.date()
    day = spoken.day_name(date, today)
    if spoken.near_day(date, today) is not None:
        day += "，" + spoken.full_date(date, today)
    return REPLIES.say(
        "market_next", world.turn, day=day, weekday=spoken.weekday(date), lunar=lunar_date(date).spoken
    )


def _next_festival(today: dt.date, world: World) -> Reply:
    text = "".join(REPLIES.say("festival_today", world.turn, name=name) for name in festivals.on(today)[:1])
    coming = festivals.next_big(today)
    text += REPLIES.say(
        "festival_next", world.turn, name=coming.name, date=spoken.full_date(coming.date, today),
        weekday=spoken.weekday(coming.date), left=_days(coming.date, today),
    )
    return Reply(text, card=_card(coming.name, coming.date, (_days_left(coming.date, today),)))


def _term(name: str, world: World) -> Reply:
    today = world.now.date()
    date = min(d for year in (today.year, today.year + 1) if (d := term_dates(year)[name]) >= today)
    return Reply(_countdown("term", name, date, world), card=_card(name, date, (_days_left(date, today),)))


def _countdown(family: str, name: str, date: dt.date, world: World) -> str:
    today = world.now.date()
    if date == today:
        return REPLIES.say(f"{family}_today", world.turn, name=name)
    fields = {"name": name, "date": spoken.full_date(date, today)}
    if family == "festival":
        fields["weekday"] = spoken.weekday(date)
    near = spoken.near_day(date, today)
    if near is not None:
        return REPLIES.say(f"{family}_near", world.turn, day=near, **fields)
    return REPLIES.say(f"{family}_far", world.turn, left=_days(date, today), **fields)


def _names_on(date: dt.date) -> tuple[str, ...]:
    term_name = term_on(date)
    names = festivals.on(date)
    return names + ((term_name,) if term_name and f"{term_name}节" not in names else ())


def _days(date: dt.date, today: dt.date) -> str:
    return spoken.count((date - today).days, "天")


def _days_left(date: dt.date, today: dt.date) -> str:
    return "就是今天" if date == today else f"还有{(date - today).days}天"


def _date_slot(intent: Intent, today: dt.date) -> dt.date:
    return dt.date.fromisoformat(str(intent.slots.get("date") or today.isoformat()))


def _card(title: str, date: dt.date, lines: tuple[str, ...]) -> Card:
    when = f"{date.year}年{date.month}月{date.day}日 {spoken.weekday(date)}"
    return Card("calendar", title, (when, *lines), data={"date": date.isoformat()})


def _market_card(start: dt.date, cycle: Cycle) -> Card | None:
    date = cycle.next_on_or_after(start)
    return None if date is None else _card("赶集", date, (f"农历{lunar_date(date).spoken}",))


HANDLERS = {
    "calendar.lunar": lunar, "calendar.festival": festival, "calendar.term": term, "calendar.market": market,
}
