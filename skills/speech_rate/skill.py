"""``speech.slower`` and ``speech.faster``: the speed of the box's own voice."""
from __future__ import annotations

from assistant.commands import Card, SetSpeechRate
from intents.model import Intent
from skills.api import Reply, World
from skills.replies import load_replies

REPLIES = load_replies("skills.speech_rate")

STEP = 0.1
SLOWEST, FASTEST = 0.5, 1.3
"""The range of ``SetSpeechRate``."""


def slower(intent: Intent, world: World) -> Reply:
    """One step slower, down to half of a normal speaker."""
    if world.speech_rate <= SLOWEST:
        return Reply(REPLIES.say("slowest", world.turn), card=_card(world.speech_rate), repeatable=False)
    return _set(max(SLOWEST, world.speech_rate - STEP), REPLIES.say("slower", world.turn))


def faster(intent: Intent, world: World) -> Reply:
    """One step faster, up to 1.3 of a normal speaker."""
    if world.speech_rate >= FASTEST:
        return Reply(REPLIES.say("fastest", world.turn), card=_card(world.speech_rate), repeatable=False)
    return _set(min(FASTEST, world.speech_rate + STEP), REPLIES.say("faster", world.turn))


def _set(rate: float, text: str) -> Reply:
    rate = round(rate, 2)
    return Reply(text, card=_card(rate), commands=(SetSpeechRate(rate),), repeatable=False)


def _card(rate: float) -> Card:
    return Card("speech-rate", f"说话快慢 {round(rate * 100)}%", data={"rate": rate})


HANDLERS = {"speech.slower": slower, "speech.faster": faster}
