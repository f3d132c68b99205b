"""The thread that fetches what belongs to notices besides their words, and keeps it as long as they are worth reading.

A file is named by what it must be, the SHA-256 that the hub has signed: so it is the same whether it was fetched today or before a power
cut, it is fetched once for a notice that comes every day, and nothing else ever gets that name.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import random
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assistant.crash_safe import put_in_place
from assistant.errors import StoreError, maintainer_line
from assistant.events import RecordingSettled
from assistant.hub.client import HubClient, NotReached, NotThere, TurnedAway
from assistant.hub.course import TURNED_AWAY_S, Course
from assistant.hub.store import Attachment, HubStore
from assistant.ports import Post

log = logging.getLogger(__name__)

MOST_BYTES = 4_000_000
"""Of one; three minutes of speech are 800,000."""
MOST_KEPT_BYTES = 150_000_000
LEAST_FREE_BYTES = 200_000_000
"""The disk is for what the box must not forget before it is for this."""
AWAITED_S = 20.0
"""Who has not come by then is not waited for any more."""
CHECKED_S = 3600.0
"""So often it is looked whether a file is still what it was: cheap cards forget."""
REFUSED_S, REFUSED_LONGEST_S = 10.0, 3600.0
"""Before it is asked again for what the hub does not have, or has otherwise than it has signed."""
FULL_DISK_S = 60.0
_JOIN_S = 5.0


class Attachments:
    """All methods but those of its own thread may be called from any."""

    def __init__(self, folder: Path, store: HubStore, client: HubClient, now: Callable[[], dt.datetime]) -> None:
        """``now`` is local and naive."""
        self._folder = folder
        self._store = store
        self._client = client
        self._now = now
        self._post: Post = lambda event: None
        self._checked: dict[str, float] = {}
        self._missing: set[str] = set()
        """Of which the notices have been told that they cannot be had for now."""
        self._seen: dict[str, float] = {}
        self._refusals: dict[str, tuple[int, float]] = {}
        """How often, and until when it is not asked for."""
        self._course = Course()
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-attachments", daemon=True)

    def start(self, post: Post) -> None:
        self._post = post
        self._thread.start()

    def wake(self) -> None:
        """There may be another to be fetched, or one fewer to be kept."""
        self._wake.set()

    def close(self) -> None:
        """What has come of a file is kept, and the rest of it fetched after the next start. Idempotent."""
        self._closing.set()
        self._wake.set()
        self._client.hang_up()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)
            if self._thread.is_alive():
                log.warning("fetching from the hub did not end within %.0f s", _JOIN_S)

    def file(self, sha256: str) -> str:
        """Where it is on this box, if it is there and what it must be; else empty."""
        return str(self._path(sha256)) if sha256 in self._checked else ""

    def is_awaited(self, sha256: str) -> bool:
        """It will be here in a moment, or known not to come."""
        if sha256 in self._checked or sha256 in self._missing:
            return False
        return time.monotonic() - self._seen.setdefault(sha256, time.monotonic()) < AWAITED_S

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256

    # -- its thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            wait_s = self._turn()
            self._wake.wait(wait_s)
        self._client.close()

    def _turn(self) -> float:
        """Sees to all of them; returns the seconds until the next time."""
        wanted = self._wanted()
        try:
            self._folder.mkdir(exist_ok=True)
            self._sweep(wanted)
            wait_s = self._see_to(wanted)
            self._course = Course()
            return wait_s
        except TurnedAway:  # the line's thread says so
            wait_s = TURNED_AWAY_S
        except NotReached as error:
            if not self._closing.is_set():
                log.info("hub: %s", error)
            wait_s = self._fail()
        except OSError as error:
            log.error(maintainer_line(StoreError(f"{self._folder}: {error.strerror}")))
            wait_s = FULL_DISK_S
        except StoreError as error:
            log.error(maintainer_line(error))
            wait_s = FULL_DISK_S
        except Exception:  # a thread that has died of a mistake of ours would leave the home without recordings, and nobody would know
            log.exception("what belongs to notices")
            wait_s = self._fail()
        for sha256 in wanted:
            self._is_missing(sha256, wanted)
        return wait_s

    def _fail(self) -> float:
        self._course = self._course.not_reached()
        return self._course.wait_s(random.random())

    def _wanted(self) -> dict[str, list[Attachment]]:
        """By what they must be, the newest first."""
        now, wanted = self._now(), defaultdict(list)
        if self._store.membership() is not None:
            for one in self._store.attachments():
                if one.expires_at is None or now < one.expires_at:
                    wanted[one.sha256].append(one)
        return dict(wanted)

    def _sweep(self, wanted: Mapping[str, object]) -> None:
        """Nothing stays of what has been withdrawn or is over."""
        for path in self._folder.iterdir():
            if path.name.partition(".")[0] not in wanted:
                path.unlink()
        for known in (self._checked, self._seen, self._refusals):
            for sha256 in known.keys() - wanted.keys():
                del known[sha256]
        self._missing.intersection_update(wanted)

    def _see_to(self, wanted: Mapping[str, Sequence[Attachment]]) -> float:
        room, waits = MOST_KEPT_BYTES, [CHECKED_S]
        for sha256, some in wanted.items():
            size = self._size(sha256)
            if room < (size or MOST_BYTES):
                self._lose(sha256)
            elif self._is_here(sha256) or self._may_ask(sha256) and self._fetched(some[0]):
                self._is_there(sha256, wanted)
                room -= self._size(sha256)
                continue
            elif sha256 in self._refusals:
                waits.append(self._refusals[sha256][1] - time.monotonic())
            self._is_missing(sha256, wanted)
        return max(0.0, min(waits))

    def _size(self, sha256: str) -> int:
        path = self._path(sha256)
        return path.stat().st_size if path.exists() else 0

    def _lose(self, sha256: str) -> None:
        self._checked.pop(sha256, None)
        self._path(sha256).unlink(missing_ok=True)

    def _is_here(self, sha256: str) -> bool:
        if not self._path(sha256).exists():
            self._checked.pop(sha256, None)
            return False
        if time.monotonic() - self._checked.get(sha256, -CHECKED_S) < CHECKED_S:
            return True
        if _digest(self._path(sha256)) == sha256:
            return True
        log.error("%s is damaged, and is fetched anew", self._path(sha256))
        self._lose(sha256)
        return False

    def _is_there(self, sha256: str, wanted: Mapping[str, Sequence[Attachment]]) -> None:
        self._store.recording_came(sha256)
        is_new = sha256 not in self._checked
        if is_new or time.monotonic() - self._checked[sha256] >= CHECKED_S:
            self._checked[sha256] = time.monotonic()
        self._missing.discard(sha256)
        self._refusals.pop(sha256, None)
        if is_new:
            self._tell(wanted[sha256])

    def _is_missing(self, sha256: str, wanted: Mapping[str, Sequence[Attachment]]) -> None:
        if sha256 not in self._checked and sha256 not in self._missing:
            self._missing.add(sha256)
            self._tell(wanted[sha256])

    def _tell(self, some: Sequence[Attachment]) -> None:
        for one in some:
            if one.is_recording:
                self._post(RecordingSettled(one.notice_id))

    # -- fetching -------------------------------------------------------------------------------------------------

    def _may_ask(self, sha256: str) -> bool:
        return time.monotonic() >= self._refusals.get(sha256, (0, 0.0))[1]

    def _refuse(self, sha256: str) -> None:
        times = self._refusals.get(sha256, (0, 0.0))[0]
        wait_s = min(REFUSED_LONGEST_S, REFUSED_S * 2.0 ** min(times, 10))
        self._refusals[sha256] = (times + 1, time.monotonic() + wait_s)

    def _fetched(self, one: Attachment) -> bool:
        """Whether it is here now, and what the hub has signed. Raises NotReached, TurnedAway, OSError."""
        if shutil.disk_usage(self._folder).free < LEAST_FREE_BYTES:
            log.error("%s: the disk is nearly full, recordings are not fetched", self._folder)
            self._refuse(one.sha256)
            return False
        part = self._folder / f"{one.sha256}.part"
        try:
            whole = self._is_whole(part, one) or self._load(one, part)
        except NotThere as error:
            log.warning("hub: %s", error)
            whole = False
        if not whole:
            part.unlink(missing_ok=True)
            self._refuse(one.sha256)
            return False
        put_in_place(part, self._path(one.sha256))
        return True

    def _load(self, one: Attachment, part: Path) -> bool:
        """What came before it broke off stays, and is not asked for again."""
        have = part.stat().st_size if part.exists() else 0
        with self._client.download(one.path, have) as (begin, pieces), open(part, "ab" if begin else "wb") as file:
            size = begin
            for piece in pieces:
                size += len(piece)
                if size > MOST_BYTES:
                    log.error("%s: without end; it is not kept", one.path)
                    return False
                file.write(piece)
                if self._closing.is_set():
                    raise NotReached("the box is being switched off")
            file.flush()
            os.fsync(file.fileno())
        if self._is_whole(part, one):
            return True
        log.error("refused %s: it is not what the hub has signed", one.path)
        return False

    def _is_whole(self, part: Path, one: Attachment) -> bool:
        return part.exists() and _digest(part) == one.sha256


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
