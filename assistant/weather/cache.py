"""Forecasts as plain dicts for the store, and how old one is."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict

from assistant.errors import StoreError
from assistant.forecast import Day, Forecast


def to_plain(forecast: Forecast) -> dict[str, object]:
    """JSON-ready: dates and times in ISO form."""
    plain = asdict(forecast)
    plain["fetched"] = forecast.fetched.isoformat()
    plain["days"] = [{**day, "date": day["date"].isoformat()} for day in plain["days"]]
    return plain


def from_plain(plain: Mapping[str, object]) -> Forecast:
    """The inverse of ``to_plain``. Raises StoreError for anything else: the caller forgets that entry."""
    try:
        days = tuple(Day(**{**day, "date": dt.date.fromisoformat(day["date"])}) for day in plain["days"])
        now = plain.get("now_temperature")
        return Forecast(
            str(plain["place"]), days, dt.datetime.fromisoformat(plain["fetched"]), str(plain["provider"]),
            None if now is None else float(now),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(f"a stored forecast cannot be read: {type(error).__name__} {error}") from error


def age(forecast: Forecast, now: dt.datetime) -> dt.timedelta:
    """Time since it was fetched; negative when the clock was set back."""
    return now - forecast.fetched
