"""Nobody is in the room: how often the box wakes, or stops, by what it plays and says itself, faster than real time."""
from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from assistant.events import StopHeard, WakeHeard
from assistant.ports import SAMPLE_RATE, EchoCanceller
from audio.ear import EarCore, SpeakingBegan, SpeakingEnded
from bench.ear_bench import Say, silence, talk, trimmed
from bench.elders.acoustics import Sound
from bench.playback.echo_path import VOICE_DBFS, EchoPath, played, simulated_music, to_sound
from bench.playback.stream import Playback
from bench.playback.wake import LEVELS_DB
from bench.voice_bench import replies

PIECE_S = 60.0
STORY_MINUTES = 8.0
"""Different talk in the box's voice, as of a storyteller on a recording; then it begins anew, in another room and at another level."""


def self_wakes(core: EarCore, canceller: EchoCanceller, say: Say, minutes: float, rate: float, own_phrase: Sequence[str],
               paths: Sequence[EchoPath]) -> dict[str, object]:
    """A minute of replies, of music, of a story, in turn, at every level of the echo; ``own_phrase`` are replies that say the
    wake phrase itself. The canceller goes on from one to the next, as that of a running box."""
    counts: Counter = Counter()
    pieces = _pieces(say, rate, own_phrase)
    for number in range(round(minutes * 60 / PIECE_S)):
        kind, far = next(pieces)
        if kind == "replies":
            core.obey(SpeakingBegan())
        level = 10 ** ((VOICE_DBFS + LEVELS_DB[number // 3 % 3]) / 20)
        proposed, turned_away = core.wake.proposed, core.wake.turned_away
        playback = Playback(core, canceller, paths[number // 9 % len(paths)], far, level)
        for event in playback.hear_for(playback.left() / 100):
            counts[f"{kind}: woke"] += isinstance(event, WakeHeard)
            counts[f"{kind}: stopped"] += isinstance(event, StopHeard)
        counts[f"{kind}: proposed"] += core.wake.proposed - proposed
        counts[f"{kind}: turned away"] += core.wake.turned_away - turned_away
        core.obey(SpeakingEnded())
        core.feed(silence(1.0))
    woke = sum(counts[f"{kind}: proposed"] - counts[f"{kind}: turned away"] for kind in ("replies", "music", "story"))
    return {"minutes": minutes, "woke": woke, "stopped": counts["replies: stopped"], "counts": dict(sorted(counts.items()))}


def _pieces(say: Say, rate: float, own_phrase: Sequence[str]) -> Iterator[tuple[str, Sound]]:
    texts = [*replies(), *replies("voice_skill_replies.txt"), *own_phrase]
    random.Random(66).shuffle(texts)
    spoken = itertools.cycle(texts)
    told = itertools.cycle(list(talk(say, STORY_MINUTES, seed=67)))
    one = lru_cache(maxsize=None)(lambda text: trimmed(say(text, rate, 1.0)))
    for seed in itertools.count(68, 10):
        yield "replies", _minute(one(text) for text in spoken)
        yield "music", played(simulated_music(PIECE_S, seed))
        yield "story", _minute(told)


def _minute(blocks: Iterator) -> Sound:
    made, pieces = 0, []
    for block in blocks:
        pieces.append(to_sound(block))
        made += len(block)
        if made >= PIECE_S * SAMPLE_RATE:
            break
    return played(np.concatenate(pieces))
