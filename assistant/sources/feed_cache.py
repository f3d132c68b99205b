"""The episodes as they were when they were last fetched, on disk: known at the next start, with a network or without."""
from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from tinydb import TinyDB

from assistant.crash_safe import CrashSafeStorage, put
from assistant.errors import StoreError
from assistant.feed import Episode, Feed
from assistant.sources.address import fault_of

log = logging.getLogger(__name__)

FILE_NAME = "podcasts.json"
_ROW = "feeds"


class FeedCache:
    """All feeds by address, at hand in memory; a change is on the disk before :meth:`keep` returns. Belongs to one thread at a time."""

    def __init__(self, folder: Path | None = None) -> None:
        """Without a folder it is forgotten at the end. Raises StoreError when the disk refuses."""
        self._db = TinyDB(folder / FILE_NAME, storage=CrashSafeStorage) if folder else None
        row = self._db.table(_ROW).get(doc_id=1) if self._db is not None else None
        read = {address: _feed(address, plain) for address, plain in _plain_feeds(row)}
        self.feeds: dict[str, Feed] = {address: feed for address, feed in read.items() if feed is not None}

    @property
    def recovered(self) -> str:
        """One line on what was repaired when the file was opened, or empty."""
        return self._db.storage.recovered if self._db is not None else ""

    def keep(self, feeds: Mapping[str, Feed]) -> None:
        """These and no others. Raises StoreError; memory keeps them even then."""
        self.feeds = dict(feeds)
        if self._db is not None:
            put(self._db.table(_ROW), {"name": _ROW, _ROW: {address: _plain(feed) for address, feed in feeds.items()}}, "name")

    def close(self) -> None:
        if self._db is not None:
            self._db.close()


def remembered_feeds(folder: Path) -> Mapping[str, Feed]:
    """What was known when the box last wrote it; makes no file where there is none. Raises StoreError."""
    return FeedCache(folder).feeds if (folder / FILE_NAME).exists() else {}


def _plain_feeds(row: Mapping | None) -> list[tuple[str, object]]:
    feeds = row.get(_ROW) if row else None
    return list(feeds.items()) if isinstance(feeds, dict) else []


def _feed(address: str, plain: object) -> Feed | None:
    try:
        episodes = tuple(Episode(str(sound), float(duration_s)) for sound, duration_s in plain["episodes"])
        return Feed(tuple(one for one in episodes if not fault_of(one.address)), str(plain["etag"]), str(plain["modified"]))
    except (KeyError, TypeError, ValueError) as error:
        log.error("store: %s", StoreError(f"{FILE_NAME}: what is kept of {address} cannot be read ({error!r}); it is fetched anew"))
        return None


def _plain(feed: Feed) -> dict:
    return {"etag": feed.etag, "modified": feed.modified, "episodes": [[one.address, one.duration_s] for one in feed.episodes]}
