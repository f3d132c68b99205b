"""Ways of speaking Mandarin, from ``accents.yaml``: what a region's speakers do not tell apart costs the matcher less."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from assistant.errors import SentenceError
from intents.sound import FINALS, INITIALS, Accent, Pair

ACCENTS_FILE = Path(__file__).with_name("accents.yaml")
LEARNED = 0.03
"""Cost of two sounds that this person has shown not to tell apart."""


@cache
def accents(path: Path = ACCENTS_FILE) -> Mapping[str, Accent]:
    """Name -> accent. Raises SentenceError for a sound that does not exist."""
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: _accent(name, body, path) for name, body in tree.items()}


def _accent(name: str, body: Mapping, path: Path) -> Accent:
    where = f"{path.name}: {name}"
    initials = _costs(body.get("initials", {}), INITIALS, where)
    finals = _costs(body.get("finals", {}), (*FINALS,), where)
    accent = Accent(name, body["title"], initials, finals)
    return replace(accent, tone=body["tone"]) if "tone" in body else accent


def _costs(rows: Mapping[float, str], known: Iterable[str], where: str) -> tuple[tuple[Pair, float], ...]:
    cheaper: dict[Pair, float] = {}
    for cost, pairs in rows.items():
        for pair in parse_pairs(pairs):
            unknown = sorted(set(pair) - set(known))
            if unknown:
                raise SentenceError(f"{where}: no such sound: {' '.join(unknown)}")
            cheaper[pair] = min(cost, cheaper.get(pair, cost))
    return tuple(sorted(cheaper.items()))


def parse_pairs(text: str) -> Iterator[Pair]:
    """``zh-z r>l`` -> (meant, said) pairs; ``-`` alone on one side of ``>`` is no initial."""
    for item in text.split():
        meant, arrow, said = item.partition(">")
        if arrow:
            yield meant.strip("-"), said.strip("-")
        else:
            one, _, other = item.partition("-")
            yield from ((one, other), (other, one))


def learned(accent: Accent, initials: Iterable[Pair], finals: Iterable[Pair]) -> Accent:
    """``accent`` as this person speaks it, who was shown not to tell these (meant, said) sounds apart."""
    return replace(accent, initials=_cheaper(accent.initials, initials), finals=_cheaper(accent.finals, finals))


def _cheaper(known: tuple[tuple[Pair, float], ...], shown: Iterable[Pair]) -> tuple[tuple[Pair, float], ...]:
    costs = dict(known)
    for pair in shown:
        costs[pair] = min(LEARNED, costs.get(pair, LEARNED))
    return tuple(sorted(costs.items()))
