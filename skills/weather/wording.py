"""From a day's figures to words an old ear can hold: rounded, one idea a sentence, never a percentage."""
from __future__ import annotations

import datetime as dt

from assistant.forecast import Day, Forecast
from skills import spoken_numbers as spoken
from skills.replies import load_replies

REPLIES = load_replies("skills.weather")

_WET = ("drizzle", "rain", "heavy-rain", "sleet", "thunder")
_LIKELY_PERCENT, _POSSIBLE_PERCENT = 60, 30
_WET_MM = 1.0
_STRONG_WIND_MS = 10.8
"""Beaufort 6 and above (WMO table 1100): hard to hold an umbrella."""
_CALM_MS = 3.4
_DIRECTIONS = ("北风", "东北风", "东风", "东南风", "南风", "西南风", "西风", "西北风")
_WINDS = ((3.4, ""), (8.0, "三到四级"), (13.9, "五到六级"), (20.8, "七到八级"), (float("inf"), "九级往上"))
"""Upper bound in m/s (Beaufort scale, WMO table 1100) and how Chinese broadcasts say it; below 3.4 m/s it is 微风."""
_SWING_DEGREES = 12.0
_HOT, _FROST = 33.0, 0.0


def day_name(date: dt.date, today: dt.date) -> str:
    """今天 … 大后天, then the weekday, which within a forecast's week is the clearest name; dates beyond in full."""
    near = spoken.near_day(date, today)
    if near is None and 0 < (date - today).days < 7:
        return spoken.weekday(date)
    return near or spoken.full_date(date, today)


def wind(day: Day) -> str:
    """微风, 南风三到四级."""
    force = next(force for bound, force in _WINDS if day.wind_ms < bound)
    if not force:
        return "微风"
    direction = "风" if day.wind_degrees is None else _DIRECTIONS[round(day.wind_degrees / 45) % 8]
    return direction + force


def sky(day: Day) -> str:
    return REPLIES.word("sky", day.sky)


def temperatures(day: Day) -> str:
    return spoken.temperature_range(day.low, day.high)


def overview(day: Day, place: str, today: dt.date, turn: int) -> str:
    """Sky, temperatures and wind, then at most two pieces of advice."""
    said = REPLIES.say(
        "overview", turn, place=place, day=day_name(day.date, today), sky=sky(day), range=temperatures(day),
        wind=wind(day),
    )
    return said + "".join(REPLIES.word("advice", kind) for kind in advice(day))


def several(days: tuple[Day, ...], place: str, today: dt.date, turn: int) -> str:
    """A sentence a day, and one piece of advice for today."""
    said = REPLIES.say("several_open", turn, place=place)
    for day in days:
        said += REPLIES.say(
            "several_day", turn, day=day_name(day.date, today), sky=sky(day), range=temperatures(day)
        )
    wet = next((day for day in days if umbrella_likely(day)), None)
    if wet is not None:
        said += day_name(wet.date, today) + REPLIES.word("advice", "umbrella")
    return said


def aspect(kind: str, forecast: Forecast, day: Day, place: str, now: dt.datetime, turn: int) -> str:
    """The answer to what was asked about: rain, temperature, wind, sun or clothes; anything else is an overview."""
    fields = {"place": place, "day": day_name(day.date, now.date())}
    match kind:
        case "rain":
            return _rain(day, fields, turn)
        case "temperature":
            return _temperature(forecast, day, fields, now, turn)
        case "wind":
            return _wind(day, fields, turn)
        case "sun":
            return _sun(day, fields, turn)
        case "clothes":
            return _clothes(day, fields, turn)
    return overview(day, place, now.date(), turn)


def umbrella_likely(day: Day) -> bool:
    return day.sky in _WET or (day.sky != "snow" and (day.rain_percent or 0) >= _LIKELY_PERCENT)


def advice(day: Day) -> tuple[str, ...]:
    """The two most important pieces of advice of the day, as reply keys of the family ``advice``."""
    found = []
    if day.sky == "heavy-rain":
        found.append("stay_in")
    elif umbrella_likely(day):
        found.append("umbrella")
    if day.sky in ("snow", "sleet"):
        found.append("slippery")
    if day.sky == "fog":
        found.append("fog")
    if day.wind_ms >= _STRONG_WIND_MS:
        found.append("wind")
    if day.high >= _HOT:
        found.append("heat")
    elif day.low <= _FROST:
        found.append("frost")
    elif day.high - day.low >= _SWING_DEGREES:
        found.append("swing")
    return tuple(found[:2])


def clothes_for(day: Day) -> str:
    """What to put on, by the warmest hour of the day (an old person goes out at noon), as a key of ``clothes``."""
    for bound, kind in ((0, "freezing"), (8, "cold"), (15, "chilly"), (21, "mild"), (28, "warm")):
        if day.high < bound:
            return kind
    return "hot"


def _rain(day: Day, fields: dict[str, str], turn: int) -> str:
    known = {"heavy-rain": "rain_heavy", "thunder": "rain_thunder", "snow": "rain_snow", "sleet": "rain_sleet",
             "drizzle": "rain_drizzle", "rain": "rain_yes"}
    if day.sky in known:
        return REPLIES.say(known[day.sky], turn, **fields)
    percent = day.rain_percent
    if percent is not None and percent >= _LIKELY_PERCENT:
        return REPLIES.say("rain_yes", turn, **fields)
    if (percent or 0) >= _POSSIBLE_PERCENT or day.rain_mm >= _WET_MM:
        return REPLIES.say("rain_maybe", turn, **fields)
    return REPLIES.say("rain_no", turn, sky=sky(day), **fields)


def _temperature(forecast: Forecast, day: Day, fields: dict[str, str], now: dt.datetime, turn: int) -> str:
    said = ""
    fresh = dt.timedelta(0) <= now - forecast.fetched <= dt.timedelta(hours=1)
    if day.date == now.date() and forecast.now_temperature is not None and fresh:
        said = REPLIES.say("temperature_now", turn, now=spoken.temperature(forecast.now_temperature))
    said += REPLIES.say("temperature", turn, range=temperatures(day), **fields)
    feeling = next((kind for kind in advice(day) if kind in ("heat", "frost", "swing")), None)
    return said + (REPLIES.word("advice", feeling) if feeling else "")


def _wind(day: Day, fields: dict[str, str], turn: int) -> str:
    said = REPLIES.say("wind", turn, wind=wind(day), **fields)
    if day.wind_ms >= _STRONG_WIND_MS:
        return said + REPLIES.say("wind_strong", turn)
    return said + (REPLIES.say("wind_calm", turn) if day.wind_ms < _CALM_MS else "")


def _sun(day: Day, fields: dict[str, str], turn: int) -> str:
    key = {"sunny": "sun_yes", "cloudy": "sun_some"}.get(day.sky, "sun_no")
    said = REPLIES.say(key, turn, sky=sky(day), **fields)
    if key == "sun_yes" and day.sunrise and day.sunset:
        rise, sets = (spoken.clock_time(_to_five_minutes(time)) for time in (day.sunrise, day.sunset))
        said += REPLIES.say("sun_rise", turn, rise=rise, set=sets)
    return said


def _to_five_minutes(time: str) -> dt.time:
    moment = dt.time.fromisoformat(time)
    minutes = round((moment.hour * 60 + moment.minute) / 5) * 5
    return dt.time(minutes // 60 % 24, minutes % 60)


def _clothes(day: Day, fields: dict[str, str], turn: int) -> str:
    said = REPLIES.say("clothes_head", turn, range=temperatures(day), **fields)
    said += REPLIES.word("clothes", clothes_for(day))
    if day.high - day.low >= _SWING_DEGREES and day.high >= 15:
        said += REPLIES.word("clothes", "swing")
    return said + (REPLIES.word("advice", "umbrella") if umbrella_likely(day) else "")
