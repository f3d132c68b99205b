"""Alerts on their way: on disk before anything is tried, tried again with growing pauses, and every outcome kept for the page."""
from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import apprise
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.again import TAKEN_FOR, next_try
from hub.alerts.channels import channel
from hub.alerts.words import AlertKind
from hub.db.columns import new_id
from hub.db.engine import Database
from hub.db.tables import Alert, AlertCause, AlertChannel, AlertSending
from hub.errors import Refused

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 2.0
AT_ONCE = 8
_TITLE = "乡音"
_LONGEST = AlertSending.wrong.type.length


@dataclass(frozen=True, slots=True)
class Due:
    """``tries`` before this one."""

    village_id: str
    alert_id: str
    channel_id: str
    tries: int
    address: str
    text: str


def put(work: Session, village_id: str, kind: AlertKind, homes: Mapping[str, str], text: Callable[[Sequence[str]], str], now: dt.datetime
        ) -> str | None:
    """One alert, over every channel of the village that is for this kind. ``homes`` are causes and the homes that they are about; those that
    somebody has been told of are left out, and ``text`` gets the others. None where nobody is left."""
    told = set(work.scalars(select(AlertCause.cause).where(AlertCause.village_id == village_id, AlertCause.cause.in_(homes))))
    fresh = {cause: home for cause, home in homes.items() if cause not in told}
    if not fresh:
        return None
    alert = Alert(village_id=village_id, id=new_id(now), kind=kind, text=text(list(fresh.values())), created_at=now)
    work.add(alert)
    work.flush()
    work.add_all(AlertCause(village_id=village_id, cause=cause, alert_id=alert.id) for cause in fresh)
    for one in work.scalars(select(AlertChannel).where(AlertChannel.village_id == village_id)):
        if kind is AlertKind.TEST or kind in one.kinds:
            work.add(AlertSending(village_id=village_id, alert_id=alert.id, channel_id=one.id, next_at=now))
    return alert.id


def take(work: Session, now: dt.datetime) -> list[Due]:
    """What is due, for this process alone. Looked for everywhere, and then taken village by village: what locks has one shard to go to."""
    villages = work.scalars(select(AlertSending.village_id).where(AlertSending.next_at <= now).group_by(AlertSending.village_id)
                            .order_by(func.min(AlertSending.next_at)).limit(AT_ONCE)).all()
    rows = []
    for village_id in villages:
        if len(rows) < AT_ONCE:
            rows += work.execute(
                select(AlertSending, AlertChannel.address, Alert.text)
                .join(AlertChannel, (AlertChannel.village_id == AlertSending.village_id) & (AlertChannel.id == AlertSending.channel_id))
                .join(Alert, (Alert.village_id == AlertSending.village_id) & (Alert.id == AlertSending.alert_id))
                .where(AlertSending.village_id == village_id, AlertSending.next_at <= now).order_by(AlertSending.next_at)
                .limit(AT_ONCE - len(rows)).with_for_update(of=AlertSending, skip_locked=True)).all()
    for sending, _, _ in rows:
        sending.next_at = now + TAKEN_FOR
    return [Due(sending.village_id, sending.alert_id, sending.channel_id, sending.tries, address, text) for sending, address, text in rows]


def tried(work: Session, due: Due, wrong: str | None, now: dt.datetime) -> None:
    """``wrong``: why it did not go; None: it has gone."""
    again = None if wrong is None else next_try(due.tries + 1, now)
    work.execute(update(AlertSending).where(
        AlertSending.village_id == due.village_id, AlertSending.alert_id == due.alert_id, AlertSending.channel_id == due.channel_id).values(
        tries=due.tries + 1, next_at=again, sent_at=now if wrong is None else None, wrong=(wrong or "")[:_LONGEST]))


def send(due: Due) -> str | None:
    """Over the network, in a thread: None when it has been taken, else why not."""
    try:
        target = channel(due.address)
    except Refused as error:
        return error.shown
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said:
        if target.notify(body=due.text, title=_TITLE, notify_type=apprise.NotifyType.WARNING):
            return None
        return said.getvalue().strip().splitlines()[-1] if said.getvalue().strip() else "对方没有收下"


class Sender:
    """Several processes may have one."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._now = now

    def work(self) -> int:
        """Try all that is due; how much that was."""
        with self._database.write() as work:
            due = take(work, self._now())
        for one in due:
            wrong = send(one)
            if wrong is not None:
                log.warning("alert %s does not reach channel %s: %s", one.alert_id, one.channel_id, wrong)
            with self._database.write() as work:
                tried(work, one, wrong, self._now())
        return len(due)
