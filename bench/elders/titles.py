"""20,000 titles: whether the right one is found by how it sounds, how long a sentence takes beside them, and what they weigh.

The catalogue is simulated: the shipped titles, and others made of two common words (jieba's dictionary, MIT).
"""
from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence

import psutil

from bench.elders.mishear import garbled
from bench.tables import percentiles
from bench.understanding_bench import NOW, Case
from intents.matcher import Matcher
from intents.model import Hypothesis
from intents.wordlists import Entry

COUNT = 20_000
ASKED = 500
RATE = 0.2
FRAMES = ("我想听{}", "放一段{}", "给我来个{}", "播放{}", "俺要听{}")


def simulated_titles(count: int, seed: int = 20) -> list[str]:
    """Distinct made-up titles of three to seven characters."""
    import jieba  # 9 MB, which the box has not: memory is measured in processes that import this module

    rng = random.Random(seed)
    jieba.setLogLevel("ERROR")
    jieba.initialize()
    words = sorted(word for word, freq in jieba.dt.FREQ.items() if freq > 300 and 1 < len(word) < 5 and _is_hanzi(word))
    found: dict[str, None] = {}
    while len(found) < count:
        title = "".join(rng.choices(words, k=2))
        if 3 <= len(title) <= 7:
            found[title] = None
    return list(found)


def _is_hanzi(word: str) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in word)


def measure(cases: Sequence[Case]) -> dict[str, object]:
    """Shares of right titles first and among the first three, from words of which a fifth are wrong; milliseconds a sentence
    (``cases`` as text, this process doing nothing else); megabytes that the titles add."""
    titles = simulated_titles(COUNT)
    matcher = Matcher.load(titles=[Entry(title) for title in titles])
    asked = random.Random(21).sample([title for title in titles if len(title) > 2], ASKED)
    ranks = [_rank(matcher, title, number) for number, title in enumerate(asked)]
    return {
        "titles": COUNT, "asked": ASKED, "first": sum(rank == 0 for rank in ranks) / ASKED,
        "first_three": sum(rank < 3 for rank in ranks) / ASKED, "ms": percentiles(_times(matcher, [case.text for case in cases])),
        "extra_mb": _weight(COUNT) - _weight(0),
    }


def _rank(matcher: Matcher, title: str, number: int) -> int:
    """Place of the right title among the readings; 99 when it is none of them."""
    text = FRAMES[number % len(FRAMES)].format(garbled(title, RATE, number))
    found = matcher.understand((Hypothesis(text),), NOW)
    said = list(dict.fromkeys(str(intent.slots.get("title", "")) for intent in (found.intent, *found.alternatives)))
    return said.index(title) if title in said else 99


def _times(matcher: Matcher, texts: Iterable[str]) -> list[float]:
    spent = []
    for text in texts:
        began = time.perf_counter()
        matcher.understand((Hypothesis(text),), NOW)
        spent.append(1000 * (time.perf_counter() - began))
    return spent


def _weight(count: int) -> float:
    """Resident MB of a process that understands beside ``count`` titles."""
    done = subprocess.run([sys.executable, "-m", "bench.elders.titles", str(count)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _resident_mb(count: int) -> float:
    titles = simulated_titles(COUNT)[:count]
    matcher = Matcher.load(titles=[Entry(title) for title in titles])
    for text in ("放一段李二嫂改嫁", "今天天气怎么样", "每天早上八点提醒我吃药", *(frame.format("花好月圆") for frame in FRAMES)):
        matcher.understand((Hypothesis(text),), NOW)
    return round(psutil.Process().memory_info().rss / 2**20, 1)


if __name__ == "__main__":
    print(_resident_mb(int(sys.argv[1])))
