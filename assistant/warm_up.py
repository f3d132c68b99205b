"""Speech for warming the recogniser: made once in the box's own voice and kept in the user's cache directory.

A free-form decoder composes its graph as it hears, so its first sentence takes three times as long as later ones. Hearing a
typical one before anybody speaks pays that price in advance; two more would cost 12 MB and make those that follow a twentieth
quicker. Keeping its sound lets the recogniser start before the voice has.
"""
from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import platformdirs

from assistant.errors import BadAudio
from assistant.ports import SAMPLE_RATE, Pcm, SpeechStyle, Synthesizer
from audio.wav import read_wav, resample, write_wav

log = logging.getLogger(__name__)

SENTENCE = "今天天气怎么样"
_GAP = np.zeros(SAMPLE_RATE // 4, np.int16)


def cache_file() -> Path:
    """Where the sound is kept."""
    return Path(platformdirs.user_cache_dir("xiangyin")) / "warm-up-2.wav"


def kept(file: Path | None = None) -> tuple[Pcm, ...]:
    """The kept speech, 16 kHz; nothing at the first start, or when the file is damaged."""
    file = file or cache_file()
    if not file.exists():
        return ()
    try:
        return (read_wav(file),)
    except BadAudio as error:
        log.warning("the kept warm-up speech is made again: %s", error)
        return ()


def make(voice: Synthesizer, file: Path | None = None) -> tuple[Pcm, ...]:
    """Speak the sentence and keep it for the next start; a disk that refuses only costs time then."""
    file = file or cache_file()
    pcm = np.concatenate(list(voice.synthesize(SENTENCE, SpeechStyle(1.0))))
    speech = np.concatenate((resample(pcm, voice.sample_rate, SAMPLE_RATE), _GAP))
    partial = file.with_name(f"{os.getpid()}-{file.name}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_wav(partial, speech)
        os.replace(partial, file)
    except (OSError, BadAudio) as error:
        log.warning("warm-up speech cannot be kept: %s", error)
    return (speech,)
