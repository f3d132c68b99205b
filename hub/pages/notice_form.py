"""The form in which a notice is written: what was typed is kept as it is until it can go out."""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from hub.db.tables import Household, Notice, Resident, Template
from hub.errors import Refused
from hub.notices import targets
from hub.notices.drafts import Draft
from hub.notices.following import grids
from hub.notices.schedule import Repeat
from hub.notices.targets import Scope, Targets
from hub.notices.words import MOST_CHOICES, YES_OR_NO, Priority, Words, words
from hub.pages.look import local

LASTS = dt.timedelta(days=7)
"""What the form offers as its expiry; at this hour in the evening."""
ENDS_AT = 20
TYPED = "%Y-%m-%dT%H:%M"
"""As browsers send a time: https://html.spec.whatwg.org/#local-dates-and-times."""
MOST_TYPED = 20_000
"""Letters of one field that are shown again."""
_ID = re.compile("[0-9a-z]{18}")


@dataclass(frozen=True, slots=True)
class Known:
    """Whom one can choose: names by identity, homes of each grid, tags."""

    grids: dict[str, tuple[str, str]]
    homes: dict[str, str]
    by_grid: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    tags: tuple[str, ...]


def known(work: Session, village_id: str) -> Known:
    named = grids(work, village_id)
    rows = work.execute(select(Household.id, Household.name, Household.grid_id).where(Household.village_id == village_id)
                        .order_by(Household.name, Household.id)).all()
    tags = {tag for some in work.scalars(select(Resident.tags).where(Resident.village_id == village_id)) for tag in some}
    grouped = tuple((named[grid][0] if grid else "没有分网格", homes) for grid in (*named, None)
                    if (homes := tuple((row.id, row.name) for row in rows if row.grid_id == grid)))
    return Known(named, {row.id: row.name for row in rows}, grouped, tuple(sorted(tags)))


@dataclass(frozen=True, slots=True)
class Given:
    """The fields as a person sees them. ``asks``: nothing, ``yes-no`` or ``own``; ``when``: ``now`` or ``at``."""

    title: str = ""
    text: str = ""
    category: str = ""
    priority: str = Priority.ORDINARY
    asks: str = ""
    question: str = ""
    choices: tuple[str, ...] = ("",) * MOST_CHOICES
    when: str = "now"
    send_at: str = ""
    repeat: str = Repeat.NEVER
    expires_at: str = ""
    scope: str = Scope.EVERYBODY
    grids: frozenset[str] = frozenset()
    age_from: str = ""
    age_to: str = ""
    tags: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()
    audio: str = ""
    picture: str = ""
    """Identities of the recording and of the picture that the hub has already."""


def fresh(template: Template | None, now: dt.datetime, zone: str) -> Given:
    """An empty form, or one that begins from a template."""
    ends = local(now + LASTS, zone).replace(hour=ENDS_AT, minute=0).strftime(TYPED)
    if template is None:
        return Given(expires_at=ends)
    return Given(template.title, template.text, template.category, template.priority, *_asked(template.question, template.choices),
                 repeat=template.repeat, expires_at=ends)


def _asked(question: str, choices: Sequence[str]) -> tuple[str, str, tuple[str, ...]]:
    """As the form shows it: which sort of question, its words, the answers of its own."""
    own = bool(question) and tuple(choices) != YES_OR_NO
    return "own" if own else "yes-no" if question else "", question, (((*choices,) if own else ()) + ("",) * MOST_CHOICES)[:MOST_CHOICES]


def typed(form: FormData) -> Given:
    """Files among it are not meant."""
    def one(name: str) -> str:
        value = form.get(name, "")
        return value[:MOST_TYPED] if isinstance(value, str) else ""

    def several(name: str) -> tuple[str, ...]:
        return tuple(value[:MOST_TYPED] for value in form.getlist(name) if isinstance(value, str))

    plain = {name: one(name) for name in ("title", "text", "category", "priority", "asks", "question", "when", "send_at", "repeat", "expires_at",
                                          "scope", "age_from", "age_to")}
    choices = (several("choices") + ("",) * MOST_CHOICES)[:MOST_CHOICES]
    kept = {name: one(name) if _ID.fullmatch(one(name)) else "" for name in ("audio", "picture")}
    return Given(**plain, choices=choices, **kept, **{name: frozenset(several(name)) for name in ("grids", "tags", "homes")})


def written(notice: Notice, zone: str) -> Given:
    """A notice, to be changed."""
    meant = targets.from_plain(notice.targets)
    return Given(notice.title, notice.text, notice.category, notice.priority, *_asked(notice.question, notice.choices),
                 "at" if notice.send_at else "now", _typed(notice.send_at, zone), notice.repeat, _typed(notice.expires_at, zone), meant.scope,
                 meant.grids, _number(meant.age_from), _number(meant.age_to), meant.tags, meant.homes,
                 notice.audio_id or "", notice.picture_id or "")


def read(given: Given, known: Known, zone: str) -> Draft:
    """Raises Refused. Of grids, tags and homes those count that the village has."""
    repeat = Repeat(given.repeat) if given.repeat in set(Repeat) else Repeat.NEVER
    send_at = _moment(given.send_at, "发出时间", zone) if given.when == "at" else None
    if given.when == "at" and send_at is None:
        raise Refused("请填什么时候发")
    return Draft(read_words(given), _targets(given, known), send_at, repeat, read_expiry(given, zone))


def read_words(given: Given) -> Words:
    """Raises Refused."""
    choices = YES_OR_NO if given.asks == "yes-no" else given.choices
    if given.asks and not given.question.strip():
        raise Refused("问题还没有写")
    return words(given.title, given.text, given.category, given.priority, given.question if given.asks else "", choices,
                 given.audio or None, given.picture or None)


def read_expiry(given: Given, zone: str) -> dt.datetime | None:
    """Raises Refused."""
    return _moment(given.expires_at, "有效期", zone)


def _targets(given: Given, known: Known) -> Targets:
    if given.scope not in set(Scope):
        raise Refused("请选发给谁")
    if given.scope == Scope.EVERYBODY:
        return Targets()
    return Targets(Scope.SOME, given.grids & known.grids.keys(), _age(given.age_from), _age(given.age_to), given.tags & set(known.tags),
                   given.homes & known.homes.keys())


def _age(typed: str) -> int | None:
    typed = typed.strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 3):
        raise Refused("年龄请填数字")
    return int(typed)


def _moment(typed: str, name: str, zone: str) -> dt.datetime | None:
    """By the village's clocks. Browsers leave the seconds out, or not."""
    if not typed.strip():
        return None
    try:
        moment = dt.datetime.fromisoformat(typed.strip())
    except ValueError as error:
        raise Refused(f"{name}看不懂，请重新选") from error
    if moment.tzinfo is not None or not 2000 <= moment.year < 2100:
        raise Refused(f"{name}看不懂，请重新选")
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def _typed(moment: dt.datetime | None, zone: str) -> str:
    return local(moment, zone).strftime(TYPED) if moment else ""


def _number(age: int | None) -> str:
    return "" if age is None else str(age)
