"""The box's canceller beside two libraries, for the measurement alone: those that are not installed are left out."""
from __future__ import annotations

from collections.abc import Callable
from ctypes import POINTER, c_int16
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from assistant.ports import SAMPLE_RATE, EchoCanceller, Pcm
from audio.echo import FRAME, TAIL_S, AdaptiveEchoCanceller


class SpeexCanceller:
    """speexdsp's canceller by the package ``pyaec``; its library is called directly, without its slow lists."""

    def __init__(self) -> None:
        library = import_module("pyaec")
        self._cancel, self._pointer = library.lib.AecCancelEcho, POINTER(c_int16)
        self._aec = library.Aec(FRAME, round(TAIL_S * SAMPLE_RATE), SAMPLE_RATE, False)

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        near, far, out = np.ascontiguousarray(near), np.ascontiguousarray(far), np.zeros(FRAME, np.int16)
        self._cancel(self._aec._aec, *(block.ctypes.data_as(self._pointer) for block in (near, far, out)), FRAME)
        return out


class WebrtcProcessor:
    """WebRTC's AEC3, noise suppression (level 1: 12 dB) and gain (AGC2), by the package ``pywebrtc-audio``."""

    def __init__(self, *stages: str) -> None:
        """``stages``: names of the library's stages that are on."""
        self._processor = import_module("pywebrtc_audio").AudioProcessor(SAMPLE_RATE, 1, **dict.fromkeys(stages, True))

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        return self._processor.process(near, far)


class Uncancelled:
    """No canceller at all."""

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        return near


class InSequence:
    """One treatment after the other."""

    def __init__(self, *stages: EchoCanceller) -> None:
        self._stages = stages

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        for stage in self._stages:
            near = stage.process(near, far)
        return near


NONE, PRODUCT = "no canceller", "the box's"
_SUPPRESSION, _GAIN, _AEC3 = "noise_suppression", "auto_gain_control", "echo_cancellation"


def cancellers() -> dict[str, Callable[[], EchoCanceller]]:
    """By name, each makes a new one that has learnt nothing."""
    found: dict[str, Callable[[], EchoCanceller]] = {NONE: Uncancelled, PRODUCT: AdaptiveEchoCanceller}
    if find_spec("pyaec"):
        found["speexdsp"] = SpeexCanceller
    if find_spec("pywebrtc_audio"):
        found |= {
            "WebRTC AEC3": lambda: WebrtcProcessor(_AEC3),
            f"{PRODUCT}, noise suppression": lambda: InSequence(AdaptiveEchoCanceller(), WebrtcProcessor(_SUPPRESSION)),
            f"{PRODUCT}, gain": lambda: InSequence(AdaptiveEchoCanceller(), WebrtcProcessor(_GAIN)),
        }
    return found


def cancelled(canceller: EchoCanceller, near: Pcm, far: Pcm) -> Pcm:
    """Whole recordings, frame by frame; what is left over at the end is dropped."""
    whole = min(len(near), len(far)) // FRAME * FRAME
    frames = [canceller.process(near[at : at + FRAME], far[at : at + FRAME]) for at in range(0, whole, FRAME)]
    return np.concatenate(frames) if frames else near[:0]
