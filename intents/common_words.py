"""Words that everybody uses. Said alone they are not a command that happens to sound like them: 干部, 关系, 管理."""
from __future__ import annotations

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("common_words.txt")
LENGTHS = (2, 3)
"""Characters. What is longer hardly ever sounds like a whole sentence by chance."""


def is_common_word(text: str) -> bool:
    """Whether this is one of them."""
    return len(text) in LENGTHS and f" {text} " in _words()


@cache
def _words() -> str:
    """One string, which takes a tenth of what as many would."""
    return f" {FILE.read_text(encoding='utf-8').splitlines()[-1]} "
