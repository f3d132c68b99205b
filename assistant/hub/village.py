"""The box's village as the loop knows it: notices, what the village has set, and somebody who tells it what became of them."""
from __future__ import annotations

import datetime as dt
import importlib.metadata
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from assistant.commands import AskToJoin, NoteNotice, VillageOrder
from assistant.errors import StoreError
from assistant.hub.attachments import Attachments
from assistant.hub.client import HubClient
from assistant.hub.joining import Joiner
from assistant.hub.link import HubLink
from assistant.hub.sending import Sender
from assistant.hub.store import HubStore
from assistant.night import Night
from assistant.parts import Health
from assistant.ports import Post
from skills.api import Notice

log = logging.getLogger(__name__)

ATTACHMENTS = "notices"
"""The folder, within the box's own, of what belongs to notices besides their words."""


class Village:
    """Three threads, one file and a folder. All methods may be called from any thread; those that write raise StoreError."""

    def __init__(self, url: str, folder: Path, store: HubStore, quiet: Night) -> None:
        """``quiet`` holds until the village sets other hours. Raises ConfigError, StoreError."""
        self._folder = folder
        self._store = store
        self._quiet = quiet
        self._spoken_of: dict[str, dt.datetime] = {}
        self._version = importlib.metadata.version("xiangyin")
        key = store.key()
        listening = HubClient(url, key, _utc_now)
        self._sender = Sender(store, HubClient(url, key, _utc_now))
        self._attachments = Attachments(folder / ATTACHMENTS, store, HubClient(url, key, _utc_now), dt.datetime.now)
        joiner = Joiner(store, listening, self._version, lambda: self.is_quiet(dt.datetime.now()))
        self._link = HubLink(store, listening, joiner, _utc_now, self._taken)

    def start(self, post: Post, health: Callable[[], Health]) -> None:
        """``health`` is called in another thread."""
        self._sender.start(lambda: self._facts(health()))
        self._attachments.start(post)
        self._link.start(post)

    def close(self) -> None:
        self._link.close()
        self._attachments.close()
        self._sender.close()
        self._store.close()

    def _taken(self) -> None:
        self._sender.wake()
        self._attachments.wake()

    @property
    def name(self) -> str:
        """Empty while the box is no village's."""
        membership = self._store.membership()
        return membership.village if membership else ""

    def notices(self, now: dt.datetime) -> tuple[Notice, ...]:
        """Those that are not over at ``now`` (local, naive), the oldest first."""
        return tuple(self._as_it_is_here(self._as_spoken_of(notice)) for notice in self._store.notices() if not notice.is_over(now))

    def _as_spoken_of(self, notice: Notice) -> Notice:
        """Where the disk refuses, it would otherwise be read again and again without a pause."""
        at = self._spoken_of.get(notice.notice_id)
        return notice if at is None else replace(notice, told_at=at, times_told=notice.times_told + 1)

    def _as_it_is_here(self, notice: Notice) -> Notice:
        """With the files that there are."""
        recording, picture, here = notice.recording, notice.picture, self._attachments
        if recording is None and picture is None:
            return notice
        if recording is not None:
            recording = replace(recording, file=here.file(recording.sha256), is_awaited=here.is_awaited(recording.sha256))
        return replace(notice, recording=recording, picture=picture and replace(picture, file=here.file(picture.sha256)))

    def is_quiet(self, now: dt.datetime) -> bool:
        """Whether nothing is to be said at ``now`` (local, naive) that can wait."""
        settings = self._store.settings()
        if settings.get("muted") is True:
            return True
        begins, ends = (_hour(settings.get(name)) for name in ("quiet_from", "quiet_until"))
        return (self._quiet if begins is None or ends is None else Night(begins, ends)).is_at(now)

    def volume_to_set(self) -> int | None:
        """0..100, where the village wants another; None when there is nothing to do."""
        return self._store.volume_to_set()

    def volume_was_set(self) -> None:
        self._store.volume_was_set()

    def obey(self, order: VillageOrder, now: dt.datetime) -> None:
        """``now`` is local and naive."""
        match order:
            case NoteNotice():
                self.note(order, now)
            case AskToJoin():
                self._link.ask_to_join()

    def note(self, noted: NoteNotice, now: dt.datetime) -> None:
        """Written down when this returns, sent by and by. ``now`` is local and naive."""
        try:
            self._store.note(noted, now.astimezone(dt.UTC))
        except StoreError:
            self._spoken_of[noted.notice_id] = now
            raise
        self._spoken_of.pop(noted.notice_id, None)
        self._sender.wake()

    def _facts(self, health: Health) -> Mapping[str, object]:
        return {"version": self._version[:40], "volume": health.volume, "free_mb": shutil.disk_usage(self._folder).free // 1_000_000,
                "microphone": health.microphone[:80]}


def _hour(value: object) -> int | None:
    """0..23 of ``21`` or ``21:30``; None of anything else."""
    hour = str(value).partition(":")[0]
    return int(hour) if hour.isascii() and hour.isdigit() and int(hour) < 24 else None


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
