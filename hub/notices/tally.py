"""What was answered, day by day, to a notice that repeats."""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.db.tables import Box, Household, Notice, NoticeReceipt
from hub.notices.words import State

MOST_TIMES = 62
"""Two months of days."""


@dataclass(frozen=True, slots=True)
class Time:
    """One time it went out. ``answers``: each choice and how many homes gave it; ``by_home`` the last one of each home."""

    notice: Notice
    homes: frozenset[str]
    """That were meant."""
    answers: tuple[tuple[str, int], ...]
    by_home: dict[str, str]

    @property
    def unanswered(self) -> int:
        return len(self.homes) - len(self.by_home)

    def count(self, choice: str) -> int:
        """How many homes have given it."""
        return dict(self.answers).get(choice, 0)


def times(work: Session, plan: Notice, most: int = MOST_TIMES) -> list[Time]:
    """The latest first."""
    sent = work.scalars(select(Notice).where(Notice.village_id == plan.village_id, Notice.plan_id == plan.id,
                                             Notice.state.in_((State.SENT, State.WITHDRAWN)))
                        .order_by(Notice.sent_at.desc(), Notice.id.desc()).limit(most)).all()
    home = func.coalesce(Box.household_id, Box.id)
    reached: dict[str, set[str]] = defaultdict(set)
    given: dict[str, dict[str, str]] = defaultdict(dict)
    for notice_id, home_id, answered_at, answer in work.execute(
            select(NoticeReceipt.notice_id, home, NoticeReceipt.answered_at, NoticeReceipt.answer)
            .join(Box, (Box.village_id == NoticeReceipt.village_id) & (Box.id == NoticeReceipt.box_id))
            .where(NoticeReceipt.village_id == plan.village_id, NoticeReceipt.notice_id.in_([notice.id for notice in sent]))
            .order_by(NoticeReceipt.answered_at)):
        reached[notice_id].add(home_id)
        if answered_at is not None:
            given[notice_id][home_id] = answer
    there = set(work.scalars(select(Household.id).where(Household.village_id == plan.village_id)))
    return [_time(notice, reached[notice.id] | there.intersection(notice.missing), given[notice.id]) for notice in sent]


def _time(notice: Notice, homes: set[str], by_home: dict[str, str]) -> Time:
    counts = Counter(by_home.values())
    return Time(notice, frozenset(homes), tuple((choice, counts[choice]) for choice in notice.choices), by_home)


def choices(found: Sequence[Time]) -> tuple[str, ...]:
    """All that there were: a correction may have changed them."""
    return tuple(dict.fromkeys(choice for time in found for choice, _ in time.answers))
