"""Programs are told what became of their notices: https://www.standardwebhooks.com, signed, tried again until it is taken."""
from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import requests
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from hub.again import TAKEN_FOR, next_try
from hub.db.columns import new_id
from hub.db.engine import Database
from hub.db.tables import ApiToken, Box, Notice, WebhookCall
from hub.messages import Receipt, Step

log = logging.getLogger(__name__)

TOLD = (Step.HEARD, Step.CONFIRMED, Step.ANSWERED)
LOOKS_EVERY_S = 2.0
TIMEOUT_S = 10.0
AT_ONCE = 16
_LONGEST = WebhookCall.wrong.type.length


def put(work: Session, receipts: Sequence[tuple[str, str, Receipt]], now: dt.datetime) -> None:
    """``receipts`` are villages, boxes and what they say that has just been taken: of what a program sent it is told."""
    meant = [one for one in receipts if one[2].step in TOLD]
    if not meant:
        return
    ids, villages = {receipt.notice for _, _, receipt in meant}, {village_id for village_id, _, _ in meant}
    tokens = {(notice.village_id, notice.id): notice for notice in work.execute(
        select(Notice.village_id, Notice.id, Notice.revision, Notice.token_id).join(
            ApiToken, (ApiToken.village_id == Notice.village_id) & (ApiToken.id == Notice.token_id)).where(
            Notice.village_id.in_(villages), Notice.id.in_(ids), ApiToken.webhook != "", ApiToken.revoked_at.is_(None)))}
    for place, (village_id, box_id, receipt) in enumerate(meant):
        notice = tokens.get((village_id, receipt.notice))
        if notice is not None and notice.revision == receipt.revision:
            home = work.scalar(select(Box.household_id).where(Box.village_id == village_id, Box.id == box_id))
            body = {"type": f"notice.{receipt.step}", "timestamp": now.isoformat(),
                    "data": {"notice": notice.id, "home": home, "answer": receipt.answer or None}}
            in_order = new_id(now + dt.timedelta(milliseconds=place))
            work.add(WebhookCall(village_id=village_id, id=in_order, token_id=notice.token_id, body=body, next_at=now))


@dataclass(frozen=True, slots=True)
class Due:
    """``tries`` before this one."""

    village_id: str
    id: str
    tries: int
    body: dict
    address: str
    secret: str


def take(work: Session, now: dt.datetime) -> list[Due]:
    """What is due, for this process alone. Looked for everywhere, and then taken village by village: what locks has one shard to go to."""
    is_due = (WebhookCall.next_at <= now, ApiToken.revoked_at.is_(None))
    of_token = (ApiToken.village_id == WebhookCall.village_id) & (ApiToken.id == WebhookCall.token_id)
    villages = work.scalars(select(WebhookCall.village_id).join(ApiToken, of_token).where(*is_due).group_by(WebhookCall.village_id)
                            .order_by(func.min(WebhookCall.next_at)).limit(AT_ONCE)).all()
    rows = []
    for village_id in villages:
        if len(rows) < AT_ONCE:
            rows += work.execute(
                select(WebhookCall, ApiToken.webhook, ApiToken.secret).join(ApiToken, of_token).where(WebhookCall.village_id == village_id, *is_due)
                .order_by(WebhookCall.next_at, WebhookCall.id).limit(AT_ONCE - len(rows)).with_for_update(of=WebhookCall, skip_locked=True)).all()
    for call, _, _ in rows:
        call.next_at = now + TAKEN_FOR
    return [Due(call.village_id, call.id, call.tries, call.body, address, secret) for call, address, secret in rows]


def tried(work: Session, due: Due, wrong: str | None, now: dt.datetime) -> None:
    """``wrong``: why it was not taken; None: it was."""
    work.execute(update(WebhookCall).where(WebhookCall.village_id == due.village_id, WebhookCall.id == due.id).values(
        tries=due.tries + 1, next_at=None if wrong is None else next_try(due.tries + 1, now), sent_at=now if wrong is None else None,
        wrong=(wrong or "")[:_LONGEST]))


def call(due: Due, now: dt.datetime) -> str | None:
    """Over the network, in a thread: None when it has been taken (any 2xx), else why not. Nobody is sent elsewhere."""
    text = json.dumps(due.body, ensure_ascii=False)
    headers = {"content-type": "application/json", "webhook-id": due.id, "webhook-timestamp": str(int(now.timestamp())),
               "webhook-signature": Webhook(due.secret).sign(due.id, now, text)}
    try:
        with requests.post(due.address, data=text.encode(), headers=headers, timeout=TIMEOUT_S, allow_redirects=False, stream=True) as answer:
            return None if answer.ok and not answer.is_redirect else f"HTTP {answer.status_code}"
    except requests.RequestException as error:
        return type(error).__name__


class Caller:
    """Several processes may have one."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._now = now

    def work(self) -> int:
        """Try all that is due; how much that was."""
        with self._database.write() as work:
            due = take(work, self._now())
        for one in due:
            wrong = call(one, self._now())
            if wrong is not None:
                log.warning("a program does not take call %s: %s", one.id, wrong)
            with self._database.write() as work:
                tried(work, one, wrong, self._now())
        return len(due)
