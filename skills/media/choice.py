"""Which programmes are meant, and in what order they are played. Pure."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from intents.normalize import normalize_literal
from skills.api import Programme

MOST_AT_ONCE = 200
"""Files in one queue: more than anybody listens to in a day."""

Slots = Mapping[str, object]
Works = tuple[tuple[Programme, ...], ...]
"""Each work with its parts in order: a play by one performer, a book in fifty chapters."""


@dataclass(frozen=True, slots=True)
class Instead:
    """What there is in place of what is not there; ``by`` is the slot that it has in common with that."""

    works: Works
    by: str


def meant(programmes: tuple[Programme, ...], slots: Slots) -> Works:
    """All works that are what was asked for. A title alone says which; genre and kind then only choose among several. A station is
    meant only by its name or as radio: nothing would follow it."""
    title, artist = _text(slots, "title"), _text(slots, "artist")
    found = programmes if title or slots.get("kind") == "radio" else recorded(programmes)
    if title:
        found = _titled(found, title)
    if artist:
        found = tuple(p for p in found if _alike(p.artist, artist))
    for slot in ("genre", "kind"):
        value = _text(slots, slot)
        of_it = tuple(p for p in found if getattr(p, slot) == value)
        if value and (of_it or not title):
            found = of_it
    return works(found)


def instead(programmes: tuple[Programme, ...], slots: Slots) -> Instead | None:
    """The nearest thing to what is not there: the same performer, genre, then kind."""
    for slot in ("title", "artist", "genre", "kind"):
        if value := _text(slots, slot):
            found = meant(programmes, {slot: value})
            if found:
                return Instead(found, slot)
    return None


def others(programmes: tuple[Programme, ...], playing: Programme) -> Works:
    """Something else of the same sort: of the genre, or else of the kind."""
    programmes = recorded(programmes)
    for slot in ("genre", "kind"):
        value = getattr(playing, slot)
        found = works(tuple(p for p in programmes if value and getattr(p, slot) == value and p.title != playing.title))
        if found:
            return at_hand(found)
    return at_hand(works(tuple(p for p in programmes if p.title != playing.title)))


def recorded(programmes: tuple[Programme, ...]) -> tuple[Programme, ...]:
    """What has a beginning and an end."""
    return tuple(programme for programme in programmes if not programme.is_live)


def at_hand(found: Works) -> Works:
    """Those on the box's own disks, where there are any: what comes over the network may not come."""
    return tuple(work for work in found if not work[0].is_remote) or found


def works(programmes: tuple[Programme, ...]) -> Works:
    """Put together what belongs together, in a lasting order."""
    ordered = sorted(programmes, key=lambda p: (p.title, p.artist, p.genre, p.part, p.file))
    return tuple(tuple(parts) for _, parts in groupby(ordered, key=lambda p: (p.title, p.artist, p.genre)))


def from_another(found: Works, now: dt.datetime, turn: int, last: Programme | None = None) -> Works:
    """The same works, beginning with another one each time, by the hour and the turn and not by chance; not with the ``last``."""
    if not found:
        return found
    start = (now.toordinal() * 24 + now.hour + turn) % len(found)
    if last is not None and found[start][0].title == last.title:
        start = (start + 1) % len(found)
    return (*found[start:], *found[:start])


def queue(found: Works, part: int = 0) -> tuple[tuple[str, ...], int]:
    """The files, and the number of the one to begin with: ``part`` (from 0) of the first work. What lies before it is there to
    be gone back to."""
    files = tuple(programme.file for work in found for programme in work)
    start = max(0, min(part - MOST_AT_ONCE // 2, len(files) - MOST_AT_ONCE))
    return files[start : start + MOST_AT_ONCE], part - start


def _titled(programmes: tuple[Programme, ...], title: str) -> tuple[Programme, ...]:
    """Those of exactly this title, else those that have it in theirs: who says 刘大哥 may mean 刘大哥讲话理太偏."""
    exact = tuple(p for p in programmes if p.title == title)
    if exact or len(title) < 2:
        return exact
    wanted = normalize_literal(title)
    return tuple(p for p in programmes if wanted and wanted in normalize_literal(p.title))


def _alike(known: str, said: str) -> bool:
    return bool(known) and (known == said or said in known)


def _text(slots: Slots, slot: str) -> str:
    return str(slots.get(slot, ""))
