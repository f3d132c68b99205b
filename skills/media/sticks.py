"""What is said of a stick that has been plugged in: how much there is on it, and of what sorts, as much as an ear can hold; and of one
that has been pulled out, when somebody asks for what was on it. Pure."""
from __future__ import annotations

import os
from collections.abc import Mapping

from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import Programme, Reply, World
from skills.media.begin import REPLIES, SAYING

SORTS = 2


def read(intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
    """``data["places"]`` are the folders where the sticks are; all that is on them is said together."""
    below = tuple(f"{place}{os.sep}" for place in data["places"])
    programmes = tuple(programme for programme in world.programmes if programme.file.startswith(below))
    if not programmes:
        text = REPLIES.say("stick_empty", world.turn)
    elif _is_sorted(programmes):
        text = REPLIES.say("stick", world.turn, number=about(len(programmes)), sorts=SAYING.sorts(programmes, SORTS))
    else:
        text = REPLIES.say("stick_any", world.turn, number=about(len(programmes)))
    return Reply(text)


def is_out(programme: Programme, world: World) -> bool:
    """It was there once and is there no more: a file that is gone lay on a stick, as a rule."""
    return not programme.is_remote and all(one.file != programme.file for one in world.programmes)


def out(programme: Programme, world: World) -> Reply:
    return Reply(REPLIES.say("stick_out", world.turn, what=SAYING.work(programme)), repeatable=False)


def _is_sorted(programmes: tuple[Programme, ...]) -> bool:
    return any(programme.genre or programme.kind for programme in programmes)


def about(number: int) -> str:
    """Two figures at most: 52 -> 五十二段, 347 -> 三百四十多段, 2345 -> 两千三百多段."""
    size = 10 ** max(0, len(str(number)) - 2)
    whole = number - number % size
    said = spoken.count(whole, "段" if whole == number else "多段")
    return f"两{said[1:]}" if said.startswith(("二千", "二万")) else said

