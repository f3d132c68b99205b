"""From the loudspeaker to the microphone, simulated: what is played, what comes back of it, and a person who talks over it."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assistant.ports import SAMPLE_RATE, Pcm
from bench.elders.acoustics import FULL_SCALE, Sound, convolve, level, simulated_opera, simulated_response

VOICE_DBFS = -28.0
"""Level of the person's voice at the microphone: a conference microphone with its gain off, an arm's length away."""
ROOM_NOISE_DBFS = -60.0
SOUND_CARD_S = 0.06
"""Delay of the sound card, both ways together: what PortAudio and ALSA add on a Raspberry Pi at low latency, in the rough."""
PLAYED_PEAK = 0.4
DRIVE = 1.5
"""A small loudspeaker's limit, as ``tanh(DRIVE x) / DRIVE``: 3 % of third harmonic at PLAYED_PEAK."""


@dataclass(frozen=True, slots=True)
class EchoPath:
    """One place of the box in one room: ``echo_room`` leads from the loudspeaker to the microphone, ``voice_room`` from the
    person to it."""

    echo_room: Sound
    voice_room: Sound

    def echo(self, far: Sound) -> Sound:
        """As long as ``far``, at any level; see :func:`at_level`."""
        driven = np.tanh(DRIVE * far) / DRIVE
        late = np.zeros(round(SOUND_CARD_S * SAMPLE_RATE), np.float32)
        return np.concatenate((late, convolve(driven, self.echo_room)))[: len(far)].astype(np.float32)

    def voice(self, speech: Sound) -> Sound:
        """With half a second in which the room fades."""
        return at_level(convolve(speech, self.voice_room)[: len(speech) + SAMPLE_RATE // 2], VOICE_DBFS)


SEATS = {"1 m": ((0.3, 3.0), (0.45, 0.0)), "2 m": ((0.45, -2.0), (0.55, -4.0))}
"""How far away the person sits: RT60 of the rooms in s, and the direct voice's energy against the reverberation's in dB."""
_CLOSER_DB = 6.0
"""So much more of the loudspeaker's sound comes straight: it stands beside the microphone."""


def simulated_echo_paths(seat: str) -> list[EchoPath]:
    """One for each room of the seat."""
    rng = np.random.default_rng(65)
    return [EchoPath(simulated_response(rng, rt60, direct_db + _CLOSER_DB), simulated_response(rng, rt60, direct_db))
            for rt60, direct_db in SEATS[seat]]


def at_level(sound: Sound, dbfs: float) -> Sound:
    """The same sound with the parts that are no pauses at this RMS level."""
    return (sound * (10 ** (dbfs / 20) / max(level(sound), 1e-9))).astype(np.float32)


def room_noise(samples: int, seed: int = 63) -> Sound:
    noise = np.random.default_rng(seed).standard_normal(samples) * 10 ** (ROOM_NOISE_DBFS / 20)
    return noise.astype(np.float32)


def played(sound: Sound) -> Sound:
    """What goes to the loudspeaker, its highest peak at PLAYED_PEAK."""
    return (sound * (PLAYED_PEAK / max(float(np.abs(sound).max(initial=0.0)), 1e-9))).astype(np.float32)


def to_sound(pcm: Pcm) -> Sound:
    return pcm.astype(np.float32) / FULL_SCALE


def to_pcm(sound: Sound) -> Pcm:
    """Clipped like a converter does."""
    return np.clip(np.round(sound * (FULL_SCALE - 1)), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def simulated_percussion(seconds: float, seed: int = 64) -> Sound:
    """An opera's overture: a gong that shimmers for seconds, a small gong that slides upwards, drum and clapper in between."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    beats = np.arange(0.0, seconds, 0.25)
    for number, beat in enumerate(beats):
        if number % 8 == 0:
            stroke = _gong(rng, 180.0, 2.0)
        elif number % 4 == 2:
            stroke = _small_gong(rng)
        else:
            stroke = _drum(rng) if rng.random() < 0.7 else np.zeros(1, np.float32)
        at = round(beat * SAMPLE_RATE)
        part = stroke[: len(sound) - at]
        sound[at : at + len(part)] += part * rng.uniform(0.5, 1.0)
    return sound


def simulated_music(seconds: float, seed: int = 62) -> Sound:
    """Opera and overture in turn, twenty seconds each."""
    pieces, made = [], 0.0
    while made < seconds:
        opera, overture = simulated_opera(20.0, seed).sound, simulated_percussion(20.0, seed + 1)
        pieces += [opera / np.abs(opera).max(), overture / np.abs(overture).max()]
        made, seed = made + 40.0, seed + 2
    return np.concatenate(pieces)[: round(seconds * SAMPLE_RATE)]


def _gong(rng: np.random.Generator, lowest_hz: float, seconds: float) -> Sound:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    partials = lowest_hz * np.sort(rng.uniform(1.0, 20.0, 24))
    tones = sum(np.sin(2 * np.pi * hz * time + rng.uniform(0, 6.28)) * np.exp(-time * (1 + hz / 900)) for hz in partials)
    return (tones / 12).astype(np.float32)


def _small_gong(rng: np.random.Generator) -> Sound:
    time = np.arange(int(0.6 * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = rng.uniform(550, 700) * (1 + 0.25 * (1 - np.exp(-6 * time)))
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    return ((np.sin(phase) + 0.5 * np.sin(2.7 * phase)) * np.exp(-5 * time)).astype(np.float32)


def _drum(rng: np.random.Generator) -> Sound:
    time = np.arange(int(0.25 * SAMPLE_RATE)) / SAMPLE_RATE
    skin = np.sin(2 * np.pi * 140 * time) * np.exp(-18 * time)
    return (skin + 0.6 * rng.standard_normal(len(time)) * np.exp(-60 * time)).astype(np.float32)
