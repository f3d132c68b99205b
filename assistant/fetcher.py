"""Forecasts fetched off the main thread; the answer comes back through the mailbox."""
from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from assistant.errors import WeatherUnavailable, maintainer_line
from assistant.events import ForecastArrived
from assistant.ports import Post, WeatherSource

log = logging.getLogger(__name__)


class Fetcher:
    """Two workers; a place already on its way is not asked for twice."""

    def __init__(self, source: WeatherSource, post: Post, deadline_s: float) -> None:
        self._source = source
        self._post = post
        self._deadline_s = deadline_s
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="weather")
        self._lock = threading.Lock()
        self._under_way: set[str] = set()

    def fetch(self, place: str) -> None:
        """Ask; ForecastArrived follows within the deadline, with or without a forecast."""
        with self._lock:
            if place in self._under_way:
                return
            self._under_way.add(place)
        self._pool.submit(self._run, place)

    def _run(self, place: str) -> None:
        try:
            answer = ForecastArrived(place, self._source.fetch(place, self._deadline_s))
        except WeatherUnavailable as error:
            log.warning(maintainer_line(error))
            answer = ForecastArrived(place, None, str(error))
        except Exception as error:  # a provider's bug must reach the elder as "no forecast", not as silence
            log.exception("weather provider failed unexpectedly")
            answer = ForecastArrived(place, None, str(error))
        with self._lock:
            self._under_way.discard(place)
        self._post(answer)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
