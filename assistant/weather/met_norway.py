"""The second provider: MET Norway's Locationforecast 2.0.

Format: https://api.met.no/weatherapi/locationforecast/2.0/documentation. No key, whole world, data CC BY 4.0. Its terms
(https://api.met.no/doc/TermsOfService) ask for an identifying User-Agent with a contact, at most four decimals, and few
requests: the chain asks it only when the first provider fails or is slow. wttr.in publishes no such terms.
"""
from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.errors import WeatherUnavailable
from assistant.forecast import Day, Forecast
from assistant.weather.gazetteer import Point
from assistant.weather.http import get_json

BASE_URL = "https://api.met.no"
DAYS = 7
_BEIJING = dt.timezone(dt.timedelta(hours=8))
_DAYLIGHT = range(6, 21)
_SEVERITY = ("sunny", "cloudy", "overcast", "fog", "drizzle", "rain", "sleet", "snow", "heavy-rain", "thunder")
_WET = frozenset(_SEVERITY[_SEVERITY.index("drizzle"):])


@dataclass(frozen=True, slots=True)
class _Hour:
    """One step of the time series (hourly at first, then every six hours) in local time."""

    when: dt.datetime
    temperature: float
    wind_ms: float
    wind_degrees: float | None
    sky: str | None
    rain_mm: float


class MetNorway:
    """Builds days out of the ``compact`` time series."""

    name = "met-norway"

    def __init__(
        self, locate: Callable[[str], Point], now: Callable[[], dt.datetime], base_url: str = BASE_URL,
        contact: str = "",
    ) -> None:
        """``locate`` is ``Gazetteer.locate``; ``now`` gives local, naive time; ``contact``: the operator."""
        self._locate, self._now, self._base_url, self._contact = locate, now, base_url.rstrip("/"), contact

    def fetch(self, place: str, deadline_s: float) -> Forecast:
        """Up to seven days for a place. Raises UnknownPlace, WeatherUnavailable."""
        point = self._locate(place)
        answer = get_json(
            f"{self._base_url}/weatherapi/locationforecast/2.0/compact",
            {"lat": point.latitude, "lon": point.longitude},
            deadline_s,
            self._contact,
        )
        try:
            hours = [_hour(step) for step in answer["properties"]["timeseries"]]
        except (KeyError, TypeError, ValueError) as error:
            raise WeatherUnavailable(f"unexpected JSON: {type(error).__name__} {error}") from error
        now = self._now()
        dates = sorted({h.when.date() for h in hours if h.when.date() >= now.date()})[:DAYS]
        days = [day for date in dates if (day := _day(date, [h for h in hours if h.when.date() == date])) is not None]
        if not days:
            raise WeatherUnavailable("unexpected JSON: no days")
        return Forecast(place, tuple(days), now, self.name, hours[0].temperature)


def sky_of_symbol(symbol: str) -> str:
    """``lightrainshowers_day`` -> drizzle; the symbols are listed at https://api.met.no/weatherapi/weathericon/2.0."""
    name = symbol.partition("_")[0]
    if "thunder" in name:
        return "thunder"
    if "sleet" in name:
        return "sleet"
    if "snow" in name:
        return "snow"
    if "rain" in name:
        return "heavy-rain" if name.startswith("heavy") else "drizzle" if name.startswith("light") else "rain"
    return {"clearsky": "sunny", "fair": "sunny", "partlycloudy": "cloudy", "cloudy": "overcast", "fog": "fog"}[name]


def _hour(step: dict) -> _Hour:
    data = step["data"]
    details = data["instant"]["details"]
    ahead = data.get("next_1_hours") or data.get("next_6_hours") or {}
    symbol = ahead.get("summary", {}).get("symbol_code")
    degrees = details.get("wind_from_direction")
    return _Hour(
        when=dt.datetime.fromisoformat(step["time"]).astimezone(_BEIJING).replace(tzinfo=None),
        temperature=float(details["air_temperature"]),
        wind_ms=float(details.get("wind_speed") or 0),
        wind_degrees=None if degrees is None else float(degrees),
        sky=None if symbol is None else sky_of_symbol(symbol),
        rain_mm=float(ahead.get("details", {}).get("precipitation_amount") or 0),
    )


def _day(date: dt.date, hours: Sequence[_Hour]) -> Day | None:
    """None for a day of which only the rim is known: its temperatures would be wrong."""
    if not any(h.when.hour in _DAYLIGHT and h.sky is not None for h in hours):
        return None
    windiest = max(hours, key=lambda h: h.wind_ms)
    temperatures = [h.temperature for h in hours]
    return Day(
        date=date, sky=_day_sky(hours), low=min(temperatures), high=max(temperatures), rain_percent=None,
        rain_mm=round(sum(h.rain_mm for h in hours), 1), wind_ms=windiest.wind_ms,
        wind_degrees=None if windiest.wind_degrees is None else round(windiest.wind_degrees) % 360,
    )


def _day_sky(hours: Sequence[_Hour]) -> str:
    """The worst weather that falls from the sky, else what most of the daylight looks like."""
    skies = [h.sky for h in hours if h.sky is not None]
    wet = [sky for sky in skies if sky in _WET]
    if wet:
        return max(wet, key=_SEVERITY.index)
    daylight = [h.sky for h in hours if h.sky is not None and h.when.hour in _DAYLIGHT]
    counted = Counter(daylight)
    return max(counted, key=lambda sky: (counted[sky], _SEVERITY.index(sky)))
