"""The box's own words: sentences of the dialogue and a short name for every intent, from wording.yaml. Pure after loading."""
from __future__ import annotations

import datetime as dt
import re
from importlib import resources

import yaml

from assistant.errors import SentenceError
from intents.model import Intent, SlotValue
from skills import spoken_numbers as spoken

_PART = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")


class Wording:
    """Loaded once; every method is a pure function of its arguments."""

    def __init__(self, tree: dict) -> None:
        self._says: dict[str, list[str]] = tree["says"]
        self._intents: dict[str, str] = tree["intents"]
        self._confirms: dict[str, str] = tree.get("confirms", {})
        self._kinds: dict[str, str] = tree["kinds"]
        self._aspects: dict[str, str] = tree.get("aspects", {})
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

    def describe(self, intent: Intent, today: dt.date | None = None) -> str:
        """What the person would be asking for, to stand after ``您是要``; days are named only if it is known which is
        today. Raises SentenceError for an unnamed intent."""
        if intent.name not in self._intents:
            raise SentenceError(f"assistant/wording.yaml: intents lacks {intent.name}")
        slots = {name: said for name, value in intent.slots.items() if (said := _spoken(name, value, today))}
        if intent.name == "media.play":
            named = not slots.keys().isdisjoint(("title", "genre", "artist"))
            slots["kind"] = "" if named else self._kinds.get(slots.get("kind", ""), "戏听歌")
        if intent.name == "weather.query":
            slots["aspect"] = self._aspects.get(slots.get("aspect", ""), "天气")
        return _PART.sub(lambda part: _fill(part, slots), self._intents[intent.name])

    def confirm(self, intent: Intent, today: dt.date) -> str:
        """The question before something dear is done."""
        return self._confirms.get(intent.name) or self.say("confirm", first=self.describe(intent, today))

    def names(self) -> frozenset[str]:
        return frozenset(self._intents)


def _spoken(slot: str, value: SlotValue, today: dt.date | None) -> str:
    """A slot's value as one would say it."""
    if slot == "date":
        return spoken.day_name(dt.date.fromisoformat(str(value)), today) if today else ""
    if slot == "time":
        return spoken.clock_time(dt.time.fromisoformat(str(value)))
    return spoken.duration(int(value)) if slot == "in_minutes" else str(value)


def _fill(part: re.Match[str], slots: dict[str, str]) -> str:
    optional, required = part.groups()
    if required is not None:
        return slots.get(required, "")
    fields = re.findall(r"\{(\w+)\}", optional)
    return optional.format(**slots) if all(field in slots for field in fields) else ""
