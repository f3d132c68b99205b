"""How people are likely to say it: ``skills/<name>/likely.yaml``, the recogniser's idea of what is said to this box.

The templates of a skill say what will be understood; walked through, they give sentences that nobody says. What is likely
is written down apart, intent by intent, in the same syntax (``[optional]``, ``(a|b)``, ``{slot}``).
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import yaml
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError
from hassil.sample import sample_sentence

from assistant.errors import SentenceError
from intents.book import SKILLS_DIR
from intents.contract import load_contract

MOST_EXPANSIONS = 12
"""Sentences taken from one line."""
_CHOICES = set("[]()|<>")
"""Lines without these are sentences as they stand: most are, and parsing all would take a second."""


def load_likely(skills: Path = SKILLS_DIR) -> dict[str, list[str]]:
    """Intent -> sentences, the likeliest first; slots stay as ``{slot}``. Raises SentenceError naming the line at fault."""
    contract = load_contract()
    found: dict[str, list[str]] = {}
    for path in sorted(skills.glob("*/likely.yaml")):
        where = f"{path.parent.name}/{path.name}"
        try:
            data = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            intents = dict(data["likely"])
        except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
            raise SentenceError(f"{where}: {' '.join(str(error).split())}") from error
        for intent, lines in intents.items():
            contract.check(intent, {}, where)
            for line in lines:
                found.setdefault(intent, []).extend(_expand(str(line), where))
    return found


def _expand(line: str, where: str) -> list[str]:
    if not _CHOICES & set(line):
        return [line.replace(" ", "")]
    try:
        return list(islice(sample_sentence(parse_sentence(line.replace(" ", "")), expand_lists=False), MOST_EXPANSIONS))
    except (ParseError, AssertionError) as error:
        raise SentenceError(f"{where}: {line!r} is not a sentence") from error
