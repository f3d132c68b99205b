"""What was said beside the words that were matched is not lost."""
import datetime as dt

import pytest

from intents.contract import load_contract
from intents.gleaning import LISTS_OF, gleaned
from intents.matcher import Matcher
from intents.model import Hypothesis
from intents.slots.span import Span

NOW = dt.datetime(2026, 11, 23, 10, 0)


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


def spans(**found):
    return {slot: [Span(start, end, ((slot, value),), cost)] for slot, (start, end, value, cost) in found.items()}


def test_a_missing_slot_is_taken_from_the_rest():
    assert gleaned("clock.date", {}, spans(date=(0, 2, "2026-11-24", 0.0)), ()) == {"date": "2026-11-24"}


@pytest.mark.parametrize(
    ("slots", "found", "taken"),
    [
        ({"date": "2026-11-23"}, spans(date=(0, 2, "2026-11-24", 0.0)), ()),  # said already
        ({}, spans(date=(0, 2, "2026-11-24", 0.0)), ((1, 3),)),  # part of something else
        ({}, spans(date=(0, 2, "2026-11-24", 0.3)), ()),  # hardly heard
        ({}, spans(date=(0, 1, "2026-11-24", 0.0)), ()),  # a single character
        ({}, spans(contact=(0, 2, "儿子", 0.0)), ()),  # not its slot
        ({}, {"date": [Span(0, 2, ())]}, ()),  # a span of days is no day
    ],
)
def test_nothing_is_made_up(slots, found, taken):
    assert gleaned("clock.date", slots, found, taken) == {}


def test_the_longest_name_wins_and_one_of_its_kind_is_enough():
    found = {"title": [Span(0, 3, (("title", "花木兰"),))], "genre": [Span(3, 5, (("genre", "豫剧"),))]}
    assert gleaned("media.play", {}, found, ()) == {"title": "花木兰"}
    assert gleaned("activity.join", {}, {"activity": [Span(0, 3, (("activity", "太极拳"),)), Span(4, 6, (("activity", "书法"),))]}, ()) == {"name": "太极拳"}


def test_every_slot_that_is_filled_belongs_to_its_intent():
    for intent, lists in LISTS_OF.items():
        for name in lists:
            got = gleaned(intent, {}, {name: [Span(0, 2, ((name, "x"),))]}, ())
            assert set(got) <= set(load_contract().slots[intent]) and len(got) == 1


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("明儿星期几孩子上学不", "clock.date", {"date": "2026-11-24"}),
        ("俺都半年没见着孙子了给他打个视频看看他胖了没", "call.request", {"contact": "孙子"}),
        ("礼拜天早上七点半提醒俺去赶集", "reminder.create", {"date": "2026-11-29", "time": "07:30"}),
        ("老辈子人都说到了白露好种蒜你看看白露是几号", "calendar.term", {"name": "白露"}),
    ],
)
def test_whole_sentences(matcher, text, intent, slots):
    got = matcher.understand([Hypothesis(text)], NOW).intent
    assert got.name == intent
    assert slots.items() <= dict(got.slots).items()
