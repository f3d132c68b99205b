"""Every skill's ``cases.yaml`` says what must be understood; one test is made of each case.

A case names the slots that matter; the sentence may fill others (a title brings its genre)."""

import datetime as dt
from functools import cache
from pathlib import Path

import pytest
import yaml

from intents.book import SKILLS_DIR
from intents.contract import load_contract
from intents.matcher import Matcher
from intents.model import NONE, Hypothesis

NOW = dt.datetime(2026, 11, 23, 10, 0)


@cache
def matcher() -> Matcher:
    return Matcher.load()


def cases() -> list[object]:
    found = []
    for path in sorted(Path(SKILLS_DIR).glob("*/cases.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]:
            found.append(pytest.param(case, id=f"{path.parent.name}: {case['text']}"))
    return found


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, object]) -> None:
    now = dt.datetime.fromisoformat(str(case["now"])) if "now" in case else NOW
    wanted = case.get("slots") or {}
    if case["intent"] != NONE:
        load_contract().check(str(case["intent"]), wanted, str(case["text"]))
    found = matcher().understand([Hypothesis(str(case["text"]))], now).intent
    got = {name: str(value) for name, value in found.slots.items() if name in wanted}
    assert (found.name, got) == (case["intent"], {name: str(value) for name, value in wanted.items()})


def test_there_are_cases_for_every_skill_with_sentences() -> None:
    with_sentences = {path.parent.name for path in SKILLS_DIR.glob("*/sentences.yaml")}
    assert with_sentences == {path.parent.name for path in SKILLS_DIR.glob("*/cases.yaml")}
