"""Made-up podcasts for tests and for looking on: no network, and whatever goes wrong is ordered."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from assistant.errors import FeedUnavailable
from assistant.feed import Feed


class SimulatedFeeds:
    """``FeedSource`` port. Serves ``feeds``, by address; what is not there does not answer."""

    def __init__(self, feeds: Mapping[str, Feed] = MappingProxyType({})) -> None:
        self.feeds = dict(feeds)
        self.asked: list[str] = []

    def fetch(self, address: str, known: Feed, stopping: Callable[[], bool] = lambda: False) -> Feed | None:
        self.asked.append(address)
        feed = self.feeds.get(address)
        if feed is None:
            raise FeedUnavailable(f"{address}: no such feed is simulated")
        return None if feed == known else feed
