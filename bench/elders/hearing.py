"""The cases spoken by the project's own voice at several pitches and speeds, in rooms and noise, through the real ears."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from assistant.ports import SAMPLE_RATE, Pcm, SpeechStyle, Synthesizer
from audio.replay import Listener
from audio.wav import resample, stream_wav
from bench.elders.acoustics import CONDITIONS, Surroundings, place
from bench.elders.trial import Trial
from bench.understanding_bench import Case
from intents.model import NONE

STYLES = tuple(SpeechStyle(rate, pitch) for rate, pitch in
               ((1.0, 1.0), (0.85, 0.9), (1.1, 1.1), (0.9, 1.15), (1.0, 0.85), (0.8, 1.0), (1.15, 0.95)))


def spoken(cases: Sequence[Case], voice: Synthesizer, progress) -> Iterator[tuple[int, Case, Pcm]]:
    """Every case with its number and its sound; the style goes round."""
    for number, case in enumerate(progress(cases)):
        said = np.concatenate(list(voice.synthesize(case.text, STYLES[number % len(STYLES)])))
        yield number, case, resample(said, voice.sample_rate, SAMPLE_RATE)


def hear(cases: Sequence[Case], voice: Synthesizer, listener: Listener, where: Surroundings, progress) -> list[Trial]:
    """Every case once under every condition; style, room and noise go round."""
    trials = []
    for number, case, speech in spoken(cases, voice, progress):
        for condition in CONDITIONS:
            heard = listener.hear_pcm(place(speech, condition, where, number))
            trials.append(Trial(condition.name, case.text, (case.intent,), case.slots, heard))
    return trials


def hear_files(paths: Sequence[Path], listener: Listener, progress) -> list[Trial]:
    """Recordings of talk that is not for the box."""
    return [Trial("recordings", path.stem, (NONE,), {}, listener.hear(stream_wav(path))) for path in progress(paths)]
