"""The contract of intents: which names exist and which slots each may carry. Loaded from ``contract.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from assistant.errors import SentenceError

CONTRACT_FILE = Path(__file__).with_name("contract.yaml")


@dataclass(frozen=True, slots=True)
class Contract:
    """``slots``: intent name -> slot names it may carry. ``values``: slot name -> the only values it may take."""

    slots: Mapping[str, tuple[str, ...]]
    values: Mapping[str, tuple[str, ...]]

    def check(self, intent: str, slots: Mapping[str, object], where: str) -> None:
        """Raise SentenceError, naming ``where``, unless the intent exists and may carry these slots and values."""
        if intent not in self.slots:
            raise SentenceError(f"{where}: intent {intent!r} is not in the contract")
        for name, value in slots.items():
            if name not in self.slots[intent]:
                raise SentenceError(f"{where}: {intent} carries no slot {name!r}")
            allowed = self.values.get(name)
            if allowed is not None and value not in allowed:
                raise SentenceError(f"{where}: slot {name}={value!r} is none of {', '.join(allowed)}")


@cache
def load_contract() -> Contract:
    """The contract shipped with the package."""
    data = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    return Contract(
        slots={name: tuple(slots) for name, slots in data["intents"].items()},
        values={name: tuple(values) for name, values in data["values"].items()},
    )
