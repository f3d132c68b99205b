"""The register over HTTP: found as one types, written down, corrected, taken out, handed out and forgotten; and nobody sees another village's."""
from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import select

from hub.auth.roles import Role
from hub.db.columns import new_id
from hub.db.tables import Audit, Box, Grid, Household, Notice, NoticeReceipt, Resident, Upload
from hub.link.attendance import ONLINE
from tests.hub.conftest import BOTH, Place

DATABASES = BOTH


def home(client, name="张大爷家", **more) -> str:
    """Its address."""
    answer = client.post("/people/homes/new", data={"name": name, **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def person(client, of: str, name="张秀兰", **more) -> str:
    """The address of this person's pages."""
    assert client.post(f"{of}/residents/new", data={"name": name, **more}).status_code == 303
    return re.findall(rf"<h2 class=\"first\">{name}.*?(/people/residents/\w+)/edit", client.get(of).text, re.DOTALL)[0]


def box(village, of: str, **values) -> str:
    with village.hub.database.write() as work:
        made = Box(**{"village_id": village.id, "id": new_id(), "household_id": of.rpartition("/")[2], "name": "张大爷家", "key": new_id(),
                      "joined_at": village.hub.parts.now(), "facts": {}, "settings": {}} | values)
        work.add(made)
    return made.id


def rows(village, table) -> list:
    with village.hub.database.read() as work:
        return list(work.scalars(select(table).where(table.village_id == village.id).order_by(table.id)))


def noted(village) -> list[tuple[str, str]]:
    return [(line.did, line.subject) for line in rows(village, Audit)]


def listed(client, **query) -> list[str]:
    answer = client.get("/people", params=query)
    assert answer.status_code == 200, answer.text
    return re.findall(r'class="big" href="/people/homes/\w+">(.*?)</a>', answer.text)


# -- finding ------------------------------------------------------------------------------------------------------------

@pytest.fixture
def peopled(village, office):
    """Three homes."""
    with village.hub.database.write() as work:
        work.add(Grid(village_id=village.id, id="g1", name="东头网格", worker_id=None))
    first = home(office, "张大爷家", address="二组12号", grid="g1", phone="0531-83210000")
    person(office, first, "单秀兰", phone="13800000000", tags="独居、VIP", born="1945")
    home(office, "李大娘家", address="三组7%号")
    person(office, home(office, "王会计家", address="二组1_号"), "王福来")
    return office


FOUND_BY = [
    ("", "张李王"), ("张", "张"), ("zdy", "张"), ("ldn", "李"), ("shanxiu", "张"), ("sxl", "张"), ("dxl", "张"), ("XIULAN", "张"), ("13800000000", "张"),
    ("3800", "张"), ("83210000", "张"), ("0531-8321", "张"), ("独居", "张"), ("vip", "张"), ("二组", "张王"), ("二组 wang", "王"), ("dongtou", "张"),
    ("东头", "张"), ("jia", ""), ("家", "张李王"), ("%", "李"), ("_", "王"), ("没有这个人", ""), ("张 李", ""), ("\\", ""), ("'; drop table resident; --", ""),
    ("\x00张\x00", "张"), ("长" * 300, "")]


def test_homes_are_found_by_whatever_one_remembers(peopled):
    found = {typed: "".join(name[0] for name in listed(peopled, q=typed)) for typed, _ in FOUND_BY}
    assert found == dict(FOUND_BY)


def test_homes_of_a_grid(peopled):
    assert {grid: "".join(name[0] for name in listed(peopled, grid=grid)) for grid in ("g1", "-", "nowhere", "\x00", "")} == {
        "g1": "张", "-": "李王", "nowhere": "", "\x00": "", "": "张李王"}
    assert listed(peopled, grid="g1", q="ldn") == []


def test_the_list_has_pages(village, office):
    with village.hub.database.write() as work:
        work.add_all(Household(village_id=village.id, id=f"h{number:03}", name=f"第{number}家", address="", phone="", notes="",
                               created_at=village.hub.parts.now()) for number in range(130))
    assert [len(listed(office, page=page)) for page in (1, 2, 3, 4)] == [60, 60, 10, 0]
    assert "130 户" in office.get("/people").text and office.get("/people", params={"page": 0}).status_code == 400


def test_whether_a_box_is_there_and_on_the_line(village, peopled):
    now = village.hub.parts.now()
    homes = [f"/people/homes/{one.id}" for one in rows(village, Household)]
    box(village, homes[0], seen_at=now)
    box(village, homes[1], seen_at=now - ONLINE)
    box(village, homes[2], seen_at=now, revoked_at=now)
    page = peopled.get("/people").text
    assert (page.count(">在线<"), page.count(">不在线<"), page.count(">没有盒子<")) == (1, 1, 1)
    for address, state in zip(homes, (">在线<", ">不在线<", ">没有盒子<"), strict=True):
        assert state in peopled.get(address).text


# -- writing down -------------------------------------------------------------------------------------------------------

def test_a_home_and_a_person_are_written_down_corrected_and_taken_out(village, office):
    address = home(office, " 张大爷家 ", address="二组12号", phone="138 0000 0000", notes="门口有狗\r\n小心")
    one, = rows(village, Household)
    assert (one.name, one.phone, one.notes) == ("张大爷家", "13800000000", "门口有狗\n小心")
    somebody = person(office, address, born="1945年", tags="独居 党员")
    resident, = rows(village, Resident)
    assert (resident.born, resident.tags, resident.sought.split()[0]) == (1945, ["独居", "党员"], "张秀兰")
    assert office.post(f"{somebody}/edit", data={"name": "张秀莲", "hearing": "很背"}).status_code == 303
    resident, = rows(village, Resident)
    assert (resident.name, resident.born, resident.hearing, resident.tags) == ("张秀莲", None, "很背", []) and "zhangxiulian" in resident.sought
    assert office.post(f"{address}/edit", data={"name": "张家"}).status_code == 303 and rows(village, Household)[0].name == "张家"
    assert "张秀莲" in office.get(f"{somebody}/delete").text and rows(village, Resident)
    assert office.post(f"{somebody}/delete").status_code == 303 and rows(village, Resident) == []
    assert "删除“张家”" in office.get(f"{address}/delete").text
    assert office.post(f"{address}/delete").headers["location"] == "/people" and rows(village, Household) == []
    assert noted(village) == [("登记住户", "张大爷家"), ("登记个人", "张秀兰（张大爷家）"), ("修改个人", "张秀莲（张大爷家）"), ("修改住户", "张家"),
                              ("删除个人", "张秀莲（张家）"), ("删除住户", "张家")]


@pytest.mark.parametrize("given, why", [
    ({"name": " "}, "户名没有填"), ({"name": "长" * 81}, "户名太长"), ({"name": "甲", "phone": "电话"}, "不像电话"), ({"name": "甲", "grid": "nowhere"}, "没有这个网格"),
    ({"name": "甲", "grid": "\x00"}, "没有这个网格"), ({"name": "张大爷家", "address": "二组12号"}, "已经有一户"), ({"name": "甲", "notes": "长" * 2001}, "备注太长")])
def test_a_home_that_cannot_be_is_shown_again_as_it_was_typed(village, peopled, given, why):
    answer = peopled.post("/people/homes/new", data={"notes": "<b>记一笔</b>", **given})
    assert answer.status_code == 400 and why in answer.text and len(rows(village, Household)) == 3
    assert given["name"].strip() in answer.text and ("notes" in given or "&lt;b&gt;记一笔" in answer.text)


@pytest.mark.parametrize("given, why", [
    ({"name": ""}, "姓名没有填"), ({"name": "甲", "born": "45"}, "出生年"), ({"name": "单秀兰"}, "已经有一位"), ({"name": "甲", "tags": "长" * 21}, "标签")])
def test_a_person_who_cannot_be_is_shown_again_as_typed(village, peopled, given, why):
    first = rows(village, Household)[0].id
    answer = peopled.post(f"/people/homes/{first}/residents/new", data={"notes": "记一笔", **given})
    assert answer.status_code == 400 and why in answer.text and "记一笔" in answer.text and len(rows(village, Resident)) == 2


def test_what_is_typed_stays_text(office):
    address = home(office, "<script>alert(1)</script>", notes="\"><img src=x>")
    person(office, address, "amp&", tags="<i>")
    for page in (address, "/people", f"{address}/edit", f"{address}/delete"):
        assert "<script>alert" not in office.get(page).text and "<img src=x>" not in office.get(page).text and "<i>" not in office.get(page).text


def test_a_home_with_a_box_stays_until_the_box_is_turned_away(village, office):
    address = home(office)
    person(office, address)
    of = box(village, address)
    assert "还有盒子" in office.get(f"{address}/delete").text
    answer = office.post(f"{address}/delete")
    assert answer.status_code == 400 and "还有盒子" in answer.text and rows(village, Household)
    with village.hub.database.write() as work:
        work.get_one(Box, (village.id, of)).revoked_at = village.hub.parts.now()
    assert office.post(f"{address}/delete").status_code == 303
    assert rows(village, Household) == rows(village, Resident) == [] and rows(village, Box)[0].household_id is None


# -- grids --------------------------------------------------------------------------------------------------------------

def test_grids_are_made_given_renamed_and_deleted_when_empty(village, office):
    village.staff(Role.GRID, "赵网格")
    worker = re.findall(r'<option value="(\w+)">赵网格', office.get("/people/grids").text)[0]
    assert office.post("/people/grids", data={"name": "一网格"}).status_code == 303
    grid, = rows(village, Grid)
    address = f"/people/grids/{grid.id}"
    assert office.post(address, data={"name": "东网格", "worker": worker}).status_code == 303
    grid, = rows(village, Grid)
    assert (grid.name, grid.worker_id) == ("东网格", worker)
    at = home(office, grid=grid.id)
    assert "东网格（网格员 赵网格）" in office.get(at).text
    refused = office.post(f"{address}/delete")
    assert refused.status_code == 400 and "还有1户" in refused.text
    office.post(f"{at}/edit", data={"name": "张大爷家"})
    assert office.post(f"{address}/delete").status_code == 303 and rows(village, Grid) == []


@pytest.mark.parametrize("given, why", [({"name": ""}, "没有填"), ({"name": "东头网格"}, "已经有一个"), ({"name": "新", "worker": "nobody"}, "没有这位"),
                                        ({"name": "新", "worker": "\x00"}, "没有这位")])
def test_grids_that_cannot_be(village, peopled, given, why):
    answer = peopled.post("/people/grids", data=given)
    assert answer.status_code == 400 and why in answer.text and len(rows(village, Grid)) == 1


def test_the_staff_of_another_village_is_given_no_grid(hub, office):
    other = Place(hub, "西山村").staff(Role.GRID)
    stranger = hub.visitor(other.cookies["xiangyin"]).staff_id
    assert office.post("/people/grids", data={"name": "新", "worker": stranger}).status_code == 400


# -- what is known of one -----------------------------------------------------------------------------------------------

@pytest.fixture
def told(village, office):
    """Somebody of whom everything is known; the address of their pages."""
    village.staff(Role.ADMIN)
    address = home(office, "张三家", address="二组12号", phone="0531-83210000", notes="张三腿不好，张三丰来帮忙")
    somebody, now = person(office, address, "张三", born="1945", phone="13800000000", tags="独居"), village.hub.parts.now()
    person(office, address, "张三丰")
    stands = box(village, address, name="张三家", seen_at=now)
    with village.hub.database.write() as work:
        author = village.hub.visitor(office.cookies["xiangyin"]).staff_id
        work.add(Notice(village_id=village.id, id="n", author_id=author, title="停电通知", text="", category="", priority="", state="sent", question="",
                        choices=[], targets={}, created_at=now, repeat=""))
        work.flush()
        work.add(NoticeReceipt(village_id=village.id, notice_id="n", box_id=stands, revision=1, queued_at=now, heard_at=now, answer="是"))
    return somebody


def test_everything_that_is_known_of_one_is_handed_out(office, told):
    answer = office.get(f"{told}/known.json")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%E5%BC%A0%E4%B8%89.json"
    known = answer.json()
    assert known["person"]["电话"] == "13800000000" and known["home"]["同住"] == ["张三丰"] and known["boxes"][0]["名字"] == "张三家"
    assert known["notices"][0]["通知"] == "停电通知" and known["notices"][0]["回答的"] == "是"
    assert dt.datetime.fromisoformat(known["notices"][0]["听完"]).utcoffset() == dt.timedelta(hours=8)
    subjects = {line["对象"] for line in known["records"]}
    assert "张三（张三家）" in subjects
    page = office.get(f"{told}/known").text
    for said in ("13800000000", "停电通知", "二组12号", "张三（张三家）"):
        assert said in page


def test_one_is_forgotten_and_nobody_else(village, office, told):
    assert "彻底抹去“张三”" in office.get(f"{told}/erase").text
    assert office.post(f"{told}/erase").status_code == 303
    assert [one.name for one in rows(village, Resident)] == ["张三丰"]
    kept, = rows(village, Household)
    assert (kept.name, kept.notes) == ("（已抹去）家", "（已抹去）腿不好，张三丰来帮忙") and rows(village, Box)[0].name == "（已抹去）家"
    assert noted(village) == [("登记住户", "（已抹去）家"), ("登记个人", "（已抹去）（（已抹去）家）"), ("登记个人", "张三丰（（已抹去）家）"), ("彻底抹去", "（已抹去）")]
    assert office.get(f"{told}/known").status_code == 404 and listed(office, q="zhangsanfeng") == ["（已抹去）家"]


def test_with_the_last_one_the_home_is_forgotten(village, office):
    somebody = person(office, home(office, "张三"), "张三")
    office.post("/people/import", files={"file": ("a.csv", "姓名,电话\n张三,13800000000\n".encode())})
    assert len(rows(village, Upload)) == 1
    assert office.post(f"{somebody}/erase").status_code == 303
    assert rows(village, Household) == rows(village, Resident) == rows(village, Upload) == [] and "张三" not in str(noted(village))


# -- who may ------------------------------------------------------------------------------------------------------------

def test_a_grid_worker_looks_and_changes_nothing(village, peopled):
    looker, first = village.staff(Role.GRID), f"/people/homes/{rows(village, Household)[0].id}"
    somebody = f"/people/residents/{rows(village, Resident)[0].id}"
    for page in ("/people", first, "/people/grids"):
        answer = looker.get(page)
        assert answer.status_code == 200 and not re.search(r"/(edit|delete|new|import|export)", answer.text)
    for page in ("/people/homes/new", f"{first}/edit", f"{first}/delete", f"{first}/residents/new", f"{somebody}/edit", f"{somebody}/delete",
                 f"{somebody}/known", f"{somebody}/known.json", f"{somebody}/erase", "/people/import", "/people/export.csv", "/people/export.xlsx"):
        assert looker.get(page).status_code == 403, page
    for page in ("/people/homes/new", f"{first}/edit", f"{first}/delete", f"{first}/residents/new", f"{somebody}/edit", f"{somebody}/delete",
                 f"{somebody}/erase", "/people/grids", "/people/grids/g1", "/people/grids/g1/delete", "/people/import"):
        assert looker.post(page, data={"name": "x"}).status_code == 403, page


def test_nobody_sees_or_changes_another_village(hub, village, peopled):
    stranger = Place(hub, "西山村").staff(Role.OPERATOR)
    first, somebody = rows(village, Household)[0].id, rows(village, Resident)[0].id
    assert listed(stranger) == [] and "东头网格" not in stranger.get("/people/grids").text
    for page in (f"homes/{first}", f"homes/{first}/edit", f"homes/{first}/delete", f"homes/{first}/residents/new", f"residents/{somebody}/edit",
                 f"residents/{somebody}/delete", f"residents/{somebody}/known", f"residents/{somebody}/known.json", f"residents/{somebody}/erase"):
        assert stranger.get(f"/people/{page}").status_code == 404, page
        if not page.endswith(("known", "json", first)):
            assert stranger.post(f"/people/{page}", data={"name": "我的"}).status_code == 404, page
    assert stranger.post("/people/grids/g1", data={"name": "我的"}).status_code == 404
    assert stranger.post("/people/homes/new", data={"name": "甲", "grid": "g1"}).status_code == 400
    assert {one.name for one in rows(village, Household)} == {"张大爷家", "李大娘家", "王会计家"} and rows(village, Grid)[0].name == "东头网格"
    for page in ("homes/%00", "homes/A..x", "residents/x%00/edit", "import/%ff"):
        assert stranger.get(f"/people/{page}").status_code == 404, page


def test_a_form_of_nowhere_changes_nothing(village, peopled):
    peopled.headers.pop("x-csrf")
    assert peopled.post("/people/homes/new", data={"name": "甲"}).status_code == 403
    assert peopled.post("/people/import", files={"file": ("a.csv", "姓名\n甲\n".encode())}).status_code == 403 and len(rows(village, Household)) == 3


# -- moving -------------------------------------------------------------------------------------------------------------

def test_somebody_moves_to_another_home(village, office):
    old, new = home(office, "张大爷家", address="一组1号"), home(office, "李大娘家", address="二组2号")
    one = person(office, old, "张秀兰", phone="13800000000", tags="独居")
    page = office.get(f"{one}/move").text
    assert "李大娘家" in page and "搬到张大爷家" not in page and "搬到李大娘家" not in office.get(f"{one}/move", params={"q": "王"}).text
    assert "搬到李大娘家" in office.get(f"{one}/move", params={"q": "ldn"}).text
    assert office.post(f"{one}/move", data={"home": new.rpartition("/")[2]}).headers["location"] == new
    assert "张秀兰" in office.get(new).text and "张秀兰" not in office.get(old).text and ("搬家", "张秀兰（张大爷家）→李大娘家") in noted(village)
    moved = rows(village, Resident)[0]
    assert (moved.phone, moved.tags) == ("13800000000", ["独居"])


@pytest.mark.parametrize("to", ["", "nobody", "\0", "other"])
def test_nobody_moves_to_where_there_is_no_home_or_one_of_their_name(village, office, to):
    old, other = home(office, "张大爷家"), home(office, "李大娘家")
    one = person(office, old, "张秀兰")
    person(office, other, "张秀兰")
    answer = office.post(f"{one}/move", data={"home": other.rpartition("/")[2] if to == "other" else to})
    assert answer.status_code == 400 and 'role="alert"' in answer.text and len(re.findall("张秀兰", office.get(old).text)) > 0
    assert ("已经有一位" if to == "other" else "没有这一户") in answer.text
