"""Notices on their way to the boxes: each goes out once, whoever sends it, and what is withdrawn never again."""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from hub.bell import Bell
from hub.db.columns import new_id
from hub.db.tables import Box, Notice, NoticeReceipt, Staff, Village
from hub.errors import Refused
from hub.link import outgoing
from hub.messages import Kind, NoticeBody, to_plain
from hub.notices import attachments, schedule, targets
from hub.notices.by import By
from hub.notices.drafts import columns, words_of
from hub.notices.reach import reach
from hub.notices.schedule import Repeat
from hub.notices.words import State, Words

SINCE = ("delivered_at", "playing_at", "heard_at", "interrupted_at", "confirmed_at", "answered_at")
"""What begins anew with a new wording."""


def release(work: Session, bell: Bell, notice: Notice, by: By, now: dt.datetime) -> None:
    """A draft goes out, or waits for its time. Somebody else may have told it to already: then nothing happens. Raises Refused."""
    if notice.state != State.DRAFT:
        return
    schedule.check(notice.send_at, Repeat(notice.repeat), notice.expires_at, now)
    if notice.send_at is not None:
        if _take(work, notice, state=State.SCHEDULED):
            by.note(work, notice.village_id, now, "定时发通知", notice.title)
    else:
        go(work, bell, notice, by, now)


def go(work: Session, bell: Bell, notice: Notice, by: By, now: dt.datetime) -> Notice | None:
    """One draft, or one that is due, to its boxes: what has gone out. Of one that repeats it is a copy, and the notice itself waits for the
    next time. None where somebody else has taken it."""
    zone = work.get_one(Village, notice.village_id).zone
    following = schedule.next_time(notice.send_at or now, Repeat(notice.repeat), now, zone)
    if following is None:
        if not _take(work, notice, state=State.SENT, sent_at=now):
            return None
        sent = notice
    else:
        last = following >= notice.expires_at
        if not _take(work, notice, state=State.OVER if last else State.SCHEDULED, send_at=following, sent_at=now):
            return None
        sent = _one_time(notice, min(following, notice.expires_at), now)
        work.add(sent)
    _deliver(work, bell, sent, now)
    by.note(work, notice.village_id, now, "发通知", notice.title)
    return sent


def _one_time(plan: Notice, expires_at: dt.datetime, now: dt.datetime) -> Notice:
    """It is over when the next one comes: a box that was away hears it once, not once for each day."""
    return Notice(village_id=plan.village_id, id=new_id(now), author_id=plan.author_id, state=State.SENT, targets=plan.targets, created_at=now,
                  sent_at=now, repeat=Repeat.NEVER, expires_at=expires_at, plan_id=plan.id, revision=1,
                  **columns(words_of(plan)))


def _deliver(work: Session, bell: Bell, notice: Notice, now: dt.datetime) -> None:
    reached = reach(work, notice.village_id, targets.from_plain(notice.targets), now)
    notice.missing = [home.id for home in reached.without]
    work.flush()
    if reached.boxes:
        work.execute(insert(NoticeReceipt), [{"village_id": notice.village_id, "notice_id": notice.id, "box_id": box, "revision": notice.revision,
                                              "queued_at": now, "answer": ""} for box in reached.boxes])
    _tell(work, bell, notice, reached.boxes, Kind.NOTICE, to_plain(body(work, notice)), now, notice.expires_at)


def body(work: Session, notice: Notice) -> NoticeBody:
    """What the boxes are told."""
    author = work.get_one(Staff, notice.author_id)
    return NoticeBody(notice.id, notice.revision, notice.title, notice.text, notice.category, notice.priority, author.name, notice.question,
                      tuple(notice.choices), **attachments.signed(work, notice))


def correct(work: Session, bell: Bell, notice: Notice, words: Words, expires_at: dt.datetime | None, by: By, now: dt.datetime) -> None:
    """New words to the boxes that had the old ones; who has heard those has not heard these. Of one that repeats the coming ones say them too.
    Raises Refused."""
    schedule.check(None, Repeat.NEVER, expires_at, now)
    attachments.hold(work, notice.village_id, words)
    before = words_of(notice)
    if notice.state != State.SENT or not _take(work, notice, revision=notice.revision + 1, sent_at=now, expires_at=expires_at, **columns(words)):
        raise Refused("这条通知刚被别人改过或撤回，请回去看一眼")
    _change_plan(work, notice, **columns(words))
    attachments.forget_unused(work, notice.village_id, before)
    _tell(work, bell, notice, _boxes(work, notice), Kind.NOTICE, to_plain(body(work, notice)), now, expires_at)
    work.execute(update(NoticeReceipt).where(NoticeReceipt.village_id == notice.village_id, NoticeReceipt.notice_id == notice.id)
                 .values(revision=notice.revision, queued_at=now, answer="", **dict.fromkeys(SINCE)))
    by.note(work, notice.village_id, now, "改正通知", notice.title)


def withdraw(work: Session, bell: Bell, notice: Notice, by: By, now: dt.datetime) -> None:
    """No box reads it any more, and what repeats does not come again. Raises Refused."""
    if notice.state not in (State.SENT, State.SCHEDULED) or not _take(work, notice, state=State.WITHDRAWN):
        raise Refused("这条通知已经停了，或者刚被别人动过，请回去看一眼")
    _change_plan(work, notice, state=State.WITHDRAWN)
    _tell(work, bell, notice, _boxes(work, notice), Kind.WITHDRAW, {"notice": notice.id, "revision": notice.revision}, now, None)
    by.note(work, notice.village_id, now, "撤回通知", notice.title)


def hold(work: Session, notice: Notice, by: By, now: dt.datetime) -> None:
    """What waits for its time is a draft again. Raises Refused: also where it has just gone out."""
    if notice.state != State.SCHEDULED or not _take(work, notice, state=State.DRAFT):
        raise Refused("这条通知刚发出去，或者已经停了，请回去看一眼")
    by.note(work, notice.village_id, now, "暂停定时", notice.title)


def plan_of(work: Session, notice: Notice) -> Notice | None:
    """The one that repeats, of which this was one time, if it is to come again."""
    plan = work.get(Notice, (notice.village_id, notice.plan_id)) if notice.plan_id else None
    return plan if plan is not None and plan.state == State.SCHEDULED else None


def _change_plan(work: Session, notice: Notice, **values: object) -> None:
    """Also where it has gone out at this very moment: the times behind that count."""
    work.execute(update(Notice).where(Notice.village_id == notice.village_id, Notice.id == notice.plan_id, Notice.state == State.SCHEDULED)
                 .values(**values))


def _take(work: Session, notice: Notice, **values: object) -> bool:
    """Change it, if nobody has since it was read: of several processes that try, one does. What went wrong before is over with it."""
    taken = work.execute(
        update(Notice).where(Notice.village_id == notice.village_id, Notice.id == notice.id, Notice.state == notice.state,
                             Notice.revision == notice.revision, Notice.send_at == notice.send_at).values(tries=0, try_at=None, wrong="", **values),
        execution_options={"synchronize_session": False})
    if taken.rowcount != 1:
        return False
    work.refresh(notice)
    return True


def _boxes(work: Session, notice: Notice) -> Sequence[str]:
    """Those that it went to, and that are still the village's."""
    return work.scalars(select(Box.id).join(NoticeReceipt, (NoticeReceipt.village_id == Box.village_id) & (NoticeReceipt.box_id == Box.id)).where(
        Box.village_id == notice.village_id, NoticeReceipt.notice_id == notice.id, Box.revoked_at.is_(None)).order_by(Box.id)).all()


def _tell(work: Session, bell: Bell, notice: Notice, boxes: Sequence[str], kind: Kind, plain: dict[str, object], now: dt.datetime,
          expires_at: dt.datetime | None) -> None:
    if boxes:
        outgoing.put(work, notice.village_id, boxes, kind, plain, now, expires_at, notice.id)
        bell.ring(work, notice.village_id, boxes)
