"""Files that are none, sent to every route that takes one: an answer in words, and nothing is taken."""
from __future__ import annotations

import io
import random
import re
import zipfile

import pytest
from sqlalchemy import func, select

from hub.db.tables import Household, Resident, Upload
from tests.hub.tables import workbook
from tests.hub.test_roles import routes_of

_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
_BOMB = '<!DOCTYPE x [<!ENTITY a "' + "户" * 1000 + '">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8)) + "]>"


def archive(**members: str | bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return data.getvalue()


def _spoiled(seed: int) -> bytes:
    """A good workbook with some wrong bytes."""
    chance, data = random.Random(seed), bytearray(workbook([("户主", "姓名"), ("张大爷", "张大爷")]))
    for _ in range(30):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


GOOD = workbook([("户主", "姓名"), ("张大爷", "张大爷")])
GARBAGE = {
    "nothing": b"", "zeros": b"\0" * 5000, "noise": random.Random(1).randbytes(20_000), "half a workbook": GOOD[:len(GOOD) // 2],
    "a zip": archive(a="b"), "the end of a zip": GOOD[-22:], "a picture": b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(500),
    "a photograph": b"\xff\xd8\xff\xe0" + random.Random(3).randbytes(500), "a recording": b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\0" * 100,
    "Ogg": b"OggS" + random.Random(4).randbytes(300), "WebM": b"\x1aE\xdf\xa3" + random.Random(5).randbytes(300), "half a letter": "户主".encode()[:-1],
    "a mark alone": b"\xff\xfe", "a zip of zeros": archive(xl__workbook="\0" * 30_000_000), "lone quotes": '户主,姓名\n"张'.encode(),
    "no text": "户主,姓名\n张\0三,李\ud800四".encode("utf-8", "surrogatepass"), "many columns": b",".join([b"x"] * 50_000), "too much": b"x" * 6_000_000,
    "much too much": b"x" * 13_000_000, "a sheet that grows": archive(**{"xl__worksheets__sheet1.xml": _BOMB + _SHEET.format("&i;")}),
    "a long line": "户主,姓名\n".encode() + b"y" * 200_000, **{f"spoiled {seed}": _spoiled(seed) for seed in range(6)}}


@pytest.fixture
def clerk(place):
    return place().staff()


def kept(place_hub) -> int:
    with place_hub.database.read() as work:
        return sum(work.scalar(select(func.count()).select_from(table)) for table in (Household, Resident))


def takers(hub) -> list[tuple[str, str]]:
    """Routes that take a file, and its name in their form."""
    return [(route.path, field.alias) for route in routes_of(hub) for field in route.dependant.body_params
            if "UploadFile" in str(field.field_info.annotation)]


def test_every_route_that_takes_files_answers_garbage_in_words(hub, clerk):
    found = takers(hub)
    assert ("/people/import", "file") in found
    for path, field in found:
        for what, data in GARBAGE.items():
            for name in ("名册.xlsx", "../../x.csv", ""):
                answer = clerk.post(path.replace("{notice_id}", "0" * 18), files={field: (name, data, "application/octet-stream")} if name else None,
                                    data=None if name else {field: data[:1000]})
                if answer.status_code == 303:  # shown before anything is taken
                    answer = clerk.get(answer.headers["location"])
                assert answer.status_code in (200, 400, 404, 413), (path, what, name, answer.status_code)
                if answer.status_code != 200:
                    told = re.search(r'(?:role="alert">|<h1>)\s*([\u4e00-\u9fff][^<]+)<', answer.text.partition("<main")[2])
                    assert told and ('role="alert"' in answer.text or "出了点问题" in answer.text), (path, what, name, answer.text[-500:])
    assert kept(hub) == 0


def test_nothing_of_it_stays(hub, clerk):
    """What is none is not put by either; a table that can be read waits for whoever sent it."""
    for data in list(GARBAGE.values())[:8]:
        clerk.post("/people/import", files={"file": ("名册.xlsx", data)})
    with hub.database.read() as work:
        assert work.scalar(select(func.count()).select_from(Upload)) == 0
