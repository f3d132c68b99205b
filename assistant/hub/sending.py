"""The thread that tells the hub what became of its notices, and now and then how the box does."""
from __future__ import annotations

import datetime as dt
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping

from assistant.errors import ReceiptRefused, StoreError, maintainer_line
from assistant.hub.client import HubClient, NotReached, Rejected, TurnedAway
from assistant.hub.course import LONGEST_S, TURNED_AWAY_S, Course
from assistant.hub.store import HubStore

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200
STATUS = dt.timedelta(minutes=5)
PATIENCE = 6
"""So often one alone may break the hub, which takes what is none, before it is set apart: half a minute at least."""
_JOIN_S = 5.0

Facts = Callable[[], Mapping[str, object]]
"""How the box does, as the hub's ``/link/status`` takes it; called in the sender's thread."""


class Sender:
    """Sends what waits in order, again and again until the hub says that it has it."""

    def __init__(self, store: HubStore, client: HubClient) -> None:
        self._store = store
        self._client = client
        self._facts: Facts = dict
        self._course = Course()
        self._most = MOST_AT_ONCE
        self._strikes = 0
        self._status_due = 0.0
        self._closing = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-receipts", daemon=True)

    def start(self, facts: Facts) -> None:
        self._facts = facts
        self._thread.start()

    def wake(self) -> None:
        """There is something to be sent; from any thread."""
        self._wake.set()

    def close(self) -> None:
        """What has not been sent is sent after the next start. Idempotent."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)
            if self._thread.is_alive():
                log.warning("the hub's receipts did not end within %.0f s", _JOIN_S)

    def _run(self) -> None:
        while not self._closing:
            self._wake.clear()
            self._rest(self._turn())
        self._client.close()

    def _rest(self, wait_s: float) -> None:
        """What is new is a reason to begin at once, but not against a hub that does not answer."""
        if self._course.failures == 0:
            self._wake.wait(wait_s)
            return
        ends = time.monotonic() + wait_s
        while not self._closing and (left := ends - time.monotonic()) > 0:
            self._wake.wait(min(left, 0.5))
            self._wake.clear()

    def _turn(self) -> float:
        """Sends all there is; returns the seconds until the next time."""
        if self._store.membership() is None:
            return LONGEST_S
        try:
            self._send()
            self._tell()
            self._course = Course()
            return LONGEST_S
        except TurnedAway:  # the line's thread says so
            self._course = self._course.not_reached()
            return TURNED_AWAY_S
        except NotReached as error:
            log.info("hub: %s", error)
        except StoreError as error:
            log.error(maintainer_line(error))
        except Exception:  # receipts that are never sent look at the village as if nobody had heard anything
            log.exception("the hub's receipts")
        self._course = self._course.not_reached()
        return self._course.wait_s(random.random())

    def _send(self) -> None:
        while not self._closing and (receipts := self._store.waiting(self._most)):
            try:
                through = self._client.receipts(receipts)
            except Rejected as error:
                self._doubt(len(receipts), error)
                continue
            self._most, self._strikes = min(MOST_AT_ONCE, 2 * self._most), 0
            self._store.taken(through)
            if through < receipts[0].number - 1:
                log.warning("the hub has lost what it had of this box behind receipt %d; they are sent as new ones", through)
            elif through < receipts[-1].number:
                log.info("the hub has taken receipts up to %d of %d", through, receipts[-1].number)

    def _doubt(self, count: int, error: Rejected) -> None:
        """The hub cannot take these, of which one may be at fault: half of them next. What it does not take alone, though it takes an empty
        sending, is set apart: it must not keep back all behind it. Raises NotReached: not yet, or the fault is not in them."""
        if count > 1:
            self._most = count // 2
            return
        had = self._store.waiting(1)
        self._store.taken(self._client.receipts(()))
        if self._store.waiting(1) != had:  # it has it, or has counted otherwise
            return
        self._strikes += 1
        if not error.is_final and self._strikes < PATIENCE:
            raise error
        self._store.set_apart(str(error), dt.datetime.now(dt.UTC))
        self._most, self._strikes = MOST_AT_ONCE, 0
        log.error(maintainer_line(ReceiptRefused(f"{had[0]}: {error}")))

    def _tell(self) -> None:
        if time.monotonic() >= self._status_due:
            self._client.status(self._facts())
            self._status_due = time.monotonic() + STATUS.total_seconds()
