"""Which engine speaks: the neural voice where it is installed and fast enough, else the system's own."""
from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from assistant.errors import ModelError, VoiceError
from assistant.ports import Synthesizer
from models.paths import model_path

log = logging.getLogger(__name__)

Engine = Literal["auto", "neural", "system"]
SLOWEST_REAL_TIME_FACTOR = 0.7
"""Above this, clauses would not be ready in time once other work shares the processor."""


class TimedSynthesizer(Synthesizer, Protocol):
    """A synthesizer that can measure itself."""

    def real_time_factor(self) -> float: ...


def _neural(model_dir: Path | None) -> TimedSynthesizer:
    from audio.neural_voice import NeuralVoice

    return NeuralVoice(model_dir or model_path("voice-zh"))


def _system() -> Synthesizer:
    from audio.system_voice import SystemVoice

    return SystemVoice()


def choose_voice(
    model_dir: Path | None = None, engine: Engine = "auto", *, slowest: float = SLOWEST_REAL_TIME_FACTOR,
    neural: Callable[[Path | None], TimedSynthesizer] = _neural, system: Callable[[], Synthesizer] = _system,
) -> Synthesizer:
    """A warm engine; without ``model_dir`` the installed model is looked up.

    Raises VoiceError (or ModelError when ``neural`` was demanded) if none can speak.
    """
    if engine == "system":
        return system()
    try:
        voice = neural(model_dir)
        speed = voice.real_time_factor()
    except (ModelError, VoiceError, ImportError) as error:
        if engine == "neural":
            raise
        log.warning("the neural voice is not used: %s", error)
        return _second(system, str(error))
    if engine == "neural" or speed <= slowest:
        log.info("the neural voice speaks; real-time factor %.2f", speed)
        return voice
    log.warning("the neural voice is too slow here (real-time factor %.2f > %.2f)", speed, slowest)
    try:
        return system()
    except VoiceError as error:
        log.warning("and there is no other (%s): the slow neural voice speaks", error)
        return voice


def _second(system: Callable[[], Synthesizer], why_not_first: str) -> Synthesizer:
    try:
        voice = system()
    except VoiceError as error:
        raise VoiceError(f"no voice at all: neural: {why_not_first}; system: {error}") from error
    log.warning("the system's voice speaks instead")
    return voice
