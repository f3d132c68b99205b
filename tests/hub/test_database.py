"""The tables on both databases: made by the migrations as the code has them, and moments, identities and transactions as promised."""
from __future__ import annotations

import datetime as dt
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from hub.db.columns import Base, new_id
from hub.db.engine import Database
from hub.db.tables import Household, Village
from hub.errors import DatabaseUnavailable
from hub.keys import public_text, signing_key

NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    database.migrate()
    yield database
    database.close()


def village(**values) -> Village:
    return Village(**{"id": new_id(), "name": "东山村", "county": "", "zone": "Asia/Shanghai", "created_at": NOW} | values)


def test_migrations_make_what_the_code_has(database):
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_migrating_again_changes_nothing(database):
    with database.write() as work:
        work.add(village())
    database.migrate()
    with database.read() as work:
        assert len(work.scalars(select(Village)).all()) == 1


def test_moments_come_back_as_they_went_in(database):
    with database.write() as work:
        work.add(village(id="v"))
    with database.read() as work:
        assert work.get_one(Village, "v").created_at == NOW
    with pytest.raises(Exception, match="of which zone"), database.write() as work:
        work.add(village(created_at=dt.datetime(2026, 11, 23)))


def test_what_fails_half_way_is_not_kept(database):
    with pytest.raises(ZeroDivisionError), database.write() as work:
        work.add(village())
        work.flush()
        raise ZeroDivisionError
    with database.read() as work:
        assert work.scalars(select(Village)).all() == []


def test_whoever_reads_does_not_wait_for_whoever_writes(database):
    with database.write() as work:
        work.add(village())
        work.flush()
        with database.read() as other:
            assert other.scalars(select(Village)).all() == []


def test_many_write_at_once_and_nobody_is_lost(database):
    def write():
        for _ in range(10):
            with database.write() as work:
                work.add(village())

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as work:
        assert len(work.scalars(select(Village)).all()) == 80


def test_two_processes_have_one_key(database):
    assert public_text(signing_key(database, NOW)) == public_text(signing_key(database, NOW))


def test_what_is_referred_to_is_there(database):
    assert inspect(database.engine).get_foreign_keys("resident")
    with pytest.raises(IntegrityError), database.write() as work:
        work.add(Household(village_id="nowhere", id=new_id(), name="", address="", phone="", notes="", created_at=NOW))


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://u@h/d", "sqlite:"])
def test_an_address_that_is_none_is_named(url):
    with pytest.raises(DatabaseUnavailable):
        Database(url).migrate()


def test_identities_sort_by_time_and_do_not_repeat():
    ids = [new_id(NOW + dt.timedelta(milliseconds=step)) for step in range(100)]
    assert ids == sorted(ids) and len({new_id(NOW) for _ in range(10_000)}) == 10_000 and all(len(one) == 18 for one in ids)
