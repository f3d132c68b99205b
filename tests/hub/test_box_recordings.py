"""What the box does with recordings and pictures: fetches them while others go on, believes only what the hub has signed, keeps them as long as they are of use."""
from __future__ import annotations

import contextlib
import datetime as dt
import http.server
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests

from assistant.commands import NoteNotice, NoticeStep
from assistant.events import NoticeArrived, NoticeWithdrawn, RecordingSettled
from assistant.hub import attachments as attachments_module
from assistant.hub import client as client_module
from hub.auth.roles import Role
from hub.db.tables import Upload
from skills.api import Notice
from tests.hub.conftest import Place
from tests.hub.noticing import FORM, sent, tell
from tests.hub.real_box import RealBox, join, until
from tests.hub.recorded import speechlike, written
from tests.hub.test_box import served
from tests.hub.test_notice_pictures import photo

SPOKEN = {"title": "停水", "text": ""}
DAY = dt.timedelta(days=1)


@pytest.fixture
def village(hub) -> Place:
    return Place(hub, "东山村")


@pytest.fixture
def office(village):
    return village.staff(Role.CLERK)


@pytest.fixture(scope="module")
def voice() -> bytes:
    return written(speechlike(3))


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Who waits for the office, or has been refused, looks often."""
    monkeypatch.setattr("assistant.hub.joining.LOOKS_EVERY_S", 0.1)
    monkeypatch.setattr(attachments_module, "REFUSED_S", 0.2)
    monkeypatch.setattr(attachments_module, "REFUSED_LONGEST_S", 0.2)


def only(box: RealBox) -> Notice:
    notice, = box.village.notices(dt.datetime.now())
    return notice


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "notices").iterdir())


def data_of(village: Place) -> bytes:
    with village.hub.database.read() as work:
        return work.query(Upload).filter_by(village_id=village.id).one().data


def change(village: Place, data: bytes) -> None:
    with village.hub.database.write() as work:
        work.query(Upload).filter_by(village_id=village.id).one().data = data


def test_it_is_fetched_kept_over_a_power_cut_and_goes_with_its_notice(village, office, voice, tmp_path, hub):
    address = hub.address
    with RealBox(address, tmp_path) as box:
        join(village, box)
        notice = sent(office, voice, **SPOKEN)
        assert box.wait(NoticeArrived) == NoticeArrived(notice)
        assert box.wait(RecordingSettled) == RecordingSettled(notice)
        found = only(box)
        assert Path(found.clip.file).read_bytes() == data_of(village) and found.recording.seconds == pytest.approx(3, abs=0.1)
    hub.end()
    with RealBox(address, tmp_path) as again:
        assert again.wait(RecordingSettled) == RecordingSettled(notice) and only(again).clip == found.clip


def test_what_is_withdrawn_or_over_leaves_no_file(village, office, voice, tmp_path, hub, monkeypatch):
    with RealBox(hub.address, tmp_path) as box:
        join(village, box)
        notice = sent(office, voice, **SPOKEN)
        box.wait(RecordingSettled)
        assert len(kept(tmp_path)) == 1
        assert office.post(f"/notices/{notice}/withdraw").status_code == 303
        box.wait(NoticeWithdrawn)
        until(lambda: kept(tmp_path) == [])
        ends = dt.datetime.now() + DAY
        sent(office, voice, **SPOKEN, expires_at=ends.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M"))
        box.wait(RecordingSettled)
        assert len(kept(tmp_path)) == 1
        monkeypatch.setattr(box.village._attachments, "_now", lambda: ends)
        box.village._attachments.wake()
        until(lambda: kept(tmp_path) == [])


def test_what_is_not_what_the_hub_signed_is_never_there(village, office, voice, tmp_path, hub, caplog):
    with RealBox(hub.address, tmp_path) as box:
        join(village, box)
    notice = sent(office, voice, **SPOKEN)
    mine = data_of(village)
    change(village, mine[:-1] + bytes([mine[-1] ^ 1]))
    with RealBox(hub.address, tmp_path) as box:
        assert box.wait(RecordingSettled) == RecordingSettled(notice)
        assert only(box).clip is None and only(box).is_incomplete and not only(box).recording.is_awaited
        assert "not what the hub has signed" in caplog.text and kept(tmp_path) == []
        box.village.note(NoteNotice(notice, 1, NoticeStep.TOLD), dt.datetime.now())
        assert only(box).times_told == 1
        change(village, mine)
        assert box.wait(RecordingSettled) == RecordingSettled(notice)
        assert Path(only(box).clip.file).read_bytes() == mine
        assert only(box).times_told == 0 and only(box).told_at is None, "what was said meanwhile was not the notice"


def test_what_was_damaged_on_the_disk_is_fetched_anew(village, office, voice, tmp_path, hub, caplog):
    with RealBox(hub.address, tmp_path) as box:
        join(village, box)
        sent(office, voice, **SPOKEN)
        box.wait(RecordingSettled)
        file = Path(only(box).clip.file)
    file.write_bytes(b"a torn card")
    with RealBox(hub.address, tmp_path) as again:
        again.wait(RecordingSettled)
        assert file.read_bytes() == data_of(village) and "is damaged" in caplog.text


class _Cut(http.server.BaseHTTPRequestHandler):
    """A network that breaks off in the middle of the first file."""

    hub = ""
    asked: list[str | None] = []  # noqa: RUF012 (one server a test)

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        names = ("authorization", "content-type", "range")
        with requests.request(self.command, self.hub + self.path, data=body, stream=True, timeout=30,
                              headers={name: self.headers[name] for name in names if name in self.headers}) as answer:
            is_file = self.path.startswith("/link/audio")
            self.send_response(answer.status_code)
            for name in ("content-length", "content-range", "content-type"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            if is_file:
                self.asked.append(self.headers.get("range"))
            with contextlib.suppress(OSError, requests.RequestException):  # one of the two has gone
                for piece in answer.iter_content(None if not is_file else 4000):
                    self.wfile.write(piece)
                    if is_file and len(self.asked) == 1:
                        break
        self.close_connection = True

    do_GET = do_POST = _pass  # noqa: N815 (http.server's names)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def cut(hub, monkeypatch) -> Iterator[str]:
    monkeypatch.setattr(_Cut, "hub", hub.address)
    monkeypatch.setattr(_Cut, "asked", [])
    with served(_Cut) as address:
        yield address


def test_what_broke_off_goes_on_from_there(village, office, voice, tmp_path, cut, monkeypatch):
    monkeypatch.setattr(client_module, "PIECE", 1000)
    with RealBox(cut, tmp_path) as box:
        join(village, box)
        sent(office, voice, **SPOKEN)
        box.wait(RecordingSettled)
        until(lambda: only(box).clip is not None)
        assert Path(only(box).clip.file).read_bytes() == data_of(village)
    assert _Cut.asked == [None, "bytes=4000-"]


def test_there_are_never_too_many(village, office, tmp_path, hub, monkeypatch):
    monkeypatch.setattr(attachments_module, "MOST_BYTES", 30_000)
    monkeypatch.setattr(attachments_module, "MOST_KEPT_BYTES", 45_000)
    with RealBox(hub.address, tmp_path) as box:
        join(village, box)
        for seconds in (3, 4, 5):
            sent(office, written(speechlike(seconds)), **SPOKEN)
            box.wait(RecordingSettled)
        until(lambda: box.village.notices(dt.datetime.now())[0].clip is None)
        sizes = [path.stat().st_size for path in (tmp_path / "notices").iterdir()]
        assert sum(sizes) <= 45_000
        assert box.village.notices(dt.datetime.now())[-1].clip is not None, "the newest is there"


def test_a_picture_is_kept_for_the_screen(village, office, tmp_path, hub):
    with RealBox(hub.address, tmp_path) as box:
        join(village, box)
        assert office.post("/notices/new", data=FORM, files={"photo": ("photo.jpg", photo())}).status_code == 303
        notice = office.get("/notices").text.partition('class="entry" href="/notices/')[2].partition('"')[0]
        tell(office, notice)
        box.wait(NoticeArrived)
        until(lambda: only(box).picture.file != "")
        assert Path(only(box).picture.file).read_bytes() == data_of(village) and only(box).recording is None
        assert not any(isinstance(event, RecordingSettled) for event in box.events)
