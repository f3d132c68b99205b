"""A word of daily life that only sounds like a command is no command."""
import datetime as dt

import pytest

from bench import common_words
from intents.common_words import FILE, is_common_word
from intents.matcher import Matcher
from intents.model import NONE, Hypothesis, Source

NOW = dt.datetime(2026, 11, 23, 10, 0)


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


def understood(matcher, text, source=Source.TYPED, expects=()):
    return matcher.understand((Hypothesis(text, source=source),), NOW, expects).intent.name


def test_the_shipped_words_are_those_of_the_installed_dictionary():
    assert FILE.read_text(encoding="utf-8") == common_words.render()


@pytest.mark.parametrize(("text", "common"), [
    ("干部", True), ("社会学", True), ("部干", False), ("干", False), ("干部 关系", False), ("", False), ("现代化建设", False),
])
def test_words_are_known(text, common):
    assert is_common_word(text) is common


@pytest.mark.parametrize("text", ["干部", "关系", "管理", "中学", "部队", "出生", "重点", "快乐", "初级", "社会学", "旅游区"])
def test_a_word_alone_is_no_command(matcher, text):
    assert understood(matcher, text) == NONE
    assert understood(matcher, text, Source.FREE_FORM) == NONE


@pytest.mark.parametrize(("text", "intent"), [
    ("听到", "notices.confirm"), ("星期天", "clock.date"), ("继续", "media.resume"), ("天气", "weather.query"), ("不行", "dialog.no"),
])
def test_a_word_that_is_the_command_or_a_part_of_it_is_one(matcher, text, intent):
    assert understood(matcher, text) == intent


def test_what_was_asked_for_may_sound_like_another_word(matcher):
    assert understood(matcher, "部队", expects=("dialog.no",)) == "dialog.no"


def test_a_cry_is_never_a_word(matcher):
    found = matcher.understand((Hypothesis("就命"), Hypothesis("舅母")), NOW)
    assert "sos.trigger" in {found.intent.name, *(other.name for other in found.alternatives)}
