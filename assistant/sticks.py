"""A stick that was pulled out: whether that ends what somebody listens to. Pure."""
from __future__ import annotations

import datetime as dt
import os

from assistant.commands import Command, StopMedia
from skills.api import Playing, World

JUST_NOW = dt.timedelta(seconds=10)
"""The player may come to the end of a file that is no longer there before the stick is known to be gone."""


def stops(playing: Playing | None, places: tuple[str, ...]) -> tuple[Command, ...]:
    """The order that ends what plays or is paused, if it is on these sticks."""
    if playing is None or not (playing.on or playing.paused):
        return ()
    return (StopMedia(),) if _is_on(places, playing.programme.file) else ()


def is_cut_off(world: World, places: tuple[str, ...]) -> bool:
    """Whether something on these sticks could be heard until now."""
    if world.playing is not None and world.playing.on:
        return _is_on(places, world.playing.programme.file)
    last = world.hearings[-1] if world.hearings else None
    return last is not None and last.position_s is None and _is_on(places, last.file) and world.now - last.at < JUST_NOW


def _is_on(places: tuple[str, ...], file: str) -> bool:
    return file.startswith(tuple(f"{place}{os.sep}" for place in places))
