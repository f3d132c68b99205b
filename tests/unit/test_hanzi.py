"""Readings are pypinyin's own, although its dictionary of phrases is not loaded: asked in a process that has it loaded."""
from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from models import hanzi, hanzi_words
from models.hanzi import Style

ROOT = Path(__file__).parents[2]
_THEIRS = """
import json, sys
import pypinyin
from pypinyin.constants import PHRASES_DICT
assert len(PHRASES_DICT) > 40_000
from models.hanzi import Style, pinyin_of
texts = json.load(sys.stdin)
ways = [dict(style=Style.TONE3, neutral_tone_with_five=True), dict(style=Style.INITIALS, strict=False, errors="ignore"),
        dict(style=Style.FINALS, strict=False, errors="ignore")]
theirs = [[pypinyin.lazy_pinyin(text, **way) for way in ways] for text in texts]
assert theirs == [[pinyin_of(text, **way) for way in ways] for text in texts], "another library had loaded the dictionary"
json.dump(theirs, sys.stdout)
"""


def _texts() -> list[str]:
    """Everything the box says or understands, and rows of words in which a wrong cut would show."""
    files = [*ROOT.glob("skills/*/*.yaml"), *ROOT.glob("intents/**/*.yaml"), *ROOT.glob("intents/**/*.tsv"),
             *ROOT.glob("audio/*.tsv"), *ROOT.glob("bench/*.txt")]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines() if line]
    chance = random.Random(5)
    words = [line.split("\t")[0] for line in hanzi_words.FILE.read_text(encoding="utf-8").split("\n\n")[2].splitlines()]
    starts = [line[0] + line.split()[-1] for line in hanzi_words.FILE.read_text(encoding="utf-8").split("\n\n")[1].splitlines()]
    rows = ["".join(chance.sample(words, 2) + chance.sample(starts, 3)) for _ in range(1500)]
    return [*lines, *words[::8], *rows, *(row[1:-1] for row in rows), "", "abc，12重庆 x", "\U00020000吧", "囗〇", "抠着手"]


def _ours(text: str) -> list[list[str]]:
    return [hanzi.pinyin_of(text, Style.TONE3, neutral_tone_with_five=True),
            hanzi.pinyin_of(text, Style.INITIALS, strict=False, errors="ignore"),
            hanzi.pinyin_of(text, Style.FINALS, strict=False, errors="ignore")]


def test_every_text_is_read_as_pypinyin_reads_it() -> None:
    texts = _texts()
    done = subprocess.run([sys.executable, "-c", _THEIRS], input=json.dumps(texts), cwd=ROOT, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    different = [(text, ours, theirs) for text, theirs in zip(texts, json.loads(done.stdout), strict=True)
                 if (ours := _ours(text)) != theirs]
    assert not different


def test_the_shipped_words_are_those_of_the_installed_dictionary() -> None:
    assert hanzi_words.FILE.read_text(encoding="utf-8") == hanzi_words.render()


def test_the_dictionary_is_not_loaded_and_the_environment_is_left_alone() -> None:
    # threadpoolctl sets a variable of its own when it is imported
    script = ("import os, sys, threadpoolctl; before = dict(os.environ); import assistant.wiring, audio.neural_voice; "
              "assert 'pypinyin.phrases_dict' not in sys.modules; assert before == dict(os.environ)")
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize(("character", "expected"), [("长", ("zhang3", "chang2")), ("吧", ("ba5", "ba1", "pa1")), ("a", ())])
def test_readings_of_one_character(character: str, expected: tuple[str, ...]) -> None:
    assert hanzi.character_readings(character) == expected


def test_nobody_else_imports_pypinyin() -> None:
    sources = [path for folder in ("assistant", "audio", "bench", "intents", "models", "skills") for path in (ROOT / folder).rglob("*.py")]
    assert {path.name for path in sources if re.search(r"^\s*(?:from|import) pypinyin", path.read_text(encoding="utf-8"), re.M)} == {
        "hanzi.py", "hanzi_words.py"
    }
