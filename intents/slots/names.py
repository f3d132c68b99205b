"""Catalogue names (titles, people, places, genres …) found by how they sound, and free words where a name may be anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from intents.normalize import FULL_PRICE, Token, Utterance, is_foreign, normalize_literal
from intents.slots.places import home_places, spoken_places
from intents.slots.span import Span
from intents.sound import STANDARD, Accent, Alphabet, Costs
from intents.wordlists import LISTS, Vocabulary
from models.spoken_forms import spoken_form

_SPELLED = "零一二三四五六七八九"
TOLERANCE = {
    "title": 0.24,
    "artist": 0.2,
    "genre": 0.26,
    "kind": 0.1,
    "contact": 0.16,
    "activity": 0.24,
    "festival": 0.22,
    "term": 0.2,
    "repair_thing": 0.2,
    "category": 0.18,
    "aspect": 0.1,
    "errand": 0.13,
    "place": 0.1,
    "home_place": 0.2,
}
"""The greatest cost per character at which a name of each kind is still recognised."""
SHORT = {"genre": 0.4, "contact": 0.25, "festival": 0.25, "term": 0.25, "repair_thing": 0.25, "category": 0.25, "home_place": 0.22, "errand": 0.3}
SHORT_OTHERS = 0.2
"""The greatest cost of a whole name of two characters: almost any two words sound like some such name."""
NAME_EVIDENCE = 0.6
"""What a character of a name says for the sentence around it, against one of the sentence itself."""
DEAR_WORD = np.float32(0.3)
"""Added for a character of a word that is dear to ignore: 快手 is not a misheard 快书."""
FORGIVING = 4
"""Names of so many characters may lack one of them, or have one too many between them."""
SLIP = np.float32(0.5)
"""What that costs."""
INEXACT = 0.05
"""Added to any name that is not said exactly, so that an exact one always wins."""


@dataclass(frozen=True, slots=True)
class Name:
    """One spoken form: template slot, canonical value and the greatest cost at which it is still recognised."""

    spoken: str
    slot: str
    canonical: str
    most: float


def catalogue(vocabulary: Vocabulary, home: str) -> list[Name]:
    """All spoken forms of the vocabulary and of China's places."""
    names: dict[tuple[str, str, str], Name] = {}
    for slot in LISTS:
        for entry in vocabulary.entries.get(slot, ()):
            for form in chain.from_iterable(map(_forms, entry.spoken)):
                most = _most(slot, len(form))
                names.setdefault((slot, form, entry.canonical), Name(form, slot, entry.canonical, most))
    near = home_places(home)
    for spoken, (canonical, _) in spoken_places().items():
        most = _most("home_place" if canonical in near else "place", len(spoken))
        names[("place", spoken, canonical)] = Name(spoken, "place", canonical, most)
    return list(names.values())


def _forms(spoken: str) -> set[str]:
    """How a name is said: letters by their names, and a number as such or digit by digit (1874, 2002年)."""
    forms = {spoken}
    if any(char.isascii() and char.isalnum() for char in spoken):
        one_by_one = re.sub(r"\d", lambda digit: _SPELLED[int(digit[0])], spoken)
        forms |= {spoken_form(spoken), spoken_form(one_by_one)}
    return {form for form in map(normalize_literal, forms) if form}


def _most(kind: str, length: int) -> float:
    """The greatest cost of a whole name; a single character must be that very one."""
    if length == 1:
        return 0.0
    most = TOLERANCE[kind] * length
    return min(most, SHORT.get(kind, SHORT_OTHERS)) if length == 2 else most


class NameIndex:
    """Finds all names in a text at once.

    Most names are ruled out by what they cost at best: each of their characters heard from whatever is nearest to it in
    the text, in any order. The others are laid on the text at every place: character by character and, if they are long
    enough, with one character left out or one too many.
    """

    def __init__(self, names: Iterable[Name], accent: Accent = STANDARD, forgiving: float = FORGIVING) -> None:
        """``forgiving``: from this length on a name may have a character too few or too many; ``inf`` for never."""
        self._forgiving = forgiving
        by_length: dict[int, list[Name]] = {}
        for name in names:
            by_length.setdefault(len(name.spoken), []).append(name)
        self._names = by_length
        self._alphabet = Alphabet(
            sorted({char for group in by_length.values() for name in group for char in name.spoken}), accent
        )
        index = self._alphabet.index
        self._spelled: dict[int, NDArray[np.uint16]] = {
            length: np.array([[index[char] for char in name.spoken] for name in group], np.uint16).T
            for length, group in by_length.items()
        }
        self._limits = {
            length: np.array([name.most for name in group], np.float32)
            for length, group in by_length.items()
        }

    def find(self, utterance: Utterance) -> dict[str, list[Span]]:
        """Template slot -> spans, the cheapest for each place and value."""
        chars = utterance.chars
        if not chars:
            return {}
        rows = np.array([self._alphabet.costs(char) for char in chars], np.float32).reshape(len(chars), -1)
        dear = np.array([token.skip >= FULL_PRICE for token in utterance.tokens], bool)
        rows += np.where(dear[:, None] & (rows > 0), DEAR_WORD, np.float32(0))
        at_best = rows.min(axis=0)
        at_best_or_lacking = np.minimum(at_best, SLIP)
        best: dict[tuple[str, int, int, str], Span] = {}
        for length, spelled in self._spelled.items():
            forgiving = length >= self._forgiving
            if length > len(chars) + forgiving:
                continue
            limits = self._limits[length]
            bound = (at_best_or_lacking if forgiving else at_best).take(spelled, mode="clip").sum(axis=0)
            chosen = np.flatnonzero(bound <= limits)
            if not len(chosen):
                continue
            for spoken, costs in _laid(rows, spelled[:, chosen], forgiving):
                for start, number in np.argwhere(costs <= limits[chosen]).tolist():
                    name = self._names[length][chosen[number]]
                    self._keep(best, name, start, start + spoken, float(costs[start, number]))
        found: dict[str, list[Span]] = {}
        for (slot, *_), span in best.items():
            found.setdefault(slot, []).append(span)
        return found

    @staticmethod
    def _keep(best: dict[tuple[str, int, int, str], Span], name: Name, start: int, end: int, cost: float) -> None:
        key = (name.slot, start, end, name.canonical)
        total = cost + (INEXACT if cost > 0 else 0.0)
        if key not in best or total < best[key].cost:
            evidence = NAME_EVIDENCE * max(0.0, len(name.spoken) - cost)
            best[key] = Span(start, end, ((name.slot, name.canonical),), total, evidence)


def _laid(rows: Costs, spelled: NDArray[np.uint16], forgiving: bool) -> Iterator[tuple[int, Costs]]:
    """Number of tokens taken, and what each name (column) costs from each token on (row)."""
    length, tokens = len(spelled), len(rows)
    lanes = np.full((3, length, tokens, spelled.shape[1]), np.inf, np.float32)
    for shift, lane in zip((-1, 0, 1), lanes, strict=True):
        for place in range(length):
            first = place + shift
            heard = rows[max(first, 0) :, spelled[place]]
            start = max(-first, 0)
            lane[place, start : start + len(heard)] = heard[: tokens - start]
    earlier, level, later = lanes
    if tokens >= length:
        yield length, level[:, : tokens - length + 1].sum(axis=0)
    if forgiving:
        before = np.concatenate((np.zeros_like(level[:1]), np.cumsum(level, axis=0)))
        if tokens >= length - 1:
            after = np.cumsum(earlier[::-1], axis=0)[::-1]
            rest = np.concatenate((after[1:], np.zeros_like(after[:1])))
            yield length - 1, (before[:-1] + rest).min(axis=0)[: tokens - length + 2] + SLIP
        if tokens > length:
            after = np.cumsum(later[::-1], axis=0)[::-1]
            yield length + 1, (before[1:-1] + after[1:]).min(axis=0)[: tokens - length] + SLIP


@dataclass(frozen=True, slots=True)
class Free:
    """Free words for a slot: at most ``longest`` characters at ``base`` + ``each`` a character."""

    longest: int
    base: float
    each: float


FREE: Mapping[str, Free] = {
    "what": Free(14, 0.10, 0.02),
    "location": Free(8, 0.10, 0.02),
    "title": Free(12, 0.40, 0.03),
    "work": Free(16, 0.30, 0.015),
    "artist": Free(4, 0.50, 0.04),
    "contact": Free(4, 0.50, 0.05),
    "category": Free(6, 0.65, 0.04),
    "activity": Free(6, 0.65, 0.04),
    "repair_thing": Free(5, 0.70, 0.04),
}
FOREIGN_WORD = 0.1
ONE_CHARACTER = 0.12
"""Added for free words of a single character: hardly anything worth saying."""
NOT_A_NAME = 0.7
"""Added when free words for a name hold a word that the box has nothing to do with (灯, 车票) or a refusal."""
NOT_AN_ERRAND = 0.15
"""The same for an errand or a place, which may well hold such a word: 提醒我关灯."""
_QUESTION = re.compile("什么|怎么|哪里|哪儿|哪个|哪些|多少|几个|几点|为什么|是否|吗|谁|是不是|有没有|了没|没有")
"""Whoever asks is not naming a thing."""
_ANYTHING = {"what", "location"}
_REFUSALS = {"work"}
_REFUSING = set("不别没为怎么从来用要有")
"""Whoever says 播放 or 我想听 may go on with any words: 可惜没如果 is a song."""
_NO_PLACE = re.compile("[把将让叫被给说讲想听看唱放播打开关找买卖吃喝煮做弄换修调问知你他她谁什吗呢了过会能要该不没没别]|我(?!家|们|这|那)|时候|那天")
"""Words that no description of a place holds: they belong to the sentence around it."""
_SHORTEST = {"title": 2, "work": 2, "artist": 2, "category": 2, "activity": 2}
_NEVER_FIRST = set("的了吗呢吧啊呀么得着过")


def _is_dear(token: Token, slot: str) -> bool:
    return token.skip >= FULL_PRICE and not (slot in _REFUSALS and token.char in _REFUSING)


def free_words(utterance: Utterance, slot: str, taken: Sequence[float]) -> list[Span]:
    """Every stretch of words as a value of ``slot``, in the speaker's own words; ``taken`` is what each token costs
    because it is something else already."""
    limits = FREE[slot]
    tokens = utterance.tokens
    named = slot not in _ANYTHING
    foreign_matter = NOT_A_NAME if named else NOT_AN_ERRAND
    dear = [
        FOREIGN_WORD * is_foreign(token.char) + foreign_matter * _is_dear(token, slot) + price
        for token, price in zip(tokens, taken, strict=True)
    ]
    if slot == "location":
        for found in _NO_PLACE.finditer(utterance.chars):
            dear[found.start()] += NOT_A_NAME
    questions = [(found.start(), found.end()) for found in _QUESTION.finditer(utterance.chars)]
    spans = []
    for start in range(len(tokens)):
        if tokens[start].char in _NEVER_FIRST:
            continue
        cost = limits.base + ONE_CHARACTER
        for end in range(start + 1, min(len(tokens), start + limits.longest) + 1):
            cost += limits.each + dear[end - 1]
            if end - start == 2:
                cost -= ONE_CHARACTER
            if end - start >= _SHORTEST.get(slot, 1):
                asks = any(start <= first and last <= end for first, last in questions)
                spans.append(Span(start, end, ((slot, utterance.said(start, end)),), cost + NOT_A_NAME * asks, 0.25))
    return spans
