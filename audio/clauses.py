"""Where to breathe: text cut into clauses, each with the pause that follows it. Pure."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_PAUSES_S = {"，": 0.22, "、": 0.12, "；": 0.32, "：": 0.25, "。": 0.45, "！": 0.45, "？": 0.45}
_MARKS = "".join(re.escape(mark) for mark in _PAUSES_S)
_PIECE = re.compile(rf"([^{_MARKS}]*)([{_MARKS}]*)")
LAST_PAUSE_S = 0.15
"""Of the silence behind the last words, which nothing follows, so much is kept: whoever is asked may answer, and what was asked for
begins, that much sooner, but not into the room's own echo of the words."""
_STRONG = frozenset("。！？；")
_SHORT_CHARS = 4
_LONG_CHARS = 26
_LONGEST_UNBROKEN = 30


class Clause(NamedTuple):
    """Words said in one breath (weak punctuation may remain inside) and the silence after them, in seconds."""

    text: str
    pause_s: float


def clauses_of(sentences: Iterable[str]) -> Iterator[Clause]:
    """Clauses of sentences that arrive one by one."""
    for sentence in sentences:
        yield from split_clauses(sentence)


def split_clauses(text: str) -> list[Clause]:
    """The first clause stands alone, so that sound begins early; later short ones are joined within their sentence.

    A very short beginning (好，天冷，) takes the next words with it: said alone, the model, which was trained on whole
    sentences, smears its first consonant (好 is then heard as 跑, 天冷 as 偏冷).
    """
    clauses: list[Clause] = []
    held = ""
    for words, marks in _PIECE.findall(text):
        words = words.strip()
        if not words and not marks:
            continue
        if not words:
            clauses = _lengthen(clauses, marks)
            continue
        *whole, last = _cut_unbroken(words)
        for part in whole:
            clauses.append(Clause(held + part, 0.0))
            held = ""
        if _may_join(held + last, marks) and (clauses or len(held + last) <= _SHORT_CHARS):
            held += last + marks[0]
            continue
        clauses.append(Clause(held + last, _pause(marks)))
        held = ""
    if held:
        clauses.append(Clause(held.rstrip("，、："), _pause("。")))
    return clauses


def _pause(marks: str) -> float:
    return max((_PAUSES_S[mark] for mark in marks), default=0.0)


def _may_join(words: str, marks: str) -> bool:
    weak = bool(marks) and not _STRONG.intersection(marks)
    return weak and (len(words) <= _SHORT_CHARS or ("、" in marks and len(words) < _LONG_CHARS))


def _lengthen(clauses: list[Clause], marks: str) -> list[Clause]:
    if clauses:
        clauses[-1] = clauses[-1]._replace(pause_s=max(clauses[-1].pause_s, _pause(marks)))
    return clauses


def _cut_unbroken(words: str) -> list[str]:
    """Text without any punctuation is cut every so often: nobody can say, or follow, a hundred syllables at once."""
    return [words[i : i + _LONGEST_UNBROKEN] for i in range(0, len(words), _LONGEST_UNBROKEN)]
