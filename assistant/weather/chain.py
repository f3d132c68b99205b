"""Several providers as one: the next is asked when one fails or is slow, and the answer comes within the deadline.

Each attempt runs in its own short-lived daemon thread, because no timeout of a socket bounds a server that trickles its
headers. The number of threads that a sick provider may hold is limited; while it holds them all it is passed over.
"""
from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Sequence

from assistant.errors import UnknownPlace, WeatherUnavailable
from assistant.forecast import Forecast
from assistant.ports import WeatherSource

TOTAL_S = 2.5
"""Leaves half a second of the three in which the elder must hear something."""
HEAD_START_S = 1.0
"""How long a provider may be silent before the next one is asked as well."""
_MAX_HELD = 3

_log = logging.getLogger(__name__)
_Result = tuple[str, Forecast | WeatherUnavailable]


class Chain:
    """A ``WeatherSource`` made of others, in order of preference; the first forecast that arrives wins."""

    name = "chain"

    def __init__(
        self, sources: Sequence[WeatherSource], total_s: float = TOTAL_S, head_start_s: float = HEAD_START_S
    ) -> None:
        if not sources:
            raise ValueError("a chain needs at least one source")
        self._sources, self._total_s, self._head_start_s = tuple(sources), total_s, head_start_s
        self._held = {source.name: threading.BoundedSemaphore(_MAX_HELD) for source in self._sources}

    def fetch(self, place: str, deadline_s: float = TOTAL_S) -> Forecast:
        """The first forecast that any provider delivers within ``deadline_s`` seconds, at most ``total_s``.

        Raises UnknownPlace, WeatherUnavailable (with the reason of every provider) within the same time.
        """
        end = time.monotonic() + min(deadline_s, self._total_s)
        waiting = deque(self._sources)
        results: queue.SimpleQueue[_Result] = queue.SimpleQueue()
        running: set[str] = set()
        reasons: list[str] = []
        while waiting or running:
            left = end - time.monotonic()
            if left <= 0:
                break
            if waiting:
                source = waiting.popleft()
                if self._start(source, place, left, results):
                    running.add(source.name)
                else:
                    reasons.append(f"{source.name}: still busy with earlier requests")
                    continue
            try:
                name, result = results.get(timeout=min(left, self._head_start_s) if waiting else left)
            except queue.Empty:
                continue
            running.discard(name)
            if isinstance(result, Forecast):
                return result
            if isinstance(result, UnknownPlace):
                raise result
            reasons.append(f"{name}: {result}")
        reasons += [f"{name}: no answer in time" for name in sorted(running)]
        raise WeatherUnavailable("; ".join(reasons))

    def _start(self, source: WeatherSource, place: str, left_s: float, results: queue.SimpleQueue[_Result]) -> bool:
        held = self._held[source.name]
        if not held.acquire(blocking=False):
            return False

        def attempt() -> None:
            try:
                results.put((source.name, source.fetch(place, left_s)))
            except WeatherUnavailable as error:
                results.put((source.name, error))
            except Exception as error:  # noqa: BLE001 - a provider's bug must read as "no answer", not kill the thread unheard
                _log.exception("weather provider %s failed unexpectedly", source.name)
                results.put((source.name, WeatherUnavailable(f"{type(error).__name__}: {error}")))
            finally:
                held.release()

        threading.Thread(target=attempt, name=f"weather-{source.name}", daemon=True).start()
        return True
