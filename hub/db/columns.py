"""Types and names that all tables share."""
from __future__ import annotations

import datetime as dt
import secrets
import time
from typing import Annotated

from sqlalchemy import JSON, DateTime, Dialect, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, mapped_column

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: in the order of their values, and without letters that look like digits."""
_TIME_LETTERS, _CHANCE_LETTERS = 10, 8


class Utc(TypeDecorator):
    """A moment. SQLite keeps no zone: what comes out of it is of UTC, as what goes in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value}: of which zone?")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


Id = Annotated[str, mapped_column(String(_TIME_LETTERS + _CHANCE_LETTERS))]
Moment = Annotated[dt.datetime, mapped_column(Utc)]
Name = Annotated[str, mapped_column(String(80))]
Plain = Annotated[dict, mapped_column(JSON)]


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that a migration can speak of them on both databases."""

    metadata = MetaData(naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})


def new_id(now: dt.datetime | None = None) -> str:
    """18 letters: when it was made, so that later ones sort behind earlier ones, and 40 bits of chance."""
    made = time.time_ns() // 1_000_000 if now is None else int(now.timestamp() * 1000)
    return _lettered(made, _TIME_LETTERS) + _lettered(secrets.randbits(5 * _CHANCE_LETTERS), _CHANCE_LETTERS)


def _lettered(value: int, letters: int) -> str:
    return "".join(_ALPHABET[value >> 5 * place & 31] for place in reversed(range(letters)))
