"""Every likely sentence of every skill, with names in its slots, must be understood as what it is listed for."""
import datetime as dt
from itertools import cycle

import pytest

from assistant.errors import SentenceError
from intents.contract import load_contract
from intents.grammar import fillers, spell
from intents.likely import load_likely
from intents.matcher import Matcher
from intents.model import Hypothesis

NOW = dt.datetime(2026, 11, 23, 10)
LIKELY = load_likely()


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


def names(matcher):
    """学广场舞 is as much a wish for music as for the class: that activity is left out."""
    words = fillers(matcher.vocabulary, "济南")
    words["activity"] = [name for name in words["activity"] if name not in words["kind"] and "广场舞" not in name]
    return {slot: cycle(listed) for slot, listed in words.items() if listed}


@pytest.mark.parametrize("intent", sorted(LIKELY))
def test_likely_sentences_are_understood(matcher, intent):
    turns = names(matcher)
    wrong = []
    for sentence in LIKELY[intent]:
        text = spell(sentence, turns)
        found = matcher.understand((Hypothesis(text),), NOW).intent
        if found.name != intent:
            wrong.append(f"{text} -> {found.name}")
    assert not wrong


def test_every_intent_has_likely_sentences():
    assert set(LIKELY) == set(load_contract().slots)


@pytest.mark.parametrize("text", ["likely: [", "other: {}", "likely: {no.intent: [听]}", "likely: {clock.time: ['(几点']}"])
def test_a_bad_file_is_named(tmp_path, text):
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "likely.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SentenceError, match=r"clock/likely\.yaml"):
        load_likely(tmp_path)
