"""What is on the board: notices that everybody was sent and that still hold, and nothing that is meant for a home."""
from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.board import almanac, switch
from hub.board.almanac import Today
from hub.board.weather import Day, Outlook, Weather
from hub.db.tables import Board, Notice, Village
from hub.notices import targets
from hub.notices.targets import Scope
from hub.notices.words import Category, Priority, State

MOST = 12
_LOOKED_THROUGH = 200
LASTS = dt.timedelta(days=14)
"""What has no expiry of its own is news for so long."""
_RANK = {Priority.URGENT: 0, Priority.IMPORTANT: 1, Priority.ORDINARY: 2}


@dataclass(frozen=True, slots=True)
class Item:
    """Without who wrote it."""

    id: str
    title: str
    text: str
    category: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Shown:
    """``weather`` begins with today; empty where there is none, or none that is new enough."""

    village: str
    clock_minutes: int
    """How far the village's clocks are ahead of UTC."""
    today: Today
    notices: tuple[Item, ...]
    activities: tuple[Item, ...]
    weather: tuple[Day, ...]
    has_place: bool
    forecast_at: str
    digest: str
    """Of all that can be seen."""


def shown(work: Session, board: Board, weather: Weather, now: dt.datetime) -> Shown:
    village = work.get_one(Village, board.village_id)
    local = now.astimezone(ZoneInfo(village.zone))
    place = switch.place_of(board)
    outlook: Outlook | None = weather.of(place) if place else None
    items = for_all(work, village.id, now)
    activities = tuple(item for item in items if item.category == Category.ACTIVITY and item.priority != Priority.URGENT)
    notices = tuple(item for item in items if item not in activities)
    days = outlook.since(local.date()) if outlook else ()
    forecast_at = f"{outlook.fetched.astimezone(local.tzinfo):%H:%M}" if outlook else ""
    seen = (village.name, int(local.utcoffset().total_seconds() // 60), almanac.today(local), notices, activities, days, place is not None)
    return Shown(*seen, forecast_at, hashlib.sha256(repr(seen).encode()).hexdigest()[:16])


def for_all(work: Session, village_id: str, now: dt.datetime) -> tuple[Item, ...]:
    """The most pressing first, then the newest. What is asked again and again (每天问一声身体怎么样) is talk with a home."""
    found = work.scalars(
        select(Notice).where(Notice.village_id == village_id, Notice.state == State.SENT, Notice.sent_at <= now,
                             or_(Notice.expires_at > now, Notice.expires_at.is_(None) & (Notice.sent_at > now - LASTS)))
        .order_by(Notice.sent_at.desc(), Notice.id.desc()).limit(_LOOKED_THROUGH))
    public = [notice for notice in found if targets.from_plain(notice.targets).scope is Scope.EVERYBODY and not (notice.plan_id and notice.question)]
    items = [Item(notice.id, notice.title, notice.text, notice.category, Priority(notice.priority)) for notice in public]
    return tuple(sorted(items, key=lambda item: _RANK[item.priority])[:MOST])
