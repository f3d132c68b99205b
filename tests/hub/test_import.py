"""A village's table over HTTP: shown first, then all of it or nothing; twice is once; and what is exported comes back unchanged."""
from __future__ import annotations

import datetime as dt
import re
import threading
import time

import pytest
from sqlalchemy import select, update

from hub.auth.roles import Role
from hub.db.tables import Audit, Grid, Household, Resident, Upload
from hub.pages.look import local
from hub.people import export, plan, waiting
from hub.people.lines import Line
from tests.hub.conftest import Place
from tests.hub.running import RunningHub
from tests.hub.tables import text, village, workbook

TABLE = [("户主", "姓名", "出生年", "电话", "地址", "网格", "听力", "标签", "备注"),
         ("张大爷", "张大爷", 1945, 13800000000, "一组1号", "东网格", "有点背", "独居、党员", "耳朵不好"),
         ("张大爷", "李秀英", 1948, None, "一组1号", None, None, None, None),
         ("王大娘", "王大娘", 1950, 13900000000, "一组2号", "西网格", None, None, None)]


@pytest.fixture
def hub(database_url):
    with RunningHub(database_url) as running:
        yield running


@pytest.fixture
def place(hub):
    return Place(hub, "东山村")


@pytest.fixture
def clerk(place):
    return place.staff(Role.CLERK)


def shown(client, data: bytes, name: str = "名册.xlsx") -> str:
    """The address of what an import would change."""
    answer = client.post("/people/import", files={"file": (name, data)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def seal(page: str) -> str:
    return re.findall(r'name="seal" value="(\w+)"', page)[0]


def taken(client, data: bytes) -> None:
    at = shown(client, data)
    answer = client.post(at, data={"seal": seal(client.get(at).text)})
    assert answer.status_code == 303, answer.text


def figures(page: str) -> list[int]:
    """New homes, new people, changed, the same, wrong."""
    return list(map(int, re.findall(r'class="figure">(\d+)', page)))


def rows(place, table) -> list:
    with place.hub.database.read() as work:
        return list(work.scalars(select(table).where(table.village_id == place.id).order_by(table.id)))


def everything(place) -> list[tuple[str, ...]]:
    with place.hub.database.read() as work:
        return export.table(work, place.id)


def test_a_table_is_shown_and_then_taken(place, clerk):
    at = shown(clerk, workbook(TABLE))
    page = clerk.get(at).text
    assert figures(page) == [2, 3, 0, 0, 0] and "新网格：东网格、西网格" in page and "李秀英" in page and rows(place, Household) == []
    assert clerk.post(at, data={"seal": seal(page)}).headers["location"] == "/people"
    assert [(home.name, home.address) for home in rows(place, Household)] == [("张大爷", "一组1号"), ("王大娘", "一组2号")]
    first = rows(place, Resident)[0]
    assert (first.name, first.born, first.phone, first.hearing, first.tags, first.notes) == ("张大爷", 1945, "13800000000", "有点背", ["独居", "党员"], "耳朵不好")
    assert [one.name for one in rows(place, Resident)] == ["张大爷", "李秀英", "王大娘"] and [grid.name for grid in rows(place, Grid)] == ["东网格", "西网格"]
    assert "李秀英" in clerk.get("/people", params={"q": "lxy"}).text
    assert [(line.did, line.subject) for line in rows(place, Audit)] == [("导入名册", "新增2户3人，修改0户0人")]
    assert rows(place, Upload) == [] and clerk.get(at).status_code == 404


@pytest.mark.parametrize("data", [workbook(TABLE), text([[cell or "" for cell in row] for row in TABLE]).encode("gb18030"), workbook(village(20))])
def test_the_same_file_twice_changes_nothing(place, clerk, data):
    taken(clerk, data)
    before = everything(place)
    page = clerk.get(shown(clerk, data)).text
    assert figures(page) == [0, 0, 0, len(before) - 1, 0] and "没有要改的" in page and 'name="seal"' not in page
    assert clerk.post(shown(clerk, data)).status_code == 303 and everything(place) == before


def test_what_is_told_changes_and_what_is_empty_stays(place, clerk):
    taken(clerk, workbook(TABLE))
    at = shown(clerk, workbook([("姓名", "户主", "地址", "电话", "备注", "网格"), ("张大爷", "张大爷", "一组1号", 13700000000, None, "西网格"),
                                ("王大娘", "王大娘", "一组2号", None, None, None)]))
    page = clerk.get(at).text
    assert figures(page) == [0, 0, 2, 1, 0] and "<del>13800000000</del> → 13700000000" in page and "<del>东网格</del> → 西网格" in page
    assert clerk.post(at, data={"seal": seal(page)}).status_code == 303
    first = rows(place, Resident)[0]
    assert (first.phone, first.notes, first.tags, first.born) == ("13700000000", "耳朵不好", ["独居", "党员"], 1945) and len(rows(place, Resident)) == 3
    assert len({home.grid_id for home in rows(place, Household)}) == 1


def test_with_one_wrong_line_nothing_is_taken(place, clerk):
    at = shown(clerk, workbook([*TABLE, ("赵大爷", "赵大爷", 3000, None, None, None, None, None, None)]))
    page = clerk.get(at).text
    assert figures(page)[-1] == 1 and "第5行" in page and "出生年“3000”" in page and 'name="seal"' not in page
    answer = clerk.post(at)
    assert answer.status_code == 400 and "一行也没有导入" in answer.text and rows(place, Household) == rows(place, Grid) == []


@pytest.mark.parametrize("more, why", [
    (("张大爷", "李秀英", 1949, None, "一组1号", None, None, None, None), "和第3行是同一个人"), (("张大爷", "张二", 1949, None, "一组1号", "西网格", None, None, None), "网格")])
def test_lines_that_contradict_each_other_are_wrong(clerk, more, why):
    page = clerk.get(shown(clerk, workbook([*TABLE, more]))).text
    assert figures(page)[-1] == 1 and "第5行" in page and why in page


def test_the_same_line_twice_is_one(place, clerk):
    taken(clerk, workbook([*TABLE, TABLE[1]]))
    assert len(rows(place, Resident)) == 3


def test_a_home_of_that_name_is_known_without_its_address_if_there_is_but_one(place, clerk):
    taken(clerk, workbook([("户主", "地址"), ("张三", "一组1号"), ("李四", "一组2号"), ("李四", "一组3号")]))
    page = clerk.get(shown(clerk, workbook([("户主", "电话"), ("张三", 13800000000), ("李四", 13800000000)]))).text
    assert figures(page) == [0, 0, 1, 0, 1] and "有几户都叫“李四”" in page


def test_an_age_fits_two_years(place, clerk):
    data = workbook([("姓名", "年龄"), ("张三", 80)])
    taken(clerk, data)
    born, = (one.born for one in rows(place, Resident))
    assert born == local(place.hub.parts.now(), "Asia/Shanghai").year - 80
    with place.hub.database.write() as work:
        work.execute(update(Resident).where(Resident.village_id == place.id).values(born=born - 1))
    assert figures(clerk.get(shown(clerk, data)).text) == [0, 0, 0, 1, 0]
    assert figures(clerk.get(shown(clerk, workbook([("姓名", "年龄"), ("张三", 70)]))).text) == [0, 0, 1, 0, 0]


def test_whoever_has_looked_at_something_else_looks_again(place, clerk):
    at = shown(clerk, workbook(TABLE))
    old = seal(clerk.get(at).text)
    clerk.post("/people/homes/new", data={"name": "王大娘", "address": "一组2号"})
    answer = clerk.post(at, data={"seal": old})
    assert answer.status_code == 400 and "请再看一遍" in answer.text and figures(answer.text) == [1, 3, 1, 0, 0] and rows(place, Resident) == []
    assert clerk.post(at, data={"seal": seal(answer.text)}).status_code == 303 and len(rows(place, Household)) == 2


def test_what_fails_half_way_is_not_kept(place, clerk, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("the power is gone")

    at = shown(clerk, workbook(TABLE))
    monkeypatch.setattr(plan, "_write_person", fail)
    assert clerk.post(at).status_code == 500 and rows(place, Household) == rows(place, Grid) == [] and len(rows(place, Upload)) == 1


def test_what_waits_is_gone_after_an_hour_and_belongs_to_its_village(place, clerk):
    at = shown(clerk, workbook(TABLE))
    assert Place(place.hub, "西山村").staff(Role.OPERATOR).get(at).status_code == 404
    with place.hub.database.write() as work:
        work.execute(update(Upload).where(Upload.village_id == place.id).values(created_at=place.hub.parts.now() - waiting.LASTS))
    assert clerk.get(at).status_code == 404 and clerk.post(at).status_code == 404 and rows(place, Household) == []
    shown(clerk, workbook(TABLE))
    assert len(rows(place, Upload)) == 1


def test_what_is_no_table_is_no_import_and_other_uploads_are_none(place, clerk):
    with place.hub.database.write() as work:
        work.add(Upload(village_id=place.id, id="picture", media_type="image/png", seconds=0, data=b"\x89PNG", created_at=place.hub.parts.now()))
    assert clerk.get("/people/import/picture").status_code == 404
    for files in ({"file": ("a.jpg", b"\xff\xd8\xff" + bytes(range(256)))}, {"file": ("", b"")}, {"file": ("a.csv", b"")}, {"other": ("a.csv", b"x")}):
        answer = clerk.post("/people/import", files=files)
        assert answer.status_code == 400 and 'role="alert"' in answer.text, files
    assert clerk.post("/people/import", data={"file": "text"}).status_code == 400


def test_identity_numbers_are_nowhere(place, clerk):
    at = shown(clerk, workbook([("姓名", "身份证号"), ("张三", "370123194503124517")]))
    assert b"37012319" not in rows(place, Upload)[0].data
    clerk.post(at)
    assert rows(place, Resident)[0].born == 1945 and "37012319" not in str(everything(place))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_comes_back_unchanged(place, clerk, kind):
    taken(clerk, workbook(TABLE))
    for given in ({"name": "=1+1", "address": "-3号", "phone": "0531-83210000", "notes": "=2\n\"引\",号"}, {"name": "'=空房子", "address": "'"}):
        assert clerk.post("/people/homes/new", data=given).status_code == 303
    home = next(home for home in rows(place, Household) if home.name == "=1+1")
    clerk.post(f"/people/homes/{home.id}/residents/new", data={"name": "@sum", "born": "1940", "phone": "+8613800000000", "hearing": "-", "tags": "+ =", "notes": "=cmd()"})
    before = everything(place)
    assert len(before) == 6 and not [cell for row in before for cell in row if cell.startswith(("=", "+", "-", "@"))]
    answer = clerk.get(f"/people/export.{kind}")
    assert answer.status_code == 200 and f"{kind}" in answer.headers["content-disposition"] and (kind == "xlsx" or answer.content.startswith(b"\xef\xbb\xbf"))
    page = clerk.get(shown(clerk, answer.content)).text
    assert figures(page) == [0, 0, 0, 4, 0] and "没有要改的" in page
    other = Place(place.hub, "西山村")
    taken(other.staff(Role.CLERK), answer.content)
    assert everything(other) == before
    assert ("导出名册", "5行") in [(line.did, line.subject) for line in rows(place, Audit)]


def test_a_village_of_103_homes_within_two_seconds(place, clerk):
    data = workbook(village(103))
    begun = time.monotonic()
    taken(clerk, data)
    assert time.monotonic() - begun < 2 and len(rows(place, Household)) == 103 and len(rows(place, Resident)) == 206


def test_five_thousand_lines(place, clerk):
    taken(clerk, workbook(village(2500)))
    assert len(rows(place, Household)) == 2500 and len(rows(place, Resident)) == 5000
    begun = time.monotonic()
    assert "张大爷77" in clerk.get("/people", params={"q": "zdy77"}).text
    assert time.monotonic() - begun < 2


def test_two_imports_of_one_table_at_once_are_one(place):
    """The second waits for the first, and then finds that there is nothing new."""
    lines = [Line(number, f"张{number}", name=f"张{number}") for number in range(2, 60)]
    done: list[int] = []

    def go() -> None:
        with place.hub.database.write() as work:
            made = plan.take(work, place.id, lines, (), 2026, dt.datetime.now(dt.UTC))
            done.append(made.count(made.homes, plan.State.NEW))

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 0, 0, 58] and len(rows(place, Household)) == len(rows(place, Resident)) == 58
