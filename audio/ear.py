"""The ear: from chunks of sound to facts, synchronous and deterministic; ``audio/ear_thread.py`` gives it a thread.

Audio time is the only clock: what comes out depends on the samples, not on how they were cut or when they came.
Vosk is touched by the thread that calls ``EarCore`` and by no other.

Turn numbers come with ``Listen``. A command said in one breath with the wake phrase has nobody to give it a number:
it takes the last number plus one and is marked ``after_wake``.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from assistant.commands import Listen, StopListening
from assistant.events import Event, Heard, ListenTimedOut, StopHeard, WakeHeard
from assistant.ports import SAMPLE_RATE, Pcm
from audio.ears import Ears
from audio.own_voice import OwnVoice
from audio.recognizer import Phrase, SpeechModel, VoskRecognizer
from audio.segment import PatienceLearner, SegmentSettings
from audio.timeline import Timeline, samples
from audio.turn import TurnListener, Window
from audio.upkeep import Upkeep, Warming
from audio.vad import WINDOW, WINDOW_S, SileroVad
from audio.wake import DEFAULT_PHRASE, Kind, Sighting, WakeListener, WakeSettings


@dataclass(frozen=True, slots=True)
class SpeakingBegan:
    """The loudspeaker is about to sound: until it ends only the wake phrase and the stop words count."""

    says: str = ""
    """Where the wake phrase itself is among these words, it is the box that says it, and only the stop words count."""


@dataclass(frozen=True, slots=True)
class SpeakingEnded:
    """The last sample has left the loudspeaker."""


@dataclass(frozen=True, slots=True)
class SetPhrases:
    """The grammar's phrases, each as words that the model knows; an empty list switches the grammar off."""

    phrases: tuple[tuple[str, ...], ...]


Order = Listen | StopListening | SpeakingBegan | SpeakingEnded | SetPhrases


class Mode(Enum):
    ASLEEP = "asleep"
    LISTENING = "listening"
    SPEAKING = "speaking"


@dataclass(frozen=True, slots=True)
class EarSettings:
    """Lengths in seconds."""

    wake_phrase: str = DEFAULT_PHRASE
    segment: SegmentSettings = SegmentSettings()
    wake: WakeSettings = WakeSettings()
    rewind_s: float = 2.0
    """How far back ``Listen`` reaches for speech that began since the box last heard something or, where the microphone hears
    it too, said something."""
    into_own_words_s: float = 1.5
    """How far back it reaches into the box's own words where the microphone does not hear them: all of an acknowledgement, and
    the end of a question."""
    one_breath_window_s: float = 0.8
    """How long a command may take to appear after a wake phrase that seemed to be followed by one."""
    breath_s: float = 1.2
    """How long after the wake phrase's end speech still belongs to it, if the box has not yet begun to speak."""
    echo_s: float = 0.096
    """So long after the order to speak the box's own voice cannot be in the microphone: 15 ms to open the loudspeaker, 40 ms
    of its buffer and a block of 32 ms of the microphone lie between (110 ms measured through PulseAudio, both ways). Voice in
    that time is a person who went on after the wake phrase."""
    growth_mb: float = 5.0
    """When the process has grown by so much since the decoders were new, their memory is given back at the next quiet
    moment (see ``audio/upkeep.py``): the smaller, the more often speech is decoded by a cold one."""
    renew_quiet_s: float = 3.0


class EarCore:
    """All of hearing, step by step. ``warm_up`` is speech (16 kHz) that the decoders are led through before it counts:
    at once when they are made here, in quiet moments after a renewal or new phrases."""

    def __init__(
        self, model: SpeechModel, phrases: Sequence[Phrase] = (), settings: EarSettings | None = None,
        warm_up: Sequence[Pcm] = (),
    ) -> None:
        self.settings = settings or EarSettings()
        self.mode = Mode.ASLEEP
        self.learner = PatienceLearner(self.settings.segment.patience_s)
        self.timeline = Timeline()
        self._model = model
        self._warming = Warming(tuple(warm_up))
        self.upkeep = Upkeep(self._warming, self.settings.growth_mb)
        self._vad = SileroVad()
        self._ears = Ears(VoskRecognizer(model))
        self._wake = WakeListener(
            model, self._ears.free_form, self.timeline, self.settings.wake_phrase, self.settings.wake
        )
        self._turn: TurnListener | None = None
        self._window: Window | None = None
        self._last_turn = 0
        self._saying = ""
        self.own_voice = OwnVoice()
        self._spoke_at: int | None = None
        """When the box opened its mouth, if it was known then that it does not hear itself."""
        self._fence = 0
        self._yield_at: int | None = None
        """When the box, about to speak, stops listening for a command behind the wake phrase."""
        self._quiet = 0
        self._quiet_windows = -(-samples(self.settings.renew_quiet_s) // WINDOW)
        self._rest = np.zeros(0, dtype=np.int16)
        self._new_phrases: tuple[Phrase, ...] | None = None
        if phrases:
            self._ears.grammar = VoskRecognizer(model, phrases)
        for pcm in warm_up:
            self._ears.warm(pcm)

    @property
    def wake(self) -> WakeListener:
        """What waits for the wake phrase, with its counts."""
        return self._wake

    def feed(self, pcm: Pcm) -> list[Event]:
        """Hear these samples (mono int16, 16 kHz, any number); the facts found, in order."""
        if self._turn is None and self._wake.idle:
            self.upkeep.between_turns(self._ears.decoders)
        waiting = np.concatenate((self._rest, pcm)) if len(self._rest) else pcm
        whole = len(waiting) - len(waiting) % WINDOW
        self._rest = waiting[whole:].copy()
        events: list[Event] = []
        for start in range(0, whole, WINDOW):
            window = waiting[start : start + WINDOW]
            probability = self._vad.probability(window)
            if probability >= self.settings.segment.start_probability:
                self._warming.interrupt()
            self.timeline.append(window, probability)
            events += self._step()
        return events

    def obey(self, order: Order) -> None:
        """Take an order at the present point of audio time."""
        match order:
            case Listen():
                silent = ListenTimedOut(order.turn)
                self._listen(Window(order.turn, order.window_s, order.extra_patience_s, if_silent=silent))
            case StopListening():
                self._leave_turn()
                self._window = None
                if self._yield_at is not None:
                    self._speak()
                elif self.mode is Mode.LISTENING:
                    self._sleep()
            case SpeakingBegan(says=says):
                self._saying = says
                self._speaking_began()
            case SpeakingEnded():
                self._speaking_ended()
            case SetPhrases():
                self._new_phrases = order.phrases
                self._swap_phrases()

    def _step(self) -> list[Event]:
        if self.mode is Mode.LISTENING and self._turn is not None:
            events = self._step_turn(self._turn)
            self._yield()
            return events
        if self.mode is Mode.SPEAKING:
            voice = self.timeline.probability(self.timeline.windows - 1)
            self.own_voice.heard(WINDOW_S, voice >= self.settings.segment.start_probability)
        self._keep_up()
        sighting = self._wake.step()
        if sighting is None:
            return []
        return self._saw(sighting)

    def _step_turn(self, turn: TurnListener) -> list[Event]:
        events = turn.step()
        if turn.over:
            self._turn, window, self._window = None, self._window, None
            self._sleep()
            self.upkeep.after_turn()
            if turn.called is not None:
                self._last_turn = max(self._last_turn, turn.number)
                return events + self._saw(turn.called)
            if window is not None and not any(isinstance(event, Heard | ListenTimedOut) for event in events):
                # speech right after the wake phrase came to nothing, and meanwhile the box had begun to wait
                self._listen(window)
        elif turn.begun:
            self._last_turn = max(self._last_turn, turn.number)
        return events

    def _saw(self, sighting: Sighting) -> list[Event]:
        if self.mode is Mode.SPEAKING and sighting.kind is Kind.WAKE and self.settings.wake_phrase in self._saying:
            return []
        self._fence = sighting.end
        if self.mode is Mode.SPEAKING:
            return [WakeHeard() if sighting.kind is Kind.WAKE else StopHeard()]
        if sighting.kind is Kind.STOP:
            return []
        turn = self._last_turn + 1
        if sighting.command_follows:
            window = Window(turn, self.settings.one_breath_window_s, after_wake=True, if_silent=WakeHeard())
            self._open_turn(window, sighting.end)
            return self._step()
        # many take a short breath between the phrase and the command: until the box opens its mouth they are heard
        self._open_turn(Window(turn, self.settings.breath_s, after_wake=True), sighting.end)
        return [WakeHeard(), *self._step()]

    def _listen(self, window: Window) -> None:
        self._last_turn = max(self._last_turn, window.turn)
        self._window = window
        if self._turn is not None and self._turn.begun and self._turn.after_wake:
            return
        self._leave_turn()
        if self.mode is not Mode.SPEAKING:
            reach = self.timeline.now - samples(self.settings.rewind_s)
            start = self._fence if self._fence >= reach else self.timeline.now
            waits_s = window.window_s + (self.timeline.now - start) / SAMPLE_RATE
            self._open_turn(replace(window, window_s=waits_s), start)

    def _open_turn(self, window: Window, start: int) -> None:
        self._wake.restart()
        self._warming.interrupt()
        self._swap_phrases()
        self.mode = Mode.LISTENING
        self._turn = TurnListener(
            self._ears, self.timeline, window, start, self.learner, self._wake, self.settings.segment
        )

    def _leave_turn(self) -> None:
        if self._turn is not None:
            self._turn.abandon()
            self._turn = None

    def _speaking_began(self) -> None:
        if self._turn is not None and self._turn.after_wake:
            self._yield_at = self.timeline.now + samples(self.settings.echo_s)
            return
        self._speak()

    def _speak(self) -> None:
        self._yield_at = None
        self._leave_turn()
        self.mode = Mode.SPEAKING
        self.own_voice.begins()
        self._spoke_at = None if self.own_voice.audible else self.timeline.now
        self._wake.restart()

    def _yield(self) -> None:
        """The box is about to speak: unless the person has gone on, the turn behind the wake phrase is over."""
        if self._yield_at is None or self.timeline.now < self._yield_at:
            return
        if self._turn is not None and self._turn.beginning:
            return
        self._give_way()

    def _give_way(self) -> None:
        self._yield_at = None
        if self._turn is None or not self._turn.begun:
            self._speak()

    def _speaking_ended(self) -> None:
        if self._yield_at is not None:
            self._give_way()
        if self.mode is not Mode.SPEAKING:
            return
        fence = self._behind_own_words()
        self._sleep()
        self._fence = fence
        if self._window is not None:
            self._open_turn(self._window, self._fence)

    def _behind_own_words(self) -> int:
        """From where on words are a person's."""
        now = self.timeline.now
        if self._spoke_at is None:
            return now
        return max(self._fence, self._spoke_at - samples(self.settings.echo_s), now - samples(self.settings.into_own_words_s))

    def _sleep(self) -> None:
        self.mode = Mode.ASLEEP
        self._fence = self.timeline.now
        self._quiet = 0
        self._wake.restart()
        self._swap_phrases()

    def _swap_phrases(self) -> None:
        if self._new_phrases is None or self._turn is not None:
            return
        phrases, self._new_phrases = self._new_phrases, None
        if not phrases:
            self._ears.grammar = None
            return
        if self._ears.grammar is None:
            self._ears.grammar = VoskRecognizer(self._model, phrases)
        else:
            self._ears.grammar.set_phrases(phrases)
        self._warming.plan(self._ears.grammar)

    def _keep_up(self) -> None:
        """Nobody is answering; the decoders' upkeep is done while nobody speaks at all."""
        if not self._wake.idle:
            self._quiet = 0
            return
        self._quiet += 1
        self._warming.step()
        if self.mode is Mode.ASLEEP and self._quiet % self._quiet_windows == 0:
            self.upkeep.when_quiet(self._ears.decoders)
