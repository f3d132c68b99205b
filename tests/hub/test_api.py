"""Another system reaches a home and gets the answer back; what it may not, and what makes no sense, is refused in words."""
from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook

from hub import parts
from hub.again import PAUSES
from hub.api.calls import Caller
from hub.api.tokens import Scope, make
from hub.auth.roles import Role
from hub.db.columns import new_id
from hub.db.tables import ApiToken, Box, WebhookCall
from hub.link import joining
from hub.messages import Kind, Step
from tests.hub.calling_box import CallingBox
from tests.hub.conftest import Place
from tests.hub.other_system import OtherSystem
from tests.hub.running import RunningHub, only_when_told


@pytest.fixture
def hub(database_url, monkeypatch):
    """Programs are told when the test says so."""
    monkeypatch.setattr(parts, "over_and_over", only_when_told)
    with RunningHub(database_url) as running:
        yield running


@pytest.fixture
def village(hub):
    return Place(hub, "东山村")


@pytest.fixture
def system():
    with OtherSystem() as system:
        yield system


def program(village, *scopes: Scope, webhook: str = ""):
    """A client with a token of its own, and the secret of its webhook."""
    admin = village.hub.visitor(village.staff().cookies["xiangyin"])
    with village.hub.database.write() as work:
        token, held = make(work, village.id, admin.staff_id, "物业报修", scopes or tuple(Scope), webhook, village.hub.parts.now())
    return village.hub.client(headers={"authorization": f"Bearer {held}"}), token.secret


def home_with_box(village, name: str = "张大娘家") -> tuple[str, CallingBox]:
    home, box = village.household(name), CallingBox(village.hub.client())
    code = box.wish().json()["code"]
    with village.hub.database.write() as work:
        joining.take(work, village.id, home, code, village.hub.parts.now(), "somebody", "127.0.0.1")
    assert box.join().status_code == 200
    return home, box


def question(home: str, **changed: object) -> dict[str, object]:
    return {"title": "水管修好了吗", "text": "昨天报修的水管，师傅说修好了。", "question": "现在不漏了吧", "homes": [home]} | changed


def test_a_question_reaches_the_home_and_the_answer_comes_back_signed(village, system):
    (home, box), (client, secret) = home_with_box(village), program(village, webhook=system.address)
    sent = client.post("/api/v1/notices", json=question(home))
    assert sent.status_code == 201 and sent.json() | {"id": ""} == {"id": "", "boxes": 1, "without_box": []}
    message, = box.messages()
    assert message.kind is Kind.NOTICE and message.body["choices"] == ["是", "否"] and message.body["question"] == "现在不漏了吧"
    now = village.hub.parts.now()
    box.send([box.receipt(sent.json()["id"], step, now, answer="是" if step is Step.ANSWERED else "") for step in (Step.DELIVERED, Step.HEARD, Step.ANSWERED)], now)
    assert Caller(village.hub.database, village.hub.parts.now).work() == 2
    told = [system.got.get(timeout=5) for _ in range(2)]
    said = [Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()}) for headers, body in told]
    assert [(one["type"], one["data"]["home"], one["data"]["answer"]) for one in said] == [("notice.heard", home, None), ("notice.answered", home, "是")]
    standing = client.get(f"/api/v1/notices/{sent.json()['id']}").json()
    assert standing["homes"][0]["answer"] == "是" and standing["homes"][0]["heard_at"] and standing["state"] == "sent"


def test_people_see_it_under_the_programs_name(village):
    (home, _), (client, _) = home_with_box(village), program(village)
    client.post("/api/v1/notices", json=question(home))
    assert "水管修好了吗" in village.staff().get("/notices").text


def test_it_is_tried_again_until_it_is_taken(village, system):
    (home, box), (client, _) = home_with_box(village), program(village, webhook=system.address)
    notice, now = client.post("/api/v1/notices", json=question(home)).json()["id"], village.hub.parts.now()
    box.send([box.receipt(notice, Step.HEARD, now)], now)
    for status in (500, 302):
        system.status = status
        assert Caller(village.hub.database, village.hub.parts.now).work() == 1
        with village.hub.database.write() as work:
            assert work.scalars(select(WebhookCall)).one().wrong == f"HTTP {status}"
            work.execute(update(WebhookCall).values(next_at=village.hub.parts.now()))
    system.status = 200
    assert Caller(village.hub.database, village.hub.parts.now).work() == 1
    assert Caller(village.hub.database, lambda: village.hub.parts.now() + sum(PAUSES, dt.timedelta())).work() == 0
    ids = {system.got.get(timeout=5)[0]["webhook-id"] for _ in range(2)}
    assert len(ids) == 1  # whoever gets it twice can tell


def test_of_what_a_person_sent_no_program_is_told(village, system):
    (home, box), _ = home_with_box(village), program(village, webhook=system.address)
    other, _ = program(village)
    notice, now = other.post("/api/v1/notices", json=question(home)).json()["id"], village.hub.parts.now()
    box.send([box.receipt(notice, Step.HEARD, now)], now)
    assert Caller(village.hub.database, village.hub.parts.now).work() == 0


@pytest.mark.parametrize("scope, allowed", [(Scope.SEND, (201, 403, 403)), (Scope.HOMES, (403, 403, 200)), (Scope.READ, (403, 404, 403))])
def test_a_token_opens_what_it_is_for(village, scope, allowed):
    home, (client, _) = village.household(), program(village, scope)
    answers = (client.post("/api/v1/notices", json=question(home)), client.get(f"/api/v1/notices/{new_id()}"), client.get("/api/v1/homes"))
    assert tuple(answer.status_code for answer in answers) == allowed
    assert all(set(answer.json()) == {"code", "message"} for answer in answers if answer.status_code >= 400)


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc="])
def test_without_a_token_nothing_opens(village, authorization):
    answer = village.hub.client().get("/api/v1/homes", headers={"authorization": authorization} if authorization else {})
    assert answer.status_code == 401 and answer.json()["code"] == "hub-sign-in"


def test_a_token_that_was_taken_back_opens_nothing(village):
    client, _ = program(village)
    assert client.get("/api/v1/homes").status_code == 200
    with village.hub.database.write() as work:
        work.execute(update(ApiToken).values(revoked_at=village.hub.parts.now()))
    assert client.get("/api/v1/homes").status_code == 401


def test_another_village_is_not_there(village):
    foreign = Place(village.hub, "西山村")
    (home, _), (client, _) = home_with_box(foreign), program(village)
    own, (theirs, _) = village.household("自己家"), program(foreign)
    assert client.post("/api/v1/notices", json=question(home)).status_code == 400
    assert [one["name"] for one in client.get("/api/v1/homes").json()] == ["自己家"]
    notice = client.post("/api/v1/notices", json=question(own)).json()["id"]
    assert theirs.get(f"/api/v1/notices/{notice}").status_code == 404


@pytest.mark.parametrize("changed, said", [
    ({"title": " "}, "标题还没有写"), ({"text": ""}, "内容还没有写"), ({"choices": ["是"]}, "答案要写"), ({"homes": []}, "填的内容不对"), ({"homes": ["x"]}, "填的内容不对"),
    ({"priority": "loud"}, "填的内容不对"), ({"text": "好" * 1001}, "太长"), ({"expires_at": "2020-01-01T00:00:00Z"}, ""), ({"homes": ["0" * 18]}, "村里没有这些住户")])
def test_what_makes_no_sense_is_refused_in_words(village, changed, said):
    client, _ = program(village)
    answer = client.post("/api/v1/notices", json=question(village.household()) | changed)
    assert answer.status_code == 400 and said in answer.json()["message"]


def test_the_page_shows_the_key_once(village):
    admin = village.staff()
    made = admin.post("/programs", data={"name": "物业报修", "webhook": "https://other.example/hook", "scopes": ["notices:send", "root"]})
    held = made.text.partition("xy_")[2].partition("<")[0]
    client = village.hub.client(headers={"authorization": f"Bearer xy_{held}"})
    assert client.get("/api/v1/homes").status_code == 403 and "whsec_" in made.text
    again = admin.get("/programs").text
    assert held not in again and "物业报修" in again
    with village.hub.database.read() as work:
        token = work.scalars(select(ApiToken)).one()
    assert token.scopes == ["notices:send"] and held not in json.dumps([token.digest, token.name])
    assert Place(village.hub, "西山村").staff().post(f"/programs/{token.id}/revoke").status_code == 404
    assert admin.post(f"/programs/{token.id}/revoke").status_code == 303 and client.get("/api/v1/homes").status_code == 401
    assert "已停用" in admin.get("/programs").text


@pytest.mark.parametrize("name, scopes, webhook, said", [(" ", ["homes:read"], "", "起个名字"), ("甲", [], "", "至少要准它"), ("甲", ["homes:read"], "ftp://x", "http://")])
def test_what_is_wrong_on_the_page_is_said(village, name, scopes, webhook, said):
    answer = village.staff().post("/programs", data={"name": name, "scopes": scopes, "webhook": webhook})
    assert answer.status_code == 400 and said in answer.text
    assert village.staff(Role.CLERK).get("/programs").status_code == 403


def test_it_describes_itself(village):
    described = village.hub.client().get("/api/v1/openapi.json").json()
    assert set(described["paths"]) == {"/homes", "/notices", "/notices/{notice_id}"} and described["servers"] == [{"url": "/api/v1"}]
    with village.hub.database.read() as work:
        assert work.scalars(select(Box)).all() == []
