"""A command that the person says into the acknowledgement of the wake phrase: whether it is heard from its first syllable on."""
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from assistant.commands import Listen, StopListening
from assistant.events import Heard, SpeechBegan, WakeHeard
from assistant.ports import EchoCanceller
from audio.ear import EarCore, SpeakingBegan, SpeakingEnded
from audio.echo import FRAME
from audio.own_voice import OwnVoice
from audio.timeline import samples
from bench.ear_bench import Say, trimmed
from bench.elders.acoustics import Sound, level
from bench.playback.echo_path import VOICE_DBFS, EchoPath, at_level, to_sound
from bench.playback.stream import Playback
from bench.playback.wake import own_voice

ACKNOWLEDGEMENT = "哎，我在。"
PAUSES_S = (0.3, 0.45, 0.6, 0.8, 1.0, 1.3)
"""From the end of the phrase to the command; the box speaks from about 0.4 s to 1.35 s of it."""
COMMANDS = ("今天天气怎么样", "明天下雨吗", "现在几点了", "给大儿子打视频", "放一段吕剧")
RATES = (0.9, 1.1)
SPOKE_S = 14.0
"""So much the box has said before."""
OPENING_S = 0.03
"""From the order to speak to the first sample at the loudspeaker."""
AFTER_S, BETWEEN_S = 2.0, 3.0
LISTENS = 6000
"""Number of the turns that are listened to."""


def heard_whole(core: EarCore, make: Callable[[], EchoCanceller], say: Say, rate: float, phrase: str, paths: Sequence[EchoPath],
                level_db: float) -> dict[str, float]:
    """For each pause the share of commands of which the first two syllables were heard; ``rate``: the speed at which the box speaks."""
    before = own_voice(say, rate, SPOKE_S)
    answer = at_level(to_sound(trimmed(say(ACKNOWLEDGEMENT, rate, 1.0))), 20 * np.log10(level(before)))
    found: dict[str, list[bool]] = {}
    for pause_s, path in itertools.product(PAUSES_S, paths):
        commands = [(command, _called(say, phrase, command, speed, pause_s, path)) for speed, command in itertools.product(RATES, COMMANDS)]
        playback = _spoken_before(core, make(), before, path, level_db, sum(len(voice) for _, voice in commands))
        found.setdefault(f"{pause_s:g} s", []).extend(_heard(core, playback, voice, answer)[:2] == command[:2] for command, voice in commands)
    return {pause: round(float(np.mean(hits)), 4) for pause, hits in found.items()}


def _called(say: Say, phrase: str, command: str, speed: float, pause_s: float, path: EchoPath) -> Sound:
    words = [to_sound(trimmed(say(text, speed, 1.0))) for text in (phrase, command)]
    voice = path.voice(np.concatenate((words[0], np.zeros(samples(pause_s), np.float32), words[1])))
    return np.concatenate((voice, np.zeros(samples(AFTER_S), np.float32)))


def _spoken_before(core: EarCore, canceller: EchoCanceller, before: Sound, path: EchoPath, level_db: float, more: int) -> Playback:
    """A box that has spoken so far, with room for as many samples ``more`` and the silence between; nothing else is played."""
    far = np.concatenate((before, np.zeros(more + samples(BETWEEN_S) * (1 + len(RATES) * len(COMMANDS)), np.float32)))
    while_it_speaks = 10 ** ((VOICE_DBFS + level_db) / 20)
    playback = Playback(core, canceller, path, far, while_it_speaks * np.sqrt(len(before) / len(far)))
    core.own_voice = OwnVoice()
    core.obey(SpeakingBegan())
    _drain(playback.hear_for(SPOKE_S + OPENING_S))
    core.obey(SpeakingEnded())
    return playback


def _heard(core: EarCore, playback: Playback, voice: Sound, answer: Sound) -> str:
    """What the ear makes of the command, with orders as the loop gives them: the acknowledgement sounds, is withdrawn when the
    person has gone on before it, and when it is over the box listens."""
    heard, ends_at = "", None
    for start in range(0, len(voice), FRAME):
        if ends_at is not None and playback.position >= ends_at:
            ends_at = None
            core.obey(SpeakingEnded())
            core.obey(Listen(LISTENS, 7.0))
        for event in playback.hear(voice[start : start + FRAME]):
            if isinstance(event, WakeHeard):
                core.obey(SpeakingBegan(ACKNOWLEDGEMENT))
                ends_at = playback.play(answer, OPENING_S)
            elif isinstance(event, SpeechBegan) and ends_at is not None:
                ends_at = playback.hush()
            elif isinstance(event, Heard) and event.hypotheses:
                heard = event.hypotheses[0].text
    core.obey(SpeakingEnded())
    core.obey(StopListening())
    _drain(playback.hear_for(BETWEEN_S))
    return heard


def _drain(events: Iterator[object]) -> None:
    for _ in events:
        pass
