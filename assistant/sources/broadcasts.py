"""Stations and episodes as programmes of the box's library."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.feed import Episode, Feed
from assistant.sources.feed_cache import remembered_feeds
from assistant.sources.station_file import STATIONS, Station, Stations, read_stations
from intents.own_names import Names
from skills.api import Programme


@dataclass(frozen=True, slots=True)
class Broadcasts:
    """All that can be had over the network at one moment, and how it is called."""

    programmes: tuple[Programme, ...] = ()
    names: Names = Names()


def broadcasts_of(stations: Stations, feeds: Mapping[str, Feed]) -> Broadcasts:
    """The stations in their order, then each podcast's episodes as parts of one programme, the newest the first."""
    episodes = tuple(_programme(podcast, number, episode) for podcast in stations.podcasts
                     for number, episode in enumerate(feeds.get(podcast.address, Feed()).episodes, start=1))
    return Broadcasts((*stations.radio, *episodes), stations.names)


def remembered_broadcasts(folder: Path) -> Broadcasts:
    """As the list is now and as the feeds were when the box last asked, for those who do not ask. Raises StationsError, StoreError."""
    return broadcasts_of(read_stations(folder / STATIONS), remembered_feeds(folder))


def _programme(podcast: Station, number: int, episode: Episode) -> Programme:
    extras = podcast.entry.extras
    return Programme(episode.address, podcast.name, extras["kind"], extras.get("genre", ""), "", number, episode.duration_s)
