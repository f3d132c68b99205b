"""The boxes that are connected to this process, and what is handed to them the moment it is there."""
from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from hub.link.outgoing import Lines

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 20.0
"""In case a ring got lost."""

Fetch = Callable[[str, Mapping[str, int]], dict[str, Lines]]
"""Village and, of each box, the number that it has: what there is behind. Called in a thread."""


@dataclass(slots=True, eq=False)
class Connection:
    """One box on the line; ``after`` is the last number that was handed over."""

    village_id: str
    box_id: str
    after: int
    lines: asyncio.Queue[tuple[int, str] | None] = field(default_factory=asyncio.Queue)


class Switchboard:
    """Lives in one event loop; only :meth:`ring` may be called from any thread."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._connected: dict[str, Connection] = {}
        self._due: set[str] = set()
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_ending = False

    @property
    def online(self) -> frozenset[str]:
        """Boxes that are connected now."""
        return frozenset(self._connected)

    async def run(self) -> None:
        """For ever: hand out what is due, one read for all boxes of a village."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                await asyncio.wait_for(self._rung.wait(), LOOKS_EVERY_S)
            except TimeoutError:
                self._due |= self._connected.keys()
            self._rung.clear()
            due, self._due = self._due, set()
            villages: dict[str, dict[str, Connection]] = defaultdict(dict)
            for box in due & self._connected.keys():
                villages[self._connected[box].village_id][box] = self._connected[box]
            for village, connections in villages.items():
                await self._serve(village, connections)

    async def _serve(self, village: str, connections: Mapping[str, Connection]) -> None:
        after = {box: connection.after for box, connection in connections.items()}
        try:
            found = await asyncio.to_thread(self._fetch, village, after)
        except Exception:  # noqa: BLE001 (the line must outlive whatever the database does; it is asked again at the next look)
            log.exception("the messages of village %s cannot be read", village)
            return
        for box, lines in found.items():
            for number, line in lines:
                connections[box].lines.put_nowait((number, line))
                connections[box].after = number
            self._wake([box])  # there may be more than was read at once

    def ring(self, village_id: str, boxes: Iterable[str] | None = None) -> None:
        """There is something new for these boxes of the village, or for any of it."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ring, village_id, None if boxes is None else frozenset(boxes))

    def _ring(self, village_id: str, boxes: frozenset[str] | None) -> None:
        here = [box for box, connection in self._connected.items() if connection.village_id == village_id]
        self._wake(box for box in here if boxes is None or box in boxes)

    def hang_up(self, box_id: str) -> None:
        """It has been turned away, or has called anew."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end, box_id)

    def _end(self, box_id: str) -> None:
        connection = self._connected.pop(box_id, None)
        if connection is not None:
            connection.lines.put_nowait(None)

    def let_all_go(self) -> None:
        """The process is about to end, and must not wait for lines that never do; who calls now is let go at once. In the event loop."""
        self._is_ending = True
        for box_id in list(self._connected):
            self._end(box_id)

    def _wake(self, boxes: Iterable[str]) -> None:
        self._due.update(boxes)
        if self._due:
            self._rung.set()

    @contextlib.asynccontextmanager
    async def connected(self, village_id: str, box_id: str, after: int) -> AsyncIterator[Connection]:
        """While a box is on the line. One that calls anew takes the place of its old line, which may be dead without anybody knowing."""
        self._end(box_id)
        connection = self._connected[box_id] = Connection(village_id, box_id, after)
        self._wake([box_id])
        if self._is_ending:
            self._end(box_id)
        try:
            yield connection
        finally:
            if self._connected.get(box_id) is connection:
                del self._connected[box_id]


