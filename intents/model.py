"""What understanding takes in and gives back. Frozen values only."""
from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Protocol

NONE = "none"
"""The intent name for talk that is not meant for the box, or beyond it."""

SlotValue = str | int


class Source(Enum):
    """Where a hypothesis came from; the matcher trusts each differently."""

    TYPED = "typed"
    FREE_FORM = "free-form"
    GRAMMAR = "grammar"


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word. Times are seconds from the start of the utterance; confidence is 0..1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading of an utterance. ``text`` has no spaces; confidence is 0..1, 1.0 for typed text.

    ``score`` is the recogniser's log likelihood of sound and words together, in nats: only differences between readings of
    the same sound mean anything. None where nothing was recognised (typed text).
    """

    text: str
    confidence: float = 1.0
    source: Source = Source.TYPED
    words: tuple[Word, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """A contract name with canonical slots (absent when not said), 0..1 confidence and the text it was read from."""

    name: str
    slots: Mapping[str, SlotValue] = field(default_factory=lambda: MappingProxyType({}))
    confidence: float = 0.0
    heard: str = ""
    meant: str = ""
    """The sentence of the book that it was taken for, standard words, names and times as they were said."""
    learnt: str = ""
    """The personal phrase it was understood by (see :mod:`intents.personal`), empty for everybody's sentences."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """The best reading and the next-best ones (other name or other slots), best first."""

    intent: Intent
    alternatives: tuple[Intent, ...] = ()


class FragmentKind(Enum):
    """What an elliptical sentence does; see ``fragments.yaml``."""

    FOLLOW_UP = "follow_up"
    CORRECTION = "correction"
    RESTATED = "restated"
    VALUE = "value"
    WORDS = "words"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A sentence that means something only after something else.

    ``after`` names the wishes it may follow or answer (empty: any that carries its slots), ``becomes`` the wish it turns
    into (empty: the same), ``drops`` the slots of the earlier wish that do not go with its own.
    """

    kind: FragmentKind
    slots: Mapping[str, SlotValue] = field(default_factory=lambda: MappingProxyType({}))
    confidence: float = 0.0
    heard: str = ""
    after: tuple[str, ...] = ()
    becomes: str = ""
    drops: tuple[str, ...] = ()


class Understander(Protocol):
    """Port from text to intent; the shipped implementation is :class:`intents.matcher.Matcher`."""

    def understand(
        self, hypotheses: Sequence[Hypothesis], now: dt.datetime, expects: Collection[str] = ()
    ) -> Understanding:
        """Score all hypotheses against all sentences.

        ``now`` resolves relative dates (local, naive). ``expects`` names intents that the box has just asked for:
        they win ties and may be accepted on weaker evidence. Never raises on any text; no match is ``none``.
        """
        ...

    def fragments(self, hypotheses: Sequence[Hypothesis], now: dt.datetime) -> tuple[Fragment, ...]:
        """The elliptical sentences that this may be, best first. Never raises on any text."""
        ...
