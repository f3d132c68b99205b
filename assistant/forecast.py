"""The weather as the skill sees it, whoever provided it. Pure values, JSON-friendly for the cache."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

UNKNOWN_PLACE = "unknown-place"
"""The reason of a failed fetch begins with this when the gazetteer has no such place: no network will help."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day's outlook. Temperatures in °C, rain probability in percent, precipitation in mm, wind in m/s."""

    date: dt.date
    sky: str
    """One of ``intents``-free sky codes: sunny cloudy overcast fog drizzle rain heavy-rain sleet snow thunder."""
    low: float
    high: float
    rain_percent: int | None
    rain_mm: float
    wind_ms: float
    wind_degrees: int | None
    sunrise: str | None = None
    sunset: str | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days in order, today first, for the canonical place name, with the local time it was fetched."""

    place: str
    days: tuple[Day, ...]
    fetched: dt.datetime
    provider: str
    now_temperature: float | None = None
