"""Recordings as browsers and telephones write them."""
from __future__ import annotations

import io

import av
import numpy as np

from hub.recordings import RATE


def speechlike(seconds: float, amplitude: float = 0.1) -> np.ndarray:
    """A tone that comes and goes as syllables do. Shape (samples,), float32 at RATE."""
    times = np.arange(int(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * 300 * times) * (0.55 + 0.45 * np.sin(2 * np.pi * 3 * times))).astype(np.float32)


def written(sound: np.ndarray, form: str = "webm", codec: str = "libopus", rate: int = 48_000, layout: str = "mono") -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(stream.format.name, layout, rate, stream.frame_size or None)
        frame = av.AudioFrame.from_ndarray(sound[None], "flt", "mono")
        frame.sample_rate = RATE
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()
