"""What one file on the disk says of itself, or why it cannot be played."""
from __future__ import annotations

from pathlib import Path

from tinytag import TinyTag, TinyTagException

from assistant.errors import MediaUnreadable
from assistant.library.describe import AUDIO, VIDEO, Tags

SUFFIXES = AUDIO | VIDEO
_READABLE = frozenset(TinyTag.SUPPORTED_FILE_EXTENSIONS) & AUDIO
"""Of these a file without sound in it is found out here; of the others only the player can tell."""

CANNOT_BE_READ = "it cannot be read"
"""Beginning of a reason that lies with the disk or its permissions: it holds for now, and not for the file."""

SHORTEST_S = 0.2
"""Any bytes look like a frame or two of sound here and there."""


def read_tags(path: Path) -> Tags:
    """Raises MediaUnreadable with the reason: empty, not allowed to be read, damaged."""
    try:
        if not path.stat().st_size:
            raise MediaUnreadable("the file is empty")
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise MediaUnreadable(f"{CANNOT_BE_READ}: {error.strerror}") from error
    suffix = path.suffix.lower()
    if suffix not in TinyTag.SUPPORTED_FILE_EXTENSIONS:
        return Tags()
    try:
        found = TinyTag.get(path)
    except TinyTagException as error:
        if suffix in _READABLE:
            raise MediaUnreadable(f"it is damaged, or no {suffix} at all: {error}") from error
        return Tags()
    except OSError as error:
        raise MediaUnreadable(f"{CANNOT_BE_READ}: {error.strerror or error}") from error
    except Exception as error:  # a parser of other people's formats may fall over anything; it costs this file alone
        raise MediaUnreadable(f"it is damaged: {type(error).__name__}: {error}") from error
    if suffix in _READABLE and (found.duration or 0.0) < SHORTEST_S:
        raise MediaUnreadable("there is no sound in it")
    return Tags(found.title or "", found.artist or "", found.genre or "", found.duration or 0.0)
