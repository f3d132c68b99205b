"""Sound files in and out: anything libsndfile opens comes in as mono int16 at the wanted rate.

Reading is streamed (a ten-minute file needs no more memory than a short one). A truncated file gives what is there; a
file without any sample, or that is no audio at all, is a BadAudio that names it.
"""
from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from assistant.errors import BadAudio
from assistant.ports import SAMPLE_RATE, Pcm

_FULL_SCALE = 32768.0


def to_pcm(samples: np.ndarray) -> Pcm:
    """Float samples (-1..1, any shape) as int16, clipped; not-a-number becomes silence."""
    scaled = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0) * _FULL_SCALE
    return np.clip(np.rint(scaled), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)


def resample(pcm: Pcm, source_rate: int, rate: int) -> Pcm:
    """A whole clip at another rate (Hz)."""
    if source_rate == rate or not len(pcm):
        return pcm
    return to_pcm(soxr.resample(pcm.astype(np.float32) / _FULL_SCALE, source_rate, rate))


class Resampler:
    """One continuous stream of int16 blocks brought to another rate; hand it blocks, then ``flush()`` the tail."""

    def __init__(self, source_rate: int, rate: int) -> None:
        self._stream = None if source_rate == rate else soxr.ResampleStream(source_rate, rate, 1, dtype="float32")

    def feed(self, pcm: Pcm, *, last: bool = False) -> Pcm:
        if self._stream is None:
            return pcm
        return to_pcm(self._stream.resample_chunk(pcm.astype(np.float32) / _FULL_SCALE, last=last))

    def flush(self) -> Pcm:
        return self.feed(np.zeros(0, np.int16), last=True)


def stream_wav(path: str | Path, rate: int = SAMPLE_RATE, block_s: float = 0.5) -> Iterator[Pcm]:
    """Yield the file as mono int16 blocks of about ``block_s`` seconds at ``rate`` Hz. Raises BadAudio."""
    path = Path(path)
    with _open(path) as file:
        yield from _blocks(file, rate, block_s, path)


def read_known(path: str | Path, sha256: str) -> bytes:
    """A file that is to the byte what ``sha256`` (hexadecimal) was made of. Raises BadAudio."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise BadAudio(f"{path}: cannot be read ({error.strerror})") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadAudio(f"{path}: is not what it should be by its SHA-256")
    return data


def stream_sound(data: bytes, name: str | Path, rate: int, block_s: float = 0.1) -> Iterator[Pcm]:
    """As :func:`stream_wav`, of a file's content; ``name`` is for the error. Raises BadAudio."""
    try:
        file = soundfile.SoundFile(io.BytesIO(data))
    except soundfile.LibsndfileError as error:
        raise BadAudio(f"{name}: not a sound file that can be read ({error})") from error
    with file:
        yield from _blocks(file, rate, block_s, name)


def _blocks(file: soundfile.SoundFile, rate: int, block_s: float, path: str | Path) -> Iterator[Pcm]:
    total = 0
    resampler = Resampler(file.samplerate, rate)
    frames = max(1, int(file.samplerate * block_s))
    while True:
        block = _read_block(file, frames, path)
        total += len(block)
        out = resampler.feed(to_pcm(block.mean(axis=1, dtype=np.float64))) if len(block) else resampler.flush()
        if len(out):
            yield out
        if not len(block):
            break
    if not total:
        raise BadAudio(f"{path}: holds no sound (0 samples)")


def read_wav(path: str | Path, rate: int = SAMPLE_RATE) -> Pcm:
    """The whole file as mono int16 at ``rate`` Hz. Raises BadAudio."""
    return np.concatenate(list(stream_wav(path, rate)))


def duration_s(path: str | Path) -> float:
    """Seconds, as the file's header promises; 0.0 for one that cannot be read."""
    try:
        return soundfile.info(str(path)).duration
    except (soundfile.LibsndfileError, OSError, TypeError):  # TypeError: as in ``_open``
        return 0.0


def write_wav(path: str | Path, pcm: Pcm, rate: int = SAMPLE_RATE) -> None:
    """Write mono int16 samples as a 16-bit PCM WAV. Raises BadAudio when the place cannot be written."""
    try:
        soundfile.write(str(path), pcm, rate, subtype="PCM_16", format="WAV")
    except (soundfile.LibsndfileError, OSError) as error:
        raise BadAudio(f"{path}: cannot be written ({error})") from error


def stream_to_wav(path: str | Path, blocks: Iterable[Pcm], rate: int) -> int:
    """Write mono int16 blocks as they come; the number of samples. Raises BadAudio, and whatever ``blocks`` raises.

    The file appears under its name when it is complete: what is interrupted (Ctrl-C, a full disk) leaves nothing, and
    an older file of that name as it was. A device (``/dev/null``) is written to directly.
    """
    path = Path(os.path.realpath(path))
    growing = path.with_name(f"{path.name}.{os.getpid()}.part") if path.is_file() or not path.exists() else path
    samples = 0
    try:
        with soundfile.SoundFile(str(growing), "w", samplerate=rate, channels=1, subtype="PCM_16", format="WAV") as out:
            for block in blocks:
                out.write(block)
                samples += len(block)
        if growing != path:
            growing.replace(path)
    except (soundfile.LibsndfileError, OSError) as error:
        raise BadAudio(f"{path}: cannot be written ({error})") from error
    finally:
        if growing != path:
            growing.unlink(missing_ok=True)
    return samples


def _open(path: Path) -> soundfile.SoundFile:
    if not path.is_file():
        raise BadAudio(f"{path}: no such file")
    if not path.stat().st_size:
        raise BadAudio(f"{path}: the file is empty")
    try:
        return soundfile.SoundFile(str(path))
    except (soundfile.LibsndfileError, OSError, TypeError) as error:
        # TypeError: soundfile takes a .raw name as headerless audio and asks for the format
        raise BadAudio(f"{path}: not a sound file that can be read ({error})") from error


def _read_block(file: soundfile.SoundFile, frames: int, path: str | Path) -> np.ndarray:
    try:
        return file.read(frames, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise BadAudio(f"{path}: damaged ({error})") from error
