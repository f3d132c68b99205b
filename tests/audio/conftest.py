"""Speech for the ear's tests: made by the project's own voice, heard by the installed model."""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest

from assistant.ports import SAMPLE_RATE, Pcm, SpeechStyle
from audio.ear import EarCore, EarSettings
from audio.neural_voice import NeuralVoice
from audio.recognizer import SpeechModel
from audio.wav import resample
from models.paths import model_path


@pytest.fixture(scope="session")
def say() -> Callable[..., Pcm]:
    """``say(text, rate=1.0, pitch=1.0)`` at 16 kHz, without silence around it."""
    voice = NeuralVoice(model_path("voice-zh"), threads=1)

    @lru_cache(maxsize=200)
    def spoken(text: str, rate: float = 1.0, pitch: float = 1.0) -> Pcm:
        pcm = np.concatenate(list(voice.synthesize(text, SpeechStyle(rate, pitch))))
        pcm = resample(pcm, voice.sample_rate, SAMPLE_RATE)
        loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > 200)
        return pcm[loud[0] : loud[-1] + 1]

    return spoken


@pytest.fixture(scope="session")
def speech_model() -> SpeechModel:
    return SpeechModel(model_path("vosk-cn"))


@pytest.fixture(scope="session")
def shared_core(speech_model: SpeechModel) -> EarCore:
    """One warm ear for all tests that leave it asleep; making one costs about a second."""
    return EarCore(speech_model)


@pytest.fixture
def make_core(speech_model: SpeechModel) -> Callable[..., EarCore]:
    def make(settings: EarSettings | None = None, **kwargs) -> EarCore:
        return EarCore(speech_model, settings=settings, **kwargs)

    return make
