"""The front end by measurement: the same sound heard in several ways, what each understands of it and what it costs.

Every way goes through the product's own ``Ears``. Their recognisers stand on shared ones that hear each sound only once and
say the same again to whoever asks next, with the bill for it: a dozen ways cost as much as the sounds in which they differ.
"""
from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import numpy as np

from assistant.ports import SAMPLE_RATE, Pcm, Synthesizer
from audio.denoise import dry_and_quiet, suppress
from audio.dereverb import dereverberate
from audio.ears import Ears, Readings, later
from audio.recognizer import VoskRecognizer
from audio.replay import Listener, join
from bench.elders.acoustics import CONDITIONS, Condition, Surroundings, place
from bench.elders.front_ends import band_pass, both, gain
from bench.elders.hearing import spoken
from bench.elders.trial import Trial, Verdict, judge, summary
from bench.understanding_bench import Case
from intents.model import NONE, Understander

Result = TypeVar("Result")
Treatment = Callable[[Pcm], Pcm]
RECOGNISERS = 2
"""That hear every utterance: free speech and the grammar."""
ROOMS = tuple(condition for condition in CONDITIONS if condition.name in ("clean", "room", "room + 20 dB", "room + 10 dB"))
OTHERS_IN = tuple(condition for condition in ROOMS if condition.name in ("clean", "room + 10 dB"))
ONCE, SECOND, BEFORE_ALL = "in front, heard once", "second hearing", "in front, then the second hearing"
WITH_FIRST = "second hearing, weighed with the first"
TREATMENTS: dict[str, Treatment] = {
    "dereverberation": dereverberate, "gain": gain, "band-pass": band_pass, "noise suppression": suppress,
    "dereverberation, noise suppression": dry_and_quiet,
}


@dataclass(frozen=True, slots=True)
class Way:
    """``front``: what the recognisers hear instead of the sound. ``second``: what is heard once more if that was not clear;
    ``of_two`` chooses among the readings of both hearings."""

    treatment: str
    where: str = ""
    front: Treatment | None = None
    second: Treatment | None = None
    of_two: Callable[[Readings, Readings], Readings] = later


NOTHING = Way("nothing", "heard once")
PRODUCT = Way("dereverberation, noise suppression", SECOND, second=dry_and_quiet)
WAYS = (
    NOTHING, PRODUCT, Way(PRODUCT.treatment, WITH_FIRST, second=PRODUCT.second, of_two=both),
    *(Way(name, SECOND, second=work) for name, work in TREATMENTS.items() if work is not PRODUCT.second),
    *(Way(name, ONCE, front=work) for name, work in TREATMENTS.items()),
    *(Way(name, BEFORE_ALL, TREATMENTS[name], PRODUCT.second) for name in ("gain", "band-pass")),
    Way("noise suppression", BEFORE_ALL, suppress, dereverberate),
)


@dataclass(slots=True)
class Bill:
    """CPU seconds; how often a recogniser heard something; samples, and how many utterances they were."""

    treating_s: float = 0.0
    hearing_s: float = 0.0
    hearings: int = 0
    sound: int = 0
    utterances: int = 0

    @property
    def heard_twice(self) -> float:
        """Share of the utterances."""
        return round(self.hearings / (RECOGNISERS * self.utterances) - 1, 4) if self.utterances else 0.0

    def figures(self) -> dict[str, float]:
        """CPU in ms a second of sound, of the treatment (of those that get it) and of everything."""
        seconds = max(self.sound, 1) / SAMPLE_RATE
        return {
            "heard_twice": self.heard_twice, "treatment_ms_per_s": round(1000 * self.treating_s / seconds, 1),
            "all_ms_per_s": round(1000 * (self.treating_s + self.hearing_s) / seconds, 1),
        }


class Once(Generic[Result]):
    """Work on a sound that is done once; whoever asks again gets the same result, and how many CPU seconds it took."""

    def __init__(self, work: Callable[[Pcm], Result], clock: Callable[[], float] = time.thread_time) -> None:
        self._work, self._clock = work, clock
        self._known: dict[bytes, tuple[Result, float]] = {}

    def __call__(self, pcm: Pcm) -> tuple[Result, float]:
        key = pcm.tobytes()
        if key not in self._known:
            began = self._clock()
            result = self._work(pcm)
            self._known[key] = result, self._clock() - began
        return self._known[key]

    def forget(self) -> None:
        self._known.clear()


class EveryWay:
    """In the place of ``Ears`` in a ``Listener``: each utterance is heard in every way, the first one's readings are given.

    The decoders are led through the sound beforehand. A sentence costs half as much again when it is heard for the first
    time, and the way that happens to come first would pay for all.
    """

    def __init__(self, decoders: Sequence[VoskRecognizer], ways: Sequence[Way] = WAYS) -> None:
        self.decoders = decoders
        self._bills = {way: Bill() for way in ways}
        self._bill = Bill()
        self._works = {work: Once(work) for way in ways for work in (way.front, way.second) if work}
        self._hearings = [Once(partial(_hear, decoder)) for decoder in decoders]
        self._ears = {way: Ears(*(_Heard(self, hearing) for hearing in self._hearings), clear=self._billed(way.second), of_two=way.of_two)
                      for way in ways}
        self._pieces: dict[Way, list[Readings]] = {way: [] for way in ways}
        self._sound: list[Pcm] = []

    def accept(self, pcm: Pcm) -> None:
        self._sound.append(pcm)

    def finish(self) -> Readings:
        sound, self._sound = np.concatenate(self._sound), []
        for decoder in self.decoders:
            decoder.warm(sound)
        for way, ears in self._ears.items():
            self._bill = self._bills[way]
            self._bill.utterances += 1
            self._bill.sound += len(sound)
            front = self._billed(way.front)
            ears.accept(front(sound) if front else sound)
            self._pieces[way].append(ears.finish())
        for once in (*self._works.values(), *self._hearings):
            once.forget()
        return next(iter(self._pieces.values()))[-1]

    def readings(self) -> dict[Way, Readings]:
        """What was heard since the last call, each way."""
        found = {way: join(pieces) for way, pieces in self._pieces.items()}
        self._pieces = {way: [] for way in self._pieces}
        return found

    def settle(self) -> dict[Way, Bill]:
        """What hearing cost since the last call, each way."""
        bills, self._bills = self._bills, {way: Bill() for way in self._bills}
        return bills

    def charge(self, seconds: float) -> None:
        """A recogniser has heard something."""
        self._bill.hearing_s += seconds
        self._bill.hearings += 1

    def _billed(self, work: Treatment | None) -> Treatment | None:
        return partial(self._treat, work) if work else None

    def _treat(self, work: Treatment, pcm: Pcm) -> Pcm:
        treated, seconds = self._works[work](pcm)
        self._bill.treating_s += seconds
        return treated


class _Heard:
    """In the place of a recogniser in ``Ears``."""

    def __init__(self, shared: EveryWay, hearing: Once[Readings]) -> None:
        self._shared, self._hearing = shared, hearing
        self._sound: list[Pcm] = []

    def accept(self, pcm: Pcm) -> None:
        self._sound.append(pcm)

    def finish(self) -> Readings:
        sound, self._sound = np.concatenate(self._sound), []
        readings, seconds = self._hearing(sound)
        self._shared.charge(seconds)
        return readings


def _hear(decoder: VoskRecognizer, pcm: Pcm) -> Readings:
    decoder.accept(pcm)
    return decoder.finish()


def measure(
    cases: Sequence[Case], voice: Synthesizer, decoders: Sequence[VoskRecognizer], understander: Understander, where: Surroundings,
    progress: Callable,
) -> dict[str, object]:
    """Commands under :data:`ROOMS`, talk that is not for the box under :data:`OTHERS_IN`."""
    every = EveryWay(decoders)
    listener = Listener(every)
    trials: dict[Way, list[Trial]] = {way: [] for way in WAYS}

    def say(said: Sequence[Case], conditions: Sequence[Condition]) -> dict[Way, Bill]:
        for number, case, speech in spoken(said, voice, progress):
            for condition in conditions:
                listener.hear_pcm(place(speech, condition, where, number))
                for way, heard in every.readings().items():
                    trials[way].append(Trial(condition.name, case.text, (case.intent,), case.slots, heard))
        return every.settle()

    commands, others = ([case for case in cases if (case.intent == NONE) is none] for none in (False, True))
    bills, bills_of_others = say(commands, ROOMS), say(others, OTHERS_IN)
    verdicts = {way: judge(found, understander) for way, found in trials.items()}
    return {
        "commands": len(commands), "others": len(OTHERS_IN) * len(others),
        "simulated": all("simulated" in room.name for room in where.rooms),
        "ways": [
            {"treatment": way.treatment, "where": way.where, "box": way == PRODUCT, **understood(verdicts[way], verdicts[PRODUCT]),
             **bills[way].figures(), "others_heard_twice": bills_of_others[way].heard_twice}
            for way in WAYS
        ],
    }


def understood(verdicts: Sequence[Verdict], product: Sequence[Verdict]) -> dict[str, object]:
    """Shares for each condition; false triggers; commands understood with all slots that ``product`` does not, and the
    other way round."""
    commands = [(ours, its) for ours, its in zip(verdicts, product, strict=True) if ours.trial.is_command]
    names = dict.fromkeys(ours.trial.condition for ours, _ in commands)
    shares = {name: summary([ours for ours, _ in commands if ours.trial.condition == name]) for name in names}
    return {
        "rooms": {name: {key: found[key] for key in ("intent", "intent_and_slots")} for name, found in shares.items()},
        "more": sum(ours.full and not its.full for ours, its in commands), "less": sum(its.full and not ours.full for ours, its in commands),
        "false_triggers": sum(not verdict.right for verdict in verdicts if not verdict.trial.is_command),
    }
