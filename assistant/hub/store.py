"""What the box must not forget of its hub, in one file (see ``assistant/crash_safe.py``): who it is, what came, what has to be told.

What belongs together is written in one piece: a message with its number and with the receipt that it has come. So there is no moment at
which a power cut could make something happen twice, or never.
"""
from __future__ import annotations

import copy
import datetime as dt
import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from assistant.commands import NoteNotice, NoticeStep
from assistant.crash_safe import CrashSafeStorage
from assistant.file_lock import FileLock
from assistant.hub import inbox, outbox
from assistant.hub.inbox import Intake
from assistant.hub.outbox import SetApart
from hub.messages import Message, Receipt
from skills.api import Notice, Picture, Priority, Recording

log = logging.getLogger(__name__)

FILE_NAME, LOCK_NAME = "hub.json", "hub.lock"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Membership:
    """Of which village the box is one; ``hub_key`` is what all that comes must be signed with."""

    box: str
    name: str
    village: str
    hub_key: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """What belongs to a notice besides its words: ``path`` at the hub, and what it must be found to be. ``expires_at`` is local and naive."""

    notice_id: str
    path: str
    sha256: str
    expires_at: dt.datetime | None
    is_recording: bool


class HubStore:
    """Any thread may call. Raises StoreError when the disk refuses; nothing has then been changed."""

    def __init__(self, folder: Path, alone: bool = False) -> None:
        """``alone``: nobody else may write until :meth:`close`; raises StoreInUse where somebody does."""
        self._lock = threading.RLock()
        self._owned = FileLock(folder / LOCK_NAME) if alone else None
        self._storage = CrashSafeStorage(folder / FILE_NAME)
        self._tree = copy.deepcopy(_EMPTY) | (self._storage.read() or {})
        self._notices: tuple[Notice, ...] | None = None

    def close(self) -> None:
        """Idempotent."""
        if self._owned is not None:
            self._owned.close()

    @property
    def recovered(self) -> str:
        """One line on what was repaired when the file was opened, or empty."""
        return self._storage.recovered

    def _change(self, change: Callable[[dict], Result]) -> Result:
        with self._lock:
            tree = copy.deepcopy(self._tree)
            result = change(tree)
            if tree != self._tree:
                self._storage.write(tree)
                self._tree, self._notices = tree, None
            return result

    # -- who it is ------------------------------------------------------------------------------------------------

    def key(self) -> str:
        """What the box proves itself with; made once."""
        def make(tree: dict) -> str:
            tree["box"].setdefault("key", secrets.token_urlsafe(32))
            return tree["box"]["key"]

        return self._change(make)

    def membership(self) -> Membership | None:
        with self._lock:
            box = self._tree["box"]
            return Membership(box["id"], box["name"], box["village"], box["hub_key"]) if "hub_key" in box else None

    def join(self, membership: Membership) -> None:
        """Once and for all: a hub that came later would be somebody else's voice in this home."""
        def pin(tree: dict) -> None:
            if "hub_key" in tree["box"]:
                log.error("another hub wants to have this box; it stays with the one that it has joined")
                return
            tree["box"] |= {"id": membership.box, "name": membership.name, "village": membership.village, "hub_key": membership.hub_key}

        self._change(pin)

    def forget(self) -> None:
        """All of it: who it is, what came, what was to be told."""
        with self._lock:
            self._storage.erase()
            self._tree, self._notices = copy.deepcopy(_EMPTY), None

    # -- what came ------------------------------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """Number of the last message that was taken."""
        with self._lock:
            return self._tree["inbox"]["last"]

    @property
    def seen(self) -> str:
        """When the hub sent that one, as it said it: two hubs that count alike are told apart by it. Empty where it is not known."""
        with self._lock:
            return self._tree["inbox"].get("sent_at", "")

    @property
    def dropped(self) -> int:
        """How many messages were over, or not understood, when they came."""
        with self._lock:
            return self._tree["inbox"]["dropped"]

    def take(self, messages: Sequence[Message], now: dt.datetime, skew: dt.timedelta = dt.timedelta(0)) -> Intake:
        """See :func:`assistant.hub.inbox.take`; on disk when this returns."""
        return self._change(lambda tree: inbox.take(tree, messages, now, skew))

    def notices(self) -> tuple[Notice, ...]:
        """The oldest first; also those whose time is over."""
        with self._lock:
            if self._notices is None:
                self._notices = tuple(sorted(map(_notice, self._tree["notices"].values()), key=lambda notice: (notice.sent_at, notice.notice_id)))
            return self._notices

    def attachments(self) -> tuple[Attachment, ...]:
        """What belongs to the notices and is still at the hub, or has been fetched: the newest notice's first."""
        with self._lock:
            rows = sorted(self._tree["notices"].values(), key=lambda row: row["sent_at"], reverse=True)
            return tuple(Attachment(row["notice"], row[name], row[f"{name}_sha256"], _local(row["expires_at"]), name == "audio")
                         for row in rows for name in ("audio", "picture") if row.get(name))

    def recording_came(self, sha256: str) -> None:
        """See :func:`assistant.hub.inbox.recording_came`."""
        with self._lock:
            if not inbox.waits_for(self._tree, sha256):
                return
        self._change(lambda tree: inbox.recording_came(tree, sha256))

    def settings(self) -> Mapping[str, object]:
        """What the village has set for this box, as it came."""
        with self._lock:
            return self._tree["settings"]

    def volume_to_set(self) -> int | None:
        """What the village wants and has not been set yet."""
        with self._lock:
            return self._tree["volume"]

    def volume_was_set(self) -> None:
        self._change(lambda tree: tree.update(volume=None))

    # -- what has to be told --------------------------------------------------------------------------------------

    def note(self, noted: NoteNotice, now: dt.datetime) -> None:
        """``now`` in UTC."""
        self._change(lambda tree: inbox.note(tree, noted.notice_id, noted.revision, noted.step, now, noted.answer))

    def waiting(self, most: int) -> tuple[Receipt, ...]:
        """Receipts that the hub has not taken, in order."""
        with self._lock:
            return outbox.waiting(self._tree, most)

    def taken(self, through: int) -> None:
        """See :func:`assistant.hub.outbox.taken`."""
        self._change(lambda tree: outbox.taken(tree, through))

    def set_apart(self, why: str, now: dt.datetime) -> None:
        """See :func:`assistant.hub.outbox.set_apart`; ``now`` in UTC."""
        self._change(lambda tree: outbox.set_apart(tree, why, now))

    def apart(self) -> tuple[SetApart, ...]:
        """Receipts that the hub does not take."""
        with self._lock:
            return outbox.apart(self._tree)


_EMPTY = {"box": {}, "inbox": {"last": 0, "dropped": 0}, "notices": {}, "settings": {}, "volume": None, "outbox": {"number": 0, "waiting": []}}
_PRIORITIES = {priority.value: priority for priority in Priority}


def _notice(row: Mapping) -> Notice:
    priority = _PRIORITIES.get(row["priority"], Priority.ORDINARY)
    return Notice(row["notice"], row["revision"], row["title"], row["text"], row["category"], priority, _local(row["sent_at"]),
                  row["sent_by"], row["question"], tuple(row["choices"]), _local(row["expires_at"]), frozenset(map(NoticeStep, row["steps"])),
                  row["times_told"], _local(row["told_at"]), Recording(row["audio_sha256"], row["audio_s"]) if row.get("audio") else None,
                  Picture(row["picture_sha256"]) if row.get("picture") else None)


def _local(time: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(time).astimezone().replace(tzinfo=None) if time else None
