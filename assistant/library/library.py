"""The programmes of this box while it runs: known at once from the index, kept up with the disks by a thread of its own."""
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from assistant.errors import MediaUnreadable, PlayerMissing, StoreError, maintainer_line
from assistant.events import SticksGone, SticksRead
from assistant.library.index import Index
from assistant.library.scan import Catalogue, remembered, scan
from assistant.library.stick_book import StickBook
from assistant.library.volumes import MountTable, Places, Volumes, VolumeWatch, is_below
from assistant.ports import MediaState, MediaStatus, Post
from assistant.sources.broadcasts import Broadcasts
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


STICKS = (Path("/media"), Path("/run/media"))
"""Where systems mount sticks: what appears there is one, also if it is but a folder."""


class Library:
    """The loop reads; the thread exchanges the whole catalogue when anything has changed. What is plugged in or pulled out is
    posted: SticksRead, SticksGone."""

    def __init__(self, folders: tuple[Path, ...], index: Path, rescan_s: float = 600.0, measure: Measure | None = None,
                 volumes: Volumes | None = None, sticks: tuple[Path, ...] = STICKS) -> None:
        """Reads the index. What is wrong with it is logged: without it, all files are looked into at every start. ``measure`` tells
        how loud a file is; without it all are played as they are. ``volumes`` is the kernel's table of mounts if nothing is given."""
        self._folders = folders
        self._path = index
        self._rescan_s = rescan_s
        self._closing = threading.Event()
        self._woken = threading.Event()
        """There is something to do before the next look is due, be it to end."""
        self._measure = measure
        self._loudness: dict[str, Loudness] = {}
        self._immeasurable: set[str] = set()
        self._guard = threading.RLock()
        """Of what there is: disks, sticks and broadcasts change it from threads of their own, and tell of it in that order."""
        self._catalogue = Catalogue()
        self._broadcasts = Broadcasts()
        self._programmes: tuple[Programme, ...] = ()
        self._by_file: dict[str, Programme] = {}
        self._played: Programme | None = None
        """What was played last: a station that has been taken out of the list goes on, and under its name; what was on a stick had one."""
        self._volumes = volumes or MountTable(folders)
        self._sticks = StickBook(sticks)
        self._on_names: Callable[[Names], None] = lambda names: None
        self._post: Post = lambda event: None
        self._volume_watch = VolumeWatch(self._volumes, self._pulled_out, self._plugged_in)
        self._thread = threading.Thread(target=self._watch, name="library", daemon=True)
        try:
            self._take(remembered(folders, index))
        except StoreError as error:
            log.error(maintainer_line(error))

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """What is on the disks, and what comes over the network."""
        return self._programmes

    @property
    def names(self) -> Names:
        """Titles and performers, as far as they can be said, and the names of stations and podcasts, which come first."""
        return Names.joined((self._broadcasts.names, names_of(self._catalogue.programmes)))

    def join(self, broadcasts: Broadcasts) -> None:
        """All that comes over the network now, in place of what came before; any thread may say so."""
        with self._guard:
            self._broadcasts = broadcasts
            self._put_together()

    def follow(self, on_names: Callable[[Names], None]) -> None:
        """``on_names`` is told of new names from now on, by whichever thread has brought them. It must not wait for anything."""
        self._on_names = on_names

    def start(self, post: Post = lambda event: None) -> None:
        """Look at the disks now and then and when one is plugged in, from a thread of its own."""
        self._post = post
        self._volume_watch.start()
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(10.0)
        self._volume_watch.close()

    def gain_db(self, file: str) -> float:
        """By how much it is to be played louder or softer than it is; any thread may ask."""
        loudness = self._loudness.get(file)
        return 0.0 if loudness is None else gain_db(loudness)

    def playing(self, status: MediaStatus | None) -> Playing | None:
        """What the player says, in the library's words."""
        if status is None:
            return None
        before = self._played if self._played and self._played.file == status.file else None
        programme = self._played = self._by_file.get(status.file) or before or Programme(status.file, Path(status.file).stem)
        return Playing(programme, status.state is MediaState.PLAYING, status.state is MediaState.PAUSED,
                       status.index == 0, status.index + 1 == status.count, status.speed)

    def _watch(self) -> None:
        while not self._closing.is_set():
            again_at = time.monotonic() + self._rescan_s
            self._woken.clear()
            try:
                with closing(Index(self._path)) as index:
                    self._look(index)
                    if self._measure is not None:
                        self._loudness = index.loudness()
                        self._listen(index, self._measure, again_at)
            except StoreError as error:
                log.error(maintainer_line(error))
            except PlayerMissing as error:  # told aloud when something is to be played
                log.info("library: nothing is measured: %s", error)
            if not self._closing.is_set():
                self._woken.wait(max(0.0, again_at - time.monotonic()))

    def _look(self, index: Index) -> None:
        """At all disks. What was plugged in when it began has been read when it is over."""
        plugged = self._sticks.plugged
        found = scan(self._folders, index, stopping=lambda: self._closing.wait(REST_S), is_away=self._sticks.is_away)
        if self._closing.is_set():
            return
        with self._guard:
            self._take(found)
            read = self._sticks.read(plugged, self.programmes, self._volumes.now())
            if read:  # told before it can be pulled out
                self._post(SticksRead(tuple(sorted(read))))

    def _plugged_in(self, places: Places) -> None:
        with self._guard:
            self._sticks.plug_in(places)
            self._immeasurable = {file for file in self._immeasurable if not is_below(places, file)}
        self._woken.set()

    def _pulled_out(self, places: Places) -> None:
        with self._guard:
            self._sticks.pull_out(places)
            self._take(self._catalogue)
            self._post(SticksGone(tuple(sorted(places))))
        self._woken.set()

    def _listen(self, index: Index, measure: Measure, until: float) -> None:
        """How loud the files are that nobody has measured, one after the other till it is time to look for new ones."""
        for file, duration_s in index.unmeasured():
            if file in self._immeasurable:
                continue
            try:
                loudness = measure(file, duration_s, self._is_called)
            except MediaUnreadable as error:
                log.info("library: %s", error)
                self._immeasurable.add(file)
                loudness = None
            if loudness is not None:
                index.keep_loudness(file, loudness)
                self._loudness[file] = loudness
            if self._woken.wait(REST_S) or self._is_called() or time.monotonic() >= until:
                return

    def _is_called(self) -> bool:
        """Whether there is something better to do than to listen into files."""
        return self._woken.is_set() or self._closing.is_set()

    def _take(self, catalogue: Catalogue) -> None:
        with self._guard:
            before, catalogue = self._catalogue, catalogue.without(self._sticks.is_away)
            if catalogue == before:
                return
            self._catalogue = catalogue
            self._put_together()
        for file, reason in set(catalogue.broken) - set(before.broken):
            log.warning("library: %s: %s", file, reason)
        log.info("library: %d programmes, %d files that cannot be played", len(catalogue.programmes), len(catalogue.broken))

    def _put_together(self) -> None:
        self._programmes = (*self._catalogue.programmes, *self._broadcasts.programmes)
        self._by_file = {programme.file: programme for programme in self._programmes}
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
