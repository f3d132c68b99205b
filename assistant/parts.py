"""The parts that the loop drives: what it needs of each, and all of them together."""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from assistant.commands import Clip, Lesson, Listen, StopListening, VillageOrder
from assistant.fetcher import Fetcher
from assistant.library.library import Library
from assistant.mailbox import Mailbox
from assistant.play_history import PlayHistory
from assistant.ports import Loudspeaker, MediaPlayer, Post
from assistant.schedule import Schedule
from assistant.store import Store
from skills.api import Notice


class EarPort(Protocol):
    """What the loop needs of the ear, which has begun to load; see ``assistant/hearing.py``."""

    def start(self) -> None: ...
    def obey(self, order: Listen | StopListening) -> None: ...
    def speaking_began(self, says: str) -> None: ...
    def speaking_ended(self) -> None: ...
    def last_chunk_age(self) -> float: ...
    def close(self) -> None: ...


class VoicePort(Protocol):
    """What the loop needs of the voice; see ``audio/voice.py``."""

    def start(self) -> None: ...
    def say(self, turn: int, text: str, tone: str | None = None, pace: float = 1.0, clip: Clip | None = None) -> None: ...
    def prepare(self, text: str) -> None: ...
    def warm(self, sentences: tuple[str, ...]) -> None: ...
    def stop_speaking(self) -> None: ...
    def set_rate(self, rate: float) -> None: ...
    def close(self) -> None: ...


class ScreenPort(Protocol):
    """Where words and cards are shown."""

    def said(self, text: str) -> None: ...
    def show(self, card: object) -> None: ...


class LearnerPort(Protocol):
    """Who keeps what an exchange teaches; see ``assistant/learner.py``."""

    def take(self, lesson: Lesson, now: dt.datetime) -> None: ...
    def close(self) -> None: ...


class RefresherPort(Protocol):
    """Who makes the understanding anew beside the loop; see ``assistant/refresher.py``."""

    def start(self) -> None: ...
    def close(self) -> None: ...


class SourcesPort(Protocol):
    """Who keeps up with stations and podcasts beside the loop; see ``assistant/sources/sources.py``."""

    def start(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Health:
    """How the box does: loudness 0..100, and what is wrong with the microphone in words; empty where nothing is."""

    volume: int
    microphone: str


class VillagePort(Protocol):
    """Who keeps the village's notices and tells it what became of them; see ``assistant/hub/village.py``."""

    @property
    def name(self) -> str: ...
    def start(self, post: Post, health: Callable[[], Health]) -> None: ...
    def notices(self, now: dt.datetime) -> tuple[Notice, ...]: ...
    def is_quiet(self, now: dt.datetime) -> bool: ...
    def volume_to_set(self) -> int | None: ...
    def volume_was_set(self) -> None: ...
    def obey(self, order: VillageOrder, now: dt.datetime) -> None: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class Parts:
    """The real or simulated things the loop drives. ``ear`` is None when the box cannot hear at all (typed text only),
    ``refresher`` when its names never change, ``sources`` when nothing comes over the network, ``village`` when there is no hub."""

    mailbox: Mailbox
    ear: EarPort | None
    voice: VoicePort
    loudspeaker: Loudspeaker
    player: MediaPlayer
    library: Library
    screen: ScreenPort
    store: Store
    schedule: Schedule
    fetcher: Fetcher
    learner: LearnerPort
    refresher: RefresherPort | None = None
    sources: SourcesPort | None = None
    village: VillagePort | None = None
    history: PlayHistory = field(default_factory=PlayHistory)
    now: Callable[[], dt.datetime] = dt.datetime.now
    feed_watchdog: Callable[[], None] = lambda: None
