"""One exchange: waits for the person to speak, hears with two recognisers, guesses at each short pause, ends the turn.

At a short pause both recognisers are finished and their readings kept. If the silence goes on they are the result,
at once. If the person goes on, the whole utterance is decoded again from the timeline: the result does not depend
on the pauses. The price is paid only by those who pause, and it has an end (``AGAIN_S``): after that there is no more
guessing in this turn, the recognisers stay open through the pauses and are finished when the turn is.

Somebody who says the wake phrase although the box is listening anyway is calling it (see ``audio/spot.py``): the phrase
alone ends the turn, a command behind it is heard without it.
"""
from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.events import Event, Guessed, Heard, SpeechBegan
from assistant.ports import SAMPLE_RATE
from audio.ears import Ears
from audio.segment import Mark, PatienceLearner, Segmenter, SegmentSettings
from audio.spot import Spotter, without_opening
from audio.timeline import Timeline, samples
from audio.vad import WINDOW, WINDOW_S
from audio.wake import Kind, Sighting, WakeListener, voice_after
from intents.model import Hypothesis

AGAIN_S = 8.0
"""So much of an utterance's sound may be decoded a second time because the person went on after a guess."""


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
    """Steps through the timeline from ``start`` until the turn is over; see :attr:`over` and :attr:`called`.

    ``wake`` must rest meanwhile.
    """

    def __init__(
        self, ears: Ears, timeline: Timeline, window: Window, start: int, learner: PatienceLearner, wake: WakeListener,
        settings: SegmentSettings | None = None,
    ) -> None:
        patience = learner.patience_s + window.extra_patience_s
        self._segmenter = Segmenter(replace(settings or SegmentSettings(), patience_s=patience))
        self._ears, self._timeline, self._window, self._learner = ears, timeline, window, learner
        self._spotter: Spotter = wake.spotter()
        self._wake = wake.settings
        self._fence = max(start, timeline.oldest)
        self._next = self._fence // WINDOW
        self._origin = self._next * WINDOW
        self._begin: int | None = None
        self._kept: tuple[Hypothesis, ...] | None = None
        self._resume_at: int | None = None
        """Behind the wake phrase the recognisers wait, unfinished, for sound from here on."""
        self._phrase_end: int | None = None
        self._looked = False
        self._again = samples(AGAIN_S)
        self.over = False
        self.called: Sighting | None = None
        """The wake phrase and nothing else was said: the reason why the turn is over."""

    @property
    def number(self) -> int:
        return self._window.turn

    @property
    def after_wake(self) -> bool:
        """The window followed the wake phrase, or the utterance began with it."""
        return self._window.after_wake or self._phrase_end is not None

    @property
    def begun(self) -> bool:
        """The person has begun to speak."""
        return self._begin is not None

    @property
    def beginning(self) -> bool:
        """There is voice, too little as yet to be sure of it."""
        return self._begin is None and not self._segmenter.quiet

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
        self._spotter.forget()
        self.over = True

    def _react(self, mark: Mark, now: int) -> list[Event]:
        match mark:
            case Mark.BEGAN:
                self._begin = max(self._fence, self._origin + samples(self._segmenter.start_s))
                self._accept(self._begin, now)
                return [SpeechBegan(self._window.turn)]
            case Mark.PAUSED:
                self._accept(now - WINDOW, now)
                return self._guess(now)
            case Mark.RESUMED if self._resume_at is not None:
                resume_at, self._resume_at, self._looked = self._resume_at, None, False
                self._accept(resume_at, now)
            case Mark.RESUMED if self._kept is not None:
                self._kept, self._looked = None, False
                self._again -= now - (self._begin or 0)
                self._spotter.forget()
                self._accept(self._begin or 0, now)
            case Mark.ENDED:
                return self._end(now)
            case Mark.NOTHING if self._begin is None:
                return self._waited()
            case _ if self._kept is None and self._resume_at is None:
                self._accept(now - WINDOW, now)
                self._look_early(now)
            case _:
                self._settle(now)
        return []

    def _accept(self, start: int, end: int) -> None:
        pcm = self._timeline.slice(start, end)
        self._ears.accept(pcm)
        self._spotter.accept(pcm)

    def _look_early(self, now: int) -> None:
        """Whether this is a call is worked out before the first moment to answer one."""
        if self._segmenter.silence_s >= self._wake.look_s:
            self._look()
        else:
            self._looked = False

    def _look(self) -> None:
        """Once in each pause."""
        if self._looked:
            return
        self._looked = True
        end_s = self._spotter.look()
        self._phrase_end = None if end_s is None else (self._begin or 0) + samples(end_s)

    def _guess(self, now: int) -> list[Event]:
        self._look()
        if self._calling(now):
            self._resume_at = now
            self._settle(now)
            return []
        if now - (self._begin or 0) > self._again:
            return []
        self._finish()
        return [Guessed(self._window.turn, self._kept or (), self.after_wake)]

    def _finish(self) -> None:
        self._look()
        readings = self._ears.finish()
        if self._phrase_end is not None:
            readings = without_opening(readings, (self._phrase_end - (self._begin or 0)) / SAMPLE_RATE)
        self._kept = readings

    def _calling(self, now: int) -> bool:
        """The wake phrase has been said, and nothing behind it."""
        end = self._phrase_end
        return end is not None and voice_after(self._timeline, end, now) < self._wake.least_command_s

    def _settle(self, now: int) -> None:
        """Take the phrase alone for a call as soon as the person does not go on."""
        end = self._phrase_end
        if end is None or not self._calling(now) or self._segmenter.returning:
            return
        if now - end >= samples(self._wake.settle_s):
            self._call(end)

    def _call(self, end: int) -> None:
        self.abandon()
        self.called = Sighting(Kind.WAKE, end)

    def _waited(self) -> list[Event]:
        waiting_s = self._segmenter.position_s
        if self._segmenter.quiet and waiting_s >= self._window.window_s:
            return self._nothing()
        return []

    def _nothing(self) -> list[Event]:
        self.over = True
        return [] if self._window.if_silent is None else [self._window.if_silent]

    def _end(self, now: int) -> list[Event]:
        if self._kept is None:
            self._accept(now - WINDOW if self._resume_at is None else self._resume_at, now)
            self._look()
        if self._calling(now):
            self._call(self._phrase_end or now)
            return []
        self.over = True
        if self._kept is None:
            self._finish()
        self._spotter.forget()
        if self._kept:
            self._learner.observe(self._segmenter.longest_pause_s)
        elif self._window.after_wake:
            return self._nothing()
        return [Heard(self._window.turn, self._kept or (), self.after_wake)]
