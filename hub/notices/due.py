"""What is due goes out by itself, also what became due while the hub was off."""
from __future__ import annotations

import datetime as dt
import logging

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from hub.again import PAUSES
from hub.bell import Bell
from hub.db.engine import Database
from hub.db.tables import Notice
from hub.errors import HubError, Refused
from hub.notices import sending
from hub.notices.by import HUB
from hub.notices.schedule import Repeat
from hub.notices.words import State

log = logging.getLogger(__name__)

EVERY_S = 2.0
AT_ONCE = 50
"""The rest is due at the next look."""
_LONGEST = Notice.wrong.type.length


def send_due(database: Database, bell: Bell, now: dt.datetime) -> int:
    """How many this process has sent: what another one takes at the same moment is not counted."""
    with database.read() as work:
        due = work.execute(select(Notice.village_id, Notice.id).where(
            Notice.state == State.SCHEDULED, Notice.send_at <= now, or_(Notice.try_at.is_(None), Notice.try_at <= now))
            .order_by(Notice.send_at).limit(AT_ONCE)).all()
    sent = 0
    for village_id, notice_id in due:
        try:
            with database.write() as work:
                sent += _send(work, bell, village_id, notice_id, now)
        except Exception as error:  # noqa: BLE001 (one that cannot go out, for whatever reason, must not keep back the others)
            log.exception("the notice %s of village %s is due and cannot be sent", notice_id, village_id)
            _put_off(database, village_id, notice_id, error, now)
    return sent


def _put_off(database: Database, village_id: str, notice_id: str, error: Exception, now: dt.datetime) -> None:
    """It is tried again later and later, as long as it is valid; the staff sees it."""
    with database.write() as work:
        notice = work.get(Notice, (village_id, notice_id), with_for_update=True)
        if notice is not None and notice.state == State.SCHEDULED:
            notice.tries += 1
            notice.try_at = now + PAUSES[min(notice.tries, len(PAUSES)) - 1]
            notice.wrong = (error.shown if isinstance(error, Refused) else HubError.spoken)[:_LONGEST]


def _send(work: Session, bell: Bell, village_id: str, notice_id: str, now: dt.datetime) -> bool:
    notice = work.get(Notice, (village_id, notice_id))
    if notice is None or notice.state != State.SCHEDULED or notice.send_at > now:
        return False
    if notice.expires_at is not None and notice.expires_at <= now:
        work.execute(update(Notice).where(Notice.village_id == village_id, Notice.id == notice_id, Notice.state == State.SCHEDULED)
                     .values(state=State.MISSED if notice.repeat == Repeat.NEVER or notice.sent_at is None else State.OVER))
        return False
    return sending.go(work, bell, notice, HUB, now) is not None
