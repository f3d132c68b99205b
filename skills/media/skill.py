"""``media.*``: operas, dances, songs and stories from this box's own files."""
from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.commands import (
    Card,
    Command,
    NextMedia,
    PauseMedia,
    PlayMedia,
    PreviousMedia,
    RestartMedia,
    ResumeMedia,
    SetMediaSpeed,
    StopMedia,
)
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import Expectation, Handler, Playing, Reply, World, ask_for
from skills.media import choice
from skills.media.choice import Works
from skills.media.wording import Saying
from skills.replies import load_replies

REPLIES = load_replies("skills.media")
SAYING = Saying(REPLIES)

INSTEAD = "media.instead"
"""Topic of the question whether something else is to be played."""
SORTS_IN_WORDS = (("戏", "opera"), ("歌", "song"), ("舞", "dance"), ("书", "story"), ("故事", "story"))
STEP = 0.15
SLOWEST, FASTEST = 0.55, 1.45
"""Three steps each way from the file's own speed; beyond that nobody dances or follows."""


def play(intent: Intent, world: World) -> Reply:
    """Slots: kind, genre, title, artist, any of them or none. What is not there is said, and the nearest thing offered."""
    slots = intent.slots
    if not world.programmes:
        return Reply(REPLIES.say("empty", world.turn))
    found = choice.meant(world.programmes, slots)
    if not found:
        return _missing(intent, world)
    if slots.get("title"):
        return _begin(_versions(found, world)[:1], world)
    found = _versions(found, world)
    if not slots.get("artist") and len(found) > 1:
        return _begin(found, world, SAYING.sort(slots))
    return _begin(found, world)


def _missing(intent: Intent, world: World) -> Reply:
    if intent.slots.get("kind") == "radio":
        return Reply(REPLIES.say("no_radio", world.turn))
    what = SAYING.wish(intent.slots)
    near = choice.instead(world.programmes, intent.slots)
    if near is None:
        if intent.slots.get("artist"):
            return Reply(REPLIES.say("missing_any", world.turn, what=what))
        text = REPLIES.say("missing", world.turn, what=what, sorts=SAYING.sorts(world.programmes))
        return Reply(text, expects=ask_for(Intent("media.play"), "genre", "kind", "title"))
    works = _versions(near.works, world)
    fields = {"what": what, "sort": SAYING.sort({near.by: intent.slots[near.by]})}
    fields["other"] = SAYING.work(works[0][0], fields["sort"])
    key = f"instead.{near.by}"
    text = REPLIES.say(key, world.turn, **{field: fields[field] for field in REPLIES.fields(key)})
    data = {"works": works[:1] if near.by in ("title", "artist") else works}
    return Reply(text, expects=Expectation(("dialog.yes", "dialog.no"), INSTEAD, data))


def instead(intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
    """The answer to the offer of something else."""
    if intent.name != "dialog.yes":
        return Reply(REPLIES.say("declined", world.turn), repeatable=False)
    works: Works = data["works"]
    return _begin(works, world)


def _versions(found: Works, world: World) -> Works:
    return choice.from_another(found, world.now, world.turn, world.playing.programme if world.playing else None)


def _begin(works: Works, world: World, sort: str = "") -> Reply:
    first = works[0]
    what = SAYING.work(first[0], sort)
    if sort:
        text = REPLIES.say("play_sort", world.turn, sort=sort, what=what)
    elif len(first) > 1:
        text = REPLIES.say("play_parts", world.turn, what=what, parts=spoken.count(len(first), "段"))
    else:
        text = REPLIES.say("look" if first[0].kind == "video" else "play", world.turn, what=what)
    return _order(text, PlayMedia(choice.files(works)), card=_card(what, works), undo=(StopMedia(),))


def _order(text: str, *orders: Command, card: Card | None = None, undo: tuple[Command, ...] = ()) -> Reply:
    """Whoever gave an order wants to hear what it did: the exchange is over with these words."""
    return Reply(text, card=card, commands=orders, undo=undo, repeatable=False, goes_to_sleep=True)


def _card(what: str, works: Works) -> Card:
    then = tuple(work[0].title for work in works[1:1 + 3])
    return Card("media", what, then, data={"file": works[0][0].file})


def _while_there_is(handle: Callable[[Playing, World], Reply]) -> Handler:
    """Orders about what plays, or played last."""
    def handler(intent: Intent, world: World) -> Reply:
        if world.playing is None:
            return Reply(REPLIES.say("nothing", world.turn), repeatable=False)
        return handle(world.playing, world)

    return handler


def pause(playing: Playing, world: World) -> Reply:
    if not playing.on and not playing.paused:
        return Reply(REPLIES.say("nothing", world.turn), repeatable=False)
    return _order(REPLIES.say("pause", world.turn), PauseMedia(), undo=(ResumeMedia(),))


def resume(playing: Playing, world: World) -> Reply:
    what = SAYING.work(playing.programme)
    if playing.on:
        return _order(REPLIES.say("going", world.turn, what=what))
    return _order(REPLIES.say("resume", world.turn, what=what), ResumeMedia(), undo=(PauseMedia(),))


def stop(playing: Playing, world: World) -> Reply:
    if not playing.on and not playing.paused:
        return Reply(REPLIES.say("nothing", world.turn), repeatable=False)
    return _order(REPLIES.say("stop", world.turn), StopMedia(), undo=(ResumeMedia(),))


def skip(playing: Playing, world: World) -> Reply:
    """What was asked for has more, or else something of the same sort."""
    if not playing.last:
        return _order(REPLIES.say("next", world.turn), NextMedia())
    works = _versions(choice.others(world.programmes, playing.programme), world)
    if not works:
        return Reply(REPLIES.say("no_other", world.turn), repeatable=False, goes_to_sleep=True)
    what = SAYING.work(works[0][0])
    return _order(REPLIES.say("another", world.turn, what=what), PlayMedia(choice.files(works)), card=_card(what, works))


def back(playing: Playing, world: World) -> Reply:
    return _order(REPLIES.say("first" if playing.first else "previous", world.turn), PreviousMedia())


def restart(playing: Playing, world: World) -> Reply:
    return _order(REPLIES.say("restart", world.turn), RestartMedia())


def slower(playing: Playing, world: World) -> Reply:
    return _at_speed(playing, world, playing.speed - STEP, "slower", "slowest")


def faster(playing: Playing, world: World) -> Reply:
    return _at_speed(playing, world, playing.speed + STEP, "faster", "fastest")


def normal_speed(playing: Playing, world: World) -> Reply:
    return _at_speed(playing, world, 1.0, "normal", "normal")


def _at_speed(playing: Playing, world: World, speed: float, key: str, at_the_end: str) -> Reply:
    speed = round(speed, 2)
    if not SLOWEST <= speed <= FASTEST:
        return _order(REPLIES.say(at_the_end, world.turn))
    return _order(REPLIES.say(key, world.turn), SetMediaSpeed(speed), undo=(SetMediaSpeed(playing.speed),))


def what(playing: Playing, world: World) -> Reply:
    """Also who it is by, and that this is not known."""
    now = "now" if playing.on or playing.paused else "before"
    programme, does = playing.programme, SAYING.does(playing.programme.kind)
    work = SAYING.work(programme)
    if does and not programme.artist:
        text = REPLIES.say(f"whose_{now}", world.turn, what=work, does=does)
    else:
        text = REPLIES.say(f"what_{now}", world.turn, what=work)
    return Reply(text, card=Card("media", work), goes_to_sleep=playing.on)


def listing(intent: Intent, world: World) -> Reply:
    """Slots: kind, genre. Three names, others each time; without either the sorts."""
    slots = {slot: value for slot, value in intent.slots.items() if slot in ("kind", "genre")} or _heard_sort(intent)
    if not world.programmes:
        return Reply(REPLIES.say("empty", world.turn))
    if not slots:
        text = REPLIES.say("list_sorts", world.turn, sorts=SAYING.sorts(world.programmes))
        return Reply(text, expects=ask_for(Intent("media.play"), "genre", "kind", "title"))
    works = _versions(choice.meant(world.programmes, slots), world)
    if not works:
        return _missing(Intent(intent.name, slots), world)
    titles = {work[0].title for work in works}
    fields = {"sort": SAYING.sort(slots), "names": SAYING.names(works), "number": spoken.count(len(titles), "个")}
    key = "list_one" if len(titles) == 1 else "list_few" if len(titles) <= 3 else "list_many"
    text = REPLIES.say(key, world.turn, **{field: fields[field] for field in REPLIES.fields(key)})
    card = Card("media", fields["sort"], tuple(dict.fromkeys(work[0].title for work in works))[:3])
    return Reply(text, card=card, expects=ask_for(Intent("media.play", slots), "title"))


def _heard_sort(intent: Intent) -> dict[str, str]:
    """都有啥戏 names a sort too, though as one of the sentence's own words."""
    return next(({"kind": kind} for word, kind in SORTS_IN_WORDS if word in intent.heard), {})


HANDLERS: dict[str, Handler] = {
    "media.play": play,
    "media.list": listing,
    "media.pause": _while_there_is(pause),
    "media.resume": _while_there_is(resume),
    "media.stop": _while_there_is(stop),
    "media.next": _while_there_is(skip),
    "media.previous": _while_there_is(back),
    "media.restart": _while_there_is(restart),
    "media.slower": _while_there_is(slower),
    "media.faster": _while_there_is(faster),
    "media.normal_speed": _while_there_is(normal_speed),
    "media.what": _while_there_is(what),
}
ANSWERS = {INSTEAD: instead}
