"""Elliptical sentences: read by sound, and never a wish by themselves."""
import datetime as dt
import textwrap

import pytest

from assistant.errors import SentenceError
from intents.fragments import FragmentReader
from intents.matcher import Matcher
from intents.model import NONE, FragmentKind, Hypothesis

NOW = dt.datetime(2026, 11, 23, 10, 0)


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


@pytest.mark.parametrize(
    ("heard", "kind", "after", "slots"),
    [
        ("那明天呢", "follow_up", "weather.query", {"date": "2026-11-24"}),
        ("拿明天呢", "follow_up", "weather.query", {"date": "2026-11-24"}),
        ("那明天那", "follow_up", "weather.query", {"date": "2026-11-24"}),
        ("那青岛明天呢", "follow_up", "weather.query", {"place": "青岛", "date": "2026-11-24"}),
        ("还成儿子", "follow_up", "call.request", {"contact": "儿子"}),
        ("换成花木蓝", "follow_up", "media.play", {"title": "花木兰", "genre": "豫剧", "kind": "opera"}),
        ("不是四大儿子", "correction", "", {"contact": "大儿子"}),
        ("不队我说得是几南", "correction", "", {"place": "济南"}),
        ("错了去明天", "correction", "", {"date": "2026-11-24"}),
        ("明天早上八点", "value", "", {"date": "2026-11-24", "time": "08:00"}),
        ("迟药", "words", "", {"what": "吃药"}),
        ("叫把", "value", "sos.trigger", {}),
        ("地二个", "second", "", {}),
        ("低二个", "second", "", {}),
        ("后面那给", "last", "", {}),
        ("最后一给", "last", "", {}),
        ("放第二个", "second", "", {}),
        ("地三个", "third", "", {}),
        ("第山出", "third", "", {}),
        ("一第一个", "first", "", {}),
    ],
)
def test_a_fragment_is_known_by_its_sound(matcher, heard, kind, after, slots):
    found = matcher.fragments([Hypothesis(heard)], NOW)
    fitting = [f for f in found if f.kind.value == kind and (after in f.after if after else not f.after) and f.slots == slots]
    assert fitting and fitting[0].confidence >= 0.6


@pytest.mark.parametrize(
    "text",
    ["后天呢", "济南呢", "那北京呢", "不是，是大儿子", "不对，我说的是济南", "错了，是明天", "八点", "早上八点", "吃药", "儿子", "第二个", "后面那个"],
)
def test_by_itself_a_fragment_is_no_wish(matcher, text):
    assert matcher.understand([Hypothesis(text)], NOW).intent.name == NONE


@pytest.mark.parametrize("text", ["", "，。", "😀", "呢" * 500])
def test_no_text_is_an_error(matcher, text):
    assert all(0 <= fragment.confidence <= 1 for fragment in matcher.fragments([Hypothesis(text)], NOW))


@pytest.mark.parametrize("text", ["今天天气怎么样", "明天星期几"])
def test_a_whole_sentence_goes_on_from_nothing(matcher, text):
    found = matcher.fragments([Hypothesis(text)], NOW)
    assert not [f for f in found if f.kind in (FragmentKind.FOLLOW_UP, FragmentKind.CORRECTION) and f.confidence >= 0.6]


@pytest.mark.parametrize(
    ("group", "fault"),
    [
        ("{kind: guess, say: [好]}", "guess"),
        ("{kind: value, after: [weather.made_up], say: [好]}", "weather.made_up"),
        ("{kind: follow_up, after: [media.list], drops: [title], say: [好]}", "title"),
        ("{kind: value, say: ['{colour}']}", "colour"),
        ("{kind: value}", "say"),
    ],
)
def test_a_group_that_cannot_be_used_is_named(matcher, tmp_path, monkeypatch, group, fault):
    monkeypatch.setattr("intents.network_cache.cache_folder", lambda: tmp_path)
    file = tmp_path / "fragments.yaml"
    file.write_text(textwrap.dedent(f"fragments:\n  - {{kind: value, say: [好]}}\n  - {group}\n"), encoding="utf-8")
    with pytest.raises(SentenceError, match=f"group 2.*{fault}"):
        FragmentReader(matcher._readers, file=file)
