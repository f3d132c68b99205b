"""Small talk and steering: greeting, thanks, yes and no outside a question, repeat, and help by example."""
from __future__ import annotations

import datetime as dt

from assistant.commands import Card
from intents.model import Intent
from skills.api import Handler, Reply, World
from skills.replies import load_replies

REPLIES = load_replies("skills.conversation")

_AT_A_TIME = 2
_HOURS = ((5, "night"), (9, "morning"), (11, "forenoon"), (13, "noon"), (18, "afternoon"), (23, "evening"))


def help_by_example(intent: Intent, world: World) -> Reply:
    """Two things one can say, others every time."""
    examples = REPLIES.wordings("help_examples")
    start = world.turn * _AT_A_TIME % len(examples)
    first, second = examples[start:start + _AT_A_TIME]
    text = REPLIES.say("help", world.turn, first=first, second=second) + REPLIES.say("help_more", world.turn)
    return Reply(text, card=Card("help", "您可以说", tuple(f"“{e}”" for e in (first, second))))


def greeting(intent: Intent, world: World) -> Reply:
    """Greets by the time of the day."""
    return Reply(REPLIES.say("greeting", world.turn, hello=_hello(world.now)), repeatable=False)


def repeat(intent: Intent, world: World) -> Reply:
    """Says the last thing once more, word for word."""
    if not world.last_said:
        return Reply(REPLIES.say("nothing_to_repeat", world.turn), repeatable=False)
    return Reply(REPLIES.say("repeat", world.turn, last=world.last_said))


def _hello(now: dt.datetime) -> str:
    part = next((name for end, name in _HOURS if now.hour < end), "night")
    return REPLIES.word("hello", part)


def _short(key: str) -> Handler:
    def handler(intent: Intent, world: World) -> Reply:
        return Reply(REPLIES.say(key, world.turn), repeatable=False)

    return handler


HANDLERS: dict[str, Handler] = {
    "dialog.help": help_by_example,
    "dialog.greeting": greeting,
    "dialog.repeat": repeat,
    "dialog.thanks": _short("thanks"),
    "dialog.yes": _short("yes"),
    "dialog.no": _short("no"),
    "dialog.cancel": _short("cancel"),
}
