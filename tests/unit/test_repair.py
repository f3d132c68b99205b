"""What is offered when the box is not sure, and which answers choose from it."""
import datetime as dt

import pytest

from assistant import repair
from assistant.wording import Wording
from intents.model import NONE, Fragment, FragmentKind, Intent, Understanding

TODAY = dt.date(2026, 11, 23)
WORDING = Wording.load()
LI = Intent("media.play", {"kind": "opera", "genre": "吕剧", "title": "李二嫂改嫁"}, 0.62)
MULAN = Intent("media.play", {"kind": "opera", "genre": "豫剧", "title": "花木兰"}, 0.6)
TODAY_RAIN = Intent("weather.query", {"date": "2026-11-23", "aspect": "rain"}, 0.62)
TOMORROW_RAIN = Intent("weather.query", {"date": "2026-11-24", "aspect": "rain"}, 0.6)
TEN = Intent("timer.create", {"in_minutes": 10}, 0.5)


def describe(intent):
    return WORDING.describe(intent, TODAY)


@pytest.mark.parametrize(
    ("readings", "offered"),
    [
        ((LI, MULAN), ["听吕剧李二嫂改嫁", "听豫剧花木兰"]),
        ((TODAY_RAIN, TOMORROW_RAIN), ["问今天下不下雨", "问明天下不下雨"]),
        ((LI, Intent("media.play", {**LI.slots, "kind": "dance"}, 0.6), MULAN), ["听吕剧李二嫂改嫁", "听豫剧花木兰"]),  # sounds the same
        ((TEN, Intent("timer.create", {}, 0.45)), ["定个十分钟的时间", "定个时间"]),
        ((Intent(NONE, {}, 0.5), Intent("clock.time", {}, 0.5), Intent("volume.up", {}, 0.3)), ["问几点了"]),
        ((Intent("media.play", {"artist": "郭兰英"}, 0.5),), ["听郭兰英唱的"]),
    ],
)
def test_choices_differ_in_what_is_said(readings, offered):
    understanding = Understanding(readings[0], readings[1:])
    assert [describe(intent) for intent in repair.candidates(understanding, describe)] == offered


@pytest.mark.parametrize(
    ("said", "offered", "chosen"),
    [
        (Intent("media.play", {"title": "花木兰"}, 0.7), (LI, MULAN), (MULAN.slots, 1.0)),
        (Intent("media.play", {"genre": "豫剧", "kind": "opera"}, 0.7), (LI, MULAN), (MULAN.slots, 1.0)),
        (Intent("media.play", {"genre": "京剧"}, 0.7), (LI, MULAN), ({"genre": "京剧"}, 0.7)),  # neither: as surely as it was heard
        (Intent("weather.query", {"place": "泰安"}, 0.7), (TODAY_RAIN,), ({**TODAY_RAIN.slots, "place": "泰安"}, 1.0)),
        (Intent("clock.time", {}, 0.9), (LI, MULAN), None),
    ],
)
def test_a_choice_by_name(said, offered, chosen):
    found = repair.by_name(said, offered)
    assert (found and (found.slots, found.confidence)) == chosen


@pytest.mark.parametrize(
    ("fragments", "chosen"),
    [
        ([(FragmentKind.SECOND, 0.9), (FragmentKind.FIRST, 0.5)], MULAN), ([(FragmentKind.FIRST, 0.8)], LI),
        ([(FragmentKind.SECOND, 0.7)], None), ([(FragmentKind.VALUE, 0.9)], None), ([], None),
    ],
)
def test_a_choice_by_number(fragments, chosen):
    found = repair.by_ordinal([Fragment(kind, confidence=confidence) for kind, confidence in fragments], (LI, MULAN))
    assert (found.slots if found else None) == (chosen.slots if chosen else None)


def test_a_number_that_was_not_offered_chooses_nothing():
    assert repair.by_ordinal([Fragment(FragmentKind.SECOND, confidence=1.0)], (LI,)) is None


def test_any_words_at_all_choose_nothing():
    chore = Intent("reminder.create", {"what": "吃药", "time": "08:00"})
    assert repair.expectation((chore, LI)).slots == ("time", "kind", "genre", "title")
