"""``volume.up``, ``volume.down``, ``volume.set`` and ``volume.mute``."""
from __future__ import annotations

from assistant.commands import Card, SetVolume
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import Expectation, Reply, World
from skills.replies import load_replies

REPLIES = load_replies("skills.volume")

STEP = 15
"""Of 100: smaller steps go unnoticed by the hard of hearing."""
QUIETEST = 10
BACK = 50
"""Loudness after silence."""


def up(intent: Intent, world: World) -> Reply:
    """One step louder; out of silence to a middling loudness."""
    if world.volume == 0:
        return _set(BACK, REPLIES.say("back", world.turn))
    if world.volume >= 100:
        return Reply(REPLIES.say("highest", world.turn), card=_card(100), repeatable=False)
    return _set(min(100, world.volume + STEP), REPLIES.say("up", world.turn))


def down(intent: Intent, world: World) -> Reply:
    """One step quieter, but never silent by accident."""
    if world.volume <= QUIETEST:
        return Reply(REPLIES.say("lowest", world.turn), card=_card(world.volume), repeatable=False)
    return _set(max(QUIETEST, world.volume - STEP), REPLIES.say("down", world.turn))


def set_level(intent: Intent, world: World) -> Reply:
    """Slot: level, 0..100; asks for the direction when it was not said."""
    if "level" not in intent.slots:
        expects = Expectation(("volume.set", "volume.up", "volume.down"), slots=("level",), wish=intent)
        card = Card("question", REPLIES.say("ask", world.turn), choices=("大点声", "小点声"))
        return Reply(REPLIES.say("ask", world.turn), card=card, expects=expects, repeatable=False)
    level = min(100, max(0, int(intent.slots["level"])))
    if level == 0:
        return mute(intent, world)
    return _set(level, REPLIES.say("set", world.turn, level=spoken.number(level)))


def mute(intent: Intent, world: World) -> Reply:
    """Silence; the way back is said and shown."""
    return _set(0, REPLIES.say("mute", world.turn))


def _set(level: int, text: str) -> Reply:
    return Reply(text, card=_card(level, text), commands=(SetVolume(level),), repeatable=False)


def _card(level: int, *lines: str) -> Card:
    return Card("volume", f"音量 {level}", lines, data={"level": level})


HANDLERS = {"volume.up": up, "volume.down": down, "volume.set": set_level, "volume.mute": mute}
