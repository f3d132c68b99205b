"""One exchange: waits for the person to speak, hears with two recognisers, guesses at each short pause, ends the turn.

At a short pause both recognisers are finished and their readings kept. If the silence goes on they are the result,
at once. If the person goes on, the whole utterance is decoded again from the timeline: the result does not depend
on the pauses, and the price is paid only by those who pause.
"""
from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.events import Event, Guessed, Heard, SpeechBegan
from assistant.ports import Pcm
from audio.recognizer import VoskRecognizer
from audio.segment import Mark, PatienceLearner, Segmenter, SegmentSettings
from audio.timeline import Timeline, samples
from audio.vad import WINDOW, WINDOW_S
from intents.model import Hypothesis


class Ears:
    """The two warm recognisers that hear every command: free-form, and the grammar once there is one."""

    def __init__(self, free_form: VoskRecognizer, grammar: VoskRecognizer | None = None) -> None:
        self.free_form = free_form
        self.grammar = grammar

    def accept(self, pcm: Pcm) -> None:
        self.free_form.accept(pcm)
        if self.grammar is not None:
            self.grammar.accept(pcm)

    def finish(self) -> tuple[Hypothesis, ...]:
        """Free-form readings best first, then the grammar's."""
        readings = self.free_form.finish()
        return readings + self.grammar.finish() if self.grammar is not None else readings

    def warm(self, pcm: Pcm) -> None:
        self.free_form.warm(pcm)
        if self.grammar is not None:
            self.grammar.warm(pcm)

    def discard(self) -> None:
        self.free_form.discard()
        if self.grammar is not None:
            self.grammar.discard()


@dataclass(frozen=True, slots=True)
class Window:
    """What was asked for: the turn's number, how long to wait for speech, how much longer to wait for its end, and
    what it means when nothing is said (or nothing that can be read, after a wake phrase)."""

    turn: int
    window_s: float
    extra_patience_s: float = 0.0
    after_wake: bool = False
    if_silent: Event | None = None


class TurnListener:
    """Steps through the timeline from ``start`` until the turn is over; see :attr:`over`."""

    def __init__(
        self, ears: Ears, timeline: Timeline, window: Window, start: int, learner: PatienceLearner,
        settings: SegmentSettings | None = None,
    ) -> None:
        patience = learner.patience_s + window.extra_patience_s
        self._segmenter = Segmenter(replace(settings or SegmentSettings(), patience_s=patience))
        self._ears, self._timeline, self._window, self._learner = ears, timeline, window, learner
        self._fence = max(start, timeline.oldest)
        self._next = self._fence // WINDOW
        self._origin = self._next * WINDOW
        self._begin: int | None = None
        self._kept: tuple[Hypothesis, ...] | None = None
        self.over = False

    @property
    def number(self) -> int:
        return self._window.turn

    @property
    def after_wake(self) -> bool:
        return self._window.after_wake

    @property
    def begun(self) -> bool:
        """The person has begun to speak."""
        return self._begin is not None

    def step(self) -> list[Event]:
        """Look at every window that has not been looked at."""
        events: list[Event] = []
        while not self.over and self._next < self._timeline.windows:
            number = self._next
            self._next += 1
            mark = self._segmenter.process(WINDOW_S, self._timeline.probability(number))
            events += self._react(mark, (number + 1) * WINDOW)
        return events

    def abandon(self) -> None:
        """The turn is called off."""
        self._ears.discard()
        self.over = True

    def _react(self, mark: Mark, now: int) -> list[Event]:
        turn = self._window.turn
        match mark:
            case Mark.BEGAN:
                self._begin = max(self._fence, self._origin + samples(self._segmenter.start_s))
                self._ears.accept(self._timeline.slice(self._begin, now))
                return [SpeechBegan(turn)]
            case Mark.PAUSED:
                self._ears.accept(self._timeline.slice(now - WINDOW, now))
                self._kept = self._ears.finish()
                return [Guessed(turn, self._kept, self._window.after_wake)]
            case Mark.RESUMED:
                self._kept = None
                self._ears.accept(self._timeline.slice(self._begin or 0, now))
                return []
            case Mark.ENDED:
                return self._end(now)
            case Mark.NOTHING if self._begin is None:
                return self._waited(now)
            case Mark.NOTHING:
                if self._kept is None:
                    self._ears.accept(self._timeline.slice(now - WINDOW, now))
                return []

    def _waited(self, now: int) -> list[Event]:
        waiting_s = self._segmenter.position_s
        if self._segmenter.quiet and waiting_s >= self._window.window_s:
            return self._nothing()
        return []

    def _nothing(self) -> list[Event]:
        self.over = True
        return [] if self._window.if_silent is None else [self._window.if_silent]

    def _end(self, now: int) -> list[Event]:
        self.over = True
        if self._kept is None:
            self._ears.accept(self._timeline.slice(now - WINDOW, now))
            self._kept = self._ears.finish()
        if self._kept:
            self._learner.observe(self._segmenter.longest_pause_s)
        elif self._window.after_wake:
            return self._nothing()
        return [Heard(self._window.turn, self._kept, self._window.after_wake)]
