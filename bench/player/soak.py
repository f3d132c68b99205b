"""A thousand orders in a row: whether the player and mpv are where a simple model says, and whether anything is left behind."""
from __future__ import annotations

import gc
import queue
import random
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice

import psutil

from assistant.events import Event, MediaFailed, MediaPlayedOut, PlayerLost
from assistant.ports import MediaPlayer
from bench.player.model import Model, Mpv, Order, against_mpv, against_status, orders
from bench.player.witness import Witness

WARM = 1000
"""Orders before the first census: by then all that is kept is there. Of 4,000 orders mpv's memory took its last step, 11 MB, between the
600th and the 900th, and grew by one MB in all those behind."""
AT_ONCE = 0.3
"""Share of the orders behind which the next one follows at once."""
TO_THE_END = 40
"""Every so many orders a file is heard to its end."""
NEAR_END_S = 0.6
WAITS_S = 0.05
SETTLED_WITHIN_S = 5.0
POLL_S = 0.005
REST_S = 0.5
_NOTHING = Mpv(None, True, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Census:
    """Of this process and all that it has started; MB of this one and of the others."""

    processes: int
    threads: int
    files: int
    own_mb: float
    mpv_mb: float

    @classmethod
    def taken(cls) -> Census:
        gc.collect()
        own = psutil.Process()
        others = own.children(recursive=True)
        every = (own, *others)
        return cls(len(every), sum(one.num_threads() for one in every), sum(one.num_fds() for one in every),
                   own.memory_info().rss / 1e6, sum(one.memory_info().rss for one in others) / 1e6)

    def leaked(self, later: Census) -> dict[str, float]:
        """By how much ``later`` is more."""
        return {name: round(value - asdict(self)[name], 1) for name, value in asdict(later).items()}


@dataclass
class Found:
    """``compared``: how often mpv itself was asked."""

    orders: int = 0
    compared: int = 0
    disagreements: list[str] = field(default_factory=list)
    first: Census | None = None
    last: Census | None = None

    def figures(self) -> dict[str, object]:
        return {"orders": self.orders, "compared": self.compared, "disagreements": self.disagreements,
                "more": self.first.leaked(self.last)}


class Soak:
    """Gives the orders and looks."""

    def __init__(self, player: MediaPlayer, witness: Witness, events: queue.SimpleQueue[Event], files: tuple[str, ...], long_s: float,
                 seed: int = 1) -> None:
        """``events``: what the player, which has been started, posts; every file is ``long_s`` seconds long."""
        self._player, self._witness, self._events = player, witness, events
        self.files, self._long_s, self._seed = files, long_s, seed
        self._chance = random.Random(seed + 1)
        self._model = Model()
        self._begun_at = 0.0
        self.found = Found()

    def run(self, count: int, warm: int = WARM, progress: Callable[[Iterable], Iterable] = iter) -> Found:
        """``count`` orders; from the census after ``warm`` of them to that after the last nothing may have grown."""
        self.give(Order("set_volume", (60,)))
        for number, order in enumerate(progress(list(islice(orders(self.files, self._long_s, self._seed), count)))):
            if number == warm:
                self.found.first = self._counted()
            if number % TO_THE_END == TO_THE_END - 1:
                self._hear_to_the_end()
            self.give(order)
            if self._chance.random() >= AT_ONCE:
                self._wait()
                self.compare(order)
        self.found.last = self._counted()
        return self.found

    def give(self, order: Order) -> None:
        """To the model and to the player, and look at its status."""
        before, self._model = self._model, self._model.after(order)
        if self._model.begun != before.begun:
            self._begun_at = time.monotonic()
        getattr(self._player, order.name)(*order.arguments)
        self.found.orders += 1
        self._tell(order, against_status(self._model, self._player.status()))

    def _wait(self) -> None:
        """For the next event, but not for long; what must not happen at all is told."""
        try:
            event = self._events.get(timeout=self._chance.uniform(0.0, WAITS_S))
        except queue.Empty:
            return
        if isinstance(event, PlayerLost | MediaFailed):
            self._tell(event, ["this must not be"])

    def compare(self, cause: object) -> None:
        """What mpv says with the model; what is still under way is waited for."""
        end = time.monotonic() + SETTLED_WITHIN_S
        while True:
            seen, status = self._witness.look() or _NOTHING, self._player.status()
            found = against_status(self._model, status) + against_mpv(self._model, status, seen, time.monotonic() - self._begun_at)
            if not found or time.monotonic() > end:
                break
            time.sleep(POLL_S)
        self.found.compared += 1
        self._tell(cause, found)

    def _hear_to_the_end(self) -> None:
        """The last moment of a file, behind which another follows, or nothing where that was asked for."""
        some = self._chance.sample(self.files, 2)
        given = [Order("unduck"), Order("play", (tuple(some), self._long_s - NEAR_END_S, self._chance.randrange(2)))]
        for order in (*given, *[Order("end_after_this")] * self._chance.randrange(2)):
            self.give(order)
        file, end = self._model.files[self._model.index], time.monotonic() + SETTLED_WITHIN_S
        try:
            while self._events.get(timeout=max(0.0, end - time.monotonic())) != MediaPlayedOut(file):
                pass
        except queue.Empty:
            self._tell(given[-1], ["it did not come to its end"])
            return
        self._model = self._model.played_out()
        self._begun_at = time.monotonic()
        self.compare("the end of a file")

    def _counted(self) -> Census:
        self.give(Order("stop"))
        self.compare("stop")
        time.sleep(REST_S)  # that nothing is left has no event
        return Census.taken()

    def _tell(self, cause: object, found: list[str]) -> None:
        for words in found:
            self.found.disagreements.append(f"{self.found.orders}: {cause}: {words}")
            print(self.found.disagreements[-1], file=sys.stderr)
