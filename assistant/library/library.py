"""The programmes of this box while it runs: known at once from the index, kept up with the disks by a thread of its own."""
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from assistant.errors import MediaUnreadable, PlayerMissing, StoreError, maintainer_line
from assistant.library.index import Index
from assistant.library.scan import Catalogue, remembered, scan
from assistant.ports import MediaState, MediaStatus
from audio.loudness import Loudness, gain_db
from intents.own_names import Names, can_be_said
from intents.wordlists import Entry
from skills.api import Playing, Programme

log = logging.getLogger(__name__)

SOURCE = "media"
"""Under this name its titles and performers are handed to the understanding."""
MOST_NAMES = 20_000
REST_S = 0.1
"""Between one hundred new files and the next: what is being said or heard meanwhile must not stutter."""


Measure = Callable[[str, float, Callable[[], bool]], Loudness | None]
"""See :func:`audio.loudness.measure`."""


class Library:
    """The loop reads; the thread exchanges the whole catalogue when anything has changed."""

    def __init__(self, folders: tuple[Path, ...], index: Path, rescan_s: float = 600.0, measure: Measure | None = None) -> None:
        """Reads the index. What is wrong with it is logged: without it, all files are looked into at every start. ``measure`` tells
        how loud a file is; without it all are played as they are."""
        self._folders = folders
        self._path = index
        self._rescan_s = rescan_s
        self._closing = threading.Event()
        self._measure = measure
        self._loudness: dict[str, Loudness] = {}
        self._immeasurable: set[str] = set()
        self._catalogue = Catalogue()
        self._by_file: dict[str, Programme] = {}
        self._on_names: Callable[[Names], None] = lambda names: None
        self._thread = threading.Thread(target=self._watch, name="library", daemon=True)
        try:
            self._take(remembered(folders, index))
        except StoreError as error:
            log.error(maintainer_line(error))

    @property
    def programmes(self) -> tuple[Programme, ...]:
        return self._catalogue.programmes

    @property
    def names(self) -> Names:
        """Titles and performers, as far as they can be said."""
        return names_of(self.programmes)

    def follow(self, on_names: Callable[[Names], None]) -> None:
        """``on_names`` is told of new names from now on, in the library's thread."""
        self._on_names = on_names

    def start(self) -> None:
        """Look at the disks now and then, from a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(10.0)

    def gain_db(self, file: str) -> float:
        """By how much it is to be played louder or softer than it is; any thread may ask."""
        loudness = self._loudness.get(file)
        return 0.0 if loudness is None else gain_db(loudness)

    def playing(self, status: MediaStatus | None) -> Playing | None:
        """What the player says, in the library's words."""
        if status is None:
            return None
        programme = self._by_file.get(status.file) or Programme(status.file, Path(status.file).stem)
        return Playing(programme, status.state is MediaState.PLAYING, status.state is MediaState.PAUSED,
                       status.index == 0, status.index + 1 == status.count, status.speed)

    def _watch(self) -> None:
        while not self._closing.is_set():
            again_at = time.monotonic() + self._rescan_s
            try:
                with closing(Index(self._path)) as index:
                    self._take(scan(self._folders, index, stopping=lambda: self._closing.wait(REST_S)))
                    if self._measure is not None:
                        self._loudness = index.loudness()
                        self._listen(index, self._measure, again_at)
            except StoreError as error:
                log.error(maintainer_line(error))
            except PlayerMissing as error:  # told aloud when something is to be played
                log.info("library: nothing is measured: %s", error)
            self._closing.wait(max(0.0, again_at - time.monotonic()))

    def _listen(self, index: Index, measure: Measure, until: float) -> None:
        """How loud the files are that nobody has measured, one after the other till it is time to look for new ones."""
        for file, duration_s in index.unmeasured():
            if file in self._immeasurable:
                continue
            try:
                loudness = measure(file, duration_s, self._closing.is_set)
            except MediaUnreadable as error:
                log.info("library: %s", error)
                self._immeasurable.add(file)
                loudness = None
            if loudness is not None:
                index.keep_loudness(file, loudness)
                self._loudness[file] = loudness
            if self._closing.wait(REST_S) or time.monotonic() >= until:
                return

    def _take(self, catalogue: Catalogue) -> None:
        if catalogue == self._catalogue:
            return
        before, self._catalogue = self._catalogue, catalogue
        self._by_file = {programme.file: programme for programme in catalogue.programmes}
        for file, reason in set(catalogue.broken) - set(before.broken):
            log.warning("library: %s: %s", file, reason)
        log.info("library: %d programmes, %d files that cannot be played", len(catalogue.programmes), len(catalogue.broken))
        self._on_names(self.names)


def names_of(programmes: Iterable[Programme]) -> Names:
    """The titles with what goes with them, and the performers; each once."""
    titles: dict[str, Entry] = {}
    artists: dict[str, Entry] = {}
    for programme in programmes:
        extras = {key: value for key, value in (("kind", programme.kind), ("genre", programme.genre)) if value}
        titles.setdefault(programme.title, Entry(programme.title, (), extras))
        if programme.artist:
            artists.setdefault(programme.artist, Entry(programme.artist, (), {"kind": programme.kind} if programme.kind else {}))
    return Names(titles=_sayable(titles), artists=_sayable(artists))


def _sayable(entries: dict[str, Entry]) -> tuple[Entry, ...]:
    """Names are matched by sound; one of a single character sounds like half of everything."""
    return tuple(entry for name, entry in entries.items() if len(name) > 1 and can_be_said(name))[:MOST_NAMES]
