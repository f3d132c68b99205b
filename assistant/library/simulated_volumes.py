"""Sticks that nobody has to plug in: for tests, and for machines on which nothing can be mounted."""
from __future__ import annotations

import queue

from assistant.library.volumes import Places


class SimulatedVolumes:
    """``Volumes`` port. Every :meth:`mount` is a change, seen one after the other."""

    def __init__(self, *places: str) -> None:
        self._places: Places = frozenset(places)
        self._changes: queue.SimpleQueue[Places | None] = queue.SimpleQueue()

    def mount(self, *places: str) -> None:
        """From now on these are mounted, and nothing else."""
        self._changes.put(frozenset(places))

    def now(self) -> Places:
        return self._places

    def changed(self, timeout_s: float | None) -> bool:
        try:
            places = self._changes.get(timeout=timeout_s)
        except queue.Empty:
            return False
        if places is None:
            return False
        self._places = places
        return True

    def wake(self) -> None:
        self._changes.put(None)

    def close(self) -> None:
        """Nothing is held open."""
