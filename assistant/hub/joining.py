"""How the box becomes one of a village's: it says six digits, somebody of the office types them, and from then on it trusts that hub alone."""
from __future__ import annotations

import base64
import logging
import platform
import threading
import time
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assistant.events import Joined, JoiningCode
from assistant.hub.client import HubClient, NotReached
from assistant.hub.store import HubStore, Membership
from assistant.ports import Post

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 3.0
MOST_CODES = 3
"""Each holds for ten minutes. A box that nobody takes must not talk of it for ever: then it rests, and says one behind each rest."""
REST_S, LONGEST_REST_S = 3600.0, 24 * 3600.0
"""The first rest; each is twice as long as the one before."""
QUIET_S = 600.0
"""How often it is looked whether the night is over: whoever installs a box is there at its start, nobody later."""
NOBODY_THERE_S = 5.0
"""Until a hub that was just installed is somebody's: before that, digits that are said aloud are of no use to anybody."""


class Joiner:
    """Belongs to one thread; only :meth:`ask_anew` may be called from another."""

    def __init__(self, store: HubStore, client: HubClient, version: str, is_quiet: Callable[[], bool]) -> None:
        """``is_quiet``: nothing is to be said now that can wait."""
        self._store = store
        self._client = client
        self._version = version
        self._is_quiet = is_quiet
        self._told = threading.Event()
        self._begin()

    def _begin(self) -> None:
        self._code = ""
        self._left, self._rests, self._rested_at = MOST_CODES, 0, 0.0

    def ask_anew(self) -> None:
        """Somebody wants it to join now: the digits are said at the next turn, whatever was before."""
        self._told.set()

    def turn(self, post: Post) -> float:
        """One look; returns the seconds until the next. Raises NotReached, TurnedAway, StoreError."""
        found = self._client.joined()
        if isinstance(found, Mapping):
            membership = _membership(found)
            self._store.join(membership)
            log.info("joined %s as %s", membership.village, membership.name)
            post(Joined(membership.village))
            return 0.0
        is_told = self._told.is_set()
        self._told.clear()
        if found == "waiting" and self._code:
            if is_told:
                post(JoiningCode(self._code))
            return LOOKS_EVERY_S
        if is_told:
            self._begin()
        return self._rest() or self._ask(post)

    def _rest(self) -> float:
        """How long nothing is asked for yet, in seconds."""
        if self._left == 0:
            self._left, self._rests, self._code = 1, self._rests + 1, ""
            self._rested_at = time.monotonic() + min(LONGEST_REST_S, REST_S * 2.0 ** min(self._rests - 1, 10))
            log.warning("nobody has typed the digits of this box; it rests, and says new ones when it is asked for notices, or later")
        left_s = self._rested_at - time.monotonic()
        if left_s > 0:
            return left_s
        return QUIET_S if self._rests and self._is_quiet() else 0.0

    def _ask(self, post: Post) -> float:
        code = self._client.wish({"version": self._version, "host": platform.node()})
        if not code:
            return NOBODY_THERE_S
        self._code = code
        self._left -= 1
        post(JoiningCode(self._code))
        return LOOKS_EVERY_S


def public_key(text: str) -> Ed25519PublicKey:
    """Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text))


def _membership(found: Mapping[str, object]) -> Membership:
    try:
        public_key(str(found["hub_key"]))
        return Membership(str(found["box"]), str(found["name"]), str(found["village"]), str(found["hub_key"]))
    except (KeyError, ValueError) as error:
        raise NotReached(f"what a box needs is not in the hub's answer: {error}") from error
