"""Trains the gist (``intents/gist.npz``) on what people say; ``script/train``.

Examples are the skills' ``sayings.tsv``, ``likely.yaml`` and ``cases.yaml`` and what is not for the box (``intents/sayings.tsv``,
``none_cases.yaml``, and the elliptical sentences, which ask for nothing on their own). Each is learnt once as it stands and
once mis-heard, its syllables changed as the recogniser changes them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from assistant.settings import Settings
from assistant.wiring import build_understander
from bench.elders.mishear import near_homophone
from intents.book import SKILLS_DIR
from intents.fragments import FragmentReader
from intents.gist import GIST_FILE, NAMED, Gist, features, key
from intents.grammar import fillers, spell, spell_labels, walks
from intents.likely import load_likely
from intents.model import NONE
from intents.network import Network
from intents.normalize import normalize
from intents.readers import Readers
from intents.wordlists import Vocabulary

NOW = dt.datetime(2026, 11, 23, 10, 0)
FILLINGS = 4
"""Sentences made of a likely one with a slot."""
LEAST_SEEN = 2
"""Features of fewer examples are not kept."""
SOFTNESS = 20.0
"""Inverse strength of regularisation."""
TALK = 3.0
"""Talk that is not for the box counts for so many intents: there is more of it, and of more kinds."""
MISHEARD_SHARE = 0.2
"""Of the syllables of a mis-heard example."""
WALKS = 200
"""Sentences of the book for each intent."""
FRAGMENTS = 1500
"""Elliptical sentences, which ask for nothing by themselves."""
FOLDS = 5


class Example(NamedTuple):
    """``saying``: written down as somebody might say it, not made of a pattern."""

    text: str
    intent: str
    saying: bool


def sayings(skills: Path = SKILLS_DIR) -> list[Example]:
    """What people may say, thought up one by one (by language models, in elders' manner), not recorded."""
    files = [*sorted(skills.glob("*/sayings.tsv")), GIST_FILE.with_name("sayings.tsv")]
    lines = (line.split("\t") for file in files for line in file.read_text(encoding="utf-8").splitlines() if line)
    return [Example(text, intent, True) for text, intent in lines]


def examples(network: Network, fragments: Network, vocabulary: Vocabulary, home: str) -> list[Example]:
    """All there is to learn from, as written; ``fragments`` are the elliptical sentences."""
    turns = _names(vocabulary, home)
    elliptical = (Example(spell_labels(labels, turns), NONE, False) for _, labels in islice(walks(fragments), FRAGMENTS))
    likely = (
        Example(spell(line, turns), intent, False)
        for intent, lines in load_likely().items() for line in lines for _ in range(FILLINGS if "{" in line else 1)
    )
    cases = (Example(case["text"], case["intent"], False) for file in sorted(SKILLS_DIR.glob("*/cases.yaml")) for case in _cases(file))
    none = (Example(case["text"], NONE, False) for case in _cases(GIST_FILE.with_name("none_cases.yaml")))
    found = {example.text: example for example in (*elliptical, *_walked(network, turns), *likely, *cases, *none, *sayings()) if example.text}
    return list(found.values())


def _walked(network: Network, turns: Mapping[str, Iterator[str]]) -> Iterator[Example]:
    """Sentences of the book that together have many of its words in them; nobody may ever have said them."""
    left = Counter({intent: WALKS for intent in {intent for intent, _ in network.meanings}})
    for meaning, labels in walks(network):
        intent = network.meanings[meaning][0]
        if left[intent] > 0:
            left[intent] -= 1
            yield Example(spell_labels(labels, turns), intent, False)
        if not +left:
            break


def _names(vocabulary: Vocabulary, home: str) -> dict[str, cycle[str]]:
    rng = random.Random(0)
    words = fillers(vocabulary, home)
    for names in words.values():
        rng.shuffle(names)
    turns = {slot: cycle(names) for slot, names in words.items() if names}
    turns["known_title"] = turns["title"]
    return turns


def _cases(file: Path) -> list[dict[str, str]]:
    return yaml.safe_load(file.read_text(encoding="utf-8"))["cases"]


def misheard(text: str) -> str:
    """Some of its syllables as something that sounds nearly the same."""
    rng = random.Random(text)
    return "".join(near_homophone(char, rng) if rng.random() < MISHEARD_SHARE else char for char in text)


class Table:
    """Examples as rows of features, those that were seen too seldom left out."""

    def __init__(self, rows: Sequence[set[str]]) -> None:
        seen: dict[int, int] = {}
        for row in rows:
            for number in {key(feature) for feature in row}:
                seen[number] = seen.get(number, 0) + 1
        self.keys = np.array(sorted(number for number, times in seen.items() if times >= LEAST_SEEN), np.uint32)
        times = np.array([seen[number] for number in self.keys.tolist()], np.float32)
        self.rarity = (np.log((1 + len(rows)) / (1 + times)) + 1).astype(np.float16)
        self._column = {number: column for column, number in enumerate(self.keys.tolist())}

    def matrix(self, rows: Sequence[set[str]]) -> csr_matrix:
        """Rows of length one, as :meth:`intents.gist.Gist.of` makes them."""
        columns = [sorted({self._column[k] for k in map(key, row) if k in self._column}) for row in rows]
        where = np.array([column for row in columns for column in row], np.intp)
        ends = np.cumsum([0, *map(len, columns)])
        values = self.rarity[where].astype(np.float32)
        squares = np.add.reduceat(np.append(values * values, 0), ends[:-1]) * (np.diff(ends) > 0)
        lengths = np.sqrt(np.where(squares > 0, squares, 1))
        return csr_matrix((values / np.repeat(lengths, np.diff(ends)), where, ends), (len(rows), len(self.keys)))


def fit(rows: Sequence[set[str]], intents: Sequence[str]) -> Gist:
    """Weights of every feature for every intent, to eight bits."""
    table = Table(rows)
    counts = Counter(intents)
    weights = {intent: len(intents) / len(counts) / times * (TALK if intent == NONE else 1) for intent, times in counts.items()}
    model = LogisticRegression(C=SOFTNESS, max_iter=300, class_weight=weights)
    model.fit(table.matrix(rows), intents)
    learnt = model.coef_.T.astype(np.float32)
    scale = np.abs(learnt).max(0) / 127
    return Gist(table.keys, table.rarity, np.round(learnt / scale).astype(np.int8), scale,
                model.intercept_.astype(np.float32), model.classes_.tolist())


def rows_of(texts: Iterable[str], readers: Readers) -> list[set[str]]:
    """Features of each text."""
    found = []
    for text in tqdm(list(texts), desc="reading", unit="sentence", disable=not sys.stderr.isatty()):
        utterance = normalize(text, Settings().listening.wake_phrase)
        found.append(features(utterance, readers.read(utterance, NOW, NAMED)))
    return found


def learnt_from(found: Sequence[Example], readers: Readers) -> Gist:
    """Each example as it stands and mis-heard."""
    texts = [text for example in found for text in (example.text, misheard(example.text))]
    return fit(rows_of(texts, readers), [example.intent for example in found for _ in range(2)])


def cross_validated(found: Sequence[Example], readers: Readers) -> dict[str, float]:
    """Share of the sayings whose intent is the likeliest, each judged by a model that has not seen it."""
    rows = dict(zip((example.text for example in found), rows_of((example.text for example in found), readers), strict=True))
    said, rest = [e for e in found if e.saying], [e for e in found if not e.saying]
    random.Random(0).shuffle(said)
    right: dict[bool, list[bool]] = {True: [], False: []}
    for fold in tqdm(range(FOLDS), desc="cross-validation", disable=not sys.stderr.isatty()):
        known = [*rest, *(example for number, example in enumerate(said) if number % FOLDS != fold)]
        model = fit([rows[example.text] for example in known], [example.intent for example in known])
        for example in said[fold::FOLDS]:
            sure = model.judge(rows[example.text])
            right[example.intent == NONE].append(max(sure, key=sure.__getitem__) == example.intent)
    return {"commands": sum(right[False]) / len(right[False]), "not for the box": sum(right[True]) / len(right[True])}


def main() -> None:
    """``script/train [--check]``."""
    parser = argparse.ArgumentParser(prog="script/train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; print how sayings are judged by models that have not seen them")
    args = parser.parse_args()
    matcher = build_understander(Settings())
    home = Settings().box.place
    readers = Readers(matcher.vocabulary, home)
    found = examples(matcher.network, FragmentReader(readers).network, matcher.vocabulary, home)
    if args.check:
        for what, share in cross_validated(found, readers).items():
            print(f"{what}: {share:.1%}")
        return
    learnt_from(found, readers).save(GIST_FILE)
    print(f"{GIST_FILE}: learnt from {len(found)} sentences")


if __name__ == "__main__":
    main()
