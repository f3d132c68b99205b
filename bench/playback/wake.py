"""The wake phrase over what the box itself plays or says, at three levels of the echo, with every canceller and with none."""
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from assistant.events import Guessed, Heard, StopHeard, WakeHeard
from assistant.ports import EchoCanceller, Pcm
from audio.ear import EarCore, SpeakingBegan, SpeakingEnded
from audio.media_course import DUCKED_DB
from audio.timeline import samples
from bench.ear_bench import PITCHES, RATES, Say, trimmed
from bench.elders.acoustics import Sound
from bench.playback.echo_path import (
    VOICE_DBFS,
    EchoPath,
    played,
    simulated_music,
    simulated_percussion,
    to_sound,
)
from bench.playback.stream import Playback
from bench.voice_bench import replies

LEVELS_DB = (-10, 0, 5)
"""Of the echo at the microphone, relative to the person's voice there."""
LEARNS_S = 6.0
"""So much is played before the first phrase: what the box has been playing for a while, its canceller has learnt."""
GAP_S = 3.0
"""From the end of a phrase to the next."""
LOWERED = 10 ** (-DUCKED_DB / 20)
OWN_VOICE = "the box's voice"
Far = Callable[[float], Sound]


def far_ends(say: Say, rate: float) -> dict[str, Far]:
    """What is played, each a function of its length in seconds; ``rate`` is the speed at which the box speaks."""
    return {
        OWN_VOICE: lambda seconds: own_voice(say, rate, seconds),
        "simulated opera and overture": lambda seconds: played(simulated_music(seconds)),
        "simulated percussion": lambda seconds: played(simulated_percussion(seconds)),
    }


def own_voice(say: Say, rate: float, seconds: float) -> Sound:
    """The replies of the voice's benchmark, one after the other, without a pause."""
    made, pieces = 0, []
    for text in itertools.cycle(replies()):
        pieces.append(to_sound(trimmed(say(text, rate, 1.0))))
        made += len(pieces[-1])
        if made >= samples(seconds):
            return played(np.concatenate(pieces)[: samples(seconds)])
    raise AssertionError("replies() gave none")


def answered(event: object) -> bool:
    """The wake phrase was heard, alone or before a command."""
    return isinstance(event, WakeHeard) or (isinstance(event, Heard | Guessed) and event.after_wake)


def called(core: EarCore, canceller: Callable[[], EchoCanceller], phrases: Sequence[Pcm], fars: dict[str, Far], paths: Sequence[EchoPath],
           level_db: float, noticed: Callable[[object], bool] = answered) -> dict[str, list[bool]]:
    """For each far end, whether each phrase was heard, which the ear's facts tell: in every room, at this level of the echo."""
    heard: dict[str, list[bool]] = {}
    for (name, far), path in itertools.product(fars.items(), paths):
        voices = [path.voice(to_sound(phrase)) for phrase in phrases]
        sound = far(LEARNS_S + sum(len(voice) / samples(1.0) + GAP_S for voice in voices) + 1.0)
        echo_level = 10 ** ((VOICE_DBFS + level_db) / 20)
        playback = Playback(core, canceller(), path, sound, echo_level)
        heard.setdefault(name, []).extend(_each(core, playback, voices, name, noticed))
    return heard


def _each(core: EarCore, playback: Playback, voices: Sequence[Sound], name: str, noticed: Callable[[object], bool]) -> Iterator[bool]:
    """What plays is lowered as soon as the phrase has been noticed; the box's own voice speaks on."""
    if name == OWN_VOICE:
        core.obey(SpeakingBegan())
    for _ in playback.hear_for(LEARNS_S):
        pass
    for voice in voices:
        confirmed, found = core.wake.proposed - core.wake.turned_away, False
        for part in (playback.hear(voice), playback.hear_for(GAP_S)):
            for event in part:
                found |= noticed(event)
                if name != OWN_VOICE and core.wake.proposed - core.wake.turned_away > confirmed:
                    playback.gain = LOWERED
        playback.gain = 1.0
        yield found
    core.obey(SpeakingEnded())


def stopped(event: object) -> bool:
    return isinstance(event, StopHeard)


def wake_phrases(say: Say, phrase: str) -> list[Pcm]:
    """At every speed and pitch of the ear's benchmark."""
    return [trimmed(say(phrase, rate, pitch)) for rate, pitch in itertools.product(RATES, PITCHES)]
