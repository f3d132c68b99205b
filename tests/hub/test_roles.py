"""Every route there is, with every role and with nobody, and from another village: also those that are added after this was written."""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi.datastructures import UploadFile
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from sqlalchemy import JSON, Boolean, Float, Integer, LargeBinary, String
from sqlalchemy.orm import DeclarativeBase
from starlette.routing import Mount

from hub.api.routes import program_of
from hub.app import create_app
from hub.auth.roles import May, Role
from hub.db.columns import Base, Utc
from hub.db.tables import Staff, Village
from hub.link.routes import key_of
from tests.hub.conftest import Place
from tests.hub.running import RunningHub

PUBLIC = {("GET", "/setup"), ("POST", "/setup"), ("GET", "/login"), ("POST", "/login"), ("GET", "/welcome/{token}"), ("POST", "/welcome/{token}"),
          ("GET", "/board/{path}"), ("GET", "/board/{path}/now"), ("GET", "/api/v1/openapi.json"), ("HEAD", "/api/v1/openapi.json")}
"""Whatever nobody needs to sign in for; each of them guards itself, and test_entry shows it."""
KEYS = {key_of, program_of}
"""What boxes and programs prove themselves with."""
THEIR_ID = "0therv111agethings"
SECRET = "机密"
GLOBAL = {"session", "joining", "hub_key", "login_failure"}
"""Tables whose rows belong to no village."""


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    dependant: Dependant

    @property
    def is_public(self) -> bool:
        return (self.method, self.path) in PUBLIC

    @property
    def calls(self) -> set:
        def all_of(dependant: Dependant) -> Iterator:
            for one in dependant.dependencies:
                yield one.call
                yield from all_of(one)
        return set(all_of(self.dependant))

    @property
    def may(self) -> set[May]:
        """What ``visiting`` asks for."""
        return {call.may for call in self.calls if hasattr(call, "may")}

    @property
    def has_ids(self) -> bool:
        return "{" in self.path

    def filled(self, id: str) -> str:
        return re.sub(r"\{[^}]+\}", id, self.path)

    def ask(self, browser: httpx.Client, id: str) -> tuple[int, str, str]:
        """Status, where it sends the browser, and the text; of what never ends, none."""
        fields = [field for field in self.dependant.body_params if self.method != "GET"]
        files = {field.alias: ("a.txt", b"x") for field in fields if field.field_info.annotation is UploadFile}
        data = {field.alias: id for field in fields if field.alias not in files}
        with browser.stream(self.method, self.filled(id), data=data or None, files=files or None) as answer:
            ends = "event-stream" not in answer.headers.get("content-type", "")
            return answer.status_code, answer.headers.get("location", ""), answer.read().decode("utf-8", "replace") if ends else ""


API = "/api/v1"
NOTHING_ASKED = Dependant()


def routes_of(hub: RunningHub) -> list[Route]:
    """The mounted folder holds files alone; every other kind of route has to be one that can be looked into."""
    app, found = create_app(hub.parts), []
    mounted = {route.path: route.app for route in app.routes if isinstance(route, Mount)}
    assert set(mounted) == {"/static", API}
    for prefix, routes in (("", app.routes), (API, mounted[API].routes)):
        for route in iter_route_contexts(routes):
            if route.path not in mounted:
                dependant = getattr(route, "dependant", NOTHING_ASKED)
                found += [Route(method, prefix + route.path, dependant) for method in sorted(route.methods)]
    return found


@pytest.fixture
def village(place):
    return place("东山村")


@pytest.fixture
def routes(hub, village):
    return routes_of(hub)


@pytest.fixture
def pages(routes):
    return [route for route in routes if not route.is_public and not KEYS & route.calls]


def test_the_routes_are_found(routes):
    """The rest of this file says nothing about those that are not."""
    assert len(routes) > 30 and {("GET", "/"), ("POST", "/logout"), ("GET", "/link/stream"), ("POST", "/staff/{staff_id}/end")} <= {
        (route.method, route.path) for route in routes}
    assert {(route.method, route.path) for route in routes} >= PUBLIC


def test_each_asks_who_comes(routes):
    open_to_all = [(route.method, route.path) for route in routes if not route.is_public and len(route.may) != 1 and not KEYS & route.calls]
    assert open_to_all == []


def test_nobody_gets_anything(hub, routes):
    let_in = []
    for route in routes:
        status, where, text = route.ask(hub.client(), "x")
        is_refused = status == 401 if KEYS & route.calls else (status, where) == (303, "/login")
        if not is_refused and not route.is_public:
            let_in.append((route.method, route.path, status))
        assert "csrf" not in text
    assert let_in == []


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_what_it_may_and_nothing_else(village, pages, role):
    wrong = []
    for route in pages:
        status, where, _ = route.ask(village.staff(role), "x")  # each anew: one of the routes signs out
        is_allowed = route.may <= role.may
        is_let_in = status < 500 and status != 403 and (where != "/login" or route.path in ("/logout", "/me/leave"))
        if is_let_in != is_allowed or (not is_allowed and status != 403):
            wrong.append((route.method, route.path, status, where))
    assert wrong == []


@pytest.mark.parametrize("role", Role)
def test_no_role_gets_anywhere_with_a_form_of_elsewhere(village, pages, role):
    browser = village.staff(role)
    browser.headers["x-csrf"] = "wrong"
    obeyed = [(route.method, route.path) for route in pages if route.method != "GET" and route.ask(browser, "x")[0] != 403]
    assert obeyed == []


# -- another village ----------------------------------------------------------------------------------------------------

def belongs_to_a_village(model: type[DeclarativeBase]) -> bool:
    return model.__tablename__ not in GLOBAL


def full_row(model: type[DeclarativeBase]) -> DeclarativeBase:
    """One whose identity and references are all THEIR_ID, and whose words are all SECRET."""
    now, values = dt.datetime.now(dt.UTC), {}
    for column in model.__table__.columns:
        if column.primary_key and isinstance(column.type, String) or column.foreign_keys or column.name.endswith("_id"):
            values[column.name] = THEIR_ID
        elif column.nullable:
            continue
        elif isinstance(column.type, JSON):
            values[column.name] = [] if "list" in str(model.__annotations__[column.name]) else {}
        elif isinstance(column.type, Utc):
            values[column.name] = now
        else:
            kinds = {Boolean: False, Integer: 1, Float: 1.0, LargeBinary: SECRET.encode(), String: SECRET}
            values[column.name] = next(value for kind, value in kinds.items() if isinstance(column.type, kind))
    return model(**values)


@pytest.fixture
def theirs(hub, village):
    """Another village that has one of everything there is, each with the same identity: whatever a route looks for, it is there."""
    models = {mapper.class_.__table__: mapper.class_ for mapper in Base.registry.mappers}
    with hub.database.write() as work:
        for table in Base.metadata.sorted_tables:
            if belongs_to_a_village(models[table]):
                work.add(full_row(models[table]))
                work.flush()
        work.get_one(Village, THEIR_ID).zone = "Asia/Shanghai"
        work.get_one(Staff, THEIR_ID).role = Role.CLERK
    place = Place(hub, "neighbour")
    place.id = THEIR_ID
    return place


def everything_of(hub: RunningHub) -> dict[str, list]:
    with hub.database.engine.connect() as connection:
        return {table.name: sorted(map(tuple, connection.execute(table.select().where(table.c.village_id == THEIR_ID))), key=str)
                for table in Base.metadata.sorted_tables if "village_id" in table.c and table.name not in GLOBAL}


def test_from_another_village_nothing_is_found_shown_or_changed(hub, village, theirs, pages):
    before, wrong = everything_of(hub), []
    assert all(before.values()), "a table of which the other village has no row would prove nothing"
    for route in pages:
        status, _, text = route.ask(village.staff(Role.ADMIN), THEIR_ID)
        is_refused = status == 403 if route.may == {May.VILLAGES} else status == 404 or (status == 400 and route.method != "GET")
        if SECRET in text or (route.has_ids and not is_refused):
            wrong.append((route.method, route.path, status, SECRET in text))
    assert wrong == [] and everything_of(hub) == before


def test_the_village_itself_finds_what_the_other_does_not(theirs):
    """Otherwise the test before this one would say nothing."""
    own = theirs.staff(Role.ADMIN)
    for path in ("/staff", f"/staff/{THEIR_ID}", "/boxes", f"/boxes/{THEIR_ID}", "/audit"):
        answer = own.get(path)
        assert answer.status_code == 200 and SECRET in answer.text, path
