"""What comes over the network, as programmes: kept up with the installer's list and the podcasts' feeds by a thread of its own."""
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from assistant.errors import FeedUnavailable, StationsError, StoreError, maintainer_line
from assistant.feed import Feed
from assistant.ports import FeedSource
from assistant.sources.back_off import Round
from assistant.sources.broadcasts import Broadcasts, broadcasts_of
from assistant.sources.feed_cache import FeedCache
from assistant.sources.station_file import STATIONS, Station, Stations, read_stations
from assistant.watched_file import WatchedFile

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""How often the list is looked at, and whether a feed is due. A changed list is read at the next look but one."""


class Sources:
    """The list and the feeds. What goes wrong is logged and costs itself alone: a wrong line, one feed, one write."""

    def __init__(self, folder: Path, feeds: FeedSource, cache: FeedCache, every_s: float,
                 clock: Callable[[], float] = time.monotonic) -> None:
        """Reads the list and what is known of the feeds. ``every_s`` is how often a feed is asked for news; ``clock`` is in seconds."""
        self._file = WatchedFile(folder / STATIONS)
        self._feeds = feeds
        self._cache = cache
        self._every_s = every_s
        self._clock = clock
        self._stations = Stations()
        self._rounds: dict[str, Round] = {}
        self._closing = threading.Event()
        self._on_change: Callable[[Broadcasts], None] = lambda broadcasts: None
        self._thread = threading.Thread(target=self._run, name="sources", daemon=True)
        self.broadcasts = Broadcasts()
        self._read()

    def follow(self, on_change: Callable[[Broadcasts], None]) -> None:
        """``on_change`` is told of all there is from now on whenever it changes, in this thread's time."""
        self._on_change = on_change

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop and join. Idempotent."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(10.0)
        self._cache.close()

    def look(self) -> None:
        """Look at the list, and fetch the feeds that are due: for the thread, and for those who have none."""
        if self._file.has_settled():
            self._read()
        for podcast in self._stations.podcasts:
            if self._rounds.setdefault(podcast.address, Round()).is_due(self._clock()) and not self._closing.is_set():
                self._fetch(podcast)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self.look()
            except Exception:  # whatever is wrong with one list or feed, the thread is there for the others
                log.exception("sources: this look is lost")
            self._closing.wait(LOOK_S)

    def _read(self) -> None:
        stations, fault = self._stations, ""
        try:
            stations = read_stations(self._file.path)
        except StationsError as error:
            fault = maintainer_line(error)
        if self._file.was_written_meanwhile():
            return
        if fault:
            log.error("%s; the box goes on with %d stations from before", fault, len(stations.stations))
            return
        for line in stations.faults:
            log.error(maintainer_line(StationsError(line)))
        self._stations = stations
        wanted = {podcast.address for podcast in stations.podcasts}
        self._rounds = {address: turn for address, turn in self._rounds.items() if address in wanted}
        if self._cache.feeds.keys() - wanted:
            self._keep({address: feed for address, feed in self._cache.feeds.items() if address in wanted})
        self._tell()

    def _fetch(self, podcast: Station) -> None:
        address, turn = podcast.address, self._rounds[podcast.address]
        try:
            feed = self._feeds.fetch(address, self._cache.feeds.get(address, Feed()), self._closing.is_set)
        except FeedUnavailable as error:
            self._rounds[address] = turn.failed(self._clock())
            if not self._closing.is_set():
                log.warning("%s: %s", podcast.name, maintainer_line(error))
            return
        self._rounds[address] = turn.answered(self._clock(), self._every_s)
        if feed is not None:
            self._keep({**self._cache.feeds, address: feed})
            self._tell()

    def _keep(self, feeds: Mapping[str, Feed]) -> None:
        try:
            self._cache.keep(feeds)
        except StoreError as error:
            log.error(maintainer_line(error))

    def _tell(self) -> None:
        broadcasts = broadcasts_of(self._stations, self._cache.feeds)
        if broadcasts != self.broadcasts:
            self.broadcasts = broadcasts
            log.info("sources: %d stations, %d episodes of %d podcasts", len(self._stations.radio),
                     len(broadcasts.programmes) - len(self._stations.radio), len(self._stations.podcasts))
            self._on_change(broadcasts)
