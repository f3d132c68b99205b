"""Made-up weather for the demo and the benchmarks: the same for the same day, plausible for northern China, never real."""
from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

from assistant.forecast import Day, Forecast

_SKIES = ("sunny", "cloudy", "rain", "overcast", "sunny", "cloudy", "drizzle")


class SimulatedWeather:
    """Implements ``WeatherSource`` without any network."""

    name = "simulated"

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self._now = now

    def fetch(self, place: str, deadline_s: float) -> Forecast:
        now = self._now()
        days = tuple(_day(now.date() + dt.timedelta(days=ahead)) for ahead in range(7))
        return Forecast(place, days, now, self.name, now_temperature=(days[0].low + days[0].high) / 2)


def _day(date: dt.date) -> Day:
    season = math.cos(2 * math.pi * (date.timetuple().tm_yday - 200) / 365)
    mean = 14 + 14 * season + (date.toordinal() * 7 % 5 - 2)
    sky = _SKIES[date.toordinal() % len(_SKIES)]
    wet = sky in ("rain", "drizzle")
    return Day(date, sky, mean - 5, mean + 5, 80 if wet else 10, 6.0 if wet else 0.0, 2.0 + date.toordinal() % 6, 45, "06:50", "17:10")
