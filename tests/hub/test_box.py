"""The box's side of the line against a real hub: joining, what comes, what is told, and everything that can go wrong between them."""
from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assistant.cli import main
from assistant.commands import AskToJoin, NoteNotice, NoticeStep
from assistant.doctor.finding import Verdict
from assistant.doctor.village import check_village
from assistant.errors import ConfigError
from assistant.events import Joined, JoiningCode, NoticeArrived, NoticeWithdrawn, VillageSet
from assistant.hub import client as client_module
from assistant.hub import course, sending
from assistant.hub.client import HubClient, NotReached, TurnedAway
from assistant.hub.joining import public_key
from assistant.hub.store import HubStore
from assistant.night import Night
from assistant.settings import parse_settings
from hub.db.tables import Box, HubKey
from hub.link import receiving
from hub.messages import Kind, opened, to_receipt
from tests.hub.conftest import Place
from tests.hub.real_box import Office, RealBox, join, take, until
from tests.hub.running import RunningHub

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def village(hub) -> Place:
    return Place(hub, "东山村")


@pytest.fixture
def office(village) -> Office:
    return Office(village)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Who waits for the office looks often."""
    monkeypatch.setattr("assistant.hub.joining.LOOKS_EVERY_S", 0.1)


@contextlib.contextmanager
def served(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server that answers so."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def texts(box: RealBox) -> list[str]:
    return [notice.text for notice in box.village.notices(dt.datetime.now())]


# -- joining ----------------------------------------------------------------------------------------------------------

def test_a_box_says_six_digits_and_is_one_of_the_village_when_somebody_has_typed_them(village, tmp_path):
    with RealBox(village.hub.address, tmp_path) as box:
        code = box.wait(JoiningCode).code
        assert len(code) == 6 and box.village.name == ""
        taken = take(village, code)
        assert box.wait(Joined) == Joined("东山村") and box.village.name == "东山村"
        assert box.store.membership().box == taken.id and box.store.membership().name == "张大娘家"
    with RealBox(village.hub.address, tmp_path) as again:
        assert again.village.name == "东山村"
    assert not any(isinstance(event, JoiningCode | Joined) for event in again.events)


def test_digits_that_were_typed_while_the_box_was_off_count(village, tmp_path):
    with RealBox(village.hub.address, tmp_path) as box:
        code = box.wait(JoiningCode).code
    take(village, code)
    with RealBox(village.hub.address, tmp_path) as again:
        again.wait(Joined)


def test_it_does_not_ask_for_ever(village, tmp_path, monkeypatch):
    monkeypatch.setattr("hub.link.joining.LASTS", dt.timedelta(seconds=0.3))
    with RealBox(village.hub.address, tmp_path) as box:
        for _ in range(3):
            box.wait(JoiningCode)
        time.sleep(1.0)
    assert sum(isinstance(event, JoiningCode) for event in box.events) == 3


def test_it_rests_and_says_new_ones_later_or_when_it_is_told_to(village, tmp_path, monkeypatch):
    monkeypatch.setattr("hub.link.joining.LASTS", dt.timedelta(seconds=0.3))
    monkeypatch.setattr("assistant.hub.joining.REST_S", 1.0)
    with RealBox(village.hub.address, tmp_path, Night(0, 0)) as box:
        codes = [box.wait(JoiningCode).code for _ in range(3)]
        began = time.monotonic()
        codes.append(box.wait(JoiningCode).code)
        assert time.monotonic() - began >= 0.9
        monkeypatch.setattr("assistant.hub.joining.REST_S", 3600.0)
        monkeypatch.setattr("hub.link.joining.LASTS", dt.timedelta(minutes=1))
        time.sleep(0.6)  # it rests now
        box.village.obey(AskToJoin(), dt.datetime.now())
        codes.append(box.wait(JoiningCode, 2.0).code)
        box.village.obey(AskToJoin(), dt.datetime.now())
        assert box.wait(JoiningCode, 2.0).code == codes[-1] and len(set(codes)) == 5
        take(village, codes[-1])
        box.wait(Joined)


def test_at_night_nobody_is_told_of_digits_again(village, tmp_path, monkeypatch):
    monkeypatch.setattr("hub.link.joining.LASTS", dt.timedelta(seconds=0.2))
    monkeypatch.setattr("assistant.hub.joining.REST_S", 0.1)
    hour = dt.datetime.now().hour
    with RealBox(village.hub.address, tmp_path, Night(hour, (hour + 2) % 24)) as box:
        for _ in range(3):
            box.wait(JoiningCode)
        time.sleep(1.0)
    assert sum(isinstance(event, JoiningCode) for event in box.events) == 3


def test_another_hub_is_never_joined(village, tmp_path):
    with RealBox(village.hub.address, tmp_path) as box:
        join(village, box)
        mine = box.store.membership()
    with RunningHub(f"sqlite:///{tmp_path / 'other.sqlite'}") as other, RealBox(other.address, tmp_path) as box:
        time.sleep(1.0)
        assert box.store.membership() == mine and box.events == []


@pytest.mark.parametrize("url", ["hub.example", "ftp://hub.example", "http//x"])
def test_an_address_that_is_none_is_named(url, tmp_path):
    with pytest.raises(ConfigError, match="url"):
        HubClient(url, "key", lambda: dt.datetime.now(dt.UTC))


# -- what comes -------------------------------------------------------------------------------------------------------

def test_a_notice_is_there_at_once_and_the_hub_knows_it(village, office, tmp_path):
    with RealBox(village.hub.address, tmp_path) as box:
        box_id = join(village, box)
        first = office.send(box_id, "第一条")
        box.wait(NoticeArrived)
        until(lambda: office.receipt(first, box_id).delivered_at is not None)
        began = time.monotonic()
        second = office.send(box_id, "明天停水", title="停水", question="您要送水吗", choices=("要", "不要"))
        assert box.wait(NoticeArrived) == NoticeArrived(second)
        assert time.monotonic() - began < 1.0
        notice = box.village.notices(dt.datetime.now())[1]
        assert (notice.text, notice.sent_by, notice.choices, notice.steps) == ("明天停水", "王会计", ("要", "不要"), frozenset())
        until(lambda: office.count(box_id) == 2)


def test_what_a_box_tells_reaches_the_office(village, office, tmp_path):
    with RealBox(village.hub.address, tmp_path) as box:
        box_id = join(village, box)
        notice = office.send(box_id, "您来吗", question="来吗")
        box.wait(NoticeArrived)
        for step, answer in ((NoticeStep.TOLD, ""), (NoticeStep.PLAYING, ""), (NoticeStep.HEARD, ""), (NoticeStep.ANSWERED, "否")):
            box.village.note(NoteNotice(notice, 1, step, answer), dt.datetime.now())
        until(lambda: office.count(box_id) == 4)
        found = office.receipt(notice, box_id)
        assert found.playing_at and found.heard_at and found.answer == "否" and found.confirmed_at is None
    with village.hub.database.read() as work:
        facts = work.get_one(Box, (village.id, box_id)).facts
    assert facts["volume"] == 60 and facts["free_mb"] > 0 and facts["microphone"] == "" and facts["version"]


def test_a_month_without_a_network_is_made_up_in_order_and_what_is_over_is_dropped(village, office, tmp_path):
    now = village.hub.parts.now()
    with RealBox(village.hub.address, tmp_path) as box:
        box_id = join(village, box)
    for number in range(230):
        office.send(box_id, f"第{number}条", expires_at=now - HOUR if number % 10 == 0 else now + HOUR)
    with RealBox(village.hub.address, tmp_path) as box:
        until(lambda: box.store.last == 230)
        assert [event.notice_id for event in box.events] == sorted(event.notice_id for event in box.events)
        assert len(box.events) == 207 and box.store.dropped == 23
        assert set(texts(box)) <= {f"第{number}条" for number in range(230) if number % 10} and texts(box)[-1] == "第229条"
        until(lambda: office.count(box_id) == 207)


@pytest.mark.parametrize("checks", [True, False], ids=["refused in words", "the hub breaks"])
def test_a_receipt_that_is_never_taken_is_set_apart_and_the_others_go_on(village, office, tmp_path, monkeypatch, caplog, checks):
    monkeypatch.setattr(course, "FIRST_S", 0.05)
    monkeypatch.setattr(sending, "PATIENCE", 3)
    if not checks:
        monkeypatch.setattr("hub.link.routes.readable", to_receipt)
    with RealBox(village.hub.address, tmp_path) as box:
        box_id = join(village, box)
    sent = [office.send(box_id, f"第{number}条") for number in range(7)]
    fetched, store = HubClient(village.hub.address, box.store.key(), lambda: dt.datetime.now(dt.UTC)), HubStore(tmp_path)
    hub_key = public_key(store.membership().hub_key)
    store.take([opened(line, hub_key, box_id) for line in fetched.messages(0)], dt.datetime.now(dt.UTC))
    fetched.close()
    store._change(lambda tree: tree["outbox"]["waiting"][3].update(revision=2**70))
    with RealBox(village.hub.address, tmp_path) as box:
        until(lambda: not box.store.waiting(1))
        (apart,) = box.store.apart()
        assert apart.receipt.notice == sent[3] and ("400" if checks else "500") in apart.why and "[receipt]" in caplog.text
        assert [office.receipt(notice, box_id).delivered_at is not None for notice in sent] == [place != 3 for place in range(7)]
        sent.append(office.send(box_id, "以后"))
        until(lambda: office.receipt(sent[-1], box_id).delivered_at is not None)
    settings = parse_settings({"box": {"data_dir": str(tmp_path)}, "hub": {"url": village.hub.address}})
    finding = check_village(settings)
    assert finding.verdict is Verdict.WARNING and "1 条回执" in finding.detail and "hub.json" in finding.fix


def test_a_hub_that_is_ill_is_no_reason_to_set_anything_apart(village, office, tmp_path, monkeypatch):
    monkeypatch.setattr(course, "FIRST_S", 0.02)
    monkeypatch.setattr(course, "LONGEST_S", 0.05)
    monkeypatch.setattr(sending, "PATIENCE", 2)
    ill = threading.Event()
    ill.set()
    tries = []

    def receive(*given):
        tries.append(given)
        if ill.is_set():
            raise ZeroDivisionError
        return receiving.receive(*given)

    monkeypatch.setattr("hub.link.clerk.receive", receive)
    with RealBox(village.hub.address, tmp_path) as box:
        box_id = join(village, box)
        notice = office.send(box_id, "停电")
        until(lambda: len(tries) > 12)
        assert box.store.apart() == () and len(box.store.waiting(9)) == 1
        ill.clear()
        until(lambda: office.receipt(notice, box_id).delivered_at is not None)
        until(lambda: not box.store.waiting(1))
        assert box.store.apart() == ()


def test_a_hub_that_is_started_anew_finds_its_boxes_again(village, office, tmp_path, hub, monkeypatch):
    monkeypatch.setattr(course, "FIRST_S", 0.1)  # it calls again and again while nobody is there, and holds a line at once when somebody is
    port = int(hub.address.rpartition(":")[2])
    with RealBox(hub.address, tmp_path / "box") as box:
        box_id = join(village, box)
        office.send(box_id, "停前")
        box.wait(NoticeArrived)
        hub.__exit__()
        time.sleep(1.5)
        box.village.note(NoteNotice(box.village.notices(dt.datetime.now())[0].notice_id, 1, NoticeStep.HEARD), dt.datetime.now())
        with RunningHub(hub.settings.database, port=port) as again:
            village.hub = again
            office.send(box_id, "停后")
            box.wait(NoticeArrived)
            until(lambda: office.count(box_id) == 3)
            assert texts(box) == ["停前", "停后"]
            until(lambda: box_id in again.parts.switchboard.online)


def test_a_hub_that_is_restored_from_an_older_backup_is_heard_again(village, office, tmp_path, hub):
    port, file = int(hub.address.rpartition(":")[2]), hub.parts.database.url.database
    with RealBox(hub.address, tmp_path / "box") as box:
        box_id = join(village, box)
        for text in ("第一条", "备份以后的", "也是备份以后的"):
            office.send(box_id, text)
            box.wait(NoticeArrived)
            until(lambda: not box.store.waiting(1))
            if text == "第一条":
                with contextlib.closing(sqlite3.connect(file)) as now, contextlib.closing(sqlite3.connect(tmp_path / "backup")) as backup:
                    now.backup(backup)
        hub.__exit__()
        for suffix in ("-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        shutil.copy(tmp_path / "backup", file)
        with RunningHub(hub.settings.database, port=port) as again:
            village.hub = again
            sent = office.send(box_id, "恢复以后")
            assert box.wait(NoticeArrived) == NoticeArrived(sent)
            until(lambda: office.receipt(sent, box_id).delivered_at is not None)
            later = office.send(box_id, "以后照常")
            assert box.wait(NoticeArrived) == NoticeArrived(later) and box.store.last == 5
            until(lambda: not box.store.waiting(1))
            assert office.count(box_id) == 3 and len(texts(box)) == 5


def test_withdrawn_and_set(village, office, tmp_path):
    with RealBox(village.hub.address, tmp_path) as box:
        box_id = join(village, box)
        notice = office.send(box_id, "写错了")
        box.wait(NoticeArrived)
        office.tell(box_id, Kind.WITHDRAW, {"notice": notice, "revision": 1})
        assert box.wait(NoticeWithdrawn) == NoticeWithdrawn(notice) and texts(box) == []
        office.tell(box_id, Kind.SETTINGS, {"name": "张大娘家", "volume": 35, "quiet_from": 20, "quiet_until": "6:30"})
        box.wait(VillageSet)
        assert box.village.volume_to_set() == 35
        quiet = [hour for hour in range(24) if box.village.is_quiet(dt.datetime(2026, 11, 23, hour, 45))]
        assert quiet == [0, 1, 2, 3, 4, 5, 20, 21, 22, 23]
        office.tell(box_id, Kind.SETTINGS, {"muted": True})
        box.wait(VillageSet)
        assert box.village.is_quiet(dt.datetime(2026, 11, 23, 12)) and box.village.volume_to_set() == 35
        box.village.volume_was_set()
    with RealBox(village.hub.address, tmp_path) as again:
        assert again.village.volume_to_set() is None and again.village.is_quiet(dt.datetime(2026, 11, 23, 12))


# -- nobody else's voice ----------------------------------------------------------------------------------------------

def test_what_another_key_has_signed_is_not_there(village, office, tmp_path, hub):
    port = int(hub.address.rpartition(":")[2])
    with RealBox(hub.address, tmp_path / "box") as box:
        box_id = join(village, box)
        with hub.database.write() as work:
            row = work.get_one(HubKey, 1)
            mine, row.private = row.private, Ed25519PrivateKey.generate().private_bytes_raw()
        hub.__exit__()
        with RunningHub(hub.settings.database, port=port) as strange:
            village.hub = strange
            office.send(box_id, "给我汇款")
            time.sleep(4.0)
            assert box.store.last == 0 and texts(box) == []
            with strange.database.write() as work:
                work.get_one(HubKey, 1).private = mine
        with RunningHub(hub.settings.database, port=port) as back:
            village.hub = back
            box.wait(NoticeArrived, 60)


def test_a_box_that_is_turned_away_stays_what_it_is_and_says_so_once(village, office, tmp_path, caplog):
    with RealBox(village.hub.address, tmp_path) as box:
        box_id = join(village, box)
        with village.hub.database.write() as work:
            work.get_one(Box, (village.id, box_id)).revoked_at = village.hub.parts.now()
        village.hub.parts.switchboard.hang_up(box_id)
        until(lambda: "turned this box away" in caplog.text)
        with pytest.raises(TurnedAway):
            HubClient(village.hub.address, box.store.key(), lambda: dt.datetime.now(dt.UTC)).messages(0)
        assert box.store.membership() is not None
    assert caplog.text.count("turned this box away") == 1


class _Endless(http.server.BaseHTTPRequestHandler):
    """Says one line that does not end."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):  # the box has hung up: that is what it is to do
            while True:
                self.wfile.write(b"data: " + b"x" * 100_000)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_whoever_only_wants_to_fill_its_memory_is_hung_up_on():
    with served(_Endless) as address:
        client = HubClient(address, "key", lambda: dt.datetime.now(dt.UTC))
        with pytest.raises(NotReached, match="without end"), client.line(0) as lines:
            next(lines)
        client.close()


# -- where no line can be held ----------------------------------------------------------------------------------------

class _Hoarder(http.server.BaseHTTPRequestHandler):
    """A proxy that hands over nothing before all of it is there: of an open line, never anything."""

    hub = ""
    asked: list[str] = []  # noqa: RUF012 (one server a test)

    def _pass(self) -> None:
        self.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            answer = requests.request(self.command, self.hub + self.path, data=body, timeout=3,
                                      headers={name: self.headers[name] for name in ("authorization", "content-type") if name in self.headers})
        except requests.RequestException:
            self.close_connection = True
            return
        self.send_response(answer.status_code)
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = _pass  # noqa: N815 (http.server's names)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_behind_a_proxy_that_hoards_it_asks_now_and_then(village, office, tmp_path, monkeypatch):
    monkeypatch.setattr(client_module, "SILENCE_S", 1.0)
    monkeypatch.setattr(course, "POLL_S", 0.3)
    monkeypatch.setattr(_Hoarder, "hub", village.hub.address)
    monkeypatch.setattr(_Hoarder, "asked", [])
    with served(_Hoarder) as address, RealBox(address, tmp_path) as box:
        box_id = join(village, box)
        until(lambda: sum("/link/stream" in path for path in _Hoarder.asked) >= 2)
        notice = office.send(box_id, "停电")
        assert box.wait(NoticeArrived) == NoticeArrived(notice)
        until(lambda: office.receipt(notice, box_id).delivered_at is not None)


# -- leaving ----------------------------------------------------------------------------------------------------------

def settings_file(folder, address: str) -> str:
    file = folder / "settings.toml"
    file.write_text(f'[box]\ndata_dir = "{folder}/box"\n[hub]\nurl = "{address}"\n', encoding="utf-8")
    return str(file)


def revoked(village: Place, box_id: str) -> bool:
    with village.hub.database.read() as work:
        return work.get_one(Box, (village.id, box_id)).revoked_at is not None


def test_a_box_leaves_its_village_and_may_join_anew(village, office, tmp_path, capsys):
    settings = settings_file(tmp_path, village.hub.address)
    with RealBox(village.hub.address, tmp_path / "box") as box:
        box_id = join(village, box)
        notice = office.send(box_id, "停电")
        box.wait(NoticeArrived)
    HubStore(tmp_path / "box").note(NoteNotice(notice, 1, NoticeStep.HEARD), village.hub.parts.now())
    assert main(["--settings", settings, "village", "show"]) == 0 and capsys.readouterr().out == "东山村　张大娘家\n"
    owner = HubStore(tmp_path / "box", alone=True)
    assert main(["--settings", settings, "village", "leave"]) == 1 and "store-in-use" in capsys.readouterr().err and not revoked(village, box_id)
    owner.close()
    assert main(["--settings", settings, "village", "leave"]) == 0 and "已经退出东山村" in capsys.readouterr().out
    assert revoked(village, box_id) and office.receipt(notice, box_id).heard_at is not None
    assert "盒子退出" in village.staff().get("/audit").text
    assert main(["--settings", settings, "village", "leave"]) == 1 and "[no-village]" in capsys.readouterr().err
    with RealBox(village.hub.address, tmp_path / "box") as again:
        assert join(village, again) != box_id and texts(again) == []


def test_it_leaves_also_where_the_hub_is_not_there_to_be_told(village, office, tmp_path, capsys):
    with RealBox(village.hub.address, tmp_path / "box") as box:
        box_id = join(village, box)
    assert main(["--settings", settings_file(tmp_path, "http://127.0.0.1:9"), "village", "leave"]) == 0
    assert "请村委会在“盒子”页把它停用" in capsys.readouterr().out and HubStore(tmp_path / "box").membership() is None
    assert not revoked(village, box_id)
