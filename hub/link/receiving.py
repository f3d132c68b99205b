"""Receipts from boxes: each counts once, however often it comes, and in the order in which the box wrote them."""
from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from hub.api import calls
from hub.db.tables import Box, NoticeReceipt
from hub.messages import MessageRefused, Receipt, Step, to_receipt

MOST_COUNTED = 2_000_000_000
LONGEST_ANSWER = NoticeReceipt.answer.type.length
LONGEST_ID = NoticeReceipt.notice_id.type.length
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL does not keep."""
SKEW = dt.timedelta(seconds=5)
"""A clock that differs by less is taken for right: so long may a request be on its way."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one box has sent at once; ``box_now`` is its clock's time at that moment."""

    village_id: str
    box_id: str
    receipts: tuple[Receipt, ...]
    box_now: dt.datetime


def readable(plain: Mapping[str, object]) -> Receipt:
    """One that a table can hold. Raises MessageRefused: the box is to know which of its receipts is at fault, and nobody else is to wait for it."""
    receipt = to_receipt(plain)
    if not (0 < receipt.number <= MOST_COUNTED and 0 < receipt.revision <= MOST_COUNTED):
        raise MessageRefused(f"receipt {receipt.number} of revision {receipt.revision}: counted too far")
    if len(receipt.answer) > LONGEST_ANSWER or len(receipt.notice) > LONGEST_ID or _NO_TEXT.search(receipt.answer + receipt.notice):
        raise MessageRefused("a notice or an answer that is none")
    return receipt


def receive(work: Session, deliveries: Sequence[Delivery], now: dt.datetime) -> dict[str, int]:
    """Of each of these boxes the number up to which its receipts have been taken: what comes behind a gap is to be sent again."""
    through = _held(work, deliveries)
    before, steps = dict(through), []
    for delivery in deliveries:
        for receipt in sorted(delivery.receipts, key=lambda receipt: receipt.number):
            if receipt.number == through[delivery.box_id] + 1:
                through[delivery.box_id] = receipt.number
                steps.append((delivery, receipt))
    for step in Step:
        _take(work, step, [(delivery, receipt) for delivery, receipt in steps if receipt.step is step], now)
    calls.put(work, [(delivery.village_id, delivery.box_id, receipt) for delivery, receipt in steps], now)
    villages = {delivery.box_id: delivery.village_id for delivery in deliveries}
    moved = [{"village": villages[box], "box": box, "number": number} for box, number in through.items() if number != before[box]]
    if moved:
        table = Box.__table__
        work.connection().execute(update(table).where(table.c.village_id == bindparam("village"), table.c.id == bindparam("box"))
                                  .values(receipts=bindparam("number")), moved)
    return through


def _held(work: Session, deliveries: Sequence[Delivery]) -> dict[str, int]:
    """Of each box the number of its last receipt; nobody else takes any of it until ``work`` is done. Village by village, so that each
    statement has one shard to go to, and in one order, so that no two processes wait for each other."""
    boxes: dict[str, set[str]] = defaultdict(set)
    for delivery in deliveries:
        boxes[delivery.village_id].add(delivery.box_id)
    last: dict[str, int] = {}
    for village_id in sorted(boxes):
        last |= dict(work.execute(select(Box.id, Box.receipts).where(Box.village_id == village_id, Box.id.in_(boxes[village_id])).order_by(Box.id)
                                  .with_for_update(key_share=True)).all())
    return last


def _take(work: Session, step: Step, some: Iterable[tuple[Delivery, Receipt]], now: dt.datetime) -> None:
    """The first time of each step counts; of what interrupted it, and of the answer, the last. Other wordings are not meant."""
    rows = [{"village": delivery.village_id, "box": delivery.box_id, "notice": receipt.notice, "of": receipt.revision,
             "at": _by_our_clock(receipt.at, delivery.box_now, now), "said": receipt.answer} for delivery, receipt in some]
    if not rows:
        return
    table = NoticeReceipt.__table__
    column = table.c[f"{step}_at"]
    at = bindparam("at", type_=column.type)
    last_counts = step in (Step.INTERRUPTED, Step.ANSWERED)
    values = {column.name: at if last_counts else func.coalesce(column, at)}
    if step is Step.ANSWERED:
        values["answer"] = bindparam("said")
    for earlier in _IMPLIED.get(step, ()):
        values[f"{earlier}_at"] = func.coalesce(table.c[f"{earlier}_at"], at)
    work.connection().execute(
        update(table).where(table.c.village_id == bindparam("village"), table.c.notice_id == bindparam("notice"),
                            table.c.box_id == bindparam("box"), table.c.revision == bindparam("of")).values(values), rows)


_IMPLIED = {Step.PLAYING: (Step.DELIVERED,), Step.HEARD: (Step.DELIVERED,), Step.CONFIRMED: (Step.DELIVERED,), Step.ANSWERED: (Step.DELIVERED,)}
"""Whoever hears it has got it. But who confirms or answers need not have heard it to its end."""


def _by_our_clock(at: dt.datetime, box_now: dt.datetime, now: dt.datetime) -> dt.datetime:
    """A box without a network may be off by years; what it tells is never later than now."""
    skew = now - box_now
    try:
        return min(at + skew if abs(skew) > SKEW else at, now)
    except OverflowError:  # of a clock that runs wild between two readings
        return now
