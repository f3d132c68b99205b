"""The way to the database. Whoever only looks does not wait for whoever writes; whoever writes waits in line from the beginning."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from hub.errors import DatabaseUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"
WAITS_S = 20.0
"""For whoever else writes into SQLite."""
AT_ONCE = 20
"""Connections; the rest wait in line."""


class Database:
    """One hub process's connections; any thread may use it."""

    def __init__(self, url: str) -> None:
        """``url`` as SQLAlchemy has it. Raises DatabaseUnavailable where it is none, or of a database that is not supported."""
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise DatabaseUnavailable(f"{url}: no database address") from error
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        elif parsed.get_backend_name() == "sqlite":
            Path(parsed.database or "").parent.mkdir(parents=True, exist_ok=True)
        else:
            raise DatabaseUnavailable(f"{parsed.drivername}: only sqlite and postgresql are supported")
        self.url = parsed
        self._engine = create_engine(parsed, pool_size=AT_ONCE, max_overflow=0, pool_timeout=WAITS_S, pool_pre_ping=not self.is_sqlite)
        self._writing = self._engine.execution_options(writes=True)
        if self.is_sqlite:
            _prepare_sqlite(self._engine)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def engine(self) -> Engine:
        return self._engine

    def migrate(self) -> None:
        """Bring the tables to this version, whatever they are at; several processes may do so at once. Raises DatabaseUnavailable."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        try:
            with self._writing.begin() as connection:
                if not self.is_sqlite:
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7821)")
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except OperationalError as error:
            raise DatabaseUnavailable(f"{self.url.render_as_string()}: {error.orig}") from error

    def newest(self) -> str:
        """The version of the tables that this program knows."""
        return newest()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Nothing of it is kept."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """All of it is kept when the block ends, or nothing."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self._engine.dispose()


def newest() -> str:
    """The version of the tables that this program knows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def _prepare_sqlite(engine: Engine) -> None:
    """https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable: Python's own way of beginning is turned off."""

    @event.listens_for(engine, "connect")
    def connected(connection, record) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(1000 * WAITS_S)}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
