"""What answers the box's own question, as tables."""
import pytest

from assistant.answers import answer, completed
from assistant.follow_up import Said
from intents.model import Fragment, FragmentKind, Hypothesis, Intent, Understanding
from skills.api import Expectation, ask_for

REMIND = Intent("reminder.create", {"what": "吃药"}, 0.9)
WHEN = ask_for(REMIND, "time", "in_minutes")
WHAT = ask_for(Intent("reminder.create", {"time": "08:00"}), "what")
YES_NO = Expectation(("dialog.yes", "dialog.no"), "bus.read_all")
EIGHT = Fragment(FragmentKind.VALUE, {"time": "08:00", "date": "2026-11-24"}, 0.9, "明早八点")
FIFTY = Fragment(FragmentKind.VALUE, {"level": 50}, 0.9)
MAYBE = Fragment(FragmentKind.VALUE, {"time": "08:00"}, 0.45)


def words(confidence):
    return Fragment(FragmentKind.WORDS, {"what": "赶集"}, confidence)


def said(*readings, fragments=()):
    intents = [Intent(name, slots, confidence) for name, slots, confidence in readings]
    return Said((Hypothesis("x"),), Understanding(intents[0], tuple(intents[1:])), tuple(fragments))


@pytest.mark.parametrize(
    ("expected", "utterance", "name"),
    [
        (YES_NO, said(("dialog.yes", {}, 0.4)), "dialog.yes"),
        (YES_NO, said(("volume.down", {}, 0.78), ("dialog.yes", {}, 0.72)), "dialog.yes"),  # asked for, so it wins
        (YES_NO, said(("none", {}, 0.5), ("dialog.yes", {}, 0.4)), "dialog.yes"),
        (YES_NO, said(("clock.time", {}, 1.0), ("dialog.yes", {}, 0.5)), None),  # clearly something else
        (YES_NO, said(("none", {}, 0.9), ("dialog.yes", {}, 0.3)), None),
        (WHEN, said(("none", {}, 0.5), fragments=[EIGHT]), "reminder.create"),
        (WHEN, said(("clock.time", {}, 1.0), fragments=[EIGHT]), "reminder.create"),
        (WHEN, said(("none", {}, 0.5), fragments=[FIFTY]), None),  # not what was asked for
        (WHEN, said(("none", {}, 0.5), fragments=[MAYBE]), None),
        (WHAT, said(("calendar.market", {}, 1.0), fragments=[words(1.0)]), "reminder.create"),  # a known errand
        (WHAT, said(("volume.up", {}, 1.0), fragments=[words(0.85)]), None),  # any words
    ],
)
def test_what_was_asked_for_is_heard_first(expected, utterance, name):
    found = answer(expected, utterance)
    assert (found.name if found else None) == name


def test_a_reading_with_the_answer_in_it_is_better_than_one_without():
    found = answer(WHEN, said(("reminder.create", {}, 0.95), fragments=[EIGHT]))
    assert found.slots == {"time": "08:00", "date": "2026-11-24"}


def test_the_wish_is_completed_by_the_answer():
    whole = completed(answer(WHEN, said(("none", {}, 0.5), fragments=[EIGHT])), REMIND)
    assert (whole.name, whole.slots, whole.confidence) == (
        "reminder.create", {"what": "吃药", "time": "08:00", "date": "2026-11-24"}, 0.9,
    )


def test_a_value_of_several_meanings_is_only_that_of_the_wish():
    name = Fragment(FragmentKind.VALUE, {"name": "太极拳"}, 0.9, after=("activity.join",))
    assert answer(ask_for(Intent("activity.join"), "name"), said(("none", {}, 0.5), fragments=[name])).name == "activity.join"
    assert answer(ask_for(Intent("calendar.term"), "name"), said(("none", {}, 0.5), fragments=[name])) is None
