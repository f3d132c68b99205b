"""A notice that somebody has spoken: what a browser or a telephone recorded is checked, evened and written anew, so that boxes get nothing
but what this hub has made."""
from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import av
import av.filter
import numpy as np

from hub.errors import Refused

SHORTEST_S, LONGEST_S = 1.0, 180.0
MEDIA_TYPE = "audio/ogg"
RATE = 48_000
"""Opus knows no other that would be as good."""
BIT_RATE = 32_000
TARGET_LUFS = -18.0
"""Integrated loudness (EBU R128), as of what boxes play themselves."""
LOUDEST_GAIN_DB = 30.0
SILENT_LUFS = -55.0
PEAK = 0.89
"""-1 dB below full scale: the limiter takes what the gain would push above."""
_FORMATS = ((b"\x1aE\xdf\xa3", 0, "matroska"), (b"ftyp", 4, "mp4"), (b"OggS", 0, "ogg"), (b"RIFF", 0, "wav"), (b"ID3", 0, "mp3"),
            (b"\xff\xfb", 0, "mp3"), (b"\xff\xf3", 0, "mp3"), (b"#!AMR", 0, "amr"), (b"caff", 0, "caf"))
"""First bytes, and FFmpeg's reader for them. It is never left to guess: some of its readers open other files and addresses."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recording:
    """``data`` is Ogg Opus, mono."""

    data: bytes
    seconds: float


def prepared(data: bytes) -> Recording:
    """What boxes are to play. Raises Refused, in words for the person who recorded it."""
    sound = _decoded(data)
    seconds = len(sound) / RATE
    if seconds < SHORTEST_S:
        raise Refused("录音太短了，请按住按钮多说一会儿")
    lufs = loudness(sound)
    if lufs < SILENT_LUFS:
        raise Refused("录音里几乎没有声音，请看看话筒，再录一遍")
    return Recording(_encoded(_evened(sound, min(LOUDEST_GAIN_DB, TARGET_LUFS - lufs))), seconds)


def _reader(data: bytes) -> str:
    for first, at, name in _FORMATS:
        if data[at : at + len(first)] == first:
            return name
    raise Refused("这不是录音，或者是这里打不开的格式。可以用 mp3、m4a、wav、ogg、webm")


def _decoded(data: bytes) -> np.ndarray:
    """Shape (samples,), float32, one channel at RATE. Raises Refused."""
    pieces, samples = [], 0
    try:
        with av.open(io.BytesIO(data), format=_reader(data)) as container:
            if not container.streams.audio:
                raise Refused("里面没有声音")
            resampler = av.AudioResampler("flt", "mono", RATE)
            for frame in _frames(container, resampler):
                pieces.append(frame.to_ndarray()[0])
                samples += len(pieces[-1])
                if samples > LONGEST_S * RATE:
                    raise Refused(f"录音太长了，最多{LONGEST_S / 60:.0f}分钟")
    except (av.FFmpegError, EOFError, ValueError) as error:
        if samples < SHORTEST_S * RATE:
            raise Refused("录音坏了，打不开，请再录一遍") from error
        log.info("a recording breaks off after %.1f s (%s)", samples / RATE, error)  # a telephone that lost its network: what came is good
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def _frames(container: av.container.InputContainer, resampler: av.AudioResampler) -> Iterator[av.AudioFrame]:
    for frame in container.decode(audio=0):
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def loudness(sound: np.ndarray) -> float:
    """Integrated, in LUFS; of sound of one channel as from :func:`_decoded`."""
    measured = -70.0
    for frame in _filtered(sound, ("ebur128", "metadata=1")):
        measured = float(frame.metadata.get("lavfi.r128.I", measured))
    return measured


def _evened(sound: np.ndarray, gain_db: float) -> np.ndarray:
    chain = (("highpass", "f=80"), ("volume", f"{gain_db:.2f}dB"), ("alimiter", f"limit={PEAK}:level=0:latency=1"))
    return np.concatenate([frame.to_ndarray()[0] for frame in _filtered(sound, *chain, ("aformat", "sample_fmts=fltp:channel_layouts=mono"))])


def _filtered(sound: np.ndarray, *filters: tuple[str, str]) -> Iterator[av.AudioFrame]:
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono", time_base=f"1/{RATE}")
    graph.link_nodes(source, *(graph.add(name, options) for name, options in filters), graph.add("abuffersink")).configure()
    for start in range(0, len(sound), RATE):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[None, start : start + RATE]), "flt", "mono")
        frame.sample_rate, frame.pts = RATE, start
        graph.push(frame)
        yield from _ready(graph)
    graph.push(None)
    yield from _ready(graph)


def _ready(graph: av.filter.Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return


def _encoded(sound: np.ndarray) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        for start in range(0, len(sound), RATE):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[None, start : start + RATE]), "flt", "mono")
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
