"""The vocoder in numpy against LiteRT, which runs the very file that its weights come from."""
from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import VoiceError
from assistant.ports import SpeechStyle
from audio.native import Interpreter
from audio.neural_voice import NeuralVoice
from audio.vocoder import CONTEXT, SAMPLES_PER_FRAME, Vocoder
from models.paths import model_path

FILE = model_path("voice-zh") / "mb_melgan.tflite"


@pytest.fixture(scope="module")
def mel(voice: NeuralVoice) -> np.ndarray:
    """What the acoustic model hands on for a clause."""
    seen = []
    sound = voice._vocoder.sound
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voice._vocoder, "sound", lambda mel, begin, end: seen.append(mel) or sound(mel, begin, end))
        list(voice.synthesize("济南今天全天晴出门走走吧。", SpeechStyle()))
    return seen[0]


@pytest.fixture(scope="module")
def vocoder() -> Vocoder:
    return Vocoder(FILE)


class EightBits(Vocoder):
    """Rounds the bands as the file's graph does: a scale of 1/128 around 0."""

    def join(self, bands: np.ndarray) -> np.ndarray:
        return super().join(np.clip(np.rint(bands * 128), -128, 127).astype(np.float32) / 128)


def test_it_computes_what_litert_computes_but_for_the_rounding(mel: np.ndarray, vocoder: Vocoder) -> None:
    model = Interpreter(str(FILE), num_threads=1)
    entrance, exit_ = model.get_input_details()[0]["index"], model.get_output_details()[0]["index"]
    model.resize_tensor_input(entrance, [1, *mel.shape])
    model.allocate_tensors()
    model.set_tensor(entrance, mel[None])
    model.invoke()
    theirs = model.get_tensor(exit_)[0, :, 0]
    rounded = EightBits(FILE).sound(mel, 0, len(mel))
    assert rounded.shape == theirs.shape == (len(mel) * SAMPLES_PER_FRAME,)
    assert np.sqrt(np.mean((rounded - theirs) ** 2)) < 2e-4  # a step rounded the other way here and there
    exact = vocoder.sound(mel, 0, len(mel))
    assert 1e-3 < np.sqrt(np.mean((exact - theirs) ** 2)) < 6e-3  # the noise of eight bits, which we do not add


@pytest.mark.parametrize("cuts", [(0, 40, 100), (0, 7, 8, 60, 61), (0, 120)])
def test_a_part_is_what_it_is_in_the_whole(mel: np.ndarray, vocoder: Vocoder, cuts: tuple[int, ...]) -> None:
    whole = vocoder.sound(mel, 0, len(mel))
    parts = [vocoder.sound(mel, begin, end) for begin, end in zip(cuts, (*cuts[1:], len(mel)), strict=True)]
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-5


def test_the_context_is_needed_and_enough(mel: np.ndarray, vocoder: Vocoder) -> None:
    """What lies further away changes nothing."""
    changed = mel.copy()
    changed[: 80 - CONTEXT] = 0
    assert np.array_equal(vocoder.sound(changed, 80, 90), vocoder.sound(mel, 80, 90))


def test_the_shortest_clause(mel: np.ndarray, vocoder: Vocoder) -> None:
    assert vocoder.sound(mel[:12], 3, 4).shape == (SAMPLES_PER_FRAME,)


@pytest.mark.parametrize("damage", ["other network", "noise", "empty"])
def test_another_file_is_an_error(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "mb_melgan.tflite"
    if damage == "other network":
        shutil.copy(FILE.with_name("fastspeech2.tflite"), file)
    else:
        file.write_bytes(b"" if damage == "empty" else np.random.default_rng(1).bytes(100_000))
    with pytest.raises(VoiceError, match="another vocoder"):
        Vocoder(file)
