"""Beginning to play: the order, the words that go with it, and the card. Pure."""
from __future__ import annotations

from assistant.commands import Card, Command, PlayMedia, StopMedia, TuneIn
from skills import spoken_numbers as spoken
from skills.api import Programme, Reply, World
from skills.media import choice, recall
from skills.media.choice import Works
from skills.media.recall import START, Place
from skills.media.wording import Saying
from skills.replies import load_replies

REPLIES = load_replies("skills.media")
SAYING = Saying(REPLIES)


def begin(works: Works, world: World, place: Place = START, sort: str = "") -> Reply:
    """From ``place`` of the first work on. ``sort`` is what was asked for, if it was no title."""
    first, say = works[0], REPLIES.say
    what = SAYING.work(first[0], sort)
    if first[0].is_remote:
        return announced(say(_of_network(first[0], place), world.turn, what=what), works, place)
    if place.start_s and len(first) == 1:
        return announced(say("go_on", world.turn, what=what), works, place)
    if place.part or place.start_s:
        return announced(say("go_on_part", world.turn, what=what, part=_part(first, place)), works, place)
    if sort:
        return announced(say("play_sort", world.turn, sort=sort, what=what), works)
    if len(first) > 1:
        return announced(say("play_parts", world.turn, what=what, parts=spoken.count(len(first), "段")), works)
    return announced(say("look" if first[0].kind == "video" else "play", world.turn, what=what), works)


def _of_network(programme: Programme, place: Place) -> str:
    """The words for a station, or for an episode of a podcast, of which the newest is the first."""
    if programme.is_live:
        return "play"
    if place.start_s:
        return "go_on_episode"
    return "older" if place.part else "newest"


def go_on(works: Works, world: World, sort: str = "") -> Reply:
    """With the first work where it was left."""
    return begin(works, world, recall.place(works[0], world.hearings), sort)


def announced(text: str, works: Works, place: Place = START, *more: Command) -> Reply:
    """The works are played, and ``text`` says so."""
    if works[0][0].is_live:
        return order(text, TuneIn(tuple(work[0].file for work in works if work[0].is_live)), card=_card(works), undo=(StopMedia(),))
    files, first = choice.queue(works, place.part)
    return order(text, PlayMedia(files, place.start_s, first), *more, card=_card(works), undo=(StopMedia(),))


def order(text: str, *orders: Command, card: Card | None = None, undo: tuple[Command, ...] = ()) -> Reply:
    """Whoever gave an order wants to hear what it did: the exchange is over with these words."""
    return Reply(text, card=card, commands=orders, undo=undo, repeatable=False, goes_to_sleep=True)


def _card(works: Works) -> Card:
    then = tuple(work[0].title for work in works[1:1 + 3])
    return Card("media", SAYING.work(works[0][0]), then, data={"file": works[0][0].file})


def _part(work: recall.Work, place: Place) -> str:
    """第五段, by the number in its name where it has one."""
    return f"第{spoken.number(work[place.part].part or place.part + 1)}段"
