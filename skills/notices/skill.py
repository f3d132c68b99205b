"""``notices.*``: the village's notices, read when they are asked for, and what is answered when one has been read."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from assistant.commands import AskToJoin, NoteNotice, NoticeStep
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import NOTICE_ANSWERED, NOTICE_ASKED, NOTICE_READ, NOTICES_OFFERED, Expectation, Notice, Reply, World
from skills.replies import load_replies

REPLIES = load_replies("skills.notices")

AT_A_TIME = 3
"""More at once nobody can hold."""
JUST_HEARD = dt.timedelta(hours=1)
"""知道了 without a question means a notice that was read so long ago at most."""

CLEARLY_SAID = 0.55
"""Confidence of a yes or of thanks in place of 知道了: somebody who goes on talking to others has confirmed nothing."""


def read(intent: Intent, world: World) -> Reply:
    """Slots: category (words that the notice is about), date (the day on which it came; of days to come none is left out)."""
    if not world.village:
        return Reply(REPLIES.say("not_joined", world.turn), commands=(AskToJoin(),))
    found = [notice for notice in _in_order(world.notices) if _is_about(notice, intent) and _is_of(notice, intent, world.now.date())]
    if not found:
        key = "none_about" if "category" in intent.slots else "none"
        return Reply(REPLIES.say(key, world.turn, category=intent.slots.get("category", "")), repeatable=False)
    some = found[:AT_A_TIME]
    lead = REPLIES.say("one" if len(some) == 1 else "some", world.turn, how_many=spoken.count(len(some), "条"))
    return Reply(lead, reads=_ids(some))


def _in_order(notices: Sequence[Notice]) -> list[Notice]:
    """Unheard ones first, then the newest."""
    return sorted(reversed(notices), key=lambda notice: notice.is_heard)


def _is_about(notice: Notice, intent: Intent) -> bool:
    about = str(intent.slots.get("category", ""))
    return about in f"{notice.category} {notice.title} {notice.text}"


def _is_of(notice: Notice, intent: Intent, today: dt.date) -> bool:
    """明天停不停水 asks for what a notice says of tomorrow, so it may have come on any day."""
    if "date" not in intent.slots:
        return True
    day = dt.date.fromisoformat(str(intent.slots["date"]))
    return day > today or notice.sent_at.date() == day


def _ids(notices: Sequence[Notice]) -> tuple[str, ...]:
    return tuple(notice.notice_id for notice in notices)


def confirm(intent: Intent, world: World) -> Reply:
    """知道了 after the exchange: the last notice that was read."""
    heard = [notice for notice in world.notices if NoticeStep.HEARD in notice.steps and not notice.is_settled
             and notice.told_at is not None and dt.timedelta(0) <= world.now - notice.told_at < JUST_HEARD]
    if not heard:
        return Reply(REPLIES.say("acknowledged", world.turn), repeatable=False)
    last = max(heard, key=lambda notice: notice.told_at)
    return Reply(REPLIES.say("confirmed", world.turn), commands=(NoteNotice(last.notice_id, last.revision, NoticeStep.CONFIRMED),), repeatable=False)


def offered(intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
    """Whether somebody wants to hear what is new."""
    if intent.name in ("dialog.no", "dialog.cancel"):
        return Reply(REPLIES.say("later", world.turn), repeatable=False, goes_to_sleep=True)
    return Reply(REPLIES.say("begin", world.turn), reads=tuple(data["ids"]))


def was_read(intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
    """What was said when a notice had been read twice."""
    left = tuple(data["left"])
    if intent.name == "dialog.repeat":
        return Reply(REPLIES.say("again", world.turn), reads=(str(data["id"]), *left))
    if intent.name in ("dialog.cancel", "device.sleep"):
        return Reply(REPLIES.say("acknowledged", world.turn), repeatable=False, goes_to_sleep=True)
    if intent.name == "dialog.no":
        return Reply(REPLIES.say("not_clear", world.turn), expects=Expectation(_CLEARER, NOTICE_READ, data), repeatable=False)
    if intent.name != "notices.confirm" and intent.confidence < CLEARLY_SAID:
        return Reply(REPLIES.say("say_so", world.turn), expects=Expectation(_CLEARER, NOTICE_READ, data), repeatable=False)
    return _noted("confirmed", NoteNotice(str(data["id"]), int(data["revision"]), NoticeStep.CONFIRMED), left, world)


_CLEARER = ("dialog.yes", "dialog.repeat", "notices.confirm", "dialog.cancel")


def answered(intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
    """Whether the answer was understood as it was meant."""
    if intent.name in ("dialog.no", "dialog.cancel"):
        question = Expectation(("dialog.yes", "dialog.no", "dialog.repeat"), NOTICE_ASKED, {name: data[name] for name in data if name != "answer"})
        return Reply(str(data["text"]), expects=question, repeatable=False)
    noted = NoteNotice(str(data["id"]), int(data["revision"]), NoticeStep.ANSWERED, str(data["answer"]))
    return _noted("answered", noted, tuple(data["left"]), world)


def _noted(key: str, noted: NoteNotice, left: tuple[str, ...], world: World) -> Reply:
    text = REPLIES.say(key, world.turn) + (REPLIES.say("next", world.turn) if left else "")
    return Reply(text, commands=(noted,), reads=left, repeatable=False, goes_to_sleep=not left)


HANDLERS = {"notices.read": read, "notices.confirm": confirm}
ANSWERS = {NOTICES_OFFERED: offered, NOTICE_READ: was_read, NOTICE_ANSWERED: answered}
