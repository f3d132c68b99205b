"""``weather.query``: answers from the forecasts the world holds, asks for one when they are missing or old."""
from __future__ import annotations

import datetime as dt
import re

from assistant.commands import Card, FetchForecast
from assistant.forecast import UNKNOWN_PLACE, Day, Forecast
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import Reply, World, ask_for
from skills.weather import wording
from skills.weather.wording import REPLIES

FRESH = dt.timedelta(hours=3)
_JUST_FETCHED = dt.timedelta(minutes=2)
"""A forecast this new is all there is: asking again would only ask in a circle."""
_LAST_DAY = 6
"""Both providers are asked for seven days, today among them."""
_SEVERAL_DAYS = 3
_SEVERAL = re.compile(r"[这近几](两|二|三|几|些)(天|日)|最近|往后|未来|(三|几|两)天(的|里)?天气")


def query(intent: Intent, world: World) -> Reply:
    """Slots: place, date, aspect, all optional. Waits for ``FetchForecast`` when there is no fresh forecast."""
    today = world.now.date()
    place = str(intent.slots.get("place") or world.home_place)
    date = dt.date.fromisoformat(str(intent.slots.get("date") or today.isoformat()))
    day_name = wording.day_name(date, today)
    if date < today:
        return Reply(REPLIES.say("past", world.turn, day=day_name))
    if (date - today).days > _LAST_DAY:
        return Reply(REPLIES.say("too_far", world.turn, day=day_name))

    forecast = world.forecasts.get(place)
    failure = world.forecast_failures.get(place)
    if failure is None and _wants_fetch(forecast, date, world.now):
        return Reply(
            REPLIES.say("looking", world.turn), commands=(FetchForecast(place),), waits=True, repeatable=False
        )
    if forecast is None:
        return _no_forecast(intent, place, failure or "", world)
    stale = not _is_fresh(forecast, world.now)
    if _day(forecast, date) is None:
        key = "stale_day_missing" if stale else "day_missing"
        return Reply(REPLIES.say(key, world.turn, day=day_name))
    said = REPLIES.say("stale", world.turn, when=_age(forecast.fetched, world.now)) if stale else ""
    return _told(intent, forecast, date, place, said, world)


def _told(intent: Intent, forecast: Forecast, date: dt.date, place: str, opening: str, world: World) -> Reply:
    today = world.now.date()
    kind = str(intent.slots.get("aspect") or "")
    days = tuple(day for day in forecast.days if day.date >= date)
    if not kind and "date" not in intent.slots and _SEVERAL.search(intent.heard):
        days = days[:_SEVERAL_DAYS]
        text = wording.several(days, place, today, world.turn)
    else:
        days = days[:1]
        text = wording.aspect(kind, forecast, days[0], place, world.now, world.turn)
    return Reply(opening + text, card=_card(forecast, days, place, opening, world))


def _no_forecast(intent: Intent, place: str, failure: str, world: World) -> Reply:
    if failure.startswith(UNKNOWN_PLACE):
        return Reply(REPLIES.say("unknown_place", world.turn, place=place), expects=ask_for(intent, "place"))
    return Reply(REPLIES.say("unavailable", world.turn))


def _is_fresh(forecast: Forecast, now: dt.datetime) -> bool:
    """A forecast from the future means that the clock was set back: its age is unknown, so it is not fresh."""
    return dt.timedelta(0) <= now - forecast.fetched <= FRESH


def _wants_fetch(forecast: Forecast | None, date: dt.date, now: dt.datetime) -> bool:
    if forecast is None or not _is_fresh(forecast, now):
        return True
    return _day(forecast, date) is None and now - forecast.fetched > _JUST_FETCHED


def _day(forecast: Forecast, date: dt.date) -> Day | None:
    return next((day for day in forecast.days if day.date == date), None)


def _age(fetched: dt.datetime, now: dt.datetime) -> str:
    """When it was fetched, as one would say it: 今天早上, 昨天下午, 十一月十八号."""
    near = spoken.near_day(fetched.date(), now.date())
    if near is None or fetched > now:
        return spoken.full_date(fetched.date(), now.date())
    return near + spoken.part_of_day(fetched)


def _degrees(day: Day) -> str:
    return f"{round(day.low)}～{round(day.high)}°C"


def _card(forecast: Forecast, days: tuple[Day, ...], place: str, opening: str, world: World) -> Card:
    today = world.now.date()
    lines = [
        f"{wording.day_name(day.date, today)} {wording.sky(day)} {_degrees(day)} {wording.wind(day)}" for day in days
    ]
    if opening:
        lines.append(opening)
    provider = forecast.provider if f"credit.{forecast.provider}" in REPLIES.keys else "other"
    lines.append(REPLIES.word("credit", provider))
    data = {
        "place": place, "fetched": forecast.fetched.isoformat(timespec="minutes"), "provider": forecast.provider,
        "now_temperature": forecast.now_temperature,
        "days": tuple(
            {
                "date": day.date.isoformat(), "sky": day.sky, "low": round(day.low), "high": round(day.high),
                "rain_percent": day.rain_percent, "wind": wording.wind(day), "umbrella": wording.umbrella_likely(day),
            }
            for day in days
        ),
    }
    return Card("weather", f"{place}天气", tuple(lines), data=data)


HANDLERS = {"weather.query": query}
