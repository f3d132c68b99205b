"""The episodes in a feed that strangers wrote: what has a sound at a permitted address, newest first."""
from __future__ import annotations

import io
import re
from collections.abc import Iterator

import feedparser

from assistant.errors import FeedUnavailable
from assistant.feed import Episode
from assistant.sources.address import led_to

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2})(?:\.\d+)?")
LONGEST_S = 48 * 3600.0
"""What claims to last longer does not say how long it lasts."""


def read_feed(body: bytes, address: str, content_type: str, most: int) -> tuple[Episode, ...]:
    """The ``most`` newest of them. Feeds that are a little wrong are read as far as they go. Raises FeedUnavailable for what is none, or
    has nothing in it that can be played."""
    read = feedparser.parse(io.BytesIO(body), response_headers={"content-type": content_type, "content-location": address},
                            sanitize_html=False, resolve_relative_uris=False)
    if not read.get("version"):
        raise FeedUnavailable(f"{address}: this is no feed")
    dated = [(entry.get("published_parsed") or entry.get("updated_parsed"), episode) for entry, episode in _episodes(read.entries, address)]
    if all(when for when, _ in dated):  # else they are in the order in which feeds are: the newest first
        dated.sort(key=lambda pair: tuple(pair[0]), reverse=True)
    episodes: dict[str, Episode] = {}
    for _, episode in dated:
        episodes.setdefault(episode.address, episode)
    if not episodes:
        raise FeedUnavailable(f"{address}: there is nothing in this feed that could be played")
    return tuple(episodes.values())[:most]


def _episodes(entries: list, address: str) -> Iterator[tuple[dict, Episode]]:
    for entry in entries:
        for enclosure in entry.get("enclosures", ()):
            sound = led_to(address, str(enclosure.get("href", "")))
            if sound and str(enclosure.get("type", "audio/")).startswith(("audio/", "video/", "application/octet-stream")):
                yield entry, Episode(sound, _seconds(str(entry.get("itunes_duration", ""))))
                break


def _seconds(text: str) -> float:
    """Seconds, MM:SS or HH:MM:SS; 0 for what is none of them."""
    clock = _CLOCK.fullmatch(text.strip())
    if clock:
        seconds = float(int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    else:
        seconds = float(text) if text.strip().isdecimal() and len(text) < 9 else 0.0
    return seconds if seconds <= LONGEST_S else 0.0
