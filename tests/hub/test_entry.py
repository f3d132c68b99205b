"""The hub's door over real HTTP: the first set-up, signing in and out, links to set a password, forms from elsewhere, headers."""
from __future__ import annotations

import contextlib
import sqlite3
import threading
from http.cookies import SimpleCookie

import httpx
import pyotp
import pytest
from sqlalchemy import select, text

from hub.auth import first, throttle
from hub.auth.passwords import STEP_S, hashed, new_totp_secret
from hub.auth.roles import Role
from hub.auth.sign_in import WRONG
from hub.db.columns import new_id
from hub.db.tables import Audit, Session, Staff, Village
from hub.headers import HEADERS
from tests.hub.conftest import Place
from tests.hub.running import Clock, RunningHub

PASSWORD = "东山村的老槐树下有口井"
FIRST = {"village": "东山村", "county": "", "name": "王会计", "login": " Wang ", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hub(tmp_path, clock):
    with RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}", clock) as running:
        yield running


@pytest.fixture
def place(hub):
    return Place(hub, "东山村")


def somebody(place: Place, login: str = "wang", totp: str = "") -> str:
    """Who can sign in with PASSWORD."""
    with place.hub.database.write() as work:
        staff = Staff(id=new_id(), village_id=place.id, login=login, name="王会计", phone="", role=Role.ADMIN, password=hashed(PASSWORD), totp=totp,
                      created_at=place.hub.parts.now())
        work.add(staff)
    return staff.id


def sign_in(hub: RunningHub, login: str = "wang", password: str = PASSWORD, code: str = "", **options: object) -> tuple[httpx.Client, httpx.Response]:
    browser = hub.client(**options)
    return browser, browser.post("/login", data={"login": login, "password": password, "code": code})


def code_at(clock: Clock, secret: str) -> str:
    return pyotp.TOTP(secret).at(clock())


# -- the first set-up ---------------------------------------------------------------------------------------------------

def test_the_first_visitor_becomes_the_operator_and_nobody_after_that(hub):
    browser = hub.client()
    assert browser.get("/login").headers["location"] == "/setup" and browser.get("/setup").status_code == 200
    assert browser.post("/setup", data=FIRST).headers["location"] == "/"
    assert browser.get("/me").status_code == 200
    with hub.database.read() as work:
        staff, village = work.scalars(select(Staff)).one(), work.scalars(select(Village)).one()
        assert (staff.login, staff.role, staff.village_id, village.name) == ("wang", Role.OPERATOR, village.id, "东山村")
        assert work.scalars(select(Audit.did)).all() == ["开通"] and PASSWORD not in staff.password
    again = hub.client()
    assert again.get("/setup").status_code == 404 and again.post("/setup", data=FIRST | {"login": "other"}).status_code == 404
    assert again.get("/login").status_code == 200
    with hub.database.read() as work:
        assert len(work.scalars(select(Staff)).all()) == 1


@pytest.mark.parametrize(("settings", "via", "asks"), [
    ({}, "", False), ({"public": "http://hub.example"}, "", True), ({"host": "0.0.0.0"}, "", True), ({}, "203.0.113.9", True)])
def test_who_comes_from_elsewhere_has_to_have_seen_the_hub_start(tmp_path, settings, via, asks):
    with RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}", **settings) as hub:
        browser, code = hub.client(headers={"x-forwarded-for": via} if via else {}), first.code(hub.parts.key)
        assert ("开通码" in browser.get("/setup").text) == asks
        for wrong in ("", "12345678"):
            answer = browser.post("/setup", data=FIRST | {"code": wrong, "village": ""})
            assert answer.status_code == 400 and ("开通码不对" in answer.text) == asks and code not in answer.text
        assert browser.post("/setup", data=FIRST | {"code": first.shown(code)}).headers["location"] == "/"


def test_the_code_of_the_first_visit_cannot_be_tried_out(tmp_path):
    with RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}", public="http://hub.example") as hub:
        answers = [hub.client().post("/setup", data=FIRST | {"code": str(number)}).status_code for number in range(throttle.TRIES_OF_NAME + 1)]
        assert answers == [400] * throttle.TRIES_OF_NAME + [429]


@pytest.mark.parametrize("wrong", [{"village": " "}, {"name": ""}, {"login": ""}, {"again": PASSWORD + "x"}, {"password": "kurz", "again": "kurz"}])
def test_a_first_set_up_that_cannot_be_is_shown_again_with_what_was_typed(hub, wrong):
    answer = hub.client().post("/setup", data=FIRST | {"county": "章丘区"} | wrong)
    assert answer.status_code == 400 and 'role="alert"' in answer.text and "章丘区" in answer.text and PASSWORD not in answer.text
    with hub.database.read() as work:
        assert work.scalars(select(Staff)).all() == [] and work.scalars(select(Village)).all() == []


def test_of_two_at_the_same_moment_one_is_first(database_url):
    with RunningHub(database_url) as hub:
        browsers, answers = [hub.client() for _ in range(6)], []
        together = threading.Barrier(len(browsers))

        def set_up(browser: httpx.Client, number: int) -> None:
            together.wait()
            answers.append(browser.post("/setup", data=FIRST | {"login": f"wang{number}"}).status_code)

        threads = [threading.Thread(target=set_up, args=(browser, number)) for number, browser in enumerate(browsers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [303] + [404] * 5
        with hub.database.read() as work:
            assert len(work.scalars(select(Staff)).all()) == 1 and len(work.scalars(select(Village)).all()) == 1


# -- signing in ---------------------------------------------------------------------------------------------------------

def test_whoever_signs_in_is_in_until_signing_out(hub, place):
    somebody(place)
    browser, answer = sign_in(hub, " WANG ")
    assert answer.status_code == 303 and browser.get("/me").status_code == 200
    held = browser.cookies["xiangyin"]
    assert browser.post("/logout", data={"csrf": hub.visitor(held).csrf}).headers["location"] == "/login"
    assert "xiangyin" not in browser.cookies
    browser.cookies.set("xiangyin", held)
    assert browser.get("/me").headers["location"] == "/login"


def test_whatever_is_wrong_the_words_are_the_same(hub, place, clock):
    secret = new_totp_secret()
    somebody(place)
    somebody(place, "zhang", secret)
    wrong = f"{(int(code_at(clock, secret)) + 1) % 1_000_000:06}"
    pages = [sign_in(hub, *tried)[1] for tried in (("nobody",), ("wang", "falsch falsch"), ("zhang", PASSWORD, wrong), ("zhang", "falsch falsch", code_at(clock, secret)))]
    assert {page.status_code for page in pages} == {400} and all(WRONG in page.text and "set-cookie" not in page.headers for page in pages)
    with hub.database.read() as work:
        assert work.scalars(select(Session)).all() == []


def test_without_its_code_a_password_opens_nothing(hub, place, clock):
    secret = new_totp_secret()
    somebody(place, totp=secret)
    browser, answer = sign_in(hub)
    assert answer.status_code == 200 and 'name="code"' in answer.text and "set-cookie" not in answer.headers
    assert browser.post("/login", data={"login": "wang", "password": PASSWORD, "code": code_at(clock, secret)}).status_code == 303
    assert browser.get("/me").status_code == 200


def test_a_code_counts_once_also_at_the_same_moment(hub, place, clock):
    secret = new_totp_secret()
    somebody(place, totp=secret)
    code, answers = code_at(clock, secret), []
    together = threading.Barrier(4)

    def enter() -> None:
        browser = hub.client()
        together.wait()
        answers.append(browser.post("/login", data={"login": "wang", "password": PASSWORD, "code": code}).status_code)

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 400, 400, 400]
    clock.forward(seconds=STEP_S * 2)
    assert sign_in(hub, code=code)[1].status_code == 400
    assert sign_in(hub, code=code_at(clock, secret))[1].status_code == 303


def test_a_name_is_not_tried_for_ever(hub, place, clock):
    somebody(place)
    for _ in range(throttle.TRIES_OF_NAME):
        assert sign_in(hub, password="falsch falsch")[1].status_code == 400
    answer = sign_in(hub)[1]
    assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= throttle.WITHIN.total_seconds() and "set-cookie" not in answer.headers
    clock.forward(seconds=int(answer.headers["retry-after"]) + 1)
    assert sign_in(hub)[1].status_code == 303


def test_an_address_does_not_try_all_names(hub, place, monkeypatch):
    somebody(place)
    monkeypatch.setattr(throttle, "TRIES_OF_ADDRESS", 5)
    for number in range(5):
        assert sign_in(hub, f"name{number}")[1].status_code == 400
    answer = sign_in(hub)[1]
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0


def test_whoever_gets_in_begins_anew(hub, place):
    somebody(place)
    for _ in range(2):
        for _ in range(throttle.TRIES_OF_NAME - 1):
            sign_in(hub, password="falsch falsch")
        assert sign_in(hub)[1].status_code == 303


def test_a_session_ends_after_a_working_day_however_much_it_is_used(hub, place, clock):
    somebody(place)
    browser, _ = sign_in(hub)
    for hours in (5, 6.9):
        clock.forward(hours=hours)
        assert browser.get("/me").status_code == 200
    clock.forward(hours=0.2)
    assert browser.get("/me").headers["location"] == "/login"
    assert browser.get("/me", headers={"hx-request": "true"}).headers["hx-redirect"] == "/login"


def test_whoever_has_left_is_out_at_once_and_does_not_come_in(hub, place, clock):
    id = somebody(place)
    browser, _ = sign_in(hub)
    with hub.database.write() as work:
        work.get_one(Staff, id).left_at = clock()
    assert browser.get("/me").headers["location"] == "/login"
    assert sign_in(hub)[1].status_code == 400


@pytest.mark.parametrize("password", ["", "nobody's"])
def test_a_name_that_waits_for_its_first_password_opens_for_nobody(hub, place, password):
    id = somebody(place)
    with hub.database.write() as work:
        work.get_one(Staff, id).password = ""
    assert sign_in(hub, password=password)[1].status_code == 400


@pytest.mark.parametrize("held", ["", "x", "a" * 5000, "Ünsinn".encode().hex()])
def test_a_cookie_that_nobody_was_given_is_none(hub, place, held):
    browser = hub.client()
    browser.cookies.set("xiangyin", held)
    assert browser.get("/me").headers["location"] == "/login"


def test_what_a_database_cannot_keep_is_refused_and_breaks_nothing(database_url):
    with RunningHub(database_url) as hub:
        admin = Place(hub, "东山村").staff()
        answers = [hub.client().post("/login", data={"login": "wang\0", "password": PASSWORD}), admin.get("/staff/%00"), admin.get("/boxes/%00"),
                   admin.get("/audit", params={"word": "\0"}), admin.post("/staff", data={"login": "chen\0", "name": "\0", "role": "grid"})]
        assert all(answer.status_code < 500 for answer in answers) and admin.get("/staff").status_code == 200


# -- cookies, forms, headers --------------------------------------------------------------------------------------------

def cookie_of(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    (name, morsel), = SimpleCookie(answer.headers["set-cookie"]).items()
    return name, morsel


def test_the_cookie_is_the_browsers_alone(hub, place):
    somebody(place)
    name, cookie = cookie_of(sign_in(hub)[1])
    assert name == "xiangyin" and cookie["httponly"] and cookie["samesite"] == "lax" and cookie["path"] == "/" and not cookie["domain"]
    with hub.database.read() as work:
        assert cookie.value not in work.scalars(select(Session.id)).all()


def test_with_https_no_other_host_can_set_it(tmp_path):
    with RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}", public="https://hub.example") as hub:
        browser = hub.client()
        answer = browser.post("/setup", data=FIRST | {"code": first.code(hub.parts.key)}, headers={"origin": "https://hub.example"})
        name, cookie = cookie_of(answer)
        assert name == "__Host-xiangyin" and cookie["secure"] and cookie["httponly"] and cookie["path"] == "/" and not cookie["domain"]
        assert answer.headers["strict-transport-security"]
        inside = browser.get("/me", headers={"cookie": f"{name}={cookie.value}"})
        assert inside.status_code == 200
        assert browser.get("/me", headers={"cookie": f"xiangyin={cookie.value}"}).headers["location"] == "/login"
        assert browser.post("/login", data={}, headers={"origin": "http://127.0.0.1"}).status_code == 403


@pytest.mark.parametrize("given", [{}, {"csrf": ""}, {"csrf": "wrong"}, {"csrf": "错"}])
def test_a_form_without_its_secret_is_not_obeyed(hub, place, given):
    browser = place.staff()
    del browser.headers["x-csrf"]
    assert browser.post("/me/leave", data=given).status_code == 403
    assert browser.get("/me").status_code == 200


def test_a_form_of_another_session_is_not_obeyed(place):
    one, two = place.staff(), place.staff()
    assert one.post("/me/leave", headers={"x-csrf": two.headers["x-csrf"]}).status_code == 403
    assert one.get("/me").status_code == 200 and two.get("/me").status_code == 200
    assert one.post("/me/leave").status_code == 303 and two.get("/me").status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/me/leave", "/login", "/setup", "/welcome/x"])
def test_what_another_sites_page_sends_is_not_obeyed(hub, place, origin, path):
    assert place.staff().post(path, data=FIRST, headers={"origin": origin}).status_code == 403


def test_what_its_own_page_sends_is(hub, place):
    somebody(place)
    answer = hub.client().post("/login", data={"login": "wang", "password": PASSWORD}, headers={"origin": hub.address})
    assert answer.status_code == 303


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/setup", 404), ("GET", "/login", 200), ("GET", "/me", 303), ("GET", "/nowhere", 404), ("GET", "/static/hub.css", 200), ("GET", "/static/nothing", 404),
    ("POST", "/static/hub.css", 405), ("DELETE", "/login", 405), ("POST", "/login", 400), ("GET", "/link/messages", 401), ("POST", "/link/join", 401), ("GET", "/audit", 303)])
def test_every_answer_tells_the_browser_what_not_to_allow(hub, place, method, path, status):
    somebody(place)
    answer = hub.client().request(method, path)
    assert answer.status_code == status and {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_also_when_something_is_broken_and_then_nothing_of_it_is_shown(hub, place):
    browser = place.staff()
    with hub.database.write() as work:
        work.execute(text("DROP TABLE audit"))
    answer = browser.get("/audit")
    assert answer.status_code == 500 and {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "这里出了点毛病" in answer.text and "audit" not in answer.text.lower().replace('href="/audit"', "") and "sql" not in answer.text.lower()


def test_pages_are_kept_by_no_browser(place):
    assert place.staff().get("/me").headers["cache-control"] == "no-store"


# -- links to set a password --------------------------------------------------------------------------------------------

def link_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return "/welcome/" + answer.text.partition("/welcome/")[2].partition("<")[0]


@pytest.fixture
def link(place):
    """Of a grid worker who has just been let in."""
    return link_of(place.staff().post("/staff", data={"login": "chen", "name": "陈网格", "role": "grid"}))


def choose(hub: RunningHub, link: str, password: str = PASSWORD) -> httpx.Response:
    return hub.client().post(link, data={"password": password, "again": password})


def test_a_link_lets_its_person_in_once(hub, link):
    browser = hub.client()
    assert "陈网格" in browser.get(link).text and "陈网格" in browser.get(link).text
    assert browser.post(link, data={"password": PASSWORD, "again": PASSWORD}).headers["location"] == "/"
    assert browser.get("/me").status_code == 200
    assert hub.client().get(link).status_code == 400 and choose(hub, link, PASSWORD + "2").status_code == 400
    assert sign_in(hub, "chen")[1].status_code == 303


@pytest.mark.parametrize(("password", "again"), [("short", "short"), (PASSWORD, PASSWORD + "x"), ("chen123456", "chen123456"), ("", "")])
def test_a_password_that_cannot_be_leaves_the_link_good(hub, link, password, again):
    answer = hub.client().post(link, data={"password": password, "again": again})
    assert answer.status_code == 400 and 'role="alert"' in answer.text and "陈网格" in answer.text
    assert choose(hub, link).status_code == 303


def test_a_link_is_good_for_three_days(hub, link, clock):
    clock.forward(days=2.99)
    assert hub.client().get(link).status_code == 200
    clock.forward(days=0.02)
    assert hub.client().get(link).status_code == 400 and choose(hub, link).status_code == 400


def test_at_the_same_moment_a_link_is_good_for_one(database_url):
    with RunningHub(database_url) as hub:
        link = link_of(Place(hub, "东山村").staff().post("/staff", data={"login": "chen", "name": "陈网格", "role": "grid"}))
        answers, together = [], threading.Barrier(4)

        def use() -> None:
            browser = hub.client()
            together.wait()
            answers.append(browser.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code)

        threads = [threading.Thread(target=use) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [303, 400, 400, 400]


def test_a_new_link_ends_the_old_one_and_the_sessions_of_whoever_used_the_old_password(hub, place, clock):
    id = somebody(place)
    admin = place.staff()
    browser, _ = sign_in(hub)
    first, second = (link_of(admin.post(f"/staff/{id}/link")) for _ in range(2))
    assert choose(hub, first, PASSWORD + "1").status_code == 400 and browser.get("/me").status_code == 200
    assert choose(hub, second, PASSWORD + "2").status_code == 303
    assert browser.get("/me").headers["location"] == "/login"
    assert sign_in(hub)[1].status_code == 400 and sign_in(hub, password=PASSWORD + "2")[1].status_code == 303


def test_a_link_does_not_go_round_the_second_factor(hub, place, clock):
    secret = new_totp_secret()
    link = link_of(place.staff().post(f"/staff/{somebody(place, totp=secret)}/link"))
    browser = hub.client()
    assert browser.post(link, data={"password": PASSWORD + "2", "again": PASSWORD + "2"}).headers["location"] == "/login"
    assert browser.get("/me").headers["location"] == "/login"
    assert sign_in(hub, password=PASSWORD + "2", code=code_at(clock, secret))[1].status_code == 303


def test_neither_links_nor_sessions_nor_passwords_are_to_be_read_in_the_database(hub, place, link):
    somebody(place)
    browser, _ = sign_in(hub)
    with contextlib.closing(sqlite3.connect(hub.database.url.database)) as connection:
        dump = "\n".join(connection.iterdump())
    assert "陈网格" in dump and not any(secret in dump for secret in (link.removeprefix("/welcome/"), browser.cookies["xiangyin"], PASSWORD))
