"""Notices that nobody has been sent yet, and the templates from which they are begun."""
from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.db.columns import new_id
from hub.db.tables import Notice, Template
from hub.errors import NotFound, Refused
from hub.notices import attachments, schedule, targets
from hub.notices.by import By
from hub.notices.schedule import Repeat
from hub.notices.targets import Targets
from hub.notices.words import Category, Priority, State, Words

MOST_TEMPLATES = 100
"""Of a village: with more, none is found any more."""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that is known of a notice before it goes out. ``send_at`` None: when it is told to."""

    words: Words
    targets: Targets
    send_at: dt.datetime | None
    repeat: Repeat
    expires_at: dt.datetime | None

    def check(self, now: dt.datetime) -> None:
        """Raises Refused."""
        targets.check(self.targets)
        schedule.check(self.send_at, self.repeat, self.expires_at, now)


def one(work: Session, village_id: str, notice_id: str) -> Notice:
    """Raises NotFound."""
    notice = work.get(Notice, (village_id, notice_id))
    if notice is None:
        raise NotFound(f"no notice {notice_id} in {village_id}")
    return notice


def words_of(notice: Notice) -> Words:
    return Words(notice.title, notice.text, Category(notice.category), Priority(notice.priority), notice.question, tuple(notice.choices),
                 notice.audio_id, notice.picture_id)


def columns(words: Words) -> dict[str, object]:
    """As the table of notices keeps it."""
    return {"title": words.title, "text": words.text, "category": words.category, "priority": words.priority, "question": words.question,
            "choices": list(words.choices), "audio_id": words.audio_id, "picture_id": words.picture_id}


def fingerprint(notice: Notice) -> str:
    """Differs where anything differs that a person decides about when sending it."""
    times = [moment and moment.timestamp() for moment in (notice.send_at, notice.expires_at)]
    decided = [columns(words_of(notice)), dict(notice.targets), notice.repeat, times]
    return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()[:16]


def hold_as_seen(work: Session, notice: Notice, seen: str) -> None:
    """Nobody changes it from now on until ``work`` is done. Raises Refused where a draft is no more what was ``seen`` (its fingerprint)."""
    work.refresh(notice, with_for_update=True)
    if notice.state == State.DRAFT and fingerprint(notice) != seen:
        raise Refused("这条通知刚被别人改过，请再看一遍再发")


def begin(work: Session, village_id: str, draft: Draft, by: By, now: dt.datetime) -> Notice:
    """A new draft. Raises Refused."""
    draft.check(now)
    attachments.hold(work, village_id, draft.words)
    notice = Notice(village_id=village_id, id=new_id(now), author_id=by.staff_id, state=State.DRAFT, created_at=now, missing=[],
                    **columns(draft.words), **_plan(draft))
    work.add(notice)
    by.note(work, village_id, now, "写通知", notice.title)
    return notice


def change(work: Session, notice: Notice, draft: Draft, by: By, now: dt.datetime) -> None:
    """Raises Refused: also where it is no draft any more."""
    draft.check(now)
    _hold_as_draft(work, notice)
    attachments.hold(work, notice.village_id, draft.words)
    before = words_of(notice)
    for name, value in (columns(draft.words) | _plan(draft)).items():
        setattr(notice, name, value)
    attachments.forget_unused(work, notice.village_id, before)
    by.note(work, notice.village_id, now, "改通知", notice.title)


def discard(work: Session, notice: Notice, by: By, now: dt.datetime) -> None:
    """Raises Refused."""
    _hold_as_draft(work, notice)
    work.delete(notice)
    attachments.forget_unused(work, notice.village_id, words_of(notice))
    by.note(work, notice.village_id, now, "删草稿", notice.title)


def _plan(draft: Draft) -> dict[str, object]:
    return {"targets": targets.to_plain(draft.targets), "send_at": draft.send_at, "repeat": draft.repeat, "expires_at": draft.expires_at}


def _hold_as_draft(work: Session, notice: Notice) -> None:
    """Nobody sends it from now on until ``work`` is done. Raises Refused where somebody has."""
    work.refresh(notice, with_for_update=True)
    if notice.state != State.DRAFT:
        raise Refused("这条已经不是草稿了")


def templates(work: Session, village_id: str) -> Sequence[Template]:
    return work.scalars(select(Template).where(Template.village_id == village_id).order_by(Template.title, Template.id)).all()


def template(work: Session, village_id: str, template_id: str) -> Template:
    """Raises NotFound."""
    found = work.get(Template, (village_id, template_id))
    if found is None:
        raise NotFound(f"no template {template_id} in {village_id}")
    return found


def keep_as_template(work: Session, notice: Notice, by: By, now: dt.datetime) -> Template:
    """One of the same title is replaced. Raises Refused."""
    known = {kept.title: kept for kept in templates(work, notice.village_id)}
    kept = known.get(notice.title)
    if kept is None:
        if len(known) >= MOST_TEMPLATES:
            raise Refused(f"模板最多{MOST_TEMPLATES}个，请先删掉不用的")
        kept = Template(village_id=notice.village_id, id=new_id(now), title=notice.title)
        work.add(kept)
    kept.text, kept.category, kept.priority = notice.text, notice.category, notice.priority
    kept.question, kept.choices, kept.repeat = notice.question, list(notice.choices), notice.repeat
    by.note(work, notice.village_id, now, "存模板", notice.title)
    return kept


def drop_template(work: Session, kept: Template, by: By, now: dt.datetime) -> None:
    work.delete(kept)
    by.note(work, kept.village_id, now, "删模板", kept.title)
