"""The notices that there are, and what has become of each."""
from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.db.tables import Notice, Staff
from hub.errors import NotFound
from hub.notices import drafts, following, sending, tally, targets
from hub.notices.reach import ageless, reach
from hub.notices.schedule import Repeat
from hub.notices.standing import Figures, Show, Standing, figures, percent
from hub.notices.words import Priority, State
from hub.pages.look import local, onward, page, written
from hub.pages.notice_form import known
from hub.pages.visit import parts_of, visiting

router = APIRouter(prefix="/notices", include_in_schema=False)
Looking = Annotated[Visitor, Depends(visiting(May.LOOK))]

YOUNG = dt.timedelta(hours=2)
"""So long figures come by themselves; later somebody who wants them can load the page anew."""
_ID = re.compile("[0-9a-z]{18}")
GONE_OUT = (State.SENT, State.WITHDRAWN)


def notice_id(notice_id: str) -> str:
    """Raises NotFound for what cannot be one: PostgreSQL does not take every letter."""
    if not _ID.fullmatch(notice_id):
        raise NotFound("no identity")
    return notice_id


Which = Annotated[str, Depends(notice_id)]


@dataclass(frozen=True, slots=True)
class Progress:
    """What the page shows of one that has gone out, and all that it depends on in ``digest``."""

    standings: list[Standing]
    figures: Figures
    now: dt.datetime
    is_live: bool
    digest: str


def progress(work: Session, notice: Notice, now: dt.datetime) -> Progress:
    found = following.standings(work, notice, now)
    is_live = notice.state == State.SENT and now - notice.sent_at < YOUNG
    shown = [(standing.home_id, standing.name, standing.stage(now), standing.steps, standing.answer) for standing in found]
    digest = hashlib.sha256(repr((notice.state, notice.revision, is_live, shown)).encode()).hexdigest()[:16]
    return Progress(found, figures(found, notice.choices), now, is_live, digest)


def gone_out(work: Session, village_id: str, notice_id: str) -> Notice:
    """Raises NotFound: also where nobody has been sent it yet."""
    notice = drafts.one(work, village_id, notice_id)
    if notice.state not in GONE_OUT or notice.sent_at is None or notice.repeat:
        raise NotFound(f"{notice_id} has not gone out")
    return notice


@router.get("")
def index(request: Request, visitor: Looking, before: str = "") -> Response:
    parts = parts_of(request)
    if before and not _ID.fullmatch(before):
        raise NotFound("no identity")
    with parts.database.read() as work:
        waiting = [] if before else following.listed(work, visitor.village_id, (State.SCHEDULED,))
        begun = [] if before else following.listed(work, visitor.village_id, (State.DRAFT,))
        sent = following.listed(work, visitor.village_id, (State.SENT, State.WITHDRAWN, State.OVER, State.MISSED), before)
    return page(request, "notices.html", visitor, waiting=waiting, begun=begun, sent=sent, now=parts.now(), percent=percent, State=State,
                Repeat=Repeat, Priority=Priority, more=sent[-1].notice.id if len(sent) == following.PAGE else "", before=before)


@router.get("/{notice_id}")
def one(request: Request, visitor: Looking, notice_id: Which, show: Show = Show.ALL) -> Response:
    parts, now = parts_of(request), parts_of(request).now()
    with parts.database.read() as work:
        notice = drafts.one(work, visitor.village_id, notice_id)
        if notice.state not in GONE_OUT or notice.sent_at is None or notice.repeat:
            return not_sent(request, visitor, work, notice)
        return page(request, "notice.html", visitor, plan=sending.plan_of(work, notice), **told(work, visitor, notice, now),
                    **_table(work, visitor, notice, now, show))


@router.get("/{notice_id}/figures")
def live(request: Request, visitor: Looking, notice_id: Which, show: Show = Show.ALL, seen: str = "") -> Response:
    """The part of the page that changes by itself; nothing where it is as it was ``seen``."""
    parts, now = parts_of(request), parts_of(request).now()
    with parts.database.read() as work:
        notice = gone_out(work, visitor.village_id, notice_id)
        values = _table(work, visitor, notice, now, show)
    if seen == values["progress"].digest:
        return Response(status_code=204)
    return page(request, "notice_figures.html", visitor, notice=notice, **values)


def _on_paper(moment: dt.datetime, zone: str) -> str:
    """There “today” soon means another day."""
    at = local(moment, zone)
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def _table(work: Session, visitor: Visitor, notice: Notice, now: dt.datetime, show: Show) -> dict[str, object]:
    found = progress(work, notice, now)
    rows = [standing for standing in found.standings if standing.is_of(show)]
    return {"progress": found, "rows": rows, "show": show, "Show": Show, "percent": percent, "now": now,
            "when": lambda at: written(at, visitor.zone, now),
            "counts": {one: sum(standing.is_of(one) for standing in found.standings) for one in Show},
            "grids": following.grids(work, notice.village_id)}


def told(work: Session, visitor: Visitor, notice: Notice, now: dt.datetime) -> dict[str, object]:
    """What every page says of a notice."""
    there = known(work, visitor.village_id)
    grids = {grid: name for grid, (name, _) in there.grids.items()}
    return {"notice": notice, "author": work.get_one(Staff, notice.author_id).name, "priority": Priority(notice.priority),
            "state": State(notice.state), "repeat": Repeat(notice.repeat), "State": State,
            "meant": targets.shown(targets.from_plain(notice.targets), grids, there.homes)}


def not_sent(request: Request, visitor: Visitor, work: Session, notice: Notice, wrong: str = "") -> Response:
    """A draft, one that waits for its time, or one that will not go out any more."""
    now = parts_of(request).now()
    meant = targets.from_plain(notice.targets)
    times = following.listed(work, visitor.village_id, GONE_OUT, plan_id=notice.id)
    days = tally.times(work, notice, following.PAGE) if notice.question and times else []
    return page(request, "notice_preview.html", visitor, status=400 if wrong else 200, wrong=wrong, now=now, times=times, percent=percent,
                days=days, asked=tally.choices(days),
                seen=drafts.fingerprint(notice), ageless=ageless(work, visitor.village_id) if meant.by_age else 0,
                reach=reach(work, visitor.village_id, meant, now), **told(work, visitor, notice, now))


@router.get("/{notice_id}/print")
def printed(request: Request, visitor: Looking, notice_id: Which) -> Response:
    parts, now = parts_of(request), parts_of(request).now()
    with parts.database.read() as work:
        notice = gone_out(work, visitor.village_id, notice_id)
        table = _table(work, visitor, notice, now, Show.ALL) | {"when": lambda at: _on_paper(at, visitor.zone)}
        return page(request, "notice_print.html", visitor, **told(work, visitor, notice, now), **table)


@router.get("/{notice_id}/visits")
def visits(request: Request, visitor: Looking, notice_id: Which) -> Response:
    """Whom to go to: who has not heard it, and, of an urgent one, who has not said so."""
    parts, now = parts_of(request), parts_of(request).now()
    with parts.database.read() as work:
        notice = gone_out(work, visitor.village_id, notice_id)
        unreached = [standing for standing in following.standings(work, notice, now)
                     if not standing.heard or (notice.priority == Priority.URGENT and not standing.confirmed)]
        return page(request, "notice_visits.html", visitor, now=now, count=len(unreached), year=local(now, visitor.zone).year,
                    rounds=following.rounds(work, visitor.village_id, unreached), **told(work, visitor, notice, now))


def to(request: Request, notice_id: str) -> Response:
    return onward(request, f"/notices/{notice_id}")
