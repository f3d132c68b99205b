"""The narrow openings through which the outside comes in. Each has one shipped fake, most of them in ``audio/fakes*.py``.

PCM is mono int16; the microphone side is 16 000 Hz.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.events import Ending, Event
from assistant.feed import Feed
from assistant.forecast import Forecast

Pcm = NDArray[np.int16]
Post = Callable[[Event], None]
"""Puts an event into the mailbox; safe from any thread, never blocks."""

SAMPLE_RATE = 16_000


@dataclass(frozen=True, slots=True)
class SpeechStyle:
    """How to speak. ``rate`` 1.0 is the engine's natural speed, 0.85 slower; ``pitch`` 1.0 is its natural pitch."""

    rate: float = 0.85
    pitch: float = 1.0


class Microphone(Protocol):
    """A source of 16 kHz chunks. It reopens a lost device on its own and reports through ``post``."""

    def start(self, on_chunk: Callable[[Pcm], None], post: Post) -> None:
        """Begin delivering chunks of any length from a thread of its own; posts MicFailed / MicRestored."""
        ...

    def stop(self) -> None:
        """Stop and join; idempotent."""
        ...


class Loudspeaker(Protocol):
    """A sink that plays one stream of blocks at a time."""

    def play(self, blocks: Iterable[Pcm], sample_rate: int) -> Ending:
        """Play until the last sample has left the device; returns early when stopped. Raises LoudspeakerUnavailable."""
        ...

    def stop(self) -> None:
        """Silence within 50 ms; callable from any thread; idempotent."""
        ...

    def set_volume(self, level: int) -> None:
        """0..100, applied to what is playing and to what follows."""
        ...


class EchoCanceller(Protocol):
    """Takes the box's own sound out of the microphone's. It learns the way from the loudspeaker to the microphone as it goes."""

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        """One frame: ``near`` is what the microphone heard, ``far`` what was played up to 0.4 s before; mono int16 at 16 kHz,
        both exactly 10 ms (160 samples) long, as is the result. Called by one thread, for every frame in turn."""
        ...


class Synthesizer(Protocol):
    """Text to sound."""

    name: str
    sample_rate: int

    def synthesize(self, text: str, style: SpeechStyle) -> Iterator[Pcm]:
        """Yield PCM clause by clause (including the pauses between them). Raises VoiceError."""
        ...


class MediaState(Enum):
    """What the player does. A pause keeps the player ready; STOPPED is also how it is when the last file has ended."""

    PLAYING = "playing"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class MediaStatus:
    """What plays, or played last: ``file`` is number ``index`` (from 0) of ``count``; ``speed`` 1.0 is that of the file."""

    file: str
    index: int
    count: int
    state: MediaState
    position_s: float
    """Exact to about a second."""
    speed: float


class MediaPlayer(Protocol):
    """Plays files and streams beside the box's own voice. Orders return at once and are carried out in their order; what
    becomes of them is posted: MediaStarted, MediaPlayedOut, MediaEnded, MediaFailed, StreamLost, PlayerLost."""

    def start(self, post: Post) -> None:
        """Be ready for orders; no sound and no process yet."""
        ...

    def play(self, files: tuple[str, ...], start_s: float = 0.0, first: int = 0) -> None:
        """One after the other, beginning ``start_s`` seconds into number ``first`` (from 0), at normal speed; paths, or addresses of
        sound that has an end. Raises PlayerMissing."""
        ...

    def tune(self, stations: tuple[str, ...], first: int = 0) -> None:
        """Number ``first`` (from 0) of these live streams. It has no position, speed or end: paused and resumed it is live again, and one
        that breaks off is begun again until it is given up on. Raises PlayerMissing."""
        ...

    def pause(self) -> None: ...

    def resume(self) -> None:
        """Go on where it was paused or stopped. Raises PlayerMissing."""
        ...

    def stop(self) -> None: ...

    def end_after_this(self) -> None:
        """Nothing follows the file that plays, until it is told to play other files or, while it plays, to go on."""
        ...

    def fade(self) -> None:
        """Softer and softer for some seconds, then stopped; any order about what plays ends that, and it is as loud as before."""
        ...

    def next(self) -> None:
        """The next file; after the last one it is stopped, and MediaEnded is posted."""
        ...

    def previous(self) -> None:
        """The file before; the first one begins anew."""
        ...

    def restart(self) -> None:
        """This file from its beginning, also when it has ended."""
        ...

    def set_speed(self, speed: float) -> None:
        """0.5..1.5, kept within; the pitch stays."""
        ...

    def set_volume(self, level: int) -> None:
        """0..100, as loud as the loudspeaker's same level."""
        ...

    def duck(self) -> None:
        """At least 15 dB quieter within 200 ms, until :meth:`unduck`. What begins meanwhile is held back till then: nobody
        should miss its first words."""
        ...

    def unduck(self) -> None:
        """As loud as before. What was paused or stopped stays so."""
        ...

    def status(self) -> MediaStatus | None:
        """What plays or played last, None before the first order; any thread may ask."""
        ...

    def close(self) -> None:
        """Silence, and no process left behind; idempotent."""
        ...


class Recognizer(Protocol):
    """One warm decoder, used by one thread. See ``audio/recognizer.py``."""

    def accept(self, pcm: Pcm) -> None: ...

    def partial(self) -> str: ...

    def finish(self) -> tuple[object, ...]:
        """End the utterance: n-best as ``intents.model.Hypothesis``, best first, and be ready for the next one."""
        ...


class WeatherSource(Protocol):
    """One forecast provider."""

    name: str

    def fetch(self, place: str, deadline_s: float) -> Forecast:
        """The next seven days for a canonical place name. Raises WeatherUnavailable within the deadline."""
        ...


class FeedSource(Protocol):
    """Where podcasts' feeds come from."""

    def fetch(self, address: str, known: Feed, stopping: Callable[[], bool] = lambda: False) -> Feed | None:
        """The newest episodes of the feed at ``address``; None when nothing has changed since ``known`` came from there. Bounded in time,
        size and memory, whatever is there, and soon over when ``stopping`` says so. Raises FeedUnavailable."""
        ...
