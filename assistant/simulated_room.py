"""A room without hardware: a person with a synthetic voice, a simulated microphone, a loudspeaker that is only recorded.

Everything between them is the real box: ear, understanding, dialogue, skills, voice, loop, threads. The microphone runs
in real time, so that latencies are real; the loudspeaker takes replies as fast as they come.
"""
from __future__ import annotations

import datetime as dt
import queue
import threading
import time
from dataclasses import dataclass, field

import numpy as np

from assistant.commands import Card, Command, Listen, Say, StopListening
from assistant.events import Event, Heard, PatienceLearned, SpeechEnded, StopRequested, TimerRang, WakeHeard
from assistant.loop import Loop
from assistant.ports import SAMPLE_RATE, Pcm, SpeechStyle, Synthesizer
from assistant.settings import Settings
from assistant.weather.simulated import SimulatedWeather
from audio.fakes import Pace, SimulatedMicrophone
from audio.fakes_media import SimulatedPlayer
from audio.fakes_out import RecordingLoudspeaker
from audio.wav import resample
from intents.model import Fragment, Intent, Understander, Understanding

VOICED = 300
"""Absolute int16 amplitude (about -41 dBFS) above which a sample of the clean synthetic voice counts as voiced."""

SPEAKS_WITHIN_S = 15.0


class Onlooker:
    """Wraps the understander and keeps what it understood last."""

    def __init__(self) -> None:
        self.last = Understanding(Intent("none"))
        self._understander: Understander | None = None

    def around(self, understander: Understander) -> Onlooker:
        self._understander = understander
        return self

    def understand(self, hypotheses, now, expects=()) -> Understanding:
        self.last = self._understander.understand(hypotheses, now, expects)
        return self.last

    def fragments(self, hypotheses, now) -> tuple[Fragment, ...]:
        return self._understander.fragments(hypotheses, now)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing said and what came of it. Times in seconds."""

    said: str
    heard: str
    intent: Intent
    reply: str
    latency_s: float
    """From the last voiced sample to the first sample of the reply, without the silence that ends a turn."""


class SilentScreen:
    """A screen nobody looks at."""

    def said(self, text: str) -> None:
        """Replies are read from the commands."""

    def show(self, card: Card) -> None:
        """Cards are read from the commands."""


class FirstSamples:
    """When the first sample of each turn's reply reached the loudspeaker (monotonic seconds)."""

    def __init__(self) -> None:
        self._moments: dict[int, float] = {}
        self._changed = threading.Condition()

    def note(self, turn: int) -> None:
        with self._changed:
            self._moments.setdefault(turn, time.monotonic())
            self._changed.notify_all()

    def of(self, turn: int) -> float:
        """Waits for it. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: turn in self._moments, SPEAKS_WITHIN_S):
                raise TimeoutError(f"the reply of turn {turn} made no sound")
            return self._moments[turn]


@dataclass
class SimulatedRoom:
    """Owns the loop's thread and plays the person. Use as a context manager."""

    loop: Loop
    microphone: SimulatedMicrophone
    first_samples: FirstSamples
    onlooker: Onlooker
    person: Synthesizer
    _facts: queue.SimpleQueue = field(default_factory=queue.SimpleQueue)
    _patience_s: float = 0.0
    """The silence that ends a turn at the moment: the box learns it from the person."""
    _extra_patience_s: float = 0.0
    """Added to it while the box waits for an answer."""

    def __enter__(self) -> SimulatedRoom:
        self.loop.observe = lambda event, commands: self._facts.put((event, commands))
        self._patience_s = self.loop.settings.listening.silence_s
        self._thread = threading.Thread(target=self.loop.run, name="box")
        self._thread.start()
        self.wait(lambda event, commands: isinstance(event, SpeechEnded), 60)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.parts.mailbox.post(StopRequested())
        self._thread.join(30)

    def wait(self, wanted, timeout_s: float = SPEAKS_WITHIN_S) -> tuple[Event, tuple[Command, ...]]:
        """The next event (with its commands) for which ``wanted`` is true. Raises TimeoutError."""
        end = time.monotonic() + timeout_s
        while True:
            try:
                event, commands = self._facts.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"nothing of the kind happened within {timeout_s:.0f} s") from None
            if isinstance(event, PatienceLearned):
                self._patience_s = event.patience_s
            if wanted(event, commands):
                return event, commands

    def utter(self, text: str, style: SpeechStyle) -> float:
        """Say ``text`` into the microphone; returns the moment (monotonic) of its last voiced sample."""
        pcm = np.concatenate(list(self.person.synthesize(text, style)))
        return self.play(resample(pcm, self.person.sample_rate, SAMPLE_RATE))

    def play(self, pcm: Pcm) -> float:
        """Play 16 kHz sound into the microphone up to its last voiced sample; returns when that was delivered."""
        voiced = np.flatnonzero(np.abs(pcm.astype(np.int32)) > VOICED)
        self.microphone.play(pcm[: voiced[-1] + 1] if len(voiced) else pcm)
        if not self.microphone.drained(len(pcm) / SAMPLE_RATE + 30):
            raise TimeoutError("the microphone did not deliver what was said")
        return time.monotonic()

    def call(self, phrase: str, style: SpeechStyle) -> float:
        """Say the wake phrase and wait for the acknowledgement; returns how long its first sample took."""
        ended = self.utter(phrase, style)
        _, commands = self.wait(lambda event, commands: isinstance(event, WakeHeard))
        latency = self.first_samples.of(_turn_of(commands)) - ended
        self._extra_patience_s = 0.0
        self.wait(lambda event, commands: any(isinstance(c, Listen) for c in commands))
        return latency

    def ask(self, text: str, style: SpeechStyle) -> Exchange:
        """Say something the box is listening for (or in one breath with the wake phrase) and wait for its answer."""
        patience_s = self._patience_s + self._extra_patience_s
        ended = self.utter(text, style)
        _, commands = self.wait(lambda event, commands: isinstance(event, Heard))
        return self._answered(text, ended + patience_s, commands)

    def _answered(self, text: str, ended: float, commands: tuple[Command, ...]) -> Exchange:
        understood = self.onlooker.last.intent
        heard = next((c.card.title for c in commands if hasattr(c, "card") and c.card.kind == "heard"), understood.heard)
        reply = " ".join(c.text for c in commands if isinstance(c, Say))
        if not reply:
            return Exchange(text, heard, understood, "", float("nan"))
        latency = self.first_samples.of(_turn_of(commands)) - ended
        while True:
            _, after = self.wait(lambda event, commands: isinstance(event, SpeechEnded) or _speaks(commands))
            reply += "".join(c.text for c in after if isinstance(c, Say))
            if any(isinstance(c, (Listen, StopListening)) for c in after):
                self._extra_patience_s = next((c.extra_patience_s for c in after if isinstance(c, Listen)), 0.0)
                return Exchange(text, heard, understood, reply, latency)

    def wait_for_ring(self, timeout_s: float) -> str:
        """Wait until a timer rings and the box listens for the answer; returns what it said."""
        _, commands = self.wait(lambda event, commands: isinstance(event, TimerRang) and _speaks(commands), timeout_s)
        _, listening = self.wait(lambda event, commands: any(isinstance(c, Listen) for c in commands))
        self._extra_patience_s = next(c.extra_patience_s for c in listening if isinstance(c, Listen))
        return next(c.text for c in commands if isinstance(c, Say))


def _speaks(commands: tuple[Command, ...]) -> bool:
    return any(isinstance(c, Say) for c in commands)


def _turn_of(commands: tuple[Command, ...]) -> int:
    return next(c.turn for c in commands if isinstance(c, Say))


def build_room(settings: Settings, pace: Pace = Pace.REAL_TIME) -> SimulatedRoom:
    """The box of ``settings`` in a simulated room, with simulated weather. Raises ModelError, ConfigError, VoiceError.

    At another ``pace`` than real time, latencies mean nothing.
    """
    from assistant.head_start import begin
    from assistant.wiring import build_box, build_voice

    first_samples = FirstSamples()
    microphone, onlooker, voice = SimulatedMicrophone(pace), Onlooker(), build_voice(settings)
    loop = build_box(settings, SilentScreen(), begin(settings, microphone), loudspeaker=RecordingLoudspeaker(), voice=voice,
                     player=SimulatedPlayer(), on_started=first_samples.note,
                     weather=SimulatedWeather(dt.datetime.now), note=onlooker.around)
    return SimulatedRoom(loop, microphone, first_samples, onlooker, voice)
