"""Looks for what the staff must hear of. For each cause there is one alert, however many processes look, and however often."""
from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.alerts import words
from hub.alerts.sending import put
from hub.alerts.words import AlertKind
from hub.db.engine import Database
from hub.db.tables import Box, Household, Notice, NoticeReceipt, Village
from hub.notices.words import Priority, State

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 60.0
SILENT_HOURS = 24
"""Longer than any power cut that everybody knows of."""
UNHEARD_MINUTES = 30
"""Behind an urgent notice: it has been read several times by then where anybody is at home."""
NAMELESS = "没有登记的一家"


class Watch:
    """Several processes may have one."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._now = now

    def look(self) -> None:
        """One village after the other: what goes wrong with one is not to keep the others."""
        with self._database.read() as work:
            villages = work.scalars(select(Village)).all()
        for village in villages:
            try:
                with self._database.write() as work:
                    silent_boxes(work, village, self._now())
                    unheard_notices(work, village, self._now())
            except IntegrityError:  # another process has just told of the same
                log.debug("told by another process")


def silent_boxes(work: Session, village: Village, now: dt.datetime) -> None:
    """Homes whose box has not been heard of for SILENT_HOURS; one that was heard of since and falls silent again is told anew."""
    seen = func.coalesce(Box.seen_at, Box.joined_at, type_=Box.joined_at.type)
    rows = work.execute(select(Box.id, seen.label("last"), Household.name).outerjoin(
        Household, (Household.village_id == Box.village_id) & (Household.id == Box.household_id)).where(
        Box.village_id == village.id, Box.revoked_at.is_(None), seen <= now - dt.timedelta(hours=SILENT_HOURS)).order_by(seen)).all()
    homes = {f"{AlertKind.SILENT} {box} {last.isoformat()}": home or NAMELESS for box, last, home in rows}
    put(work, village.id, AlertKind.SILENT, homes, lambda some: words.silent(village.name, some, SILENT_HOURS), now)


def unheard_notices(work: Session, village: Village, now: dt.datetime) -> None:
    """Urgent notices that are still valid, and the homes that have neither heard them to the end nor confirmed them."""
    urgent = work.scalars(select(Notice).where(
        Notice.village_id == village.id, Notice.state == State.SENT, Notice.priority == Priority.URGENT,
        Notice.sent_at <= now - dt.timedelta(minutes=UNHEARD_MINUTES), or_(Notice.expires_at.is_(None), Notice.expires_at > now))).all()
    for notice in urgent:
        rows = work.execute(select(Box.id, Household.name).join(
            NoticeReceipt, (NoticeReceipt.village_id == Box.village_id) & (NoticeReceipt.box_id == Box.id)).outerjoin(
            Household, (Household.village_id == Box.village_id) & (Household.id == Box.household_id)).where(
            Box.village_id == village.id, Box.revoked_at.is_(None), NoticeReceipt.notice_id == notice.id, NoticeReceipt.heard_at.is_(None),
            NoticeReceipt.confirmed_at.is_(None), NoticeReceipt.answered_at.is_(None)).order_by(Household.name)).all()
        homes = {f"{AlertKind.UNHEARD} {notice.id} {notice.revision} {box}": home or NAMELESS for box, home in rows}
        put(work, village.id, AlertKind.UNHEARD, homes, partial(words.unheard, village.name, notice.title, minutes=UNHEARD_MINUTES), now)
