"""A hub that was restored from an older backup counts its messages on from where its boxes are.

A box takes only the number behind its last one, so that nothing can be played back to it: to a hub that has forgotten some of what it sent it
would be deaf for ever. So a box says which number it has, and when the hub sent that one; a hub that has no such message puts what the box
cannot have seen behind that number. The box's own count never goes back, and what it takes is signed as ever.
"""
from __future__ import annotations

import datetime as dt
import logging

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from hub.db.engine import Database
from hub.db.tables import Box, BoxMessage
from hub.errors import Refused
from hub.link import outgoing
from hub.messages import Kind, write_time

log = logging.getLogger(__name__)

MOST_AHEAD = 1_000_000
"""Of a box that has more than so many no backup can be the reason."""
_STEP = dt.timedelta(milliseconds=1)
"""To which times travel."""


def line_up(database: Database, box: Box, after: int, seen: dt.datetime | None) -> None:
    """``box`` says that number ``after`` is the last that it has, and that it was sent at ``seen`` (None: it does not know). What is new to it
    follows upon that. Raises Refused."""
    with database.read() as work:
        if _follows(work, box, after, seen):
            return
    with database.write() as work:
        held = outgoing.held(work, box.village_id, box.id)
        if held is not None and not _follows(work, held, after, seen):
            _go_on(work, held, after, seen)


def _follows(work: Session, box: Box, after: int, seen: dt.datetime | None) -> bool:
    """Whether that number is the same message here, and the next follows upon it."""
    if after > box.messages:
        return False
    first = dict(work.execute(select(BoxMessage.number, BoxMessage.sent_at).where(*_of(box), BoxMessage.number >= after)
                              .order_by(BoxMessage.number).limit(2)).all())
    at = first.pop(after, None)
    if after > 0 and seen is not None and (at is None or write_time(at) != write_time(seen)):
        return False
    return not first or after + 1 in first


def _go_on(work: Session, box: Box, after: int, seen: dt.datetime | None) -> None:
    if after > box.messages + MOST_AHEAD:
        raise Refused(f"盒子说它已经收到第{after}条，这里才发到第{box.messages}条，对不上")
    count = _put_behind(work, box, after, seen)
    log.warning("the box %s has message %d, which this hub (at %d) has not sent: was it restored from a backup? %d new ones follow", box.id,
                after, box.messages, count)
    if seen is not None:
        _note_as_sent(work, box, after, seen)
    box.messages = after + count


def _put_behind(work: Session, box: Box, after: int, seen: dt.datetime | None) -> int:
    """What is new to the box gets the numbers behind ``after``, in the same order; returns how many that are. Rather too much than too
    little: a box knows a notice that it has."""
    is_new = BoxMessage.number > after
    if seen is not None:
        is_new = or_(is_new, BoxMessage.sent_at >= seen + _STEP)
    numbers = work.scalars(select(BoxMessage.number).where(*_of(box), is_new).order_by(BoxMessage.number)).all()
    table = BoxMessage.__table__
    moves = [{"old": -number, "new": after + place} for place, number in enumerate(numbers, start=1)]
    if moves:  # out of each other's way first: no two may have one number for a moment
        work.execute(update(BoxMessage).where(*_of(box), is_new).values(number=-BoxMessage.number), execution_options={"synchronize_session": False})
        work.connection().execute(update(table).where(table.c.village_id == box.village_id, table.c.box_id == box.id,
                                                      table.c.number == bindparam("old")).values(number=bindparam("new")), moves)
    return len(moves)


def _note_as_sent(work: Session, box: Box, after: int, seen: dt.datetime) -> None:
    """So that the box, when it calls anew before there is more, is not taken for one that has something else."""
    mine = (*_of(box), BoxMessage.number == after)
    if work.execute(update(BoxMessage).where(*mine).values(sent_at=seen), execution_options={"synchronize_session": False}).rowcount == 0:
        work.execute(insert(BoxMessage).values(village_id=box.village_id, box_id=box.id, number=after, kind=Kind.SETTINGS, body={}, sent_at=seen))


def _of(box: Box) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return BoxMessage.village_id == box.village_id, BoxMessage.box_id == box.id
