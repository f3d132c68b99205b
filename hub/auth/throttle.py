"""So many wrong tries, and no more for a while: of one name, and of one address."""
from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.db.columns import new_id
from hub.db.tables import LoginFailure
from hub.errors import TooMany

WITHIN = dt.timedelta(minutes=15)
TRIES_OF_NAME, TRIES_OF_ADDRESS = 8, 40
"""A whole office may be behind one address."""


def check(session: Session, now: dt.datetime, name: str, address: str) -> None:
    """Raises TooMany."""
    for who, tries in ((f"name {name}", TRIES_OF_NAME), (f"from {address}", TRIES_OF_ADDRESS)):
        count, first = session.execute(
            select(func.count(), func.min(LoginFailure.at)).where(LoginFailure.who == who, LoginFailure.at > now - WITHIN)).one()
        if count >= tries:
            raise TooMany(f"{count} wrong tries of {who}", max(1, int((first + WITHIN - now).total_seconds())))


def failed(session: Session, now: dt.datetime, name: str, address: str) -> None:
    session.execute(delete(LoginFailure).where(LoginFailure.at <= now - WITHIN))
    session.add_all(LoginFailure(id=new_id(now), who=who, at=now) for who in (f"name {name}", f"from {address}"))


def succeeded(session: Session, name: str) -> None:
    session.execute(delete(LoginFailure).where(LoginFailure.who == f"name {name}"))
