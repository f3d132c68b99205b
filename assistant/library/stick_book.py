"""Which sticks have come and gone while the box runs, as far as somebody is to hear of it. No disk, no thread."""
from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from assistant.library.volumes import Places, is_below
from skills.api import Programme


class StickBook:
    """The library keeps it under its lock; :meth:`is_away` may be asked by any thread."""

    def __init__(self, roots: Iterable[Path]) -> None:
        """``roots`` are the folders in which a mere folder that appears counts as a stick too: somebody has copied it there, or the
        system has mounted it where it cannot be seen."""
        self._roots = tuple(map(str, roots))
        self._plugged: Places = frozenset()
        self._away: Places = frozenset()
        self._folders: Places | None = None
        """Folders in the roots that hold programmes; None before the first look."""

    @property
    def plugged(self) -> Places:
        """What has been plugged in and not been read."""
        return self._plugged

    def is_away(self, file: str) -> bool:
        """Whether ``file`` was on a stick that has been pulled out."""
        return is_below(self._away, file)

    def plug_in(self, places: Places) -> None:
        self._plugged, self._away = self._plugged | places, self._away - places

    def pull_out(self, places: Places) -> None:
        self._plugged, self._away = self._plugged - places, self._away | places

    def read(self, plugged: Places, programmes: Iterable[Programme], mounted: Places) -> Places:
        """All disks have been looked through, and these ``programmes`` are there: which sticks are new? ``plugged`` are those that
        were plugged in when the look began, ``mounted`` the places where something is now."""
        before, self._folders = self._folders, self._with_programmes(programmes)
        read = plugged & self._plugged
        self._plugged -= read
        if before is None:
            return read
        mounted -= frozenset(self._roots)
        appeared = {folder for folder in self._folders - before if not _overlaps(folder, mounted)}
        return read | appeared

    def _with_programmes(self, programmes: Iterable[Programme]) -> Places:
        found = set()
        for programme in programmes:
            for root in self._roots:
                if is_below((root,), programme.file):
                    first, *below = programme.file[len(root) + 1 :].split(os.sep)
                    found |= {f"{root}{os.sep}{first}"} if below else set()
        return frozenset(found)


def _overlaps(folder: str, places: Places) -> bool:
    """One is the other, or in it."""
    return folder in places or is_below(places, folder) or any(is_below((folder,), place) for place in places)
