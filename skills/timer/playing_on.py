"""再听二十分钟就关了: a timer that ends what plays instead of ringing. Pure."""
from __future__ import annotations

import datetime as dt
import re

from assistant.commands import Card, KeepPlaying, StopMediaAt
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import Reply, World
from skills.replies import Replies

_ENDS = re.compile("(?:关|停)(?!火|煤|气|灯|水|炉|灶|门|窗|车|工|电(?!视))|[别甭]再?(?:放|唱|响)|不(?:听|看|放|唱|跳)了|再(?:听|放|唱|看|跳)")


def is_meant(intent: Intent) -> bool:
    """The contract has one intent for both; only the words tell them apart."""
    return bool(_ENDS.search(f"{intent.heard}，{intent.meant}"))


def stop_after(minutes: int, world: World, replies: Replies) -> Reply:
    """What plays fades after so many ``minutes``."""
    playing = world.playing
    if playing is None or not (playing.on or playing.paused):
        return Reply(replies.say("nothing_plays", world.turn), repeatable=False)
    due = world.now + dt.timedelta(minutes=minutes)
    length = spoken.duration(minutes)
    text = replies.say("plays_on", world.turn, length=length, due=spoken.clock_time(due))
    card = Card("timer", f"{length}后关", (f"{due:%H:%M}",), data={"due": due.isoformat()})
    return Reply(text, card=card, commands=(StopMediaAt(due),), undo=(KeepPlaying(),), repeatable=False, goes_to_sleep=True)
