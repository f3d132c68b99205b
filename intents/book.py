"""The book of sentences: every skill's ``sentences.yaml`` read, checked against the contract and parsed.

A file holds ``intents`` (name -> list of templates or of ``{slots: {...}, say: [...]}`` groups) and, optionally, ``rules``
(local expansion rules). Rules for all skills stand in ``intents/common.yaml``. Templates are in hassil's syntax.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hassil.expression import Expression, Group, ListReference, RuleReference
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from assistant.errors import SentenceError
from intents.contract import Contract, load_contract
from intents.model import SlotValue
from intents.readers import SLOT_OF, TEMPLATE_SLOTS
from intents.slots.names import FREE

SKILLS_DIR = Path(__file__).parent.parent / "skills"
COMMON_FILE = Path(__file__).with_name("common.yaml")
DEEPEST = 40
"""Nesting of groups and rules in a template; more can only be a circle."""
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Template:
    """One line of a sentence file. ``rules`` are those visible to it."""

    text: str
    expression: Expression
    rules: Mapping[str, Expression] = field(repr=False)
    where: str


@dataclass(frozen=True)
class Meaning:
    """A group of templates that mean the same: an intent with slots fixed by the group."""

    intent: str
    slots: tuple[tuple[str, SlotValue], ...]
    templates: tuple[Template, ...]


@dataclass(frozen=True)
class Book:
    """All meanings, and a hash of the texts they were made from."""

    meanings: tuple[Meaning, ...]
    digest: str

    def intents(self) -> frozenset[str]:
        """Names of the intents that have at least one sentence."""
        return frozenset(meaning.intent for meaning in self.meanings)


def sentence_files(skills: Path = SKILLS_DIR) -> list[Path]:
    """Every skill's sentence file, in a fixed order."""
    return sorted(skills.glob("*/sentences.yaml"))


def digest(skills: Path = SKILLS_DIR, common: Path = COMMON_FILE) -> str:
    """Hash of all texts the book is made from."""
    sha = hashlib.sha256()
    for path in (common, *sentence_files(skills)):
        if path.exists():
            sha.update(path.read_bytes())
    return sha.hexdigest()


def load_book(skills: Path = SKILLS_DIR, common: Path = COMMON_FILE) -> Book:
    """Read everything. Raises SentenceError naming the file and the line of template at fault."""
    contract = load_contract()
    shared = read_rules(read_yaml(common), common.name) if common.exists() else {}
    meanings: list[Meaning] = []
    for path in sentence_files(skills):
        where = f"{path.parent.name}/{path.name}"
        data = read_yaml(path)
        rules = {**shared, **read_rules(data, where)}
        for intent, groups in _mapping(data.get("intents"), f"{where}: intents").items():
            meanings.extend(_meanings(intent, groups, rules, contract, f"{where}: {intent}"))
    return Book(tuple(meanings), digest(skills, common))


def read_yaml(path: Path) -> dict[str, Any]:
    """A file's mapping; empty for an empty file. Raises SentenceError."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SentenceError(f"{path.parent.name}/{path.name}: {' '.join(str(error).split())}") from error
    return _mapping(data, str(path.name))


def _mapping(data: object, where: str) -> dict[str, Any]:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise SentenceError(f"{where}: expected a mapping, got {type(data).__name__}")
    return data


def read_rules(data: Mapping[str, Any], where: str) -> dict[str, Expression]:
    """The expansion rules of a file. Raises SentenceError."""
    return {
        name: parse(str(text), f"{where}: rule <{name}>")
        for name, text in _mapping(data.get("rules"), f"{where}: rules").items()
    }


def parse(text: str, where: str) -> Expression:
    """Parse one template; blanks between parts mean nothing in Chinese."""
    try:
        return parse_sentence(_BLANK.sub("", text)).expression
    except (ParseError, AssertionError) as error:
        raise SentenceError(f"{where}: {text!r} is not a sentence template") from error


def _meanings(
    intent: str, groups: object, rules: Mapping[str, Expression], contract: Contract, where: str
) -> Iterator[Meaning]:
    contract.check(intent, {}, where)
    if not isinstance(groups, list):
        raise SentenceError(f"{where}: expected a list of groups")
    for group in groups:
        group = {"say": [group]} if isinstance(group, str) else _mapping(group, where)
        slots = _mapping(group.get("slots"), f"{where}: slots")
        contract.check(intent, slots, where)
        yield Meaning(intent, tuple(slots.items()), read_templates(group.get("say"), rules, where))


def read_templates(says: object, rules: Mapping[str, Expression], where: str) -> tuple[Template, ...]:
    """The templates of one group. Raises SentenceError."""
    if not isinstance(says, list) or not says:
        raise SentenceError(f"{where}: a group needs a list `say`")
    templates = tuple(Template(str(text), parse(str(text), where), rules, f"{where}: {text!r}") for text in says)
    for template in templates:
        _check_references(template.expression, rules, template.where)
    return templates


def _check_references(expression: Expression, rules: Mapping[str, Expression], where: str, depth: int = 0) -> None:
    """Raise SentenceError for unknown slots and rules, and for rules in a circle.

    A slot that the intent does not carry is allowed: it is heard (晚上, 三天) and not kept.
    """
    if depth > DEEPEST:
        raise SentenceError(f"{where}: rules refer to each other in a circle")
    if isinstance(expression, ListReference):
        if expression.list_name not in TEMPLATE_SLOTS:
            raise SentenceError(f"{where}: unknown slot {{{expression.list_name}}}")
    elif isinstance(expression, RuleReference):
        if expression.rule_name not in rules:
            raise SentenceError(f"{where}: unknown rule <{expression.rule_name}>")
        _check_references(rules[expression.rule_name], rules, where, depth + 1)
    elif isinstance(expression, Group):
        for item in expression.items:
            _check_references(item, rules, where, depth + 1)


def list_of(reference: ListReference) -> str:
    """The list a reference reads: ``{what:title}`` asks for a title, known or not, exactly as ``{title}`` does."""
    if reference.list_name == "what" and reference.slot_name in FREE:
        return reference.slot_name
    return reference.list_name


def target_slot(reference: ListReference) -> str:
    """The intent slot that a ``{list}`` or ``{list:slot}`` reference fills."""
    if reference.slot_name != reference.list_name:
        return reference.slot_name
    return SLOT_OF.get(reference.list_name, reference.list_name)
