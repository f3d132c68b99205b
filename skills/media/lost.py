"""What is said when something does not come over the network: in one sentence, and what there is instead. Pure."""
from __future__ import annotations

from collections.abc import Mapping

from intents.model import Intent
from skills.api import Reply, World
from skills.media import choice
from skills.media.begin import REPLIES, SAYING
from skills.media.wishes import offered, versions


def lost(intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
    """``data``: ``file``, its address; ``begun``, whether it had been heard. Who has just asked is asked back; who has been listening, or
    has long fallen asleep over it, is only told."""
    programme = next((one for one in world.programmes if one.file == data["file"]), None)
    kind = programme.kind if programme else "radio"
    what = SAYING.work(programme) if programme else SAYING.sort({"kind": kind})
    key = "lost" if data["begun"] else "unreachable"
    own = choice.works(tuple(one for one in world.programmes if not one.is_remote))
    own = tuple(work for work in own if work[0].kind == kind) or own
    if not own:
        return Reply(REPLIES.say(f"{key}_alone", world.turn, what=what))
    instead = versions(own, world)[:1]
    text = REPLIES.say(key, world.turn, what=what, other=SAYING.work(instead[0][0]))
    return Reply(text) if data["begun"] else offered(text, instead)
