"""What is said in the light of what was just done, as tables."""
import datetime as dt

import pytest

from assistant import follow_up
from assistant.commands import DismissTimer
from assistant.follow_up import REMEMBERED, Acted, Said
from intents.model import NONE, Fragment, FragmentKind, Hypothesis, Intent, Understanding
from skills.api import Timer, World

NOW = dt.datetime(2026, 11, 23, 10, 0)
WEATHER = Intent("weather.query", {"place": "泰安", "date": "2026-11-23", "aspect": "rain"}, 0.9)
PLAY = Intent("media.play", {"genre": "吕剧", "title": "李二嫂改嫁", "kind": "opera"}, 0.9)
CALL = Intent("call.request", {"contact": "儿子"}, 0.9)
LATER = Fragment(FragmentKind.FOLLOW_UP, {"date": "2026-11-24"}, 0.9, "那明天呢", after=("weather.query", "clock.date"))
OTHER = Fragment(FragmentKind.FOLLOW_UP, {"genre": "京剧", "kind": "opera"}, 0.9, after=("media.play",), drops=("kind", "genre", "title", "artist"))
LOUDER = Fragment(FragmentKind.FOLLOW_UP, {}, 0.9, after=("volume.up", "volume.down"), becomes="volume.up")
HIM = Fragment(FragmentKind.CORRECTION, {"contact": "大儿子"}, 0.9)
NOTHING = Fragment(FragmentKind.CORRECTION, {}, 0.9)


def said(*fragments, own=("none", 0.3)):
    return Said((Hypothesis("x"),), Understanding(Intent(own[0], {}, own[1])), fragments)


@pytest.mark.parametrize(
    ("fragment", "before", "name", "slots"),
    [
        (LATER, WEATHER, "weather.query", {"place": "泰安", "date": "2026-11-24", "aspect": "rain"}),
        (LATER, Intent("clock.date"), "clock.date", {"date": "2026-11-24"}),
        (OTHER, PLAY, "media.play", {"genre": "京剧", "kind": "opera"}),
        (LOUDER, Intent("volume.down"), "volume.up", {}),
    ],
)
def test_the_earlier_wish_goes_on_with_what_is_new(fragment, before, name, slots):
    found = follow_up.continued(said(fragment), before)
    assert (found.name, found.slots, found.confidence, found.heard) == (name, slots, 0.9, fragment.heard)


@pytest.mark.parametrize(
    ("fragment", "before", "own"),
    [
        (LATER, CALL, ("none", 0.3)),  # nothing to do with it
        (LATER, WEATHER, ("clock.date", 0.95)),  # a sentence of its own, to the letter
        (LATER, WEATHER, ("dialog.thanks", 1.0)),
        (HIM, CALL, ("none", 0.3)),  # puts right, does not go on
    ],
)
def test_what_stands_by_itself_or_does_not_fit_is_no_follow_up(fragment, before, own):
    assert follow_up.continued(said(fragment, own=own), before) is None


def test_the_context_is_worth_something_against_a_doubtful_sentence():
    assert follow_up.continued(said(LATER, own=("reminder.create", 0.94)), WEATHER).name == "weather.query"


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ((CALL,), "call.request"), ((WEATHER, CALL), "call.request"), ((WEATHER,), None), ((), None),
        ((Intent("message.send", {"contact": "儿子"}),), "message.send"),
    ],
)
def test_a_correction_goes_to_the_wish_that_has_such_a_slot(about, found):
    corrected = follow_up.corrected(said(HIM, own=("dialog.no", 0.54)), about)
    assert (corrected.name if corrected else None) == found
    assert corrected is None or corrected.slots == {"contact": "大儿子"}


def test_a_correction_without_anything_in_it_is_none():
    assert follow_up.corrected(said(NOTHING), (CALL,)) is None


@pytest.mark.parametrize(
    ("age", "kept"),
    [(dt.timedelta(0), True), (REMEMBERED, True), (REMEMBERED + dt.timedelta(seconds=1), False), (-dt.timedelta(hours=1), False)],
)
def test_it_is_forgotten_when_too_old_or_when_the_clock_went_back(age, kept):
    acted = Acted(WEATHER, NOW)
    assert follow_up.remembered(acted, NOW + age) == (acted if kept else None)


def test_small_talk_is_not_what_the_talk_is_about():
    acted = Acted(WEATHER, NOW)
    assert follow_up.acted(acted, Intent("dialog.thanks"), NOW, ()) is acted
    assert follow_up.acted(acted, CALL, NOW, ()) == Acted(CALL, NOW)


class Whole:
    def __init__(self, name):
        self.name = name

    def understand(self, hypotheses, now, expects=()):
        assert hypotheses[0].text == "我要听京剧"
        return Understanding(Intent(self.name, {"genre": "京剧"}, 0.9))


@pytest.mark.parametrize(("whole", "own", "meant"), [("media.play", ("dialog.no", 0.54), "media.play"), (NONE, ("dialog.no", 0.54), "dialog.no"), ("media.play", ("clock.time", 0.97), "clock.time")])
def test_a_refusal_with_a_sentence_behind_it_is_that_sentence(whole, own, meant):
    rest = Fragment(FragmentKind.RESTATED, {"what": "我要听京剧"}, 0.95, "不是我要听京剧")
    assert follow_up.restated(said(rest, own=own), Whole(whole), NOW).understanding.intent.name == meant


def test_what_is_taken_back_is_no_longer_in_the_world():
    world = World(now=NOW, timers=(Timer("a", NOW, "五分钟"), Timer("b", NOW, "十分钟")))
    assert [timer.timer_id for timer in follow_up.without(world, (DismissTimer("a"),)).timers] == ["b"]
