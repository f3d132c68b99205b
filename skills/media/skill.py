"""``media.*``: operas, dances, songs and stories from this box's own files, radio and podcasts from the network."""
from __future__ import annotations

from collections.abc import Callable

from assistant.commands import (
    Card,
    EndAfterThis,
    KeepPlaying,
    NextMedia,
    PauseMedia,
    PreviousMedia,
    RestartMedia,
    ResumeMedia,
    SetMediaSpeed,
    StopMedia,
)
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import LOST, STICKS_READ, Handler, Playing, Reply, World, ask_for
from skills.media import choice, radio, recall, sticks, words
from skills.media.begin import REPLIES, SAYING, announced, begin, go_on, order
from skills.media.lost import lost
from skills.media.recall import Place, Work
from skills.media.wishes import INSTEAD, VERSION, instead, missing, play, then, version, versions
from skills.media.wording import AT_A_TIME

STEP = 0.15
SLOWEST, FASTEST = 0.55, 1.45
"""Three steps each way from the file's own speed; beyond that nobody dances or follows."""


def _while_there_is(handle: Callable[[Playing, World], Reply]) -> Handler:
    """Orders about what plays, or played last."""
    def handler(intent: Intent, world: World) -> Reply:
        if world.playing is None:
            return _nothing(world)
        return handle(world.playing, world)

    return handler


def pause(playing: Playing, world: World) -> Reply:
    if not playing.on and not playing.paused:
        return _nothing(world)
    return order(REPLIES.say("pause", world.turn), PauseMedia(), undo=(ResumeMedia(),))


def resume(intent: Intent, world: World) -> Reply:
    """What was paused or stopped; after a new start of the box, or where the words say so, what was played in the past."""
    playing, when = world.playing, words.then(intent)
    if when is not None and (when.days_ago or playing is None or playing.on):
        return then(intent, when, world)
    if playing is None:
        last = _last(world)
        return go_on((last,), world) if last else _nothing(world)
    if _is_out(playing, world):
        return sticks.out(playing.programme, world)
    what = SAYING.work(playing.programme)
    if words.is_kept_on(intent):
        return order(REPLIES.say("kept_on", world.turn), KeepPlaying(), ResumeMedia())
    if playing.on:
        return order(REPLIES.say("going", world.turn, what=what), ResumeMedia())
    return order(REPLIES.say("resume", world.turn, what=what), ResumeMedia(), undo=(PauseMedia(),))


def _is_out(playing: Playing, world: World) -> bool:
    return not playing.on and sticks.is_out(playing.programme, world)


def _last(world: World) -> Work | None:
    return recall.last(choice.works(world.programmes), world.hearings)


def _nothing(world: World) -> Reply:
    return Reply(REPLIES.say("nothing", world.turn), repeatable=False)


def stop(intent: Intent, world: World) -> Reply:
    """At once, or when what plays is over."""
    playing = world.playing
    if playing is None or not (playing.on or playing.paused):
        return _nothing(world)
    if playing.on and words.is_after_this(intent):
        if playing.programme.is_live:
            return radio.cannot("live_end", playing, world)
        return order(REPLIES.say("stop_after", world.turn), EndAfterThis(), undo=(ResumeMedia(),))
    return order(REPLIES.say("stop", world.turn), StopMedia(), undo=(ResumeMedia(),))


def skip(intent: Intent, world: World) -> Reply:
    """What was asked for has more, or else something of the same sort; after a new start of the box what came next then."""
    playing = world.playing
    if playing is None:
        return _next_of_last(world)
    if playing.programme.is_live:
        return radio.another(playing, world, 1)
    if not playing.last and not _is_out(playing, world):
        return order(REPLIES.say("next", world.turn), NextMedia())
    works = versions(choice.others(world.programmes, playing.programme), world)
    if not works:
        return Reply(REPLIES.say("no_other", world.turn), repeatable=False, goes_to_sleep=True)
    return announced(REPLIES.say("another", world.turn, what=SAYING.work(works[0][0])), works)


def _next_of_last(world: World) -> Reply:
    work = _last(world)
    last = recall.latest(work, world.hearings) if work else None
    after = next((number for number, one in enumerate(work or (), start=1) if last and one.file == last.file), 0)
    if not work or after >= len(work):
        return _nothing(world)
    return begin((work,), world, Place(after))


def back(playing: Playing, world: World) -> Reply:
    """Before the first of what was asked for comes what was played before that."""
    earlier = recall.before(choice.works(world.programmes), world.hearings, playing.programme, world.now) if playing.first else None
    if playing.programme.is_live and (earlier is None or earlier[0].is_live):
        return radio.another(playing, world, -1)
    if earlier is not None:
        return go_on((earlier,), world)
    if _is_out(playing, world):
        return sticks.out(playing.programme, world)
    return order(REPLIES.say("first" if playing.first else "previous", world.turn), PreviousMedia())


def restart(intent: Intent, world: World) -> Reply:
    """What plays or played last, also before a new start of the box."""
    if world.playing is None:
        last = _last(world)
        return begin((last,), world) if last else _nothing(world)
    if world.playing.programme.is_live:
        return radio.cannot("live_start", world.playing, world)
    if _is_out(world.playing, world):
        return sticks.out(world.playing.programme, world)
    return order(REPLIES.say("restart", world.turn), RestartMedia())


def slower(playing: Playing, world: World) -> Reply:
    return _at_speed(playing, world, playing.speed - STEP, "slower", "slowest")


def faster(playing: Playing, world: World) -> Reply:
    return _at_speed(playing, world, playing.speed + STEP, "faster", "fastest")


def normal_speed(playing: Playing, world: World) -> Reply:
    return _at_speed(playing, world, 1.0, "normal", "normal")


def _at_speed(playing: Playing, world: World, speed: float, key: str, at_the_end: str) -> Reply:
    if playing.programme.is_live:
        return radio.cannot("live_speed", playing, world)
    speed = round(speed, 2)
    if not SLOWEST <= speed <= FASTEST:
        return order(REPLIES.say(at_the_end, world.turn))
    return order(REPLIES.say(key, world.turn), SetMediaSpeed(speed), undo=(SetMediaSpeed(playing.speed),))


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
    slots = words.sort(intent)
    if not world.programmes and slots.get("kind") != "radio":
        return Reply(REPLIES.say("empty", world.turn))
    if not slots:
        text = REPLIES.say("list_sorts", world.turn, sorts=SAYING.sorts(world.programmes))
        choices = tuple(Intent("media.play", sort) for sort in SAYING.most_common(world.programmes))
        return Reply(text, expects=ask_for(Intent("media.play"), "genre", "kind", "title", choices=choices))
    works = versions(choice.meant(world.programmes, slots), world)
    if not works:
        return missing(Intent(intent.name, slots), world)
    titles = tuple(dict.fromkeys(work[0].title for work in works))
    fields = {"sort": SAYING.sort(slots), "names": SAYING.names(works), "number": spoken.count(len(titles), "个")}
    key = "list_one" if len(titles) == 1 else "list_few" if len(titles) <= AT_A_TIME else "list_many"
    text = REPLIES.say(key, world.turn, **{field: fields[field] for field in REPLIES.fields(key)})
    choices = tuple(Intent("media.play", {"title": title}) for title in titles[:AT_A_TIME])
    card = Card("media", fields["sort"], titles[:AT_A_TIME])
    return Reply(text, card=card, expects=ask_for(Intent("media.play", slots), "title", choices=choices))


HANDLERS: dict[str, Handler] = {
    "media.play": play,
    "media.list": listing,
    "media.pause": _while_there_is(pause),
    "media.resume": resume,
    "media.stop": stop,
    "media.next": skip,
    "media.previous": _while_there_is(back),
    "media.restart": restart,
    "media.slower": _while_there_is(slower),
    "media.faster": _while_there_is(faster),
    "media.normal_speed": _while_there_is(normal_speed),
    "media.what": _while_there_is(what),
}
ANSWERS = {INSTEAD: instead, VERSION: version, LOST: lost, STICKS_READ: sticks.read}
