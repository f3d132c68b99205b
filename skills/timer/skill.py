"""``timer.create``, which asks for the minutes when they were not said, and the words of a ringing timer."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from assistant.commands import Card, DismissTimer, StartTimer
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import Expectation, Reply, World, ask_for
from skills.replies import load_replies
from skills.timer import playing_on

REPLIES = load_replies("skills.timer")

RANG = "timer.rang"
"""Topic under which the dialogue asks for the words of a timer that is due."""
LONGEST_MINUTES = 24 * 60
_LATE_S = 60
_HEARD_IT = (
    "notices.confirm", "dialog.yes", "dialog.no", "dialog.thanks", "dialog.cancel", "media.stop", "media.pause",
    "volume.mute", "device.sleep",
)


def create(intent: Intent, world: World) -> Reply:
    """Slot: in_minutes, 1..1440; asks for it when it was not said. Rings, or ends what plays, as the words say."""
    if "in_minutes" not in intent.slots:
        return _asked("ask_minutes", intent, world)
    minutes = int(intent.slots["in_minutes"])
    if minutes < 1:
        return _asked("too_short", intent, world)
    if minutes > LONGEST_MINUTES:
        return _asked("too_long", intent, world)
    if playing_on.is_meant(intent):
        return playing_on.stop_after(minutes, world, REPLIES)
    return _started(minutes, world)


def _asked(key: str, intent: Intent, world: World) -> Reply:
    return Reply(REPLIES.say(key, world.turn), expects=ask_for(intent, "in_minutes"), repeatable=False)


def rang(intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
    """What to say when a timer is due. Slots: label (its length in words), late_s (how late it rings, seconds)."""
    length, late_s = str(intent.slots["label"]), int(intent.slots.get("late_s", 0))
    if late_s >= _LATE_S:
        text = REPLIES.say("ring_late", world.turn, length=length, late=spoken.duration(late_s // 60))
    else:
        text = REPLIES.say("ring", world.turn, length=length)
    return Reply(text, card=Card("timer", f"{length}到了", ("说“知道了”就停",)), expects=Expectation(_HEARD_IT, RANG))


def _started(minutes: int, world: World) -> Reply:
    due = world.now + dt.timedelta(minutes=minutes)
    length = spoken.duration(minutes)
    fields = {"length": length, "due": _due(due, world.now)}
    if world.timers:
        text = REPLIES.say(
            "set_another", world.turn, how_many=spoken.count(len(world.timers) + 1, "个"), **fields
        )
    else:
        text = REPLIES.say("set", world.turn, **fields)
    lines = tuple(f"{t.label} {t.due:%H:%M}" for t in world.timers) + (f"{length} {due:%H:%M}",)
    order = StartTimer(_unused_id(world), due, length)
    card = Card("timer", f"{length}", lines, data={"due": due.isoformat()})
    return Reply(text, card=card, commands=(order,), undo=(DismissTimer(order.timer_id),))


def _due(due: dt.datetime, now: dt.datetime) -> str:
    """With the day when it is not today's."""
    day = "" if due.date() == now.date() else spoken.day_name(due.date(), now.date())
    return day + spoken.clock_time(due)


def _unused_id(world: World) -> str:
    taken = {timer.timer_id for timer in world.timers}
    stem = f"timer-{world.now:%Y%m%dT%H%M%S}"
    return next(name for n in range(len(taken) + 1) if (name := f"{stem}-{n}") not in taken)


HANDLERS = {"timer.create": create}
ANSWERS = {RANG: rang}
