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


@pytest.mark.parametrize("intent", sorted(LIKELY))
def test_likely_sentences_are_understood(matcher, intent):
    turns = {slot: cycle(words) for slot, words in fillers(matcher.vocabulary, "济南").items() if words}
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
