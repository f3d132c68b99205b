"""Staff, own account and villages, as an administrator and an operator use them."""
from __future__ import annotations

import re
import threading

import pyotp
import pytest
from sqlalchemy import select

from hub.auth.passwords import fits, hashed
from hub.auth.roles import Role
from hub.auth.sign_in import begin
from hub.auth.throttle import TRIES_OF_NAME
from hub.db.tables import Audit, Session, Staff, Village
from tests.hub.conftest import Place
from tests.hub.running import RunningHub

PASSWORD = "东山村的老槐树下有口井"
NEW = "西河村的石桥上有只狮子"
CHEN = {"login": "chen", "name": "陈网格", "phone": "13800001111", "role": "grid"}


@pytest.fixture
def village(place):
    return place()


def id_of(village: Place, client) -> str:
    return village.hub.visitor(client.cookies["xiangyin"]).staff_id


def row(village: Place, id: str) -> Staff:
    with village.hub.database.read() as work:
        return work.get_one(Staff, id)


def by_login(village: Place, login: str) -> Staff | None:
    with village.hub.database.read() as work:
        return work.scalar(select(Staff).where(Staff.login == login))


def did(village: Place) -> list[tuple[str, str]]:
    with village.hub.database.read() as work:
        return [tuple(one) for one in work.execute(select(Audit.did, Audit.subject).where(Audit.village_id == village.id).order_by(Audit.id))]


# -- staff --------------------------------------------------------------------------------------------------------------

def test_somebody_new_gets_a_link_and_is_in_the_list_and_in_the_record(village):
    admin = village.staff()
    answer = admin.post("/staff", data=CHEN | {"login": " Chen "})
    assert answer.status_code == 200 and re.search(r"/welcome/[\w-]{32}", answer.text) and "data:image/svg+xml" in answer.text
    assert (by_login(village, "chen").role, by_login(village, "chen").village_id) == (Role.GRID, village.id)
    listed = admin.get("/staff").text
    assert "陈网格" in listed and "13800001111" in listed and "还没设密码" in listed
    assert did(village) == [("新增人员", "陈网格（chen），网格员")]


@pytest.mark.parametrize("wrong", [{"login": "  "}, {"name": ""}, {"login": "chen wang"}, {"role": "king"}, {"role": ""}, {"login": "Taken"}])
def test_what_cannot_be_is_shown_again_with_all_that_was_typed(village, wrong):
    admin = village.staff()
    admin.post("/staff", data=CHEN | {"login": "taken"})
    answer = admin.post("/staff", data=CHEN | wrong)
    assert answer.status_code == 400 and 'role="alert"' in answer.text and "13800001111" in answer.text
    assert by_login(village, "chen") is None


def test_another_role_counts_at_once(village):
    admin, clerk = village.staff(), village.staff(Role.CLERK, "李文书")
    id = id_of(village, clerk)
    assert admin.post(f"/staff/{id}", data={"name": "李文书", "phone": "1", "role": "admin"}).headers["location"] == "/staff"
    assert (row(village, id).role, row(village, id).phone) == (Role.ADMIN, "1") and clerk.get("/me").headers["location"] == "/login"
    assert did(village)[-1][1].endswith("改为管理员")


def test_another_telephone_signs_nobody_out(village):
    admin, clerk = village.staff(), village.staff(Role.CLERK, "李文书")
    admin.post(f"/staff/{id_of(village, clerk)}", data={"name": "李文书", "phone": "2", "role": "clerk"})
    assert clerk.get("/me").status_code == 200


def test_whoever_ends_is_out_at_once_and_the_link_too(village):
    admin, clerk = village.staff(), village.staff(Role.CLERK, "李文书")
    id = id_of(village, clerk)
    link = re.search(r"/welcome/[\w-]{32}", admin.post(f"/staff/{id}/link").text)[0]
    assert "真的要停用李文书" in admin.get(f"/staff/{id}/end").text and clerk.get("/me").status_code == 200
    assert admin.post(f"/staff/{id}/end").status_code == 303
    assert clerk.get("/me").headers["location"] == "/login" and village.hub.client().get(link).status_code == 400
    assert "已停用" in admin.get("/staff").text and admin.get(f"/staff/{id}").status_code == 404 and admin.post(f"/staff/{id}/link").status_code == 404


def test_nobody_ends_or_lowers_oneself(village):
    admin = village.staff()
    village.staff()
    id = id_of(village, admin)
    assert admin.post(f"/staff/{id}/end").status_code == 400
    assert admin.post(f"/staff/{id}", data={"name": "王会计", "role": "clerk"}).status_code == 400
    assert admin.post(f"/staff/{id}", data={"name": "王主任", "phone": "3"}).status_code == 303
    assert (row(village, id).role, row(village, id).left_at, row(village, id).name) == (Role.ADMIN, None, "王主任")


def test_the_last_administrator_stays(place):
    home, other = place("县里"), place("东山村")
    admin, operator = other.staff(), home.staff(Role.OPERATOR)
    operator.post(f"/villages/{other.id}/go")
    id = id_of(other, admin)
    assert operator.post(f"/staff/{id}/end").status_code == 400
    assert operator.post(f"/staff/{id}", data={"name": "王会计", "role": "clerk"}).status_code == 400
    assert row(other, id).left_at is None and admin.get("/staff").status_code == 200
    other.staff()
    assert operator.post(f"/staff/{id}/end").status_code == 303


def test_two_administrators_cannot_each_end_the_other(database_url):
    with RunningHub(database_url) as hub:
        village = Place(hub, "东山村")
        pair, together = [village.staff(), village.staff()], threading.Barrier(2)
        ids = [id_of(village, one) for one in pair]

        def end(one, id: str) -> None:
            together.wait()
            one.post(f"/staff/{id}/end")

        threads = [threading.Thread(target=end, args=(one, id)) for one, id in zip(pair, reversed(ids), strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(row(village, id).left_at is None for id in ids) == 1


def test_an_administrator_makes_no_operator_and_gets_none_under_the_thumb(village):
    admin, operator, clerk = village.staff(), village.staff(Role.OPERATOR), village.staff(Role.CLERK)
    id = id_of(village, operator)
    assert 'value="operator"' not in admin.get("/staff/new").text
    assert admin.post("/staff", data=CHEN | {"role": "operator"}).status_code == 403 and by_login(village, "chen") is None
    assert admin.post(f"/staff/{id_of(village, clerk)}", data={"name": "x", "role": "operator"}).status_code == 403
    for path in ("", "/link", "/without-code", "/end"):
        assert admin.post(f"/staff/{id}{path}", data={"name": "x", "role": "grid"}).status_code == 403
    assert row(village, id).role == Role.OPERATOR and operator.get("/me").status_code == 200
    assert operator.post("/staff", data=CHEN | {"role": "operator"}).status_code == 200


def test_a_lost_telephone_is_helped_by_an_administrator_but_not_with_ones_own(village):
    admin, clerk = village.staff(), village.staff(Role.CLERK)
    for one in (admin, clerk):
        with village.hub.database.write() as work:
            work.get_one(Staff, id_of(village, one)).totp = "A" * 32
    assert admin.post(f"/staff/{id_of(village, admin)}/without-code").status_code == 400
    id = id_of(village, clerk)
    assert admin.post(f"/staff/{id}/without-code").status_code == 303
    assert row(village, id).totp == "" and row(village, id_of(village, admin)).totp and clerk.get("/me").headers["location"] == "/login"


def test_what_somebody_is_called_is_shown_as_text(village):
    admin = village.staff()
    answer = admin.post("/staff", data=CHEN | {"name": "<b>陈</b>"})
    assert "<b>陈</b>" not in answer.text + admin.get("/staff").text and "&lt;b&gt;陈" in admin.get("/staff").text


# -- own account --------------------------------------------------------------------------------------------------------

@pytest.fixture
def me(village):
    """A clerk with PASSWORD."""
    client = village.staff(Role.CLERK)
    with village.hub.database.write() as work:
        work.get_one(Staff, id_of(village, client)).password = hashed(PASSWORD)
    return client


def another_session(village: Place, me) -> str:
    with village.hub.database.write() as work:
        return begin(work, work.get_one(Staff, id_of(village, me)), village.hub.parts.now())


def test_a_new_password_ends_all_other_sessions(village, me):
    id, other, old = id_of(village, me), another_session(village, me), me.cookies["xiangyin"]
    answer = me.post("/me/password", data={"old": PASSWORD, "password": NEW, "again": NEW})
    assert answer.status_code == 303 and fits(NEW, row(village, id).password)
    for held, is_in in ((answer.cookies["xiangyin"], True), (other, False), (old, False)):
        assert village.hub.client().get("/me", headers={"cookie": f"xiangyin={held}"}).is_success is is_in
    assert did(village)[-1][0] == "改密码"


@pytest.mark.parametrize("given", [{"old": "falsch falsch"}, {"old": ""}, {"again": PASSWORD}, {"password": "kurz", "again": "kurz"}])
def test_without_the_old_password_or_with_a_bad_one_nothing_changes(village, me, given):
    answer = me.post("/me/password", data={"old": PASSWORD, "password": NEW, "again": NEW} | given)
    assert answer.status_code == 400 and 'role="alert"' in answer.text and fits(PASSWORD, row(village, id_of(village, me)).password)


def test_the_old_password_is_not_to_be_found_by_trying(me):
    for _ in range(TRIES_OF_NAME):
        assert me.post("/me/password", data={"old": "falsch falsch", "password": NEW, "again": NEW}).status_code == 400
    assert me.post("/me/password", data={"old": PASSWORD, "password": NEW, "again": NEW}).status_code == 429
    assert me.post("/me/code/off", data={"old": PASSWORD}).status_code == 429


def test_a_second_factor_is_on_only_after_a_right_code_and_goes_with_the_password(village, me):
    id = id_of(village, me)
    secret = re.search(r'name="secret" value="(\w+)"', me.get("/me/code").text)[1]
    code = pyotp.TOTP(secret).now()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    answer = me.post("/me/code", data={"secret": secret, "code": wrong})
    assert answer.status_code == 400 and secret in answer.text and row(village, id).totp == ""
    assert me.post("/me/code", data={"secret": secret, "code": pyotp.TOTP(secret).now()}).status_code == 303
    assert row(village, id).totp == secret and row(village, id).totp_used > 0 and "已打开" in me.get("/me").text
    assert me.post("/me/code/off", data={"old": "falsch falsch"}).status_code == 400 and row(village, id).totp == secret
    assert me.post("/me/code/off", data={"old": PASSWORD}).status_code == 303 and row(village, id).totp == ""
    assert [word for word, _ in did(village)] == ["打开验证码", "关掉验证码"]


def test_a_second_factor_that_is_on_is_not_exchanged_without_the_password(village, me):
    with village.hub.database.write() as work:
        work.get_one(Staff, id_of(village, me)).totp = "A" * 32
    secret = "B" * 32
    assert me.post("/me/code", data={"secret": secret, "code": pyotp.TOTP(secret).now()}).status_code == 400
    assert row(village, id_of(village, me)).totp == "A" * 32


@pytest.mark.parametrize("secret", ["", "short", "ß" * 32, "a" * 32])
def test_a_secret_that_is_none_is_answered_with_a_new_one(me, secret):
    assert me.post("/me/code", data={"secret": secret, "code": "123456"}).headers["location"] == "/me/code"


def test_signing_out_everywhere_ends_all_sessions_and_nobody_elses(village, me):
    id, colleague = id_of(village, me), village.staff()
    another_session(village, me)
    assert me.get("/me").text.count("登录，") == 2
    assert me.post("/me/leave").headers["location"] == "/login"
    with village.hub.database.read() as work:
        assert work.scalars(select(Session).where(Session.staff_id == id)).all() == []
    assert colleague.get("/me").status_code == 200


# -- villages -----------------------------------------------------------------------------------------------------------

def test_the_operator_opens_a_village_and_goes_there_and_its_administrator_stays_in_it(place):
    home = place("县里")
    home.household()
    operator = home.staff(Role.OPERATOR, "刘师傅")
    answer = operator.post("/villages", data={"village": "西河村", "county": "章丘区", "login": "zhao", "name": "赵主任"})
    assert answer.status_code == 200 and re.search(r"/welcome/[\w-]{32}", answer.text)
    first = by_login(home, "zhao")
    assert first.role == Role.ADMIN and first.village_id != home.id
    assert "西河村" in operator.get("/villages").text and "赵主任" not in operator.get("/staff").text
    assert operator.post(f"/villages/{first.village_id}/go").status_code == 303
    assert "赵主任" in operator.get("/staff").text
    assert "进入村庄" in operator.get("/audit").text
    assert operator.post("/villages/nowhere/go").status_code == 404


@pytest.mark.parametrize("wrong", [{"village": " "}, {"name": ""}, {"login": "zhao zhao"}, {"login": ""}])
def test_a_village_without_its_administrator_is_not_opened(place, wrong):
    operator = place("县里").staff(Role.OPERATOR)
    given = {"village": "西河村", "county": "章丘区", "login": "zhao", "name": "赵主任", "phone": "13800002222"}
    answer = operator.post("/villages", data=given | wrong)
    assert answer.status_code == 400 and "13800002222" in answer.text and 'role="alert"' in answer.text
    with place("x").hub.database.read() as work:
        assert "西河村" not in work.scalars(select(Village.name)).all()


def test_an_operator_who_is_lowered_is_no_longer_elsewhere(place):
    home, other = place("县里"), place("西河村")
    one, two = home.staff(Role.OPERATOR), home.staff(Role.OPERATOR)
    two.post(f"/villages/{other.id}/go")
    assert two.get("/staff").status_code == 200 and id_of(home, two)
    id = id_of(home, two)
    assert one.post(f"/staff/{id}", data={"name": "x", "role": "admin"}).status_code == 303
    assert two.get("/staff").headers["location"] == "/login"
