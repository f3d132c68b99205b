"""A real hub on a real port, on SQLite or on a PostgreSQL server of the test's own."""
from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from bench.hub.own_postgres import OwnPostgres
from hub.auth.roles import Role
from hub.auth.sign_in import begin
from hub.db.columns import new_id
from hub.db.tables import Household, Staff, Village
from hub.pages.visit import cookie_name
from tests.hub.running import RunningHub

NOW = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)
"""Ten in the morning in the village."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[OwnPostgres]:
    with OwnPostgres() as server:
        yield server


BOTH = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Where a module says ``DATABASES = BOTH``, all its tests of ``hub`` are run with both; else with SQLite."""
    if "hub_database" in metafunc.fixturenames:
        metafunc.parametrize("hub_database", getattr(metafunc.module, "DATABASES", BOTH[:1]), indirect=True)


def _empty(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'hub.sqlite'}"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture(params=BOTH)
def database_url(request, tmp_path) -> str:
    """Empty; each test that takes it is run with both."""
    return _empty(request, tmp_path)


@pytest.fixture
def hub_database(request, tmp_path) -> str:
    """Empty."""
    return _empty(request, tmp_path)


@pytest.fixture
def hub(hub_database) -> Iterator[RunningHub]:
    """Listens; nobody has set it up."""
    with RunningHub(hub_database) as running:
        yield running


class Place:
    """A village on a hub, and browsers of its staff."""

    def __init__(self, hub: RunningHub, name: str) -> None:
        self.hub, self._logins = hub, itertools.count()
        with hub.database.write() as work:
            self.id = new_id()
            work.add(Village(id=self.id, name=name, county="章丘区", zone="Asia/Shanghai", created_at=hub.parts.now()))

    def staff(self, role: Role = Role.ADMIN, name: str = "王会计") -> httpx.Client:
        """A browser in which somebody with this role has signed in; ``client.headers`` carries the form's secret."""
        with self.hub.database.write() as work:
            somebody = Staff(id=new_id(), village_id=self.id, login=f"{self.id}-{next(self._logins)}", name=name, phone="", role=role,
                             password="", totp="", created_at=self.hub.parts.now())
            work.add(somebody)
            work.flush()
            token = begin(work, somebody, self.hub.parts.now())
        client = self.hub.client()
        client.cookies.set(cookie_name(self.hub.parts), token)
        client.headers["x-csrf"] = self.hub.visitor(token).csrf
        return client

    def household(self, name: str = "张大娘家") -> str:
        with self.hub.database.write() as work:
            home = Household(village_id=self.id, id=new_id(), name=name, address="", phone="", notes="", created_at=self.hub.parts.now())
            work.add(home)
        return home.id


@pytest.fixture
def place(hub) -> Callable[..., Place]:
    """A function: another village."""
    return lambda name="东山村": Place(hub, name)


@pytest.fixture
def village(hub) -> Place:
    return Place(hub, "东山村")


@pytest.fixture
def office(village) -> httpx.Client:
    """A browser in which a clerk of the village has signed in."""
    return village.staff(Role.CLERK)
