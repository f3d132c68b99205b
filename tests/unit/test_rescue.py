"""A cry for help is never lost, and ordinary talk is seldom taken for one."""
import datetime as dt
from pathlib import Path

import pytest
import yaml

from assistant import repair, rescue
from assistant.follow_up import Said
from intents.matcher import Matcher
from intents.model import NONE, Fragment, FragmentKind, Hypothesis, Intent, Understanding

NOW = dt.datetime(2026, 11, 23, 10, 0)
LINES = yaml.safe_load((Path(__file__).parents[2] / "intents" / "none_cases.yaml").read_text(encoding="utf-8"))["cases"]


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


def understanding(*readings):
    intents = [Intent(name, {}, confidence) for name, confidence in readings]
    return Understanding(intents[0], tuple(intents[1:]))


@pytest.mark.parametrize(
    ("readings", "cried"),
    [
        ((("sos.trigger", 0.99),), True),
        (((NONE, 0.6), ("sos.trigger", 0.4)), True),
        (((NONE, 0.6), ("media.play", 0.5), ("clock.time", 0.45), ("sos.trigger", 0.42)), True),
        ((("media.play", 0.7), ("sos.trigger", 0.6)), True),  # another reading won barely
        ((("dialog.yes", 0.6), ("sos.trigger", 0.5)), True),
        ((("call.request", 1.0), ("sos.trigger", 0.58)), False),
        (((NONE, 0.7), ("sos.trigger", 0.3)), False),
        (((NONE, 0.9),), False),
    ],
)
def test_a_plausible_cry_is_found_wherever_it_stands(readings, cried):
    assert (rescue.cry(understanding(*readings)) is not None) is cried


@pytest.mark.parametrize(
    ("answer", "fragments", "agreed"),
    [
        (Intent("dialog.yes", {}, 0.36), (), True),
        (Intent("sos.trigger", {}, 0.5), (), True),
        (Intent("dialog.no", {}, 1.0), (), False),
        (None, (Fragment(FragmentKind.VALUE, {}, 0.9, after=("sos.trigger",)),), True),
        (None, (Fragment(FragmentKind.VALUE, {}, 0.5, after=("sos.trigger",)),), False),
        (None, (), False),
    ],
)
def test_a_weak_yes_is_a_yes(answer, fragments, agreed):
    assert rescue.is_agreed(answer, Said((), understanding((NONE, 0.5)), fragments)) is agreed


@pytest.mark.parametrize(
    "heard", ["就命", "就名", "旧明啊", "我摔到了", "我帅倒了", "我摔道", "心口藤", "兄口疼得厉害", "快赖人", "我起不赖了", "老伴云倒了"]
)
def test_a_mis_heard_cry_is_acted_upon_or_asked_about(matcher, heard):
    assert rescue.cry(matcher.understand([Hypothesis(heard)], NOW)) is not None


def test_a_cry_in_the_second_best_reading_is_heard(matcher):
    heard = [Hypothesis("他给我打电话", 0.5), Hypothesis("救命啊", 0.3)]
    assert rescue.cry(matcher.understand(heard, NOW)) is not None


def test_ordinary_talk_seldom_makes_the_box_ask(matcher):
    texts = [line["text"] if isinstance(line, dict) else line for line in LINES]
    asked = [text for text in texts if rescue.cry(matcher.understand([Hypothesis(text)], NOW))]
    # a third of these were written to come close: 他心脏不好, 他摔了一跤在家养着呢
    assert len(asked) <= 0.02 * len(texts), asked


def test_nothing_else_the_box_can_do_is_taken_for_a_cry(matcher):
    files = (Path(__file__).parents[2] / "skills").glob("*/cases.yaml")
    cases = [case for file in files for case in yaml.safe_load(file.read_text(encoding="utf-8"))["cases"]]
    texts = [str(case["text"]) for case in cases if case["intent"] not in ("sos.trigger", "sos.cancel")]
    asked = [text for text in texts if rescue.cry(matcher.understand([Hypothesis(text)], NOW))]
    assert len(texts) > 500 and len(asked) <= 0.005 * len(texts), asked


@pytest.mark.parametrize(("name", "confidence", "asks"), [
    ("call.request", 0.84, True), ("call.request", 0.85, False), ("sos.cancel", 0.7, True), ("message.send", 0.7, True),
    ("activity.join", 0.8, True), ("activity.cancel", 0.8, True), ("reminder.cancel", 0.8, True), ("weather.query", 0.7, False),
    ("sos.trigger", 0.7, False),
])
def test_what_matters_wants_a_yes_unless_it_was_heard_well(name, confidence, asks):
    assert repair.wants_a_yes(Intent(name, {}, confidence)) is asks
