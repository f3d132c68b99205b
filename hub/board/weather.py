"""The weather of the villages whose board is looked at: Open-Meteo (https://open-meteo.com/en/docs; no key, data CC BY 4.0), asked in the
background and kept. Whoever looks never waits for it, and gets nothing rather than what is too old."""
from __future__ import annotations

import datetime as dt
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests
import urllib3

from hub.board.places import Place

log = logging.getLogger(__name__)

ADDRESS = "https://api.open-meteo.com"
LOOKS_EVERY_S = 3.0
FRESH = dt.timedelta(minutes=30)
"""So long nobody is asked anew; the service itself computes every hour."""
TOO_OLD = dt.timedelta(hours=12)
FORGOTTEN = dt.timedelta(hours=1)
"""After so long without anybody who looks."""
AGAIN = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30))
DEADLINE_S = 10.0
DAYS = 3
AT_ONCE = 20
_MOST_BYTES = 200_000
_DAILY = ("weather_code", "temperature_2m_max", "temperature_2m_min", "precipitation_probability_max")
SKY = {**dict.fromkeys((0, 1), "晴"), 2: "多云", 3: "阴", **dict.fromkeys((45, 48), "雾"), **dict.fromkeys((51, 53, 55, 61, 80), "小雨"),
       **dict.fromkeys((63, 81), "中雨"), **dict.fromkeys((65, 82), "大雨"), **dict.fromkeys((56, 57, 66, 67), "雨夹雪"),
       **dict.fromkeys((71, 77, 85), "小雪"), 73: "中雪", **dict.fromkeys((75, 86), "大雪"), **dict.fromkeys((95, 96, 99), "雷雨")}
"""WMO weather interpretation codes, the table of the documentation."""


class NoForecast(Exception):
    """It did not answer, or with something else than a forecast."""


@dataclass(frozen=True, slots=True)
class Day:
    """Degrees Celsius; ``rain_percent`` None where it is not known."""

    date: dt.date
    sky: str
    low: int
    high: int
    rain_percent: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    days: tuple[Day, ...]
    fetched: dt.datetime

    def since(self, today: dt.date) -> tuple[Day, ...]:
        return tuple(day for day in self.days if day.date >= today)


@dataclass(slots=True)
class _Known:
    place: Place
    wanted_at: dt.datetime
    next_at: dt.datetime
    failures: int = 0
    outlook: Outlook | None = None


class Weather:
    """Of one hub process. Any thread may ask; :meth:`look` is one thread's."""

    def __init__(self, address: str, now: Callable[[], dt.datetime]) -> None:
        """``address`` of Open-Meteo, or of the commercial service that a village pays for; empty: nobody is ever asked."""
        self._address = address.rstrip("/")
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def of(self, place: Place) -> Outlook | None:
        """What is known, and not too old; from now on it is kept fresh."""
        now = self._now()
        with self._lock:
            known = self._known.setdefault(place.code, _Known(place, now, now))
            known.wanted_at = now
            outlook = known.outlook
        return outlook if outlook is not None and dt.timedelta(0) <= now - outlook.fetched < TOO_OLD else None

    def look(self) -> int:
        """Ask for what is due; how many places that were."""
        now = self._now()
        if not self._address:
            return 0
        with self._lock:
            for code in [code for code, known in self._known.items() if now - known.wanted_at > FORGOTTEN]:
                del self._known[code]
            due = [known for known in self._known.values() if known.next_at <= now][:AT_ONCE]
        for known in due:
            try:
                outlook = Outlook(_fetched(self._address, known.place), self._now())
            except NoForecast as error:
                log.warning("no weather of %s: %s", known.place.name, error)
                with self._lock:
                    known.next_at = self._now() + AGAIN[min(known.failures, len(AGAIN) - 1)]
                    known.failures += 1
            else:
                with self._lock:
                    known.outlook, known.failures, known.next_at = outlook, 0, self._now() + FRESH
        return len(due)


def _fetched(address: str, place: Place) -> tuple[Day, ...]:
    """Raises NoForecast."""
    asked = {"latitude": place.latitude, "longitude": place.longitude, "timezone": "Asia/Shanghai", "forecast_days": DAYS, "daily": ",".join(_DAILY)}
    try:
        with requests.get(f"{address}/v1/forecast", params=asked, timeout=DEADLINE_S, stream=True, headers={"User-Agent": "xiangyin-hub"}) as answer:
            if answer.status_code != requests.codes.ok:
                raise NoForecast(f"HTTP {answer.status_code}")
            daily = json.loads(_body(answer))["daily"]
        columns = zip(daily["time"], *(daily[name] for name in _DAILY), strict=True)
        days = tuple(_day(*row) for row in columns if None not in row[:4])
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise NoForecast(f"{type(error).__name__}: {str(error)[:160]}") from error
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise NoForecast(f"unexpected JSON: {type(error).__name__} {str(error)[:160]}") from error
    if not days:
        raise NoForecast("a forecast without days")
    return days


def _body(answer: requests.Response) -> bytes:
    """Bounded in size and in time: a server that trickles must not hold the thread."""
    end, body = time.monotonic() + DEADLINE_S, bytearray()
    for piece in answer.iter_content(16_384):
        body += piece
        if len(body) > _MOST_BYTES or time.monotonic() > end:
            raise NoForecast(f"longer than {_MOST_BYTES} bytes or {DEADLINE_S:.0f} s")
    return bytes(body)


def _day(date: str, code: int, high: float, low: float, percent: int | None) -> Day:
    return Day(dt.date.fromisoformat(date), SKY[int(code)], round(float(low)), round(float(high)), None if percent is None else int(percent))
