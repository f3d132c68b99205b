"""Would this wake phrase be safe? First by sound, over all sentences; then the likeliest of them are really spoken to an ear."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from assistant.events import Heard, WakeHeard
from assistant.ports import SAMPLE_RATE, Pcm, SpeechStyle, Synthesizer
from audio.ear import EarCore
from audio.replay import windows
from audio.wake import Collision
from audio.wav import resample

SPOKEN = 12
"""How many of the nearest sentences are spoken."""
STYLES = (SpeechStyle(1.0, 1.0), SpeechStyle(0.85, 0.92))
_PAUSE = np.zeros(SAMPLE_RATE, np.int16)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``near``: sentences that sound like the phrase on paper. ``woke``: those that woke an ear when they were spoken.
    ``heard``: share of the phrase's own utterances that woke it."""

    near: tuple[Collision, ...]
    woke: tuple[str, ...]
    heard: float

    @property
    def safe(self) -> bool:
        return not self.woke and self.heard == 1.0


def judge(phrase: str, core: EarCore, voice: Synthesizer, near: Iterable[Collision]) -> Verdict:
    """``core`` must listen for ``phrase``. Raises VoiceError."""
    near = tuple(near)
    woke = tuple(c.sentence for c in near[:SPOKEN] if any(_wakes(core, pcm) for pcm in _spoken(voice, c.sentence)))
    own = [_wakes(core, pcm) for pcm in _spoken(voice, phrase)]
    return Verdict(near, woke, sum(own) / len(own))


def _spoken(voice: Synthesizer, text: str) -> Iterator[Pcm]:
    for style in STYLES:
        pcm = np.concatenate(list(voice.synthesize(text, style)))
        yield np.concatenate((_PAUSE, resample(pcm, voice.sample_rate, SAMPLE_RATE), _PAUSE, _PAUSE))


def _wakes(core: EarCore, pcm: Pcm) -> bool:
    events = [event for window in windows([pcm]) for event in core.feed(window)]
    return any(isinstance(event, WakeHeard) or (isinstance(event, Heard) and event.after_wake) for event in events)
