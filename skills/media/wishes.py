"""``media.play``: which works are meant, and what is said where they are not there, are several, or were played before."""
from __future__ import annotations

from collections.abc import Mapping

from assistant.commands import Card, SetMediaSpeed
from intents.model import Intent
from skills.api import Expectation, Reply, World, ask_for
from skills.media import choice, radio, recall, sticks, words
from skills.media.begin import REPLIES, SAYING, announced, begin, go_on
from skills.media.choice import Works
from skills.media.recall import START, Place, Work
from skills.media.words import Then

INSTEAD = "media.instead"
"""Topic of the question whether something else is to be played."""
VERSION = "media.version"
"""Topic of the question which of two versions is to be played."""
YES_OR_NO = ("dialog.yes", "dialog.no")
NEW_DANCE_SPEED = 0.8
"""A dance that nobody knows yet is shown slower."""


def play(intent: Intent, world: World) -> Reply:
    """Slots: kind, genre, title, artist, any of them or none. What is not there is said, and the nearest thing offered."""
    if not world.programmes and not _is_radio(intent):
        return Reply(REPLIES.say("empty", world.turn))
    found = choice.meant(world.programmes, intent.slots)
    if not intent.slots.get("title") and (reply := _by_the_past(intent, world)):
        return reply
    if _is_radio(intent) and not intent.slots.get("title") and (reply := radio.play(intent, world)):
        return reply
    if not found:
        return missing(intent, world)
    if intent.slots.get("title"):
        return _titled(intent, versions(found, world), world)
    found = versions(choice.at_hand(found), world)
    if found[0][0].kind == "story" and (work := recall.begun(found, world.hearings)):
        return go_on((work, *(other for other in found if other is not work)), world)
    sort = SAYING.sort(intent.slots) if not intent.slots.get("artist") and len(found) > 1 else ""
    return begin(found, world, _place(intent, found[0], world), sort)


def versions(found: Works, world: World) -> Works:
    """Beginning with another one each time."""
    return choice.from_another(found, world.now, world.turn, world.playing.programme if world.playing else None)


def _is_radio(intent: Intent) -> bool:
    return intent.slots.get("kind") == "radio"


def _place(intent: Intent, work: Work, world: World) -> Place:
    """Where the words say, else where it was left; of a podcast the newest that was not heard, unless it is to be gone on with."""
    if work[0].is_remote and not words.goes_on(intent):
        return START if words.is_new(intent) or words.from_the_start(intent) else recall.newest(work, world.hearings)
    if part := words.part(intent):
        return Place(next((number for number, one in enumerate(work) if one.part == part), min(part, len(work)) - 1))
    return START if words.from_the_start(intent) else recall.place(work, world.hearings)


def _titled(intent: Intent, found: Works, world: World) -> Reply:
    """The version that was heard last; where none was, the person chooses between two."""
    known = recall.last(found, world.hearings)
    different = dict.fromkeys(SAYING.work(work[0]) for work in found)
    if known is None and len(different) > 1:
        return _which(intent, found, world)
    work = known or found[0]
    return begin((work,), world, _place(intent, work, world))


def _which(intent: Intent, found: Works, world: World) -> Reply:
    two = tuple({SAYING.work(work[0]): work for work in reversed(found)}.values())[-2:][::-1]
    names = tuple(SAYING.work(work[0]) for work in two)
    text = REPLIES.say("which", world.turn, first=names[0], second=names[1])
    choices = tuple(Intent("media.play", _telling(work)) for work in two)
    slots = tuple(dict.fromkeys(slot for one in choices for slot in one.slots))
    expects = Expectation(("media.play", *YES_OR_NO), VERSION, {"works": two}, slots, intent, choices)
    return Reply(text, card=Card("question", text, choices=names), expects=expects)


def _telling(work: Work) -> dict[str, str]:
    return {slot: value for slot in ("title", "artist", "genre") if (value := getattr(work[0], slot))}


def version(intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
    """The answer to the question which one: a name is a wish by now, and whoever only says yes gets the first."""
    if intent.name == "media.play":
        return play(intent, world)
    works: Works = data["works"]
    return instead(intent, world, {"works": works[:1]})


def missing(intent: Intent, world: World) -> Reply:
    """It is not there."""
    if _is_radio(intent) and not any(one.kind == "radio" for one in world.programmes):
        return Reply(REPLIES.say("no_radio", world.turn))
    what = SAYING.wish(intent.slots)
    near = choice.instead(world.programmes, intent.slots)
    if near is None:
        if intent.slots.get("artist"):
            return Reply(REPLIES.say("missing_any", world.turn, what=what))
        text = REPLIES.say("missing", world.turn, what=what, sorts=SAYING.sorts(world.programmes))
        return Reply(text, expects=ask_for(Intent("media.play"), "genre", "kind", "title"))
    works = versions(near.works, world)
    fields = {"what": what, "sort": SAYING.sort({near.by: intent.slots[near.by]})}
    fields["other"] = SAYING.work(works[0][0], fields["sort"])
    key = f"instead.{near.by}"
    text = REPLIES.say(key, world.turn, **{field: fields[field] for field in REPLIES.fields(key)})
    return offered(text, works[:1] if near.by in ("title", "artist") else works)


def offered(text: str, works: Works) -> Reply:
    """It is asked whether these are to be played instead."""
    return Reply(text, expects=Expectation(YES_OR_NO, INSTEAD, {"works": works}))


def instead(intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
    """The answer to the offer of something else."""
    if intent.name != "dialog.yes":
        return Reply(REPLIES.say("declined", world.turn), repeatable=False)
    works: Works = data["works"]
    there = tuple(work for work in works if not sticks.is_out(work[0], world))
    return go_on(there, world) if there else sticks.out(works[0][0], world)


# -- what was played before, and what was not ---------------------------------------------------------------------------

def _by_the_past(intent: Intent, world: World) -> Reply | None:
    """The wish names a time, a liking or a novelty instead of a title."""
    slots = words.sort(intent)
    of_sort = choice.meant(world.programmes, slots)
    if when := words.then(intent):
        return then(intent, when, world)
    if words.is_favourite(intent) and not intent.slots.get("artist"):
        often = recall.often(of_sort, world.hearings)
        return _often(often, world) if often else None
    if words.is_new(intent) and of_sort and world.hearings:
        return _new(versions(of_sort, world), slots, world)
    return None


def then(intent: Intent, when: Then, world: World) -> Reply:
    """What was played at that time, or the last time where nothing was."""
    slots = words.sort(intent)
    found = choice.meant(world.programmes, slots) if slots else choice.works(world.programmes)
    on = world.playing is not None and world.playing.on
    work = recall.played(found, world.hearings, when, world.now, world.playing.programme if on else None)
    day = REPLIES.word("then", str(when.days_ago or "last"))
    if work is not None:
        text = REPLIES.say("then", world.turn, day=day, what=SAYING.work(work[0]))
        return announced(text, (work,), _place(intent, work, world))
    last = recall.last(choice.works(world.programmes), world.hearings)
    if last is None:
        return Reply(REPLIES.say("never", world.turn))
    fields = {"day": day, "sort": SAYING.sort(slots), "other": SAYING.work(last[0])}
    key = "not_then" if when.days_ago else "not_yet"
    return offered(REPLIES.say(key, world.turn, **{field: fields[field] for field in REPLIES.fields(key)}), (last,))


def _often(works: Works, world: World) -> Reply:
    text = REPLIES.say("often", world.turn, what=SAYING.work(works[0][0]))
    return announced(text, works, recall.place(works[0], world.hearings))


def _new(found: Works, slots: Mapping[str, str], world: World) -> Reply:
    """What was never played; a dance slowly, because it is to be learnt."""
    sort, new = SAYING.sort(slots), recall.new(found, world.hearings)
    if not new:
        old = recall.longest_ago(found, world.hearings)
        return announced(REPLIES.say("none_new", world.turn, sort=sort, what=SAYING.work(old[0][0])), old[:1])
    what = SAYING.work(new[0][0])
    if new[0][0].kind != "dance":
        return announced(REPLIES.say("new", world.turn, what=what), new)
    return announced(REPLIES.say("new_dance", world.turn, what=what), new[:1], START, SetMediaSpeed(NEW_DANCE_SPEED))
