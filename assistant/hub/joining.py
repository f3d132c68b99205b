"""How the box becomes one of a village's: it says six digits, somebody of the office types them, and from then on it trusts that hub alone."""
from __future__ import annotations

import base64
import logging
import platform
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assistant.events import Joined, JoiningCode
from assistant.hub.client import HubClient, NotReached
from assistant.hub.store import HubStore, Membership
from assistant.ports import Post

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 3.0
MOST_CODES = 3
"""Each holds for ten minutes. A box that nobody takes must not talk of it for ever; the next start begins anew."""
GIVEN_UP_S = 3600.0
NOBODY_THERE_S = 5.0
"""Until a hub that was just installed is somebody's: before that, digits that are said aloud are of no use to anybody."""


class Joiner:
    """Belongs to one thread."""

    def __init__(self, store: HubStore, client: HubClient, version: str) -> None:
        self._store = store
        self._client = client
        self._version = version
        self._codes: list[str] = []

    def turn(self, post: Post) -> float:
        """One look; returns the seconds until the next. Raises NotReached, TurnedAway, StoreError."""
        found = self._client.joined()
        if isinstance(found, Mapping):
            membership = _membership(found)
            self._store.join(membership)
            log.info("joined %s as %s", membership.village, membership.name)
            post(Joined(membership.village))
            return 0.0
        if found == "waiting" and self._codes:
            return LOOKS_EVERY_S
        if len(self._codes) >= MOST_CODES:
            log.warning("nobody has typed the digits of this box; start it again to have new ones")
            return GIVEN_UP_S
        code = self._client.wish({"version": self._version, "host": platform.node()})
        if not code:
            return NOBODY_THERE_S
        self._codes.append(code)
        post(JoiningCode(code))
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
