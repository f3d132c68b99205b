"""Shared fixtures. Speech for the tests is made by the project's own voice."""
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from assistant.ports import SAMPLE_RATE, Pcm, SpeechStyle
from models.paths import model_path

ORDINARY = SpeechStyle(1.0)


@pytest.fixture(scope="session")
def voice():
    """The project's neural voice."""
    from audio.neural_voice import NeuralVoice

    return NeuralVoice(model_path("voice-zh"))


@pytest.fixture(scope="session")
def speak(voice) -> Callable[..., Pcm]:
    """Text to 16 kHz sound in the project's own voice."""
    from audio.wav import resample

    def make(text: str, style: SpeechStyle = ORDINARY) -> Pcm:
        return resample(np.concatenate(list(voice.synthesize(text, style))), voice.sample_rate, SAMPLE_RATE)

    return make


@pytest.fixture(scope="session")
def speech_model():
    """The recogniser's acoustic model, loaded once."""
    from audio.recognizer import SpeechModel

    return SpeechModel(model_path("vosk-cn"))


@pytest.fixture(scope="session")
def recognise(speech_model) -> Callable[[Pcm], str]:
    """What a person would understand of a recording: the free-form reading."""
    from audio.recognizer import VoskRecognizer

    recognizer = VoskRecognizer(speech_model)

    def hear(pcm: Pcm) -> str:
        recognizer.accept(pcm)
        readings = recognizer.finish()
        return readings[0].text if readings else ""

    return hear
