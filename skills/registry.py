"""Finds the skills by looking at the folders, and puts their handlers together. Adding a skill touches nothing here.

A skill module may define three tables: ``HANDLERS`` (intent name to handler), ``ANSWERS`` (topic of its own question to
answer handler) and ``FALLBACKS`` (handlers that give way to any skill that handles the intent for real).
"""
from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import TypeVar

import skills
from assistant.errors import SentenceError
from intents.model import Intent
from skills.api import Answer, Handler, Reply, World

_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class Registry:
    """All skills together. ``handlers`` is keyed by intent name, ``answers`` by ``Expectation.topic``."""

    handlers: Mapping[str, Handler]
    answers: Mapping[str, Answer]

    def handle(self, intent: Intent, world: World) -> Reply:
        """Raises SentenceError for an intent that nobody handles."""
        try:
            handler = self.handlers[intent.name]
        except KeyError:
            raise SentenceError(f"no skill handles the intent {intent.name!r}") from None
        return handler(intent, world)

    def answer(self, topic: str, intent: Intent, world: World, data: Mapping[str, object]) -> Reply:
        """Raises SentenceError for a topic that nobody asked about."""
        try:
            answer = self.answers[topic]
        except KeyError:
            raise SentenceError(f"no skill takes answers on the topic {topic!r}") from None
        return answer(intent, world, data)


def discover() -> Registry:
    """Import every ``skills/<name>/skill.py`` and merge the tables. Raises SentenceError on duplicates."""
    return merge(importlib.import_module(name) for name in _skill_modules())


def merge(modules: Iterable[ModuleType]) -> Registry:
    """Put the tables of these skill modules together. Raises SentenceError on duplicates."""
    handlers: dict[str, Handler] = {}
    answers: dict[str, Answer] = {}
    fallbacks: dict[str, Handler] = {}
    for module in modules:
        _add(handlers, getattr(module, "HANDLERS", {}), module.__name__)
        _add(answers, getattr(module, "ANSWERS", {}), module.__name__)
        _add(fallbacks, getattr(module, "FALLBACKS", {}), module.__name__)
    return Registry(MappingProxyType({**fallbacks, **handlers}), MappingProxyType(answers))


def _skill_modules() -> list[str]:
    folders = sorted(found.name for found in pkgutil.iter_modules(skills.__path__, "skills.") if found.ispkg)
    return [f"{folder}.skill" for folder in folders if importlib.util.find_spec(f"{folder}.skill") is not None]


def _add(table: dict[str, _Entry], more: Mapping[str, _Entry], module: str) -> None:
    twice = sorted(table.keys() & more.keys())
    if twice:
        raise SentenceError(f"{module}: already claimed by another skill: {', '.join(twice)}")
    table.update(more)
