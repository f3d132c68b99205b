"""One sound file, one wish: what the box would do first if the file came through its microphone."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from assistant.commands import Listen, StopListening
from assistant.events import Heard, WakeHeard
from assistant.ports import Pcm
from audio.ear import EarCore
from audio.replay import Listener, hear_with_wake, join
from intents.model import NONE, Hypothesis, Intent, Understander

LONGEST_WISH = 60
"""Characters. Who has said more has said more than one thing."""
ONE_WISH = 24
"""Characters of all of it together, up to which it is one wish with its reasons: 家里来客了 俺想去割点肉 今儿是不是赶集."""
SURE = 0.85
"""Confidence of one wish among other talk that nobody called the box for."""
SEVERAL_SYLLABLES = 3
"""A word alone (好, 不要) is an answer; between other talk it asks for nothing."""


class Hearer(Protocol):
    """Files to intents, with everything kept loaded."""

    def hear(self, blocks: Iterable[Pcm], now: dt.datetime) -> Intent:
        """What 16 kHz blocks ask for; ``none`` with all that was heard. May leave blocks unread. Raises what they raise."""
        ...


class ListeningHearer:
    """Each file is said to a box that listens already.

    All of it together is one wish, with pauses of any length, as long as it is no longer than one wish is. Otherwise, and
    where that is none, the first utterance between pauses that surely is one counts.
    """

    def __init__(self, understander: Understander, listener: Listener) -> None:
        self._understander = understander
        self._listener = listener

    def hear(self, blocks: Iterable[Pcm], now: dt.datetime) -> Intent:
        heard: list[tuple[Hypothesis, ...]] = []
        length = 0
        first: Intent | None = None
        for utterance in self._listener.utterances(blocks):
            heard.append(utterance)
            length += len(utterance[0].text)
            first = first or self._wish(utterance, now)
            if first and length > LONGEST_WISH:
                return first
        whole = understood(self._understander, join(heard), now)
        return whole if first is None or (whole.name != NONE and length <= ONE_WISH) else first

    def _wish(self, utterance: tuple[Hypothesis, ...], now: dt.datetime) -> Intent | None:
        intent = understood(self._understander, utterance, now)
        sure = intent.name != NONE and intent.confidence >= SURE and len(intent.heard) >= SEVERAL_SYLLABLES
        return intent if sure else None


class CalledHearer:
    """Files must begin with the wake phrase, as at the box; the first command that is understood counts."""

    def __init__(self, understander: Understander, ear: EarCore, window_s: float) -> None:
        """``window_s``: how long the box waits for a command after the wake phrase."""
        self._understander = understander
        self._ear = ear
        self._window_s = window_s

    def hear(self, blocks: Iterable[Pcm], now: dt.datetime) -> Intent:
        first: Intent | None = None
        try:
            for turn, event in enumerate(hear_with_wake(self._ear, blocks), 1):
                if isinstance(event, WakeHeard):
                    self._ear.obey(Listen(turn, self._window_s))
                elif isinstance(event, Heard):
                    intent = understood(self._understander, event.hypotheses, now)
                    if intent.name != NONE:
                        return intent
                    first = first or intent
        finally:
            self._forget()
        return first or Intent(NONE)

    def _forget(self) -> None:
        """The next file must not be heard as the rest of this one."""
        self._ear.obey(StopListening())
        for _ in hear_with_wake(self._ear, ()):
            self._ear.obey(StopListening())


def understood(understander: Understander, hypotheses: tuple[Hypothesis, ...], now: dt.datetime) -> Intent:
    """The best reading; ``heard`` is never empty where something was heard."""
    best = understander.understand(hypotheses, now).intent
    if not best.heard and hypotheses:
        return Intent(best.name, best.slots, best.confidence, hypotheses[0].text)
    return best
