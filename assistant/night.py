"""The hours in which people sleep, and how loud plays and songs are then. Pure."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from assistant.settings import MediaSettings


@dataclass(frozen=True, slots=True)
class Night:
    """From one hour to another; the same hour twice is never."""

    begins: int = 0
    ends: int = 0

    def is_at(self, now: dt.datetime) -> bool:
        if self.begins <= self.ends:
            return self.begins <= now.hour < self.ends
        return now.hour >= self.begins or now.hour < self.ends


def night(settings: MediaSettings) -> Night:
    return Night(settings.night_from, settings.night_until)


def media_level(volume: int, now: dt.datetime, settings: MediaSettings) -> int:
    """0..100 for a ``volume`` of 0..100. At night it is a share of that, and no fixed limit: 大点声 must always be heard to help."""
    return round(volume * settings.night_volume / 100) if night(settings).is_at(now) else volume
