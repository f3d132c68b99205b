"""Commands over playback that has been lowered, as it is while the box listens: how many are understood."""
from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.commands import Listen, StopListening
from assistant.events import Heard
from assistant.ports import EchoCanceller
from audio.ear import EarCore
from audio.timeline import samples
from bench.ear_bench import PITCHES, RATES, Say, trimmed
from bench.elders.acoustics import Sound
from bench.playback.echo_path import VOICE_DBFS, EchoPath, to_sound
from bench.playback.stream import Playback
from bench.playback.wake import LEARNS_S, LOWERED, Far
from bench.understanding_bench import NOW, Case
from intents.model import NONE, Understander

LEVEL_DB = 5
"""Of the echo before it is lowered, relative to the person's voice at the microphone: the loudest of the wake phrase's."""
BEFORE_S, AFTER_S = 0.3, 2.5


def understood(core: EarCore, understander: Understander, canceller: Callable[[], EchoCanceller], cases: Sequence[Case], say: Say,
               fars: dict[str, Far], paths: Sequence[EchoPath]) -> list[bool]:
    """Whether each command was taken for what it is. Far ends, rooms, speeds and pitches take turns."""
    found = []
    for number, far in enumerate(fars.values()):
        mine, path = list(cases[number :: len(fars)]), paths[number % len(paths)]
        voices = [path.voice(to_sound(trimmed(say(case.text, RATES[n % 3], PITCHES[n // 3 % 3])))) for n, case in enumerate(mine)]
        length_s = LEARNS_S + 1.0 + sum(len(voice) / samples(1.0) + BEFORE_S + AFTER_S for voice in voices)
        playback = Playback(core, canceller(), path, far(length_s), 10 ** ((VOICE_DBFS + LEVEL_DB) / 20))
        for _ in playback.hear_for(LEARNS_S):
            pass
        playback.gain = LOWERED
        found += [_intent(core, understander, playback, voice) == case.intent for case, voice in zip(mine, voices, strict=True)]
    return found


def _intent(core: EarCore, understander: Understander, playback: Playback, voice: Sound) -> str:
    core.obey(Listen(5000, 7.0))
    heard = NONE
    for part in (playback.hear_for(BEFORE_S), playback.hear(voice), playback.hear_for(AFTER_S)):
        for event in part:
            if isinstance(event, Heard):
                heard = understander.understand(event.hypotheses, NOW).intent.name
    core.obey(StopListening())
    return heard
