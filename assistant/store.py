"""What the box must not forget, in one TinyDB file that survives being killed at any moment (see ``crash_safe.py``)."""
from __future__ import annotations

import datetime as dt
import logging
import threading
from pathlib import Path

from tinydb import Query, TinyDB

from assistant.crash_safe import CrashSafeStorage, put
from assistant.errors import StoreError
from assistant.forecast import Forecast
from assistant.weather.cache import from_plain, to_plain
from skills.api import Timer

log = logging.getLogger(__name__)

PATIENCE = "patience_s"
"""Preference: the silence that ends this person's turns, learnt by the ear."""


class Store:
    """Typed access to the file: preferences, timers, cached forecasts. One lock; any thread may call.

    Raises StoreError when the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = TinyDB(path, storage=CrashSafeStorage)
        with self._lock:
            self._db.tables()
        self._preferences = self._db.table("preferences")
        self._timers = self._db.table("timers")
        self._forecasts = self._db.table("forecasts")

    @property
    def recovered(self) -> str:
        """One line on what was repaired when the file was opened, or empty."""
        return self._db.storage.recovered

    def preference(self, name: str, default):
        with self._lock:
            row = self._preferences.get(Query().name == name)
        return row["value"] if row else default

    def set_preference(self, name: str, value) -> None:
        with self._lock:
            put(self._preferences, {"name": name, "value": value}, "name")

    def timers(self) -> tuple[Timer, ...]:
        with self._lock:
            rows = self._timers.all()
        timers = (Timer(r["id"], dt.datetime.fromisoformat(r["due"]), r["label"]) for r in rows)
        return tuple(sorted(timers, key=lambda t: (t.due, t.timer_id)))

    def add_timer(self, timer: Timer) -> None:
        row = {"id": timer.timer_id, "due": timer.due.isoformat(), "label": timer.label}
        with self._lock:
            put(self._timers, row, "id")

    def remove_timer(self, timer_id: str) -> None:
        with self._lock:
            self._timers.remove(Query().id == timer_id)

    def forecasts(self) -> dict[str, Forecast]:
        with self._lock:
            rows = self._forecasts.all()
        kept = {}
        for row in rows:
            try:
                kept[row["place"]] = from_plain(row)
            except StoreError as error:
                log.error("store: %s; it is forgotten", error)
        return kept

    def keep_forecast(self, forecast: Forecast) -> None:
        row = to_plain(forecast)
        with self._lock:
            put(self._forecasts, row, "place")

    def close(self) -> None:
        with self._lock:
            self._db.close()
