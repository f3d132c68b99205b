"""Open-Meteo (https://open-meteo.com/en/docs): no key, forecasts for the whole world, data CC BY 4.0.

The free service is for non-commercial use; a village that pays for the commercial one sets its own base address.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from assistant.errors import WeatherUnavailable
from assistant.forecast import Day, Forecast
from assistant.weather.gazetteer import Point
from assistant.weather.http import get_json

BASE_URL = "https://api.open-meteo.com"
DAYS = 7
_DAILY = (
    "weather_code", "temperature_2m_max", "temperature_2m_min", "precipitation_probability_max", "precipitation_sum",
    "wind_speed_10m_max", "wind_direction_10m_dominant", "sunrise", "sunset",
)
WMO_SKY = {
    **dict.fromkeys((0, 1), "sunny"), 2: "cloudy", 3: "overcast", **dict.fromkeys((45, 48), "fog"),
    **dict.fromkeys((51, 53, 55, 61, 80), "drizzle"), **dict.fromkeys((63, 81), "rain"),
    **dict.fromkeys((65, 82), "heavy-rain"), **dict.fromkeys((56, 57, 66, 67), "sleet"),
    **dict.fromkeys((71, 73, 75, 77, 85, 86), "snow"), **dict.fromkeys((95, 96, 99), "thunder"),
}
"""WMO weather interpretation codes, the table of the documentation's "WMO Weather interpretation codes (WW)"."""


class OpenMeteo:
    """One request for seven days in Beijing time and metres per second."""

    name = "open-meteo"

    def __init__(
        self, locate: Callable[[str], Point], now: Callable[[], dt.datetime], base_url: str = BASE_URL
    ) -> None:
        """``locate`` is ``Gazetteer.locate``; ``now`` gives local, naive time."""
        self._locate, self._now, self._base_url = locate, now, base_url.rstrip("/")

    def fetch(self, place: str, deadline_s: float) -> Forecast:
        """The next seven days for a place. Raises UnknownPlace, WeatherUnavailable."""
        point = self._locate(place)
        answer = get_json(
            f"{self._base_url}/v1/forecast",
            {
                "latitude": point.latitude, "longitude": point.longitude, "timezone": "Asia/Shanghai",
                "forecast_days": DAYS, "wind_speed_unit": "ms", "daily": ",".join(_DAILY), "current": "temperature_2m",
            },
            deadline_s,
        )
        try:
            return self._forecast(place, answer)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise WeatherUnavailable(f"unexpected JSON: {type(error).__name__} {error}") from error

    def _forecast(self, place: str, answer: dict) -> Forecast:
        daily = answer["daily"]
        columns = zip(daily["time"], *(daily[name] for name in _DAILY), strict=True)
        days = tuple(_day(*row) for row in columns if None not in row[1:4])
        if not days:
            raise ValueError("no days")
        current = (answer.get("current") or {}).get("temperature_2m")
        return Forecast(place, days, self._now(), self.name, None if current is None else float(current))


def _day(
    date: str, code: int, high: float, low: float, percent: int | None, rain: float | None, wind: float | None,
    degrees: int | None, sunrise: str | None, sunset: str | None,
) -> Day:
    return Day(
        date=dt.date.fromisoformat(date), sky=WMO_SKY[int(code)], low=float(low), high=float(high),
        rain_percent=None if percent is None else int(percent), rain_mm=float(rain or 0), wind_ms=float(wind or 0),
        wind_degrees=None if degrees is None else int(degrees) % 360, sunrise=_clock(sunrise), sunset=_clock(sunset),
    )


def _clock(moment: str | None) -> str | None:
    return None if not moment else dt.datetime.fromisoformat(moment).strftime("%H:%M")
