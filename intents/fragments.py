"""Elliptical sentences (``fragments.yaml``): what means something only after something else was said or asked.

They are matched by sound as the skills' sentences are, but in an automaton of their own. What a fragment means is decided
where the conversation is known: see ``assistant/follow_up.py`` and ``assistant/answers.py``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.errors import SentenceError
from intents.book import COMMON_FILE, Book, Meaning, read_rules, read_templates, read_yaml
from intents.contract import load_contract
from intents.model import Fragment, FragmentKind
from intents.network import compile_book
from intents.network_cache import cached_network
from intents.normalize import Utterance
from intents.readers import Readers
from intents.search import Path as Reading
from intents.search import Search
from intents.sound import STANDARD, Accent

FRAGMENTS_FILE = Path(__file__).with_name("fragments.yaml")
LIMIT = 1.0
"""The dearest reading that is searched for."""
LEAST_EVIDENCE = 0.2
"""Less than in a whole sentence: any words may answer a question, and speak for nothing."""


class FragmentReader:
    """The compiled fragments. :meth:`read` is pure."""

    def __init__(self, readers: Readers, accent: Accent = STANDARD, file: Path = FRAGMENTS_FILE) -> None:
        """Raises SentenceError, naming the group at fault."""
        self._readers = readers
        self._groups = tuple(_fragments(file))
        digest = hashlib.sha256(COMMON_FILE.read_bytes() + file.read_bytes()).hexdigest()
        network = cached_network(digest, lambda: compile_book(_book(file, digest)))
        self.network = network
        self._meanings = network.meanings
        self._search = Search(network, accent)

    def read(self, utterance: Utterance, now: dt.datetime) -> Iterator[tuple[Fragment, Reading]]:
        """Every fragment that the utterance may be, without confidence, and the way through that says so."""
        spans = self._readers.read(utterance, now, self._search.wanted)
        for path in self._search.paths(utterance, spans, LIMIT, len(self._meanings)):
            if path.evidence >= LEAST_EVIDENCE:
                number, fixed = self._meanings[path.meaning]
                yield replace(self._groups[int(number)], slots=dict((*path.slots, *fixed)), heard=utterance.original), path


def _fragments(file: Path) -> Iterator[Fragment]:
    """What is the same for all sentences of each group."""
    contract = load_contract()
    for number, group in enumerate(_groups(file), start=1):
        where = f"{file.name}: group {number}"
        try:
            kind = FragmentKind(group.get("kind"))
        except ValueError as error:
            raise SentenceError(f"{where}: {error}") from error
        after, becomes, drops = group.get("after", ()), group.get("becomes", ""), group.get("drops", ())
        for name in (*after, *filter(None, [becomes])):
            contract.check(name, {}, where)
            if not set(drops) <= set(contract.slots[name]):
                raise SentenceError(f"{where}: {name} does not carry all of {', '.join(drops)}")
        yield Fragment(kind, after=tuple(after), becomes=becomes, drops=tuple(drops))


def _groups(file: Path) -> list[dict[str, Any]]:
    groups = read_yaml(file).get("fragments")
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise SentenceError(f"{file.name}: fragments must be a list of groups")
    return groups


def _book(file: Path, digest: str) -> Book:
    rules = {**read_rules(read_yaml(COMMON_FILE), COMMON_FILE.name), **read_rules(read_yaml(file), file.name)}
    meanings = []
    for number, group in enumerate(_groups(file)):
        templates = read_templates(group.get("say"), rules, f"{file.name}: group {number + 1}")
        meanings.append(Meaning(str(number), tuple(group.get("slots", {}).items()), templates))
    return Book(tuple(meanings), digest)
