"""Makes the understanding anew, beside the loop, when the box has new names to know or its person's accent has shown."""
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assistant.name_files import NameFiles
from intents.matcher import Matcher
from intents.own_names import Names
from intents.sound import Accent
from intents.wordlists import Vocabulary

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""How often the files are looked at. A changed one is read at the next look but one (see ``assistant/name_files.py``)."""
FILES = "files"
"""The source of names that the installer writes; it comes before all others."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a matcher depends on and that may change while the box runs."""

    names: Names
    accent: Accent


class Refresher:
    """The door for names: whoever knows some hands them to :meth:`know`, from any thread, as often as they change.

    A thread of its own watches the installer's files, compiles a new matcher when anything is different, and gives it to
    ``adopt``. Several changes at once are one. What goes wrong costs the change, not the box.
    """

    def __init__(self, files: NameFiles, matcher: Matcher, accent: Accent, adopt: Callable[[Matcher], None],
                 known: Mapping[str, Names] = MappingProxyType({})) -> None:
        """``matcher`` is the one in use, made from ``files``, what other sources have ``known`` so far, and ``accent``."""
        self._files = files
        self._matcher = matcher
        self._adopt = adopt
        self._sources = {FILES: files.names, **known}
        self._accent = accent
        self._made = self._wanted()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="names", daemon=True)

    def know(self, source: str, names: Names) -> None:
        """All names that ``source`` knows now, in place of those it knew before; used some seconds later. Never blocks."""
        with self._changed:
            self._sources[source] = names
            self._changed.notify()

    def attune(self, accent: Accent) -> None:
        """Hear this accent from now on. Never blocks."""
        with self._changed:
            self._accent = accent
            self._changed.notify()

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout_s: float = 30.0) -> None:
        """Stop and join; what is being compiled is finished first. Idempotent."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def look(self) -> None:
        """Look at the files once; for the thread, and for those who have none."""
        self._files.look()
        if self._files.names != self._sources[FILES]:
            self.know(FILES, self._files.names)

    def refresh(self) -> None:
        """Compile and hand over, if there is anything new; the same."""
        with self._changed:
            wanted = self._wanted()
        if wanted == self._made:
            return
        before, self._made = self._made, wanted  # what fails once fails again
        began = time.perf_counter()
        names = wanted.names
        vocabulary = self._matcher.vocabulary
        if names != before.names:
            vocabulary = Vocabulary.load(contacts=names.contacts, titles=names.titles, artists=names.artists)
        self._matcher = self._matcher.renewed(vocabulary, wanted.accent)
        self._adopt(self._matcher)
        log.info("names: %d contacts and %d titles of this box, in use after %.1f s",
                 len(names.contacts), len(names.titles), time.perf_counter() - began)

    def _wanted(self) -> Recipe:
        return Recipe(Names.joined(self._sources.values()), self._accent)

    def _run(self) -> None:
        while self._wait():
            try:
                self.look()
                self.refresh()
            except Exception:  # whatever a source handed in, the box goes on with what it understands already
                log.exception("names: the change is not used")

    def _wait(self) -> bool:
        """Returns when something is new or it is time to look; False when it is time to go."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._wanted() != self._made, LOOK_S)
            return not self._closing
