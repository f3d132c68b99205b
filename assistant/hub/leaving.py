"""How a box leaves its village: the hub is told if it can be, and nothing of the village stays on the disk."""
from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

from assistant.errors import ConfigError, NoVillage
from assistant.hub.client import HubClient, NotReached, TurnedAway
from assistant.hub.sending import MOST_AT_ONCE
from assistant.hub.store import HubStore, Membership

log = logging.getLogger(__name__)


def joined(folder: Path) -> Membership:
    """Raises NoVillage, StoreError."""
    membership = HubStore(folder).membership()
    if membership is None:
        raise NoVillage(f"{folder}: this box has joined no village")
    return membership


def leave(url: str, folder: Path) -> tuple[str, bool]:
    """The village that it was one of, and whether its hub (empty ``url``: nowhere) knows that it has left. Raises NoVillage, and StoreError:
    StoreInUse while the box runs."""
    village = joined(folder).village
    store = HubStore(folder, alone=True)
    try:
        is_told = _tell(url, store)
        store.forget()
    finally:
        store.close()
    return village, is_told


def _tell(url: str, store: HubStore) -> bool:
    try:
        client = HubClient(url, store.key(), lambda: dt.datetime.now(dt.UTC))
    except ConfigError as error:
        log.warning("the hub is not told: %s", error)
        return False
    try:
        while receipts := store.waiting(MOST_AT_ONCE):
            before = receipts[0].number
            store.taken(client.receipts(receipts))
            if (left := store.waiting(1)) and left[0].number <= before:
                break  # it takes no more of them; that is no reason to stay
        client.leave()
    except TurnedAway:  # it knows no such box: all is said
        return True
    except NotReached as error:
        log.warning("the hub is not told: %s", error)
        return False
    finally:
        client.close()
    return True
