"""The patched acoustic model runs in LiteRT alone, says the same thing each time, and obeys its inputs."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from assistant.errors import ModelCorrupt
from models.catalogue import find_model
from models.fetch import fetch
from models.voice_patch import remove_random_dropout

PHONES = np.array([[1, 30, 9, 41, 12, 52, 7, 33, 1]], np.int32)


@pytest.fixture(scope="module")
def folder() -> Path:
    return fetch(find_model("voice-zh"))


def mel(interpreter: Interpreter, speed: float = 1.0) -> np.ndarray:
    """(frames, 80) log-mel spectrogram of PHONES."""
    inputs = {detail["name"].split(":")[0]: detail["index"] for detail in interpreter.get_input_details()}
    interpreter.resize_tensor_input(inputs["input_ids"], PHONES.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(inputs["input_ids"], PHONES)
    interpreter.set_tensor(inputs["speaker_ids"], np.zeros(1, np.int32))
    for name, value in (("speed_ratios", speed), ("f0_ratios", 1.0), ("energy_ratios", 1.0)):
        interpreter.set_tensor(inputs[name], np.array([value], np.float32))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0].copy()


def test_the_patched_model_runs_and_is_deterministic(folder: Path) -> None:
    runs = [mel(Interpreter(str(folder / "fastspeech2.tflite"), num_threads=1)) for _ in range(2)]
    assert runs[0].shape[1] == 80
    assert runs[0].std() > 0.1
    np.testing.assert_array_equal(*runs)


def test_speed_still_reaches_the_model(folder: Path) -> None:
    interpreter = Interpreter(str(folder / "fastspeech2.tflite"), num_threads=1)
    assert len(mel(interpreter, 0.7)) != len(mel(interpreter, 1.3))


def test_the_patched_model_has_no_dropout_left_to_remove(folder: Path) -> None:
    with pytest.raises(ModelCorrupt, match="no RandomUniform"):
        remove_random_dropout((folder / "fastspeech2.tflite").read_bytes())


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\xff" * 4096, bytes(4096)])
def test_anything_else_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(ModelCorrupt, match="acoustic model"):
        remove_random_dropout(data)
