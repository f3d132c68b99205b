"""A box that takes the place of one that was turned away hears what that one had still to say."""
from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.db.tables import Box, Notice, NoticeReceipt
from hub.link import outgoing
from hub.messages import Kind, to_plain
from hub.notices.sending import body
from hub.notices.words import State


def take_over(work: Session, box: Box, now: dt.datetime) -> int:
    """How many notices it is sent: those to boxes that its home has no more, still valid, and heard by none of the home, in their order."""
    if box.household_id is None:
        return 0
    work.flush()
    home = (select(NoticeReceipt.notice_id).join(Box, (Box.village_id == NoticeReceipt.village_id) & (Box.id == NoticeReceipt.box_id))
            .where(NoticeReceipt.village_id == box.village_id, Box.household_id == box.household_id))
    unheard = work.scalars(
        select(Notice).where(Notice.village_id == box.village_id, Notice.state == State.SENT,
                             or_(Notice.expires_at.is_(None), Notice.expires_at > now),
                             Notice.id.in_(home.where(Box.revoked_at.is_not(None))),
                             Notice.id.not_in(home.where(or_(NoticeReceipt.heard_at.is_not(None), Box.revoked_at.is_(None)))))
        .order_by(Notice.sent_at, Notice.id)).all()
    for notice in unheard:
        work.add(NoticeReceipt(village_id=box.village_id, notice_id=notice.id, box_id=box.id, revision=notice.revision, queued_at=now, answer=""))
        outgoing.put(work, box.village_id, [box.id], Kind.NOTICE, to_plain(body(work, notice)), now, notice.expires_at, notice.id)
    return len(unheard)
