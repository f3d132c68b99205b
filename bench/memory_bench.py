"""What the whole box holds in memory while people talk to it: every part real but the microphone and the loudspeaker."""
from __future__ import annotations

import dataclasses
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import psutil

from assistant.commands import Command, Say
from assistant.events import Event, Heard, WakeHeard
from assistant.ports import SAMPLE_RATE, SpeechStyle
from assistant.settings import Settings
from assistant.simulated_room import SimulatedRoom, build_room
from audio.fakes import Pace
from audio.wav import resample
from bench.ear_bench import silence, talk_text
from bench.understanding_bench import Case

EVERY_S = 10.0
"""Somebody speaks."""
CHARACTERS = 12
"""Of the talk that is not for the box, at most."""
CURVE = 10
"""Points of it."""
PIECE = 2 * SAMPLE_RATE
"""Samples that are played at once: less than the ear lets wait."""
MOMENT_S = 0.1
"""When nothing has happened for so long, an exchange is over..."""
WITHIN_S = 120.0
"""...and when it is not over by then, something hangs."""


class Turns:
    """Counts what the box did, in the place of the room's own onlooker, which would keep all of it."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self._last = time.monotonic()

    def over(self) -> bool:
        """Nothing has happened for a moment."""
        return time.monotonic() - self._last > MOMENT_S

    def __call__(self, event: Event, commands: Sequence[Command]) -> None:
        self._last = time.monotonic()
        self.count["woken"] += isinstance(event, WakeHeard)
        self.count["heard"] += isinstance(event, Heard)
        self.count["replies"] += isinstance(event, Heard) and any(isinstance(command, Say) for command in commands)


def measure(settings: Settings, commands: Sequence[Case], minutes: float, progress) -> dict[str, object]:
    """RSS in MB after each exchange of ``minutes`` of them, as fast as the box takes the sound: the wake phrase and, by turns,
    a command and a new row of words that nobody says."""
    process, turns, seen = psutil.Process(), Turns(), []
    rounds = max(CURVE, round(minutes * 60 / EVERY_S))
    with tempfile.TemporaryDirectory(prefix="xiangyin-bench-") as folder:
        settings = dataclasses.replace(settings, box=dataclasses.replace(settings.box, data_dir=folder))
        with build_room(settings, Pace.CONSUMER) as room:
            room.loop.observe = turns
            words = talk_text(11)
            for turn in progress(range(rounds)):
                talk = commands[turn // 2 % len(commands)].text if turn % 2 else next(words)[:CHARACTERS]
                _exchange(room, turns, f"{settings.listening.wake_phrase}，{talk}")
                seen.append(process.memory_info().rss / 1e6)
    step = rounds // CURVE
    return {
        "hours": round(minutes / 60, 2), "exchanges": rounds, **turns.count, "most_mb": round(max(seen)),
        "rss_mb": [round(value) for value in seen[step - 1 :: step]],
    }


def _exchange(room: SimulatedRoom, turns: Turns, text: str) -> None:
    """Say it and let :data:`EVERY_S` pass since the last one; raises TimeoutError where the box takes no more sound."""
    speech = resample(np.concatenate(list(room.person.synthesize(text, SpeechStyle()))), room.person.sample_rate, SAMPLE_RATE)
    sound = np.concatenate((silence(0.5), speech, silence(max(1.5, EVERY_S - 0.5 - len(speech) / SAMPLE_RATE))))
    for start in range(0, len(sound), PIECE):
        room.microphone.play(sound[start : start + PIECE])
        _until(lambda: room.microphone.drained(0.0) and room.loop.parts.ear.behind_s() == 0.0)
    _until(lambda: turns.over() and not room.loop.parts.voice.speaking)
    room.loop.parts.loudspeaker.playbacks.clear()


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + WITHIN_S
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the box does not get on")
        time.sleep(0.002)
