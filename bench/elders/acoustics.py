"""The sound of a room and of a household, laid over clean speech.

Impulse responses and noises are read from folders (``room_*.wav``; every other WAV is noise). Without folders both are
simulated, and say so in their names: a room is Polack's model, noise that decays exponentially by 60 dB in RT60 after the
direct sound (J.-D. Polack, *La transmission de l'énergie sonore dans les salles*, 1988); an opera is a sung pentatonic
line with vibrato and a wooden clapper.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from assistant.ports import SAMPLE_RATE, Pcm

Sound = NDArray[np.float32]
FULL_SCALE = 32768.0
ACTIVE_DB = 30.0
"""Frames this far below the loudest one are pauses, and do not count as speech level."""
FRAME = SAMPLE_RATE // 50


@dataclass(frozen=True, slots=True)
class Recording:
    """Mono sound at 16 kHz, -1..1, and what it is called in the report."""

    name: str
    sound: Sound


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Rooms and noises that the commands are spread over."""

    rooms: Sequence[Recording]
    noises: Sequence[Recording]


@dataclass(frozen=True, slots=True)
class Condition:
    """``snr_db`` None: no noise. ``only`` picks the noises whose name contains it."""

    name: str
    in_room: bool = False
    snr_db: float | None = None
    only: str = ""


CONDITIONS = (
    Condition("clean"),
    Condition("room", True),
    Condition("room + 20 dB", True, 20),
    Condition("room + 10 dB", True, 10),
    Condition("room + 5 dB", True, 5),
    Condition("room + opera 10 dB", True, 10, "opera"),
)


def load(folder: Path | None) -> Surroundings:
    """What the folder has; what it has not is simulated."""
    files = sorted(folder.glob("*.wav")) if folder else []
    rooms = [_read(path) for path in files if path.stem.startswith("room_")] or simulated_rooms()
    noises = [_read(path) for path in files if not path.stem.startswith("room_")] or [simulated_noise()]
    if not any("opera" in noise.name for noise in noises):
        noises.append(simulated_opera())
    return Surroundings(rooms, noises)


def _read(path: Path) -> Recording:
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    return Recording(path.stem, mono if rate == SAMPLE_RATE else soxr.resample(mono, rate, SAMPLE_RATE))


def simulated_rooms() -> list[Recording]:
    """Three rooms: RT60 in s, and the direct sound's energy against the reverberation's in dB."""
    rng = np.random.default_rng(60)
    return [Recording(f"simulated room RT60 {rt60} s", simulated_response(rng, rt60, direct_db))
            for rt60, direct_db in ((0.3, 3.0), (0.45, 0.0), (0.55, -3.0))]


def simulated_response(rng: np.random.Generator, rt60: float, direct_db: float) -> Sound:
    """From one place in a room to another."""
    time = np.arange(int(rt60 * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / rt60)
    tail[: SAMPLE_RATE // 400] = 0
    tail *= 10 ** (-direct_db / 20) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    return tail.astype(np.float32)


def simulated_noise(seconds: float = 20.0) -> Recording:
    """Pink noise: the spectrum of fans, rain and kettles in the rough."""
    rng = np.random.default_rng(61)
    spectrum = np.fft.rfft(rng.standard_normal(int(seconds * SAMPLE_RATE)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20))
    return Recording("simulated household noise", np.fft.irfft(spectrum).astype(np.float32))


def simulated_opera(seconds: float = 20.0, seed: int = 62) -> Recording:
    """A bowed and a sung voice on a pentatonic line, with a clapper twice a second."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    steps = rng.choice([0, 2, 4, 7, 9, 12], size=int(seconds * 2))
    line = 330.0 * 2 ** (np.repeat(steps, SAMPLE_RATE // 2)[: len(time)] / 12)
    phase = 2 * np.pi * np.cumsum(line * (1 + 0.012 * np.sin(2 * np.pi * 5.5 * time))) / SAMPLE_RATE
    sound = sum(np.sin(k * phase) / k for k in range(1, 9)) + 0.7 * sum(np.sin(k * phase / 2) / k for k in range(1, 6))
    clap = rng.standard_normal(SAMPLE_RATE // 2) * np.exp(-np.arange(SAMPLE_RATE // 2) / 120)
    return Recording("simulated opera", (sound + 3 * np.resize(clap, len(time))).astype(np.float32))


def place(speech: Pcm, condition: Condition, where: Surroundings, number: int) -> Pcm:
    """``speech`` as the microphone hears it; ``number`` picks the room and the noise in turn, always the same ones."""
    sound = speech.astype(np.float32) / FULL_SCALE
    loudness = level(sound)
    if condition.in_room:
        room = where.rooms[number % len(where.rooms)].sound
        sound = convolve(sound, room)[: len(sound) + SAMPLE_RATE // 2]
        sound *= loudness / max(level(sound), 1e-9)
    if condition.snr_db is not None:
        noises = [noise for noise in where.noises if condition.only in noise.name]
        noise = _excerpt(noises[number % len(noises)].sound, len(sound), number)
        sound = sound + noise * (loudness * 10 ** (-condition.snr_db / 20) / max(level(noise), 1e-9))
    peak = float(np.abs(sound).max(initial=0.0))
    return np.round(sound * min(1.0, 0.99 / max(peak, 1e-9)) * (FULL_SCALE - 1)).astype(np.int16)


def convolve(a: Sound, b: Sound) -> Sound:
    length = len(a) + len(b) - 1
    size = 1 << (length - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(a, size) * np.fft.rfft(b, size), size)[:length].astype(np.float32)


def _excerpt(noise: Sound, length: int, number: int) -> Sound:
    start = number * 7919 % max(len(noise), 1)
    return np.take(noise, np.arange(start, start + length), mode="wrap")


def level(sound: Sound) -> float:
    """RMS of the frames that are not pauses."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    power = (frames.astype(np.float64) ** 2).mean(axis=1) if len(frames) else np.array([float((sound**2).mean())])
    return float(np.sqrt(power[power >= power.max() * 10 ** (-ACTIVE_DB / 10)].mean()))
