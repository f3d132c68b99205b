"""The sound server's own canceller (module-echo-cancel of PulseAudio and of PipeWire) and the box's, on the very same sounds, in real time.

The module plays into a loudspeaker that exists only in memory. Its echo, mixed beforehand with the person who calls, is played into
the air in which the module's microphone hears, at the moment in which it would come there: of a real sound card PulseAudio
knows the delay, and so it may not be held against it (PipeWire 0.3 does not, but finds it out). The box's canceller is given
afterwards what was heard from the loudspeaker and in the air. Nothing is lowered for the person: both have to find the phrase in
all that plays.
"""
from __future__ import annotations

import itertools
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.ports import SAMPLE_RATE, EchoCanceller, Pcm
from audio.ear import EarCore, SpeakingBegan, SpeakingEnded
from audio.echo import AdaptiveEchoCanceller
from audio.timeline import samples
from bench.elders.acoustics import Sound
from bench.playback.cancellers import NONE, PRODUCT, cancelled
from bench.playback.echo_path import SOUND_CARD_S, VOICE_DBFS, EchoPath, room_noise, to_pcm, to_sound
from bench.playback.memory_server import AIR, SPEAKER, MemoryServer
from bench.playback.wake import LEARNS_S, OWN_VOICE, Far, answered
from bench.sound_servers import PipeWire, PrivateServer, PulseAudio

MODULE, BOTH = "the sound server's module", "the module, then the box's"
LEVELS_DB = (0, 5)
GAP_S = 2.5
"""From the end of a phrase to the next."""
_FADES_S = 0.7
"""After a phrase, and before the next: what is not counted as echo alone."""
_BLOCK = SAMPLE_RATE // 50
_LATER_S = 0.05
"""The module's latency, by which its sound would come later than the monitor's to a second canceller."""
_ECHO_S = 0.02
"""How long after it is played the echo comes to the microphone. The server knows nothing of it: converters, a metre of air, and the
inaccuracy of this measurement."""
_CALIBRATED_S = 1.5
_WATCHED_S = 5.0
_KEPT_READY_MS = 200
"""Of what is played. With less, a busy machine tears the two streams out of step every few seconds."""
_PLACES = (f"source_master={AIR}.monitor", f"sink_master={SPEAKER}", "source_name=mic_clean", "sink_name=speaker_clean")


@dataclass(frozen=True, slots=True)
class Module:
    """A sound server's canceller, without the gain and the noise suppression that it can have besides."""

    kind: type[PrivateServer]
    arguments: tuple[str, ...]
    stumbles: str
    """What its log says when it drops sound to bring its streams in step again."""


MODULES = (
    Module(PulseAudio, (*_PLACES, "use_master_format=yes", "aec_method=webrtc", "adjust_time=0",  # both devices have one clock here
                        'aec_args="analog_gain_control=0 digital_gain_control=0 noise_suppression=0"'), ", drop s"),
    Module(PipeWire, (*_PLACES, "rate=16000", "channels=1", "channel_map=mono",
                      'aec_args="webrtc.gain_control=false webrtc.noise_suppression=false"'), ", dropping "),
)


@dataclass(frozen=True, slots=True)
class Course:
    """A person who calls again and again: ``voice`` as it comes to the microphone, and where in it each phrase begins and ends."""

    voice: Sound
    phrases: tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """The same stretch of time: what was played, what was in the air, and what the module made of that; and how it fared."""

    far: Pcm
    near: Pcm
    clean: Pcm
    cpu_ms_per_s: float
    """Of the server."""
    stumbles: int
    """How often the module dropped sound to bring both of its streams in step again."""


def compare(module: Module, core: EarCore, phrases: Sequence[Pcm], fars: dict[str, Far], path: EchoPath, progress: Callable
            ) -> dict[str, object]:
    """Shares of phrases heard, by canceller, by what is played, by level of the echo."""
    course = _course([path.voice(to_sound(phrase)) for phrase in phrases])
    heard: dict[str, dict] = {}
    lower: dict[str, list[float]] = {}
    fared = []
    for (name, far), level in progress(list(itertools.product(fars.items(), LEVELS_DB))):
        taken = in_real_time(module, course, far(len(course.voice) / SAMPLE_RATE + 2.0), path, level)
        fared.append(taken)
        for canceller, sound in _treated(taken).items():
            hits = _heard(core, sound, course, name)
            heard.setdefault(canceller, {}).setdefault(name, {})[str(level)] = round(float(np.mean(hits)), 4)
            lower.setdefault(canceller, []).append(_lower_by(taken.near, sound, course))
    return {"phrases": len(phrases), "heard": heard, "lower_db": {name: round(float(np.mean(each)), 1) for name, each in lower.items()},
            "server_cpu_ms_per_s": round(float(np.mean([taken.cpu_ms_per_s for taken in fared])), 1),
            "stumbles": sum(taken.stumbles for taken in fared), "moved_ms": round(max(_moved_ms(taken) for taken in fared), 1)}


def _course(voices: Sequence[Sound]) -> Course:
    pieces, places, at = [np.zeros(samples(LEARNS_S), np.float32)], [], samples(LEARNS_S)
    for voice in voices:
        places.append(slice(at, at + len(voice)))
        pieces += [voice, np.zeros(samples(GAP_S), np.float32)]
        at += len(voice) + samples(GAP_S)
    return Course(np.concatenate(pieces), tuple(places))


def in_real_time(module: Module, course: Course, far: Sound, path: EchoPath, level_db: float) -> Taken:
    """``far`` is played through the module, in so much time as ``course`` takes; the echo is so much louder than the voice."""
    echo = path.echo(far)[samples(SOUND_CARD_S) :][: len(course.voice)]
    gain = 10 ** ((VOICE_DBFS + level_db) / 20) / float(np.sqrt(np.mean(echo.astype(np.float64) ** 2)))
    mixed = to_pcm(gain * echo + course.voice + room_noise(len(course.voice)))
    with MemoryServer(module.kind) as server:
        server.load("module-echo-cancel", *module.arguments)
        clean: list[bytes] = []
        recorder = server.recorder("mic_clean")
        reading = threading.Thread(target=lambda: clean.extend(iter(lambda: recorder.stdout.read(2 * _BLOCK), b"")))
        reading.start()
        before = server.cpu_s()
        played, heard = _Room(server, to_pcm(far)).mixed(mixed)
        spent = server.cpu_s() - before
        recorder.terminate()
        reading.join()
        recorder.wait()
        recorder.stdout.close()
        stumbles = server.log().count(module.stumbles)
    sound = np.frombuffer(b"".join(clean), np.int16)
    return Taken(played, heard, _in_step(sound, course.voice), 1000 * spent * SAMPLE_RATE / len(mixed), stumbles)


class _Room:
    """Block by block, in the pace of the server: what is heard from the loudspeaker and in the air, and what is played into it."""

    def __init__(self, server: MemoryServer, far: Pcm) -> None:
        self._server, self._far = server, far
        self._loudspeaker, self._microphone = server.recorder(f"{SPEAKER}.monitor"), server.recorder(f"{AIR}.monitor")
        self._air = server.player(AIR, _KEPT_READY_MS)
        self._played: list[Pcm] = []
        self._heard: list[Pcm] = []

    def mixed(self, mixed: Pcm) -> tuple[Pcm, Pcm]:
        """What was played and what was heard, from the first sample of ``mixed`` on: that sounds as the echo of the first one played."""
        player = self._server.player("speaker_clean", _KEPT_READY_MS)
        before = np.zeros(2 * samples(_CALIBRATED_S), np.int16)  # PipeWire has other delays once something plays
        pouring = threading.Thread(target=_pour, args=(player, before.tobytes() + self._far.tobytes()))
        pouring.start()
        round_trip = self._calibrated()
        first = int(np.argmax(np.abs(self._far) > 100))
        while not (loud := np.abs(self._step(np.zeros(_BLOCK, np.int16))) > 100).any():
            pass
        begin = len(self._played) * _BLOCK - _BLOCK + int(np.argmax(loud)) - first  # of what is played
        ahead = len(self._played) * _BLOCK - begin + round_trip - samples(_ECHO_S)
        rest = np.concatenate((mixed[ahead:], np.zeros(round_trip + 2 * _BLOCK, np.int16)))
        for at in range(0, len(rest) // _BLOCK * _BLOCK, _BLOCK):
            self._step(rest[at : at + _BLOCK])
        for process in (player, self._loudspeaker, self._microphone, self._air):
            process.terminate()
            process.wait()
        pouring.join()
        for stream in (self._loudspeaker.stdout, self._microphone.stdout, self._air.stdin):
            stream.close()
        whole = slice(begin, begin + len(mixed) // _BLOCK * _BLOCK)
        return np.concatenate(self._played)[whole], np.concatenate(self._heard)[whole]

    def _step(self, block: Pcm) -> Pcm:
        """One block into the air; what is played meanwhile."""
        self._played.append(np.frombuffer(self._loudspeaker.stdout.read(2 * _BLOCK), np.int16))
        self._heard.append(np.frombuffer(self._microphone.stdout.read(2 * _BLOCK), np.int16))
        self._air.stdin.write(block.tobytes())
        self._air.stdin.flush()
        return self._played[-1]

    def _calibrated(self) -> int:
        """After how many samples what goes into the air is heard in it: a burst of noise tells."""
        noise = np.zeros(samples(_CALIBRATED_S) // _BLOCK * _BLOCK, np.int16)
        burst = slice(len(noise) // 2, len(noise) // 2 + 10 * _BLOCK)
        noise[burst] = np.random.default_rng(70).integers(-3000, 3000, 10 * _BLOCK)
        for at in range(0, len(noise), _BLOCK):
            self._step(noise[at : at + _BLOCK])
        heard = np.concatenate(self._heard).astype(np.float32)
        return _lag(heard, noise[burst].astype(np.float32)) - burst.start


def _pour(player: subprocess.Popen, sound: bytes) -> None:
    try:
        with player.stdin as sink:
            sink.write(sound)
    except BrokenPipeError:  # it has been ended, there was more than was needed
        return


def _in_step(sound: Pcm, voice: Sound) -> Pcm:
    """As long as ``voice``, which is in it somewhere, and in the same place."""
    late = _lag(to_sound(sound), voice)
    placed = np.zeros(len(voice), np.int16)
    begin, source = max(0, -late), sound[max(0, late) :]
    part = source[: len(voice) - begin]
    placed[begin : begin + len(part)] = part
    return placed


def _treated(taken: Taken) -> dict[str, Pcm]:
    later = np.concatenate((np.zeros(samples(_LATER_S), np.int16), taken.clean))
    ours: Callable[[], EchoCanceller] = AdaptiveEchoCanceller
    return {NONE: taken.near, PRODUCT: cancelled(ours(), taken.near, taken.far), MODULE: taken.clean, BOTH: cancelled(ours(), later, taken.far)}


def _heard(core: EarCore, sound: Pcm, course: Course, far: str) -> list[bool]:
    """Whether each phrase was noticed, from its beginning to that of the next."""
    if far == OWN_VOICE:
        core.obey(SpeakingBegan())
    found = [False] * len(course.phrases)
    begins = [phrase.start for phrase in course.phrases]
    for at in range(0, len(sound) // _BLOCK * _BLOCK, _BLOCK):
        for event in core.feed(sound[at : at + _BLOCK]):
            if answered(event) and at > begins[0]:
                found[int(np.searchsorted(begins, at, "right")) - 1] = True
    core.obey(SpeakingEnded())
    return found


def _lower_by(near: Pcm, sound: Pcm, course: Course) -> float:
    """By how many dB what is heard between the phrases is lower, after the first."""
    gaps = [slice(before.stop + samples(_FADES_S), after.start - samples(_FADES_S)) for before, after in itertools.pairwise(course.phrases)]
    whole, left = (np.concatenate([part[gap] for gap in gaps]).astype(np.float64) for part in (near[: len(sound)], sound))
    return float(10 * np.log10(np.mean(whole**2) / max(1e-9, np.mean(left**2))))


def _moved_ms(taken: Taken) -> float:
    """By how much the echo came sooner or later in the course of time. On a busy machine what is played into the air is late now and then,
    and then no canceller is measured but how soon it learns anew."""
    size = samples(_WATCHED_S)
    far, near = to_sound(taken.far), to_sound(taken.near)
    lags = [_lag(near[at : at + size], far[at : at + size]) for at in range(samples(LEARNS_S), len(far) - size, size)]
    return 1000 * float(np.ptp(lags)) / SAMPLE_RATE if lags else 0.0


def _lag(sound: Sound, part: Sound) -> int:
    """By how many samples ``part`` comes later in ``sound`` than at its beginning: where they correlate most. Not by scipy, whose 60 MB
    the section ``memory`` of the same program would count as the box's."""
    size = len(sound) + len(part) - 1
    alike = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(part, size)), size)
    most = int(np.argmax(alike))
    return most if most < len(sound) else most - size
