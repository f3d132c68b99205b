"""What every slot reader gives back."""

from __future__ import annotations

from dataclasses import dataclass

from intents.model import SlotValue

Slots = tuple[tuple[str, SlotValue], ...]


WHEN_EVIDENCE = 1.0
"""A day or a time may stand in any sentence: it says little for this one, however long it is."""


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens ``start``..``end`` read as ``slots`` (possibly none: 这两天 is a date without being one date).

    ``cost`` is on the scale of :mod:`intents.sound`; ``weight`` says how many literal characters of evidence it is worth.
    """

    start: int
    end: int
    slots: Slots
    cost: float = 0.0
    weight: float = 0.0
