"""The box's own words: sentences of the dialogue and a short name for every intent, from wording.yaml. Pure after loading."""
from __future__ import annotations

import re
from importlib import resources

import yaml

from assistant.errors import SentenceError
from intents.model import Intent

_PART = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")


class Wording:
    """Loaded once; every method is a pure function of its arguments."""

    def __init__(self, tree: dict) -> None:
        self._says: dict[str, list[str]] = tree["says"]
        self._intents: dict[str, str] = tree["intents"]
        self._kinds: dict[str, str] = tree["kinds"]
        self.offers: tuple[str, ...] = tuple(tree["offers"])

    @classmethod
    def load(cls) -> Wording:
        text = resources.files("assistant").joinpath("wording.yaml").read_text(encoding="utf-8")
        return cls(yaml.safe_load(text))

    def say(self, key: str, turn: int = 0, **fields: str) -> str:
        """One of the wordings of ``key``, chosen by the turn. Raises SentenceError for an unknown key or field."""
        try:
            wordings = self._says[key]
            return wordings[turn % len(wordings)].format(**fields)
        except KeyError as error:
            raise SentenceError(f"assistant/wording.yaml: says.{key} lacks {error}") from error

    def describe(self, intent: Intent) -> str:
        """What the person would be asking for, to stand after ``您是要``. Raises SentenceError for an unnamed intent."""
        if intent.name not in self._intents:
            raise SentenceError(f"assistant/wording.yaml: intents lacks {intent.name}")
        slots = {name: str(value) for name, value in intent.slots.items()}
        if intent.name == "media.play":
            kind = "" if "title" in slots or "genre" in slots else self._kinds.get(slots.get("kind", ""), "戏听歌")
            slots["kind"] = kind
        return _PART.sub(lambda part: _fill(part, slots), self._intents[intent.name])

    def names(self) -> frozenset[str]:
        return frozenset(self._intents)


def _fill(part: re.Match[str], slots: dict[str, str]) -> str:
    optional, required = part.groups()
    if required is not None:
        return slots.get(required, "")
    fields = re.findall(r"\{(\w+)\}", optional)
    return optional.format(**slots) if all(field in slots for field in fields) else ""
