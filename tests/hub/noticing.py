"""What the tests of notices do again and again: homes with boxes, forms that are filled in, boxes that answer."""
from __future__ import annotations

import re

import httpx

from hub.db.columns import new_id
from hub.db.tables import Box, Grid, Household, Resident
from hub.link import joining
from hub.messages import Step
from tests.hub.calling_box import CallingBox
from tests.hub.conftest import Place

FORM = {"title": "停水", "text": "明天上午八点到十点停水。", "category": "停水停电", "priority": "important", "scope": "everybody", "when": "now"}


def joined(village: Place, name: str = "张大娘家", home: str = "") -> CallingBox:
    """A box that has joined in the usual way, in a new home unless one is given."""
    box, home = CallingBox(village.hub.client()), home or village.household(name)
    code = box.wish(version="0.1.0").json()["code"]
    with village.hub.database.write() as work:
        joining.take(work, village.id, home, code, village.hub.parts.now(), "somebody", "127.0.0.1")
    assert box.join().status_code == 200
    return box


def boxes(village: Place, count: int) -> None:
    """So many homes, each with a box that nobody has switched on."""
    now = village.hub.parts.now()
    with village.hub.database.write() as work:
        homes = [Household(village_id=village.id, id=new_id(), name=f"第{number}家", address="", phone="", notes="", created_at=now)
                 for number in range(count)]
        work.add_all(homes)
        work.flush()
        work.add_all(Box(village_id=village.id, id=new_id(), household_id=home.id, name=home.name, key=new_id() * 3, joined_at=now, facts={},
                         settings={}) for home in homes)


def grid(village: Place, name: str, worker: str | None = None) -> str:
    with village.hub.database.write() as work:
        made = Grid(village_id=village.id, id=new_id(), name=name, worker_id=worker)
        work.add(made)
    return made.id


def lives(village: Place, home: str, name: str, born: int | None = None, tags: tuple[str, ...] = (), phone: str = "") -> None:
    with village.hub.database.write() as work:
        work.add(Resident(village_id=village.id, id=new_id(), household_id=home, name=name, sought="", born=born, phone=phone, hearing="",
                          tags=list(tags), notes=""))


def draft(office: httpx.Client, recording: bytes = b"", **fields: object) -> str:
    """Its identity, once it has been previewed."""
    answer = office.post("/notices/new", data=FORM | fields, files=carried(recording))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


def carried(recording: bytes) -> dict[str, tuple[str, bytes]]:
    """As a browser sends the field of a file, with a file or without."""
    return {"recording": ("recording.webm" if recording else "", recording)}


def tell(office: httpx.Client, notice: str) -> httpx.Response:
    """To send what the preview shows."""
    seen = re.search(r'name="seen" value="(\w+)"', office.get(f"/notices/{notice}").text)
    return office.post(f"/notices/{notice}/send", data={"seen": seen[1] if seen else ""})


def sent(office: httpx.Client, recording: bytes = b"", **fields: object) -> str:
    notice = draft(office, recording, **fields)
    assert tell(office, notice).status_code == 303
    return notice


def hears(box: CallingBox, village: Place, notice: str, *steps: Step, revision: int = 1, answer: str = "") -> None:
    now = village.hub.parts.now()
    receipts = [box.receipt(notice, step, now, revision, answer if step is Step.ANSWERED else "") for step in steps]
    assert box.send(receipts, now).status_code == 200


def words_of(answer: httpx.Response) -> str:
    """What a page says, without its markup."""
    assert answer.status_code in (200, 400), answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2] or answer.text)).strip()
