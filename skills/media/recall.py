"""What was played before: where to go on with it, what was heard yesterday, what is heard often, what never was. Pure."""
from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from skills.api import Hearing, Programme
from skills.media.choice import Works
from skills.media.words import Then

LONG_S = 600.0
"""A piece of this length is gone on with; a shorter one is sooner heard from its beginning than found back into."""
WORTH_S = 60.0
"""Who heard less of it than this heard nothing of it."""
NEAR_THE_END_S = 30.0
"""Whoever stops there has heard it to the end."""
BACK_S = 5.0
"""Gone on with so much earlier, to find one's way back into it."""
RECENT = dt.timedelta(hours=6)
"""What was played before, as one thinks of it in the same sitting."""

Hearings = tuple[Hearing, ...]
Work = tuple[Programme, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Number of a part (from 0) and seconds into it."""

    part: int = 0
    start_s: float = 0.0


START = Place()


def place(work: Work, hearings: Hearings) -> Place:
    """Where to go on with it: in the part that was left, or in the next one. At the start if it was heard to its end."""
    last = latest(work, hearings)
    if last is None:
        return START
    part = next(number for number, programme in enumerate(work) if programme.file == last.file)
    if _is_over(last, work[part]):
        return Place(part + 1) if part + 1 < len(work) else START
    if last.position_s < WORTH_S or (len(work) == 1 and not _is_long(work[part], last.position_s)):
        return Place(part)
    return Place(part, last.position_s - BACK_S)


def newest(work: Work, hearings: Hearings) -> Place:
    """Of a podcast, whose newest episode is the first: the newest that was not heard to its end, where it was left."""
    for number, episode in enumerate(work):
        heard = latest((episode,), hearings)
        if heard is None or not _is_over(heard, episode):
            left_s = 0.0 if heard is None else heard.position_s
            return Place(number, left_s - BACK_S if left_s >= WORTH_S else 0.0)
    return START


def latest(programmes: Work, hearings: Hearings) -> Hearing | None:
    """The last time that any of them was played."""
    files = {programme.file for programme in programmes}
    return next((one for one in reversed(hearings) if one.file in files), None)


def last(found: Works, hearings: Hearings) -> Work | None:
    """The work that was played last, however short."""
    return next(_heard(found, reversed(hearings)), None)


def begun(found: Works, hearings: Hearings) -> Work | None:
    """The work in parts that was heard last and has more to come."""
    return next((work for work in _heard(found, reversed(hearings)) if len(work) > 1 and place(work, hearings) != START), None)


def played(found: Works, hearings: Hearings, when: Then, now: dt.datetime, playing: Programme | None = None) -> Work | None:
    """The last of ``found`` that was heard then for a while, else the last that was heard then at all. Not what is ``playing``."""
    day = None if when.days_ago is None else now.date() - dt.timedelta(days=when.days_ago)
    then = [one for one in reversed(hearings) if day is None or one.began.date() <= day <= one.at.date()]
    heard = (*_heard(found, filter(_is_a_while, then)), *_heard(found, then))
    return next((work for work in heard if playing is None or playing not in work), None)


def before(found: Works, hearings: Hearings, playing: Programme, now: dt.datetime) -> Work | None:
    """What was played a short while ago, before the work of ``playing``."""
    recent = tuple(one for one in hearings if dt.timedelta(0) <= now - one.at <= RECENT)
    return played(found, recent, Then(), now, playing)


def often(found: Works, hearings: Hearings) -> Works:
    """The works that were heard, those of most days first."""
    days = _days(found, hearings)
    return tuple(sorted((work for work in found if days[work]), key=lambda work: -days[work]))


def new(found: Works, hearings: Hearings) -> Works:
    """Those that were never heard."""
    days = _days(found, hearings)
    return tuple(work for work in found if not days[work])


def longest_ago(found: Works, hearings: Hearings) -> Works:
    """Those that were heard, the one that was not heard for the longest time first."""
    heard = [(last.at, work) for work in found if (last := latest(work, hearings)) is not None]
    return tuple(work for _, work in sorted(heard, key=lambda pair: pair[0]))


def _days(found: Works, hearings: Hearings) -> Counter[Work]:
    by_file = _by_file(found)
    return Counter(work for work, _ in {(by_file[one.file], one.began.date()) for one in hearings if one.file in by_file})


def _heard(found: Works, hearings: Iterable[Hearing]) -> Iterator[Work]:
    """The works of ``found`` in the order of the hearings."""
    by_file = _by_file(found)
    return (by_file[one.file] for one in hearings if one.file in by_file)


def _by_file(found: Works) -> dict[str, Work]:
    return {programme.file: work for work in found for programme in work}


def _is_over(last: Hearing, programme: Programme) -> bool:
    return last.position_s is None or (programme.duration_s >= LONG_S and last.position_s > programme.duration_s - NEAR_THE_END_S)


def _is_long(programme: Programme, position_s: float) -> bool:
    """Of many films nobody has written down how long they are."""
    return programme.duration_s >= LONG_S or (not programme.duration_s and position_s >= LONG_S / 2)


def _is_a_while(one: Hearing) -> bool:
    return one.position_s is None or (one.at - one.began).total_seconds() >= WORTH_S
