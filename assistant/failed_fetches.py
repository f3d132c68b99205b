"""Places whose forecast has just failed to come: they are answered for without being asked again at once."""
from __future__ import annotations

import datetime as dt

REMEMBERED = dt.timedelta(seconds=60)
"""How long a failed fetch answers for its place before it is tried again."""


class FailedFetches:
    """Belongs to the loop."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[dt.datetime, str]] = {}

    def note(self, place: str, now: dt.datetime, reason: str) -> None:
        self._places[place] = (now, reason)

    def forget(self, place: str) -> None:
        self._places.pop(place, None)

    def fresh(self, now: dt.datetime) -> dict[str, str]:
        """Place -> reason."""
        return {place: why for place, (when, why) in self._places.items() if now - when < REMEMBERED}
