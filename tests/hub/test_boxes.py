"""Boxes as the office sees them: who is there, letting one join, setting it, turning it away."""
from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import select

from hub.auth.roles import Role
from hub.auth.throttle import TRIES_OF_NAME
from hub.db.tables import Audit, Box, Resident
from hub.link import outgoing
from hub.messages import Kind
from tests.hub.calling_box import CallingBox
from tests.hub.conftest import Place
from tests.hub.running import RunningHub

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.fixture
def village(place):
    return place()


@pytest.fixture
def clerk(village):
    return village.staff(Role.CLERK)


def join(village: Place, clerk, name: str = "张大娘家") -> tuple[CallingBox, str]:
    box, home = CallingBox(village.hub.client()), village.household(name)
    code = box.wish(version="0.1.0").json()["code"]
    answer = clerk.post("/boxes/join", data={"code": code, "home": home})
    assert answer.status_code == 303 and box.join().status_code == 200 and answer.headers["location"] == f"/boxes/{box.id}"
    return box, home


def row(village: Place, box: CallingBox) -> Box:
    with village.hub.database.read() as work:
        return work.get_one(Box, (village.id, box.id))


# -- joining ------------------------------------------------------------------------------------------------------------

def test_six_digits_and_a_home_make_a_box_the_villages(village, clerk):
    box, home = join(village, clerk)
    assert (row(village, box).household_id, row(village, box).name) == (home, "张大娘家") and "张大娘家" in clerk.get("/boxes").text
    with village.hub.database.read() as work:
        assert work.execute(select(Audit.did, Audit.subject)).all() == [("盒子加入", "张大娘家")]


def test_digits_may_be_typed_as_people_type_them(village, clerk):
    for typed in (lambda code: f" {code[:3]} {code[3:]} ", lambda code: code.translate(WIDE), lambda code: f"{code[:3]}-{code[3:]}"):
        code = CallingBox(village.hub.client()).wish().json()["code"]
        assert clerk.post("/boxes/join", data={"code": typed(code), "home": village.household()}).status_code == 303


def test_wrong_digits_are_shown_again_and_soon_no_more_are_taken(village, clerk):
    home, colleague, box = village.household(), village.staff(Role.CLERK), CallingBox(village.hub.client())
    for _ in range(TRIES_OF_NAME):
        answer = clerk.post("/boxes/join", data={"code": "000 000", "home": home})
        assert answer.status_code == 400 and "000 000" in answer.text and f'value="{home}" selected' in answer.text
    given = {"code": box.wish().json()["code"], "home": home}
    answer = clerk.post("/boxes/join", data=given)
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0 and box.join().status_code == 202
    assert colleague.post("/boxes/join", data=given).status_code == 303


def test_without_a_home_nothing_joins_and_the_digits_stay(village, clerk):
    village.household()
    code = CallingBox(village.hub.client()).wish().json()["code"]
    answer = clerk.post("/boxes/join", data={"code": code, "home": ""})
    assert answer.status_code == 400 and code in answer.text


def test_a_village_without_homes_is_told_what_to_do_first(clerk):
    assert '<a href="/people">' in clerk.get("/boxes/join").text


# -- the list -----------------------------------------------------------------------------------------------------------

def test_the_list_tells_how_each_does(village, clerk):
    good, bad = join(village, clerk, "张大娘家")[0], join(village, clerk, "李玉兰家")[0]
    good._client.post("/link/status", json={"version": "0.1.0", "volume": 60, "free_mb": 12400, "microphone": ""})
    bad._client.post("/link/status", json={"version": "0.0.9", "volume": 45, "free_mb": 310, "microphone": "没有插话筒"})
    with village.hub.database.write() as work:
        work.get_one(Box, (village.id, bad.id)).seen_at = village.hub.parts.now() - dt.timedelta(minutes=2)
    text = clerk.get("/boxes").text
    assert "<b>1</b> 个在线，<b>1</b> 个没连上" in text and "没有插话筒" in text and "快满了 310 MB" in text and "12.4 GB" in text and "0.0.9" in text
    assert text.index("李玉兰家") < text.index("张大娘家"), "whoever needs help comes first"


def test_a_box_on_the_line_is_there_before_it_is_written_down(village, clerk):
    box, _ = join(village, clerk)
    assert "还没连过" in clerk.get("/boxes").text
    stream = box.stream()
    assert next(stream) is None
    assert "<b>1</b> 个在线" in clerk.get("/boxes").text
    stream.close()


@pytest.mark.parametrize("sought", ["张大娘", "zhangda", "zdn", "ZDN", " z d n ", "王秀英", "wxy"])
def test_a_box_is_found_by_the_home_or_whoever_lives_there(village, clerk, sought):
    _, home = join(village, clerk, "张大娘家")
    join(village, clerk, "李玉兰家")
    with village.hub.database.write() as work:
        work.add(Resident(village_id=village.id, id="r", household_id=home, name="王秀英", sought="王秀英 wangxiuying wxy", phone="", hearing="", tags=[], notes=""))
    text = clerk.get("/boxes", params={"sought": sought}).text
    assert "张大娘家" in text and "李玉兰家" not in text


@pytest.mark.parametrize("sought", ["没有", "%", "_", "'"])
def test_what_is_not_there_is_not_found(village, clerk, sought):
    join(village, clerk)
    text = clerk.get("/boxes", params={"sought": sought}).text
    assert "没有找到" in text and "张大娘家" not in text


# -- one box ------------------------------------------------------------------------------------------------------------

FORM = {"name": "张大娘的盒子", "volume": "70", "muted": "yes", "quiet_from": "21:00", "quiet_until": "06:00"}


def test_what_is_set_comes_to_the_box_at_once(village, clerk):
    box, home = join(village, clerk)
    stream = box.stream()
    assert next(stream) is None
    assert clerk.post(f"/boxes/{box.id}", data=FORM | {"home": home}).status_code == 303
    message = next(filter(None, stream))
    assert message.kind is Kind.SETTINGS and dict(message.body) == {"name": "张大娘的盒子", "volume": 70, "muted": True, "quiet_from": "21:00", "quiet_until": "06:00"}
    text = clerk.get(f"/boxes/{box.id}").text
    assert all(part in text for part in ("张大娘的盒子", 'value="70"', "checked", 'value="21:00" selected', 'value="06:00" selected'))
    with village.hub.database.read() as work:
        assert work.scalars(select(Audit.subject).where(Audit.did == "改盒子")).all() == ["张大娘的盒子，音量70，静音，安静时间21:00到06:00"]
    stream.close()


def test_only_what_is_set_is_told_and_what_did_not_change_is_not_told_again(village, clerk):
    box, home = join(village, clerk)
    for given in ({"volume": "0"}, {"volume": "0"}, {"volume": ""}):
        assert clerk.post(f"/boxes/{box.id}", data={"name": "张大娘家", "home": home} | given).status_code == 303
    assert [dict(message.body) for message in box.messages()] == [{"name": "张大娘家", "muted": False, "volume": 0}, {"name": "张大娘家", "muted": False}]


def test_moving_a_box_to_another_home_tells_it_nothing(village, clerk):
    box, _ = join(village, clerk)
    other = village.household("李玉兰家")
    assert clerk.post(f"/boxes/{box.id}", data={"name": "张大娘家", "home": other}).status_code == 303
    moved = len(box.messages())
    assert row(village, box).household_id == other
    assert clerk.post(f"/boxes/{box.id}", data={"name": "张大娘家", "home": village.household("赵家")}).status_code == 303
    assert len(box.messages()) == moved and "赵家" in clerk.get(f"/boxes/{box.id}").text


@pytest.mark.parametrize("wrong", [{"name": " "}, {"volume": "101"}, {"volume": "-1"}, {"volume": "laut"}, {"volume": "９"}, {"quiet_from": ""}, {"quiet_until": ""},
                                   {"quiet_from": "06:00"}, {"quiet_from": "25:00"}, {"quiet_from": "21:30"}, {"home": "nowhere"}, {"home": ""}])
def test_what_cannot_be_set_is_shown_again_with_what_was_typed(village, clerk, wrong):
    box, home = join(village, clerk)
    answer = clerk.post(f"/boxes/{box.id}", data=FORM | {"home": home} | wrong)
    assert answer.status_code == 400 and 'role="alert"' in answer.text and ("张大娘的盒子" in answer.text or "name" in wrong)
    assert row(village, box).settings == {} and box.messages() == []


def test_one_that_is_turned_away_hears_nothing_any_more_and_may_join_anew(village, clerk):
    box, home = join(village, clerk)
    stream = box.stream()
    assert next(stream) is None
    assert "真的要停用" in clerk.get(f"/boxes/{box.id}/turn-away").text and row(village, box).revoked_at is None
    assert clerk.post(f"/boxes/{box.id}/turn-away").headers["location"] == "/boxes"
    assert list(stream) == [] and box._client.get("/link/messages").status_code == 401
    assert "张大娘家" not in clerk.get("/boxes").text and "停用时间" in clerk.get(f"/boxes/{box.id}").text
    for path in (f"/boxes/{box.id}", f"/boxes/{box.id}/turn-away"):
        assert clerk.post(path, data=FORM | {"home": home}).status_code == 404
    old = box.id
    assert clerk.post("/boxes/join", data={"code": box.wish().json()["code"], "home": home}).status_code == 303
    assert box.join().status_code == 200 and box.id != old


def test_over_a_line_that_is_still_held_by_another_process_nothing_comes_either(village, clerk):
    (box, home), hub = join(village, clerk), village.hub

    def waiting() -> int:
        with hub.database.read() as work:
            return len(outgoing.lines(work, village.id, {box.id: 0}, hub.parts.key, hub.parts.now()))

    clerk.post(f"/boxes/{box.id}", data=FORM | {"home": home})
    assert waiting() == 1
    clerk.post(f"/boxes/{box.id}/turn-away")
    assert waiting() == 0


def test_two_who_type_the_same_digits_at_once_make_one_box(database_url):
    with RunningHub(database_url) as hub:
        village = Place(hub, "东山村")
        box, home, together, answers = CallingBox(hub.client()), village.household(), threading.Barrier(3), []
        code = box.wish().json()["code"]

        def typed(clerk) -> None:
            together.wait()
            answers.append(clerk.post("/boxes/join", data={"code": code, "home": home}).status_code)

        threads = [threading.Thread(target=typed, args=(village.staff(Role.CLERK),)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [303, 400, 400]
        with hub.database.read() as work:
            assert len(work.scalars(select(Box)).all()) == 1
