"""``device.sleep``: the conversation ends at once."""
from __future__ import annotations

from intents.model import Intent
from skills.api import Reply, World
from skills.replies import load_replies

REPLIES = load_replies("skills.device")


def sleep(intent: Intent, world: World) -> Reply:
    """No follow-up window: only the wake phrase counts from now on."""
    return Reply(REPLIES.say("sleep", world.turn, wake=world.wake_phrase), repeatable=False, goes_to_sleep=True)


HANDLERS = {"device.sleep": sleep}
