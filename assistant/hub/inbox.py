"""What the hub's messages change in what the box remembers. Pure but for the tree that is given, which is changed in place.

The tree is what :mod:`assistant.hub.store` keeps on disk: plain values only.
"""
from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.commands import NoticeStep
from assistant.events import Event, NoticeArrived, NoticeWithdrawn, VillageSet
from assistant.hub import outbox
from hub.messages import Kind, Message, MessageRefused, NoticeBody, Receipt, Step, to_notice, to_plain, write_time

log = logging.getLogger(__name__)

KEPT = dt.timedelta(days=60)
KEPT_WHEN_OVER = dt.timedelta(days=2)
MOST_KEPT = 200
"""Nobody asks for older notices, and each change writes all of them."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of some messages: the facts that follow, and whether one is missing before the next."""

    events: tuple[Event, ...] = ()
    is_gap: bool = False


def take(tree: dict, messages: Sequence[Message], now: dt.datetime, skew: dt.timedelta = dt.timedelta(0)) -> Intake:
    """Each message counts once and in its place: what has been before is a replay, and what lies behind a gap waits for what is missing.

    ``now`` is the box's clock (UTC), ``skew`` how far the hub's is ahead of it.
    """
    events: list[Event] = []
    for message in messages:
        last = tree["inbox"]["last"]
        if message.number <= last:
            log.debug("message %d has been taken before", message.number)
            continue
        if message.number > last + 1:
            return Intake(tuple(events), is_gap=True)
        tree["inbox"] |= {"last": message.number, "sent_at": write_time(message.sent_at)}
        if message.is_over(now + skew):
            tree["inbox"]["dropped"] += 1
            continue
        try:
            events += _applied(tree, message, now, skew)
        except (MessageRefused, ValueError, TypeError, KeyError) as error:
            # the hub has signed it, so it may be of a newer form than this box knows: nothing behind it may wait for that
            tree["inbox"]["dropped"] += 1
            log.error("message %d of the hub is not understood: %s", message.number, error)
    _forget_old(tree, now)
    return Intake(tuple(events))


def _applied(tree: dict, message: Message, now: dt.datetime, skew: dt.timedelta) -> list[Event]:
    match message.kind:
        case Kind.NOTICE:
            return _noticed(tree, message, to_notice(message.body), now, skew)
        case Kind.WITHDRAW:
            return _withdrawn(tree, str(message.body["notice"]), int(message.body["revision"]))
        case Kind.SETTINGS:
            return _set(tree, message)


def _noticed(tree: dict, message: Message, body: NoticeBody, now: dt.datetime, skew: dt.timedelta) -> list[Event]:
    known = tree["notices"].get(body.notice)
    if known is not None and known["revision"] >= body.revision:
        return []
    ends = message.expires_at and (message.expires_at - skew).isoformat()
    tree["notices"][body.notice] = to_plain(body) | {"sent_at": (message.sent_at - skew).isoformat(), "expires_at": ends, "steps": [],
                                                     "times_told": 0, "told_at": None, "came": False}
    outbox.add(tree, Receipt(0, body.notice, body.revision, Step.DELIVERED, now))
    return [NoticeArrived(body.notice)]


def _withdrawn(tree: dict, notice_id: str, revision: int) -> list[Event]:
    known = tree["notices"].get(notice_id)
    if known is None or known["revision"] > revision:
        return []
    del tree["notices"][notice_id]
    return [NoticeWithdrawn(notice_id)]


def _set(tree: dict, message: Message) -> list[Event]:
    body = dict(message.body)
    if "volume" in body:
        tree["volume"] = max(0, min(100, int(body["volume"])))
    tree["settings"] = tree["settings"] | body
    return [VillageSet()]


def note(tree: dict, notice_id: str, revision: int, step: NoticeStep, now: dt.datetime, answer: str = "") -> None:
    """A notice has come so far; ``now`` in UTC. What has been withdrawn or worded anew meanwhile is not meant."""
    notice = tree["notices"].get(notice_id)
    if notice is None or notice["revision"] != revision:
        return
    if step in (NoticeStep.TOLD, NoticeStep.PLAYING):
        notice["times_told"] += 1
        notice["told_at"] = now.isoformat()
    new = step.value not in notice["steps"]
    if new:
        notice["steps"].append(step.value)
    if step is not NoticeStep.TOLD and (new or step in _LAST_COUNTS):
        outbox.add(tree, Receipt(0, notice_id, revision, Step(step.value), now, answer))


def recording_came(tree: dict, sha256: str) -> None:
    """It is on this box: what has been said of its notices meanwhile was not what they say. Once, however often it has to be fetched."""
    for notice in waits_for(tree, sha256):
        notice |= {"came": True, "told_at": None, "times_told": 0}


def waits_for(tree: dict, sha256: str) -> list[dict]:
    """Notices whose recording this is, and that have not had it yet."""
    return [notice for notice in tree["notices"].values() if notice.get("audio_sha256") == sha256 and not notice["came"]]


_LAST_COUNTS = (NoticeStep.INTERRUPTED, NoticeStep.ANSWERED)


def _forget_old(tree: dict, now: dt.datetime) -> None:
    def is_of_use(notice: dict) -> bool:
        ends = notice["expires_at"] and dt.datetime.fromisoformat(notice["expires_at"])
        return now - dt.datetime.fromisoformat(notice["sent_at"]) < KEPT and (not ends or now - ends < KEPT_WHEN_OVER)

    newest = sorted(tree["notices"].items(), key=lambda item: item[1]["sent_at"], reverse=True)[:MOST_KEPT]
    tree["notices"] = {notice_id: notice for notice_id, notice in newest if is_of_use(notice)}
