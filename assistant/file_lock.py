"""One owner for a file that processes must not write at the same time. The lock goes with the process, however that ends."""
from __future__ import annotations

import os
from pathlib import Path

from assistant.errors import StoreError, StoreInUse

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Held from the making until :meth:`close`. Raises StoreInUse when somebody else holds it, StoreError when it cannot be made.

    It is a file beside the data, because the data file itself is another one after each write.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # for reading only: a lock file made by root must not lock out the service's user
            self._handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened: {error.strerror}") from error
        try:
            _take(self._handle)
        except OSError as error:
            self.close()
            raise StoreInUse(f"{path.with_suffix('.json')} belongs to a running box") from error

    def close(self) -> None:
        """Let go; idempotent."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
