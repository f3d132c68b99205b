"""Talk that is not for the box: what it may take for a command is bounded."""
import datetime as dt
from pathlib import Path

import pytest
import yaml

from intents.matcher import Matcher
from intents.model import NONE, Hypothesis

LINES = yaml.safe_load((Path(__file__).parent.parent / "intents" / "none_cases.yaml").read_text(encoding="utf-8"))
NOW = dt.datetime(2026, 11, 23, 10, 0)


@pytest.fixture(scope="module")
def fired():
    matcher = Matcher.load()
    texts = [row["text"] if isinstance(row, dict) else row for row in LINES["cases"]]
    found = {text: matcher.understand((Hypothesis(text),), NOW).intent.name for text in texts}
    return {text: name for text, name in found.items() if name != NONE}


def test_few_of_them_are_taken_for_commands(fired):
    assert len(LINES["cases"]) >= 300
    assert len(fired) <= 0.03 * len(LINES["cases"]), fired


def test_none_of_them_calls_anybody_or_cries_for_help(fired):
    assert not {text: name for text, name in fired.items() if name in ("sos.trigger", "sos.cancel")}
