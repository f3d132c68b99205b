"""Replies and registry: what is wrong in a skill's files must show when they are loaded."""
from types import ModuleType

import pytest

from assistant.errors import SentenceError
from intents.contract import load_contract
from intents.model import Intent
from skills.api import Reply, World
from skills.registry import discover, merge
from skills.replies import Replies, load_replies


def test_the_wording_follows_the_turn_without_chance():
    replies = Replies("test", {"hi": ["一", "二", "三"]})
    assert [replies.say("hi", turn) for turn in range(5)] == ["一", "二", "三", "一", "二"]


def test_fields_are_filled_in_and_text_with_braces_is_not_read_again():
    replies = Replies("test", {"hi": "{who}好"})
    assert replies.say("hi", 7, who="{您}") == "{您}好"
    assert replies.fields("hi") == {"who"}


@pytest.mark.parametrize(("raw", "complaint"), [
    (None, "mapping"), ([], "mapping"), ({}, "mapping"), ({"a": ""}, "text"), ({"a": []}, "text"), ({"a": [1]}, "text"),
    ({"a": ["好{x}", "好"]}, "different fields"), ({"a": "好{}"}, "named fields"), ({"a": "好{x"}, "'a'"),
    ({"a": ["好", "好"]}, "twice"), ({"a": "{x.y}"}, "named fields"), ({"a": "{x[0]}"}, "named fields"),
    ({True: "好"}, "quote the key"),
])
def test_a_bad_reply_file_is_refused_when_loaded(raw, complaint):
    with pytest.raises(SentenceError, match=complaint):
        Replies("test", raw)


def test_missing_key_and_missing_field_name_the_file():
    replies = Replies("skills/x/replies.yaml", {"a": "好{x}", "f.m": "词"})
    with pytest.raises(SentenceError, match="skills/x/replies.yaml: no reply 'b'"):
        replies.say("b", 0)
    with pytest.raises(SentenceError, match="needs the field 'x'"):
        replies.say("a", 0)
    with pytest.raises(SentenceError, match=r"no reply 'f\.n'"):
        replies.word("f", "n")


def test_a_package_without_replies_is_a_sentence_error():
    with pytest.raises(SentenceError, match=r"assistant/replies\.yaml"):
        load_replies("assistant")


def test_every_intent_of_the_contract_has_a_handler_and_nothing_else_has():
    assert set(discover().handlers) == set(load_contract().slots)


def test_every_question_a_skill_asks_has_somebody_who_takes_the_answer():
    registry = discover()
    for name in load_contract().slots:
        expects = registry.handle(Intent(name), _world()).expects
        if expects is not None:
            assert expects.topic == "" or expects.topic in registry.answers
            assert set(expects.intents) <= set(registry.handlers)


def test_unknown_intents_and_topics_are_refused():
    with pytest.raises(SentenceError, match="'none'"):
        discover().handle(Intent("none"), _world())
    with pytest.raises(SentenceError, match="'no.such'"):
        discover().answer("no.such", Intent("dialog.yes"), _world(), {})


@pytest.mark.parametrize("table", ["HANDLERS", "ANSWERS", "FALLBACKS"])
def test_two_skills_with_one_name_are_refused(table):
    with pytest.raises(SentenceError, match=r"second: already claimed by another skill: volume\.up"):
        merge([_module("first", **{table: {"volume.up": _reply}}), _module("second", **{table: {"volume.up": _reply}})])


def test_a_fallback_gives_way_in_either_order():
    real = _module("real", HANDLERS={"media.play": _reply})
    honest = _module("honest", FALLBACKS={"media.play": lambda intent, world: Reply("还不会")})
    for modules in ([real, honest], [honest, real]):
        assert merge(modules).handle(Intent("media.play"), _world()).text == "好"


def _reply(intent: Intent, world: World) -> Reply:
    return Reply("好")


def _module(name: str, **tables: dict) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(tables)
    return module


def _world() -> World:
    import datetime as dt

    return World(now=dt.datetime(2026, 11, 23, 9, 0))
