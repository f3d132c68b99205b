"""How loud plays and songs are by day and by night. Pure."""
from __future__ import annotations

import datetime as dt

from assistant.settings import MediaSettings


def media_level(volume: int, now: dt.datetime, settings: MediaSettings) -> int:
    """0..100 for a ``volume`` of 0..100. At night it is a share of that, and no fixed limit: 大点声 must always be heard to help."""
    return round(volume * settings.night_volume / 100) if is_night(now, settings) else volume


def is_night(now: dt.datetime, settings: MediaSettings) -> bool:
    begins, ends = settings.night_from, settings.night_until
    if begins <= ends:
        return begins <= now.hour < ends
    return now.hour >= begins or now.hour < ends
