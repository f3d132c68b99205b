"""Radio stations: live, so there is nothing to go on with, to go back to, or to wait for the end of. Pure."""
from __future__ import annotations

import re

from intents.model import Intent
from skills.api import Playing, Programme, Reply, World
from skills.media import recall, words
from skills.media.begin import REPLIES, SAYING, announced, order
from skills.media.choice import Works

_SAYS_NOTHING = re.compile("人民|广播|电台|频率|频道|之声|收音机|台|[a-zA-Z0-9.]")
"""What in a station's name does not tell it from the others."""


def works_of(programmes: tuple[Programme, ...]) -> Works:
    """The stations, in their order in the installer's list."""
    return tuple((programme,) for programme in programmes if programme.is_live)


def play(intent: Intent, world: World) -> Reply | None:
    """The radio, without a title: the station that the words come nearest to, else the one that was heard last. None without any."""
    stations = works_of(world.programmes)
    if not stations:
        return None
    playing = world.playing
    if playing is not None and playing.on and playing.programme.is_live and words.is_another(intent):
        return another(playing, world, 1)
    named = _named(f"{intent.heard}，{intent.meant}", stations)
    station = recall.last(named or stations, world.hearings) or (named or stations)[0]
    return tuned(stations, stations.index(station), world)


def tuned(stations: Works, first: int, world: World, key: str = "play") -> Reply:
    """Number ``first`` of them; the others come after it."""
    chosen = (*stations[first:], *stations[:first])
    return announced(REPLIES.say(key, world.turn, what=SAYING.work(chosen[0][0])), chosen)


def another(playing: Playing, world: World, step: int) -> Reply:
    """So many further on in the list, whose end leads to its beginning."""
    stations = works_of(world.programmes)
    here = next((number for number, work in enumerate(stations) if work[0].file == playing.programme.file), 0)
    there = (here + step) % len(stations) if stations else here
    if there == here:
        return Reply(REPLIES.say("no_other", world.turn), repeatable=False, goes_to_sleep=True)
    return tuned(stations, there, world, "another")


def cannot(key: str, playing: Playing, world: World) -> Reply:
    """What can be done with a recording only."""
    return order(REPLIES.say(key, world.turn, **{field: SAYING.work(playing.programme) for field in REPLIES.fields(key)}))


def _named(said: str, stations: Works) -> Works:
    """打开交通广播 is 济南交通广播: those with most in common with what was said, none if it is nothing."""
    common = {work: _in_common(said, work[0].title) for work in stations}
    most = max(common.values())
    return tuple(work for work in stations if common[work] == most) if most else ()


def _in_common(said: str, name: str) -> int:
    tells = _SAYS_NOTHING.sub("，", name)
    pairs = [tells[at : at + 2] for at in range(len(tells) - 1)]
    return sum(1 for pair in pairs if "，" not in pair and pair in said)
