"""The key with which this hub signs: made once, and the same in every process."""
from __future__ import annotations

import base64
import datetime as dt

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.dialects import postgresql, sqlite

from hub.db.engine import Database
from hub.db.tables import HubKey

_ID = 1


def signing_key(database: Database, now: dt.datetime) -> Ed25519PrivateKey:
    """Two processes that start at the same moment agree on one."""
    dialect = sqlite if database.is_sqlite else postgresql
    fresh = Ed25519PrivateKey.generate().private_bytes_raw()
    with database.write() as work:
        work.execute(dialect.insert(HubKey).values(id=_ID, private=fresh, created_at=now).on_conflict_do_nothing())
        return Ed25519PrivateKey.from_private_bytes(work.get_one(HubKey, _ID).private)


def public_text(key: Ed25519PrivateKey) -> str:
    """As boxes are told it."""
    return base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).decode()


def read_public(text: str) -> Ed25519PublicKey:
    """Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text))
