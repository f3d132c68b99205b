"""A file that somebody may write at any time, looked at now and then."""
from __future__ import annotations

from pathlib import Path

Stamp = tuple[int, int, int] | None
"""Changes with every writing of a file; None when there is none."""


class WatchedFile:
    """Says when it is worth reading again: when it has changed, and has not changed any more since the look before, because it may be
    half written. Counts as read when it is made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._read = stamp(path)

    def has_settled(self) -> bool:
        """Looks; true once for each writing, unless :meth:`was_written_meanwhile` says that the reading does not count."""
        before, self._seen = self._seen, stamp(self.path)
        if self._seen != before or self._seen == self._read:
            return False
        self._read = self._seen
        return True

    def was_written_meanwhile(self) -> bool:
        """Since the look: neither what was read since nor its faults count, and it will settle again."""
        return stamp(self.path) != self._read


def stamp(path: Path) -> Stamp:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
