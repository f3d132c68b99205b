"""Honest answers to what is understood but not built yet. Each gives way as soon as a skill handles its intent."""
from __future__ import annotations

from assistant.commands import Card
from intents.model import Intent
from skills.api import Handler, Reply, World
from skills.replies import load_replies

REPLIES = load_replies("skills.notyet")


def call(intent: Intent, world: World) -> Reply:
    """Says who was meant and what to use instead."""
    who = intent.slots.get("contact")
    if who is None:
        return Reply(REPLIES.say("call_any", world.turn))
    return Reply(REPLIES.say("call", world.turn, who=who))


def sos(intent: Intent, world: World) -> Reply:
    """Nobody can be rung yet: says so first, then the two things that do help, and shows the number."""
    text = REPLIES.say("sos", world.turn)
    return Reply(text, card=Card("sos", "打 120", ("急救电话 120", "大声喊人，敲门敲墙", "我还不能替您打电话")))


def _plain(key: str) -> Handler:
    def handler(intent: Intent, world: World) -> Reply:
        return Reply(REPLIES.say(key, world.turn))

    return handler


FALLBACKS: dict[str, Handler] = {
    "call.request": call,
    **{f"call.{name}": _plain("no_call") for name in ("accept", "decline", "hangup")},
    "call.history": _plain("call_history"),
    "sos.trigger": sos,
    "sos.cancel": _plain("sos_cancel"),
    "reminder.create": _plain("reminder"),
    **{f"reminder.{name}": _plain("reminder_other") for name in ("list", "cancel", "snooze")},
    **{f"repair.{name}": _plain("repair") for name in ("report", "status")},
    **{f"activity.{name}": _plain("activity") for name in ("list", "join", "cancel")},
    **{f"message.{name}": _plain("message") for name in ("send", "play")},
}
