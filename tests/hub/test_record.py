"""The record: newest first, page by page, filtered, and as a table."""
from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest

from hub import audit
from hub.auth.roles import Role
from hub.record import PAGE
from tests.hub.conftest import NOW


@pytest.fixture
def village(place):
    return place()


@pytest.fixture
def admin(village):
    return village.staff()


def did(village, *subjects: str, who: str = "王会计", staff_id: str | None = "wang", word: str = "发通知") -> None:
    with village.hub.database.write() as work:
        for number, subject in enumerate(subjects):
            audit.note(work, village.id, NOW + dt.timedelta(seconds=number), staff_id, who, word, subject, "10.0.0.7")


def subjects(text: str) -> list[str]:
    return re.findall(r"<td>(s\d+)</td>", text)


def test_the_newest_come_first_and_each_page_goes_on_where_the_last_one_ended(village, admin):
    names = [f"s{number}" for number in range(2 * PAGE + 3)]
    did(village, *names)
    found, address, pages = [], "/audit", 0
    while address:
        text = admin.get(address).text
        found += subjects(text)
        pages += 1
        more = re.search(r'hx-get="([^"]+)"', text)
        address = more and more[1].replace("&amp;", "&")
    assert found == names[::-1] and pages == 3


@pytest.mark.parametrize("count", [PAGE, PAGE + 1])
def test_there_is_more_only_where_there_is(village, admin, count):
    did(village, *(f"s{number}" for number in range(count)))
    assert ("再看更早的" in admin.get("/audit").text) is (count > PAGE)


def test_it_is_filtered_by_person_and_by_word_also_on_further_pages(village, admin):
    did(village, *(f"s{number}" for number in range(PAGE + 5)))
    did(village, "s900", who="李文书", staff_id="li")
    did(village, "s901 停电100%", "s902", who="李文书", staff_id="li", word="停用盒子")
    by_li = admin.get("/audit", params={"who": "li"}).text
    assert subjects(by_li) == ["s902", "s900"] and "s901 停电100%" in by_li and "selected>李文书" in by_li
    assert subjects(admin.get("/audit", params={"word": "停用"}).text) == ["s902"] and "s901" in admin.get("/audit", params={"word": "100%"}).text
    assert "没有找到" in admin.get("/audit", params={"word": "%通_"}).text
    more = re.search(r'hx-get="([^"]+)"', admin.get("/audit", params={"who": "wang", "word": "通知"}).text)[1].replace("&amp;", "&")
    assert subjects(admin.get(more).text) == ["s4", "s3", "s2", "s1", "s0"]


def test_as_a_table_it_is_whole_and_computes_nothing(village, admin):
    did(village, *(f"s{number}" for number in range(PAGE * 3)))
    did(village, "=HYPERLINK(\"http://evil\")", "两行\n一格", "a,b", who="+李")
    answer = admin.get("/audit.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8" and answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + PAGE * 3 + 3 and all(len(row) == 5 for row in rows)
    assert ["2026-11-23 10:00:00", "'+李", "发通知", "'=HYPERLINK(\"http://evil\")", "10.0.0.7"] in rows and [
        row[3] for row in rows if row[3] in ("两行\n一格", "a,b")][::-1] == ["两行\n一格", "a,b"]
    filtered = list(csv.reader(io.StringIO(admin.get("/audit.csv", params={"word": "a,b"}).text)))
    assert [row[3] for row in filtered[1:]] == ["a,b"]


def test_what_is_long_is_shortened_and_what_is_code_is_shown_as_text(village, admin):
    did(village, "<script>x</script>", "长" * 500)
    text = admin.get("/audit").text
    assert "<script>x" not in text and "&lt;script&gt;x" in text and "长" * 200 in text and "长" * 201 not in text


def test_it_is_no_business_of_a_clerk(village):
    for path in ("/audit", "/audit.csv"):
        assert village.staff(Role.CLERK).get(path).status_code == 403
