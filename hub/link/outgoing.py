"""Messages to boxes: each box has its own row of them, numbered from 1, which nobody overtakes."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.orm import Session

from hub.db.tables import Box, BoxMessage
from hub.messages import Kind, Message, sealed

AT_ONCE = 500
"""Boxes of one statement: SQLite takes 32,766 values."""
NEAR = 5
"""Boxes that are so few messages behind are read together, all others one by one."""
MOST_AT_ONCE = 200
"""Messages that one box is sent in one go."""

Lines = list[tuple[int, str]]
"""Numbers and signed lines."""


def put(work: Session, village_id: str, boxes: Iterable[str], kind: Kind, body: Mapping[str, object], now: dt.datetime,
        expires_at: dt.datetime | None = None, notice_id: str | None = None) -> None:
    """The same to all of these boxes, behind what they were sent before. It is kept with each: a month later it is still what it was.

    Whoever changes several boxes takes hold of them in the order of their identities: otherwise two could wait for each other."""
    row = {"village_id": village_id, "kind": kind, "notice_id": notice_id, "body": dict(body), "sent_at": now, "expires_at": expires_at}
    for some in _chunks(sorted(boxes)):
        chosen = (Box.village_id == village_id, Box.id.in_(some))
        last = work.execute(select(Box.id, Box.messages).where(*chosen).order_by(Box.id).with_for_update(key_share=True)).all()
        if last:
            work.execute(update(Box).where(*chosen).values(messages=Box.messages + 1), execution_options={"synchronize_session": False})
            work.execute(insert(BoxMessage), [row | {"box_id": box, "number": number + 1} for box, number in last])


def held(work: Session, village_id: str, box_id: str) -> Box | None:
    """The box, as it is now; nobody puts anything into its row until ``work`` is done. None where it has been turned away."""
    return work.scalar(select(Box).where(Box.village_id == village_id, Box.id == box_id, Box.revoked_at.is_(None))
                       .with_for_update(key_share=True))


def lines(work: Session, village_id: str, after: Mapping[str, int], key: Ed25519PrivateKey, now: dt.datetime) -> dict[str, Lines]:
    """Of these boxes of a village, those for which there is more than the number that each has; nothing for one that has been turned away,
    whichever hub process its line is at."""
    found: dict[str, Lines] = {}
    for some in _chunks(after):
        last = dict(work.execute(select(Box.id, Box.messages).where(Box.village_id == village_id, Box.id.in_(some), Box.revoked_at.is_(None))).all())
        behind = {box: number - after[box] for box, number in last.items() if number > after[box]}
        near = [box for box, count in behind.items() if count <= NEAR]
        if near:
            together = select(*_COLUMNS).join(Box, (Box.village_id == BoxMessage.village_id) & (Box.id == BoxMessage.box_id)).where(
                BoxMessage.village_id == village_id, BoxMessage.box_id.in_(near), BoxMessage.number > Box.messages - NEAR)
            _collect(work, together, after, key, now, found)
        for box in behind.keys() - set(near):
            alone = select(*_COLUMNS).where(BoxMessage.village_id == village_id, BoxMessage.box_id == box, BoxMessage.number > after[box])
            _collect(work, alone.limit(MOST_AT_ONCE), after, key, now, found)
    return found


_COLUMNS = (BoxMessage.box_id, BoxMessage.number, BoxMessage.kind, BoxMessage.sent_at, BoxMessage.body, BoxMessage.expires_at)


def _collect(work: Session, query: Select, after: Mapping[str, int], key: Ed25519PrivateKey, now: dt.datetime, found: dict[str, Lines]) -> None:
    for row in work.execute(query.order_by(BoxMessage.box_id, BoxMessage.number)):
        if row.number > after[row.box_id]:
            found.setdefault(row.box_id, []).append((row.number, _line(row, key, now)))


def _line(row: Row, key: Ed25519PrivateKey, now: dt.datetime) -> str:
    """What is over goes without its body: its number tells the box that nothing is missing."""
    message = Message(row.box_id, row.number, Kind(row.kind), row.sent_at, row.body, row.expires_at)
    if message.is_over(now):
        message = Message(row.box_id, row.number, message.kind, row.sent_at, {}, row.expires_at)
    return sealed(message, key)


def _chunks(boxes: Iterable[str]) -> Iterator[Sequence[str]]:
    left = iter(boxes)
    while some := list(islice(left, AT_ONCE)):
        yield some
