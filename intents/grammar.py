"""Phrases for the recogniser's grammar, made from the compiled sentences, the catalogue and typical slot values.

A Vosk grammar is a bigram model over the words of its phrases, so not every combination is needed: each arc of the
sentence automaton is walked at least once, shortest sentences first and every meaning in turn, until the budget is spent.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, cycle, islice, product, repeat

import numpy as np

from intents.network import Network
from intents.normalize import is_foreign
from intents.slots.places import home_places, spoken_places
from intents.wordlists import LISTS, Vocabulary

Numbers = array
"""Of C's ``int``: as lists of Python's integers the arcs took 40 MB, of which the allocator kept 20 (measured)."""

_NUMBERS = [*"一二三四五六七八九十", "十一", "十二"]
_TENS = ["五", "十", "十五", "二十", "二十五", "三十", "四十", "四十五", "五十", "六十", "七十", "八十", "九十", "一百"]
_DAYS = [
    "今天",
    "明天",
    "后天",
    "大后天",
    "昨天",
    "这两天",
    "这几天",
    "周末",
    "下周",
    "今天晚上",
    "明天早上",
    "明天下午",
    "今晚",
    "明早",
]
_WEEK = [f"{week}{day}" for week, day in product(("星期", "周", "礼拜", "下周"), "一二三四五六日")] + [
    "星期天",
    "礼拜天",
]
_LUNAR = [f"初{day}" for day in _NUMBERS[:10]] + ["腊月二十三", "正月十五", "腊月初八", "二月二"]
_HOURS = [f"{part}{hour}点" for part, hour in product(("", "早上", "上午", "下午", "晚上"), _NUMBERS)] + [
    "中午十二点",
    "半夜十二点",
    "两点",
]
_PAST = [
    f"{hour}点{rest}" for hour, rest in product(("六", "七", "八", "九", "十"), ("半", "一刻", "十分", "二十", "五十"))
]
_LENGTHS = [f"{n}分钟" for n in _TENS[:10]] + ["半小时", "半个小时", "一个小时", "两个小时", "一个半小时", "一刻钟"]
_EVERY = ["每天", "天天", *(f"每周{day}" for day in "一二三四五六日"), "每个星期天", "工作日", "每个月一号", "每年"]
_LABEL = re.compile(r"\{[^}]+\}|.")
TYPICAL: Mapping[str, list[str]] = {
    "date": [*_DAYS, *_WEEK, *_LUNAR, *(f"{n}号" for n in _NUMBERS), "二十号", "三十号", "十二月一号", "月底"],
    "time": [*_HOURS, *_PAST],
    "in_minutes": [*(f"{length}后" for length in _LENGTHS), *_LENGTHS],
    "repeat": _EVERY,
    "weekday": [f"星期{day}" for day in "一二三四五六日天"],
    "when": [
        *(f"{a}{b}" for a, b in zip(cycle([*_EVERY, *_DAYS[:4]]), _HOURS, strict=False)),
        *(f"{n}后" for n in _LENGTHS),
        *_PAST,
    ],
    "level": [*_TENS, *(f"百分之{n}" for n in _TENS), "最大", "最小", "一半"],
    "location": [
        "家门口",
        "村东头",
        "村西头",
        "村口",
        "大街上",
        "我家",
        "胡同口",
        "广场上",
        "村南头",
        "村北头",
        "大队门口",
    ],
}


LIKELY, WALKED, NAMED = 6, 2, 1
"""How often a phrase of each kind is counted. The recogniser's bigrams come from these counts: with likely sentences counted
six-fold, 57 % of commands in a room were heard word for word, without them 33 % (see docs/understanding.md)."""
FILLINGS = 3
"""Sentences made of a likely one with a slot, each with another name."""


def phrases(
    network: Network, vocabulary: Vocabulary, likely: Iterable[str] = (), budget: int = 6000, home: str = "济南"
) -> list[str]:
    """Phrases without spaces, each as often as it counts: ``likely`` sentences (slots as ``{slot}``) beside at most
    ``budget`` others, of which a third are bare names."""
    words = fillers(vocabulary, home)
    turns = {slot: cycle(names) for slot, names in words.items() if names}
    turns["known_title"] = turns["title"]
    counts: dict[str, int] = {}
    for sentence in likely:
        for _ in range(FILLINGS if "{" in sentence else 1):
            if text := spell(sentence, turns):
                counts[text] = LIKELY
    left = budget
    for _, labels in walks(network):
        if left <= budget // 3:
            break
        text = spell_labels(labels, turns)
        if text and text not in counts:
            counts[text] = WALKED
            left -= 1
    names = chain.from_iterable(_round_robin(list(words.values())))
    for name in islice((name for name in dict.fromkeys(names) if name not in counts), left):
        counts[name] = NAMED
    return list(chain.from_iterable(repeat(text, count) for text, count in counts.items()))


def personal(sentences: Iterable[str], vocabulary: Vocabulary, home: str = "济南") -> list[str]:
    """This box's own sentences (slots as ``{slot}``), counted like likely ones."""
    turns = {slot: cycle(names) for slot, names in fillers(vocabulary, home).items() if names}
    spelled = (spell(sentence, turns) for sentence in sentences for _ in range(FILLINGS if "{" in sentence else 1))
    return list(chain.from_iterable(repeat(text, LIKELY) for text in dict.fromkeys(spelled) if text))


def fillers(vocabulary: Vocabulary, home: str) -> dict[str, list[str]]:
    """Template slot -> names and typical values, the commonest first."""
    words = {slot: list(values) for slot, values in TYPICAL.items()}
    for slot in LISTS:
        entries = vocabulary.entries.get(slot, ())
        first = [next((name for name in entry.spoken if not name.isascii()), "") for entry in entries]
        others = [name for entry in entries for name in entry.aliases]
        words[slot] = [name for name in dict.fromkeys([*first, *others]) if name]
    words["what"] = words.pop("errand")
    near = home_places(home)
    places = [spoken for spoken, (canonical, _) in spoken_places().items() if spoken == canonical]
    cities = [name for name in places if spoken_places()[name][1] < 2]
    words["place"] = list(dict.fromkeys([home, *(name for name in places if name in near), *cities]))
    return words


def _round_robin(groups: list[list[str]]) -> Iterator[list[str]]:
    for rank in range(max((len(group) for group in groups), default=0)):
        yield [group[rank] for group in groups if rank < len(group)]


def spell(sentence: str, turns: Mapping[str, Iterator[str]]) -> str:
    """A likely sentence with the next name in each slot; empty if a slot has none."""
    return spell_labels(_LABEL.findall(sentence), turns)


def spell_labels(labels: list[str], turns: Mapping[str, Iterator[str]]) -> str:
    """A walk with the next name in each slot; empty if a slot has none or a word is not Chinese."""
    parts = []
    for label in labels:
        if len(label) == 1:
            if is_foreign(label):
                return ""
            parts.append(label)
            continue
        slot = label[1:-1].split(":")[0]
        if slot not in turns:
            return ""
        parts.append(next(turns[slot]))
    return "".join(parts)


def walks(network: Network) -> Iterator[tuple[int, list[str]]]:
    """Meaning and labels of whole sentences that together walk every arc, each meaning in turn, shortest first."""
    source, target, label = _by_source(network)
    first = np.searchsorted(source, np.arange(network.states + 1))
    parent, depth = _reach(target, first)
    onward, height = _finish(network, source, target, first)
    shortest_first = np.argsort(depth[source] + height[target], kind="stable").astype(np.intc)
    queues = _grouped(_meanings(network, target, onward)[target[shortest_first]], shortest_first)
    del first, depth, height, shortest_first  # of half a million arcs, while sentences are walked: 9 MB
    source, target, label, parent, onward = map(_compact, (source, target, label, parent, onward))
    heads = dict.fromkeys(queues, 0)
    walked = bytearray(len(source))
    while queues:
        for meaning in list(queues):
            queue = queues[meaning]
            while heads[meaning] < len(queue) and walked[queue[heads[meaning]]]:
                heads[meaning] += 1
            if heads[meaning] == len(queue):
                del queues[meaning]
                continue
            arcs = _through(queue[heads[meaning]], source, target, parent, onward)
            for arc in arcs:
                walked[arc] = 1
            yield meaning, [network.labels[label[arc]] for arc in arcs]


def _by_source(network: Network) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sources, targets and labels of the arcs, those of one source together."""
    order = np.lexsort((network.target, network.source))
    return network.source[order], network.target[order], network.label[order]


def _compact(numbers: np.ndarray) -> Numbers:
    """Quicker to read one by one."""
    return array("i", numbers.astype(np.intc).tobytes())


def _grouped(kinds: np.ndarray, arcs: np.ndarray) -> dict[int, Numbers]:
    """Kind -> its arcs in their order, the kinds in the order in which they come first."""
    together = np.argsort(kinds, kind="stable").astype(np.intc)
    begins = np.flatnonzero(np.diff(kinds[together], prepend=-1))
    groups = np.split(arcs[together], begins[1:])
    return {int(kinds[together[begins[rank]]]): _compact(groups[rank]) for rank in np.argsort(together[begins])}


def _meanings(network: Network, target: np.ndarray, onward: np.ndarray) -> np.ndarray:
    """For each state the meaning of the sentence that ends soonest from there."""
    end = np.where(onward >= 0, target[onward], np.arange(network.states))
    while (further := end[end]).tobytes() != end.tobytes():
        end = further
    meaning = np.zeros(network.states, np.intc)
    for state, numbers in network.finals.items():
        meaning[state] = numbers[0]
    return meaning[end]


def _reach(target: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each state the arc by which a shortest way enters it (-1 at the start), and its distance from the start."""
    states = len(first) - 1
    parent, depth = np.full(states, -1, np.intc), np.full(states, -1, np.intc)
    level, depth[0] = np.zeros(1, np.intp), 0
    while len(level):
        counts = first[level + 1] - first[level]
        before = np.cumsum(counts) - counts
        arcs = np.repeat(first[level] - before, counts) + np.arange(counts.sum())
        found, at = np.unique(target[arcs], return_index=True)
        at = np.sort(at[depth[found] < 0])
        distance = depth[level[0]] + 1
        level = target[arcs[at]]
        parent[level], depth[level] = arcs[at], distance
    return parent, depth


def _finish(network: Network, source: np.ndarray, target: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each state the arc of a shortest way to an end (-1: it may end here) and that distance."""
    height = np.full(network.states, 10_000, np.intc)
    height[list(network.finals)] = 0
    leaving = np.unique(source)
    while True:
        nearer = np.minimum(height[leaving], np.minimum.reduceat(height[target], first[leaving]) + 1)
        if (nearer == height[leaving]).all():
            break
        height[leaving] = nearer
    shortest = np.flatnonzero(height[source] == height[target] + 1)
    onward = np.full(network.states, -1, np.intc)
    states, at = np.unique(source[shortest], return_index=True)
    onward[states] = shortest[at]
    return onward, height


def _through(arc: int, source: Numbers, target: Numbers, parent: Numbers, onward: Numbers) -> list[int]:
    """The arcs of a shortest whole sentence that contains ``arc``."""
    before, state = [], source[arc]
    while parent[state] >= 0:
        before.append(parent[state])
        state = source[parent[state]]
    after, state = [], target[arc]
    while onward[state] >= 0:
        after.append(onward[state])
        state = target[onward[state]]
    return [*before[::-1], arc, *after]
