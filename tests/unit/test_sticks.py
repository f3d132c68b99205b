"""A stick that is plugged in or pulled out: when the box speaks of it, and what it says."""
import datetime as dt
from dataclasses import replace

import pytest

from assistant.commands import Duck, MediaOrder, PlayMedia, Say, StopMedia, Unduck
from assistant.dialogue import Dialogue
from assistant.errors import MediaUnreadable
from assistant.events import (
    Heard,
    ListenTimedOut,
    MediaFailed,
    MediaStarted,
    SpeechBegan,
    SticksGone,
    SticksRead,
    StopHeard,
    TimerRang,
    Typed,
    WakeHeard,
)
from assistant.night import Night
from assistant.state import Phase, Window
from assistant.turns import Manners
from assistant.wording import Wording
from intents.matcher import Matcher
from intents.model import Hypothesis
from skills.api import Hearing, Playing, Programme, World
from skills.media.sticks import about
from skills.registry import discover
from tests.talk import Box

DAY, NIGHT = dt.datetime(2026, 11, 23, 10, 0), dt.datetime(2026, 11, 23, 23, 0)
STICK = "/media/usb-1"
OPERAS = tuple(Programme(f"{STICK}/豫剧/{number}.mp3", f"戏{number}", "opera", "豫剧") for number in range(30))
DANCES = tuple(Programme(f"{STICK}/{number}.mp4", f"舞{number}", "dance", "广场舞") for number in range(20))
SONGS = (Programme(f"{STICK}/a.mp3", "茉莉花", "song"), Programme(f"{STICK}/b.mp3", "小白杨", "song"))
AT_HOME = Programme("/home/box/花木兰.mp3", "花木兰", "opera", "豫剧")
TOLD = "优盘读好了，里面有五十二段，有豫剧，还有广场舞。想听什么，跟我说。"
GONE = Wording.load().say("stick_gone")


@pytest.fixture(scope="module")
def dialogue():
    registry = discover()
    return Dialogue(Matcher.load(home="济南"), registry.handlers, registry.answers, Wording.load(), Manners(night=Night(22, 6)), "小乡小乡")


@pytest.fixture
def box(dialogue):
    return Box(dialogue, World(now=DAY, programmes=(AT_HOME, *OPERAS, *DANCES, *SONGS)))


def playing(programme, **state):
    return Playing(programme, **{"on": True, "paused": False, "first": True, "last": True, "speed": 1.0} | state)


# -- plugged in -----------------------------------------------------------------------------------------------------------

def test_it_is_told_at_once_softly_over_what_plays_and_one_may_answer(box):
    box.world = replace(box.world, playing=playing(AT_HOME))
    ordered = box.tell(SticksRead((STICK,)))
    assert ordered[0] == Duck() and box.said() == TOLD
    box.done()
    assert box.state.window is Window.FOLLOW_UP and box.listening() is not None
    assert "戏" in box.hear("来段豫剧")


def test_silence_after_it_ends_the_exchange(box):
    box.tell(SticksRead((STICK,)))
    box.done()
    assert box.tell(ListenTimedOut(box.state.turn))[-1] == Unduck() and box.state.phase is Phase.ASLEEP


def test_it_can_be_said_again(box):
    box.tell(SticksRead((STICK,)))
    box.done()
    assert box.hear("再说一遍") == TOLD


@pytest.mark.parametrize("begins", [WakeHeard(), Typed("现在几点了"), Heard(1, (Hypothesis("现在几点了"),), after_wake=True)])
def test_never_in_the_middle_of_an_exchange(box, begins):
    box.tell(begins)
    assert box.tell(SticksRead((STICK,))) == ()
    for _ in range(20):
        box.done() if box.state.phase is Phase.SPEAKING else box.tell(ListenTimedOut(box.state.turn))
        if box.said() == TOLD:
            break
    assert box.said() == TOLD and not box.state.sticks


def test_a_timer_is_answered_first(box):
    box.tell(TimerRang("t1", "五分钟"))
    box.tell(SticksRead((STICK,)))
    box.done()
    box.hear("知道了")
    assert box.said() != TOLD
    box.done()
    assert box.said() == TOLD


def test_not_over_somebody_who_goes_on_after_the_wake_phrase(box):
    box.tell(SpeechBegan(1))
    assert box.tell(SticksRead((STICK,))) == ()
    box.tell(Heard(1, (Hypothesis("现在几点了"),), after_wake=True))
    assert "点" in box.said()
    box.done()
    box.tell(ListenTimedOut(box.state.turn))
    assert box.said() == TOLD


def test_at_night_it_waits_for_somebody_who_speaks(box):
    box.world = replace(box.world, now=NIGHT)
    assert box.tell(SticksRead((STICK,))) == ()
    box.world = replace(box.world, now=NIGHT + dt.timedelta(hours=9))
    box.wake()
    box.tell(ListenTimedOut(box.state.turn))
    assert box.said() == TOLD
    box.done()
    box.tell(ListenTimedOut(box.state.turn))
    assert box.state.phase is Phase.ASLEEP and box.said() is None


def test_two_at_once_are_told_in_one_sentence(box):
    box.world = replace(box.world, programmes=(*OPERAS, Programme("/media/usb-2/a.mp3", "甲", "opera", "吕剧")))
    box.tell(SticksRead(("/media/usb-2", STICK)))
    assert box.said() == "优盘读好了，里面有三十一段，有豫剧，还有吕剧。想听什么，跟我说。"


def test_a_stop_word_ends_it(box):
    box.tell(SticksRead((STICK,)))
    box.tell(StopHeard())
    assert box.state.phase is Phase.ASLEEP and not box.state.sticks


def test_a_timer_that_comes_due_meanwhile_is_not_lost(box):
    box.tell(SticksRead((STICK,)))
    box.tell(TimerRang("t1", "五分钟"))
    box.done()
    box.tell(ListenTimedOut(box.state.turn))
    box.done()
    assert "五分钟" in box.said()


@pytest.mark.parametrize(("programmes", "said"), [
    ((), "优盘我看过了，里面没有我能放的戏和歌。您换一个优盘，或者请人拷一些进去。"),
    ((AT_HOME,), "优盘我看过了，里面没有我能放的戏和歌。您换一个优盘，或者请人拷一些进去。"),
    (SONGS, "优盘读好了，里面有两段，有歌。想听什么，跟我说。"),
    ((Programme(f"{STICK}/x.mp3", "x"),), "优盘读好了，里面有一段节目。想听什么，跟我说。"),
    ((*OPERAS, *DANCES, *SONGS), TOLD),
    ((Programme("/media/usb-11/a.mp3", "甲", "opera", "吕剧"), *OPERAS), "优盘读好了，里面有三十段，有豫剧。想听什么，跟我说。"),
])
def test_how_much_is_on_it_and_two_sorts_at_most(box, programmes, said):
    box.world = replace(box.world, programmes=programmes)
    box.tell(SticksRead((STICK,)))
    assert box.said() == said


@pytest.mark.parametrize(("number", "said"), [
    (1, "一段"), (2, "两段"), (52, "五十二段"), (100, "一百段"), (105, "一百多段"), (347, "三百四十多段"), (1234, "一千二百多段"), (2000, "两千段"),
    (22345, "两万二千多段"),
])
def test_numbers_are_such_as_an_ear_can_hold(number, said):
    assert about(number) == said


# -- pulled out -----------------------------------------------------------------------------------------------------------

def test_what_plays_from_it_stops_and_it_is_said_why(box):
    box.world = replace(box.world, playing=playing(OPERAS[0]), programmes=(AT_HOME,))
    commands = box.tell(SticksGone((STICK,)))
    assert StopMedia() in commands and box.said() == GONE
    box.done()
    assert box.state.phase is Phase.ASLEEP


def test_in_an_exchange_it_stops_at_once_and_is_told_at_the_end(box):
    box.tell(Typed("现在几点了"))
    box.world = replace(box.world, playing=playing(OPERAS[0]))
    commands = box.tell(SticksGone((STICK,)))
    assert StopMedia() in commands and box.said() is None
    box.done()
    box.tell(ListenTimedOut(box.state.turn))
    assert box.said() == GONE


@pytest.mark.parametrize("plays", [None, playing(AT_HOME), playing(OPERAS[0], on=False), playing(replace(AT_HOME, file="/media/usb-11/a.mp3"))])
def test_pulled_out_while_nothing_plays_from_it_nothing_is_said(box, plays):
    box.world = replace(box.world, playing=plays)
    assert box.tell(SticksGone((STICK,))) == ()


def test_what_is_paused_on_it_is_let_go_of_without_a_word(box):
    box.world = replace(box.world, playing=playing(OPERAS[0], on=False, paused=True))
    assert box.tell(SticksGone((STICK,))) == (StopMedia(),)


@pytest.mark.parametrize(("position_s", "seconds_ago", "said"), [(None, 2, GONE), (30.0, 2, None), (None, 60, None)])
def test_a_player_that_noticed_first_is_spoken_for_unless_somebody_stopped_it(box, position_s, seconds_ago, said):
    at = DAY - dt.timedelta(seconds=seconds_ago)
    box.world = replace(box.world, playing=playing(OPERAS[0], on=False), hearings=(Hearing(OPERAS[0].file, at, at, position_s),))
    box.tell(SticksGone((STICK,)))
    assert box.said() == said


def test_why_it_stopped_is_said_last_also_if_the_player_has_complained(box):
    box.tell(MediaFailed(OPERAS[0].file, "loading failed"))
    assert box.said() == MediaUnreadable.spoken
    box.world = replace(box.world, playing=playing(OPERAS[1]))
    box.tell(SticksGone((STICK,)))
    box.done()
    assert box.said() == GONE


def test_it_is_not_said_any_more_when_something_else_plays(box):
    box.wake()
    box.world = replace(box.world, playing=playing(OPERAS[0]))
    box.tell(SticksGone((STICK,)))
    box.tell(MediaStarted(AT_HOME.file))
    box.tell(ListenTimedOut(box.state.turn))
    assert not any(isinstance(command, Say) for command in box.commands)


@pytest.mark.parametrize("said", ["接着放", "从头放", "上一个", "放上一个"])
def test_who_asks_for_what_was_on_it_is_told_that_it_is_not_plugged_in(box, said):
    box.world = replace(box.world, playing=playing(OPERAS[0], on=False, first=False), programmes=(AT_HOME,))
    answer = box.wake().hear(said)
    assert answer == "豫剧戏0这会儿找不着了，怕是优盘没插着，您插上了再叫我放。"
    assert not any(isinstance(command, MediaOrder) and not isinstance(command, Duck | Unduck) for command in box.commands)
    box.world = replace(box.world, programmes=(AT_HOME, *OPERAS))
    assert "优盘" not in box.wake().hear(said)


def test_another_one_is_what_is_still_there(box):
    box.world = replace(box.world, playing=playing(OPERAS[0], on=False, last=False), programmes=(AT_HOME,))
    assert "花木兰" in box.wake().hear("换一个")
    assert next(command for command in box.commands if isinstance(command, PlayMedia)).files == (AT_HOME.file,)


def test_what_was_offered_and_is_gone_is_not_begun(box):
    box.world = replace(box.world, programmes=(AT_HOME, *SONGS[:1]))
    assert "茉莉花" in box.wake().hear("来首一剪梅")
    box.done()
    box.world = replace(box.world, programmes=(AT_HOME,))
    assert "优盘没插着" in box.hear("好") and not any(isinstance(command, PlayMedia) for command in box.commands)


def test_one_that_is_gone_again_is_not_told_of(box):
    box.wake()
    box.tell(SticksRead((STICK,)))
    box.tell(SticksGone((STICK,)))
    box.tell(ListenTimedOut(box.state.turn))
    assert box.said() is None and box.state.phase is Phase.ASLEEP
