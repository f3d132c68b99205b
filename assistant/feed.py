"""What a podcast's feed says, as plain values, and how what is played from an address is told from a file. Pure."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Episode:
    """One broadcast of a podcast: where its sound is, and how long it lasts, 0 if that is not known."""

    address: str
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest episodes, the newest first. ``etag`` and ``modified`` are what the server said of this version, to be asked by whether
    there is another; both may be empty."""

    episodes: tuple[Episode, ...] = ()
    etag: str = ""
    modified: str = ""


def is_address(file: str) -> bool:
    """Whether what is to be played comes over the network. No path begins so: those of the library are absolute."""
    return file.startswith(("http://", "https://"))
