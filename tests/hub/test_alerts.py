"""What the staff must hear of goes out once, is tried again where it does not get through, and every outcome can be seen."""
from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import select, update

from hub import parts
from hub.again import PAUSES, TAKEN_FOR
from hub.alerts import sending
from hub.alerts.channels import channel, shown
from hub.alerts.sending import Sender
from hub.alerts.watch import Watch
from hub.alerts.words import AlertKind, silent, unheard
from hub.auth.roles import Role
from hub.db.columns import new_id
from hub.db.tables import Alert, AlertChannel, AlertSending, Box, Notice, NoticeReceipt
from hub.errors import Refused
from tests.hub.conftest import Place
from tests.hub.other_system import OtherSystem
from tests.hub.running import RunningHub, only_when_told

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def telephone():
    with OtherSystem() as telephone:
        yield telephone


@pytest.fixture
def hub(database_url, monkeypatch):
    """It sends and looks when the test tells it to."""
    monkeypatch.setattr(parts, "over_and_over", only_when_told)
    with RunningHub(database_url) as running:
        yield running


@pytest.fixture
def village(hub):
    return Place(hub, "东山村")


def subscribed(village, address: str, *kinds: AlertKind) -> str:
    with village.hub.database.write() as work:
        one = AlertChannel(village_id=village.id, id=new_id(), name="群", address=address, kinds=list(kinds), created_at=village.hub.parts.now())
        work.add(one)
    return one.id


def with_box(village, name: str, silent_for: dt.timedelta) -> str:
    home, at = village.household(name), village.hub.parts.now() - silent_for
    with village.hub.database.write() as work:
        work.add(Box(village_id=village.id, id=new_id(), household_id=home, name=name, key=new_id(), joined_at=at - HOUR, seen_at=at, facts={}, settings={}))
    return home


def looked(village) -> list[str]:
    Watch(village.hub.database, village.hub.parts.now).look()
    with village.hub.database.read() as work:
        return list(work.scalars(select(Alert.text).where(Alert.village_id == village.id).order_by(Alert.id)))


def sender(village, later: dt.timedelta = dt.timedelta(0)) -> Sender:
    return Sender(village.hub.database, lambda: village.hub.parts.now() + later)


def sendings(village) -> list[AlertSending]:
    with village.hub.database.read() as work:
        return list(work.scalars(select(AlertSending)))


# -- addresses and words -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("address, name", [
    ("wecombot://abcd1234abcd1234", "企业微信群机器人"), ("dingtalk://abcdefgh12345678", "钉钉群机器人"), ("feishu://abcdefgh", "飞书"),
    ("mailto://user:secret@example.com", "邮件"), ("json://127.0.0.1:1", "别的系统"), (" ntfys://host/topic ", "ntfy")])
def test_addresses_that_can_be_used(address, name):
    channel(address)
    assert shown(address.strip()).startswith(name) and "secret" not in shown(address.strip()) and "abcd1234abcd1234" not in shown(address.strip())


@pytest.mark.parametrize("address", ["", "hello", "exec://rm", "file:///etc/passwd", "syslog://", "dbus://", "windows://", "wecombot://", "mailto://", "json://", "https://x/y"])
def test_addresses_that_cannot(address):
    with pytest.raises(Refused):
        channel(address)


def test_many_homes_are_counted_and_not_all_named():
    homes = [f"{number}号" for number in range(103)]
    assert "等103家" in silent("东山村", homes, 24) and "25号" not in silent("东山村", homes, 24)
    assert "还有2家没有听到：甲家、乙家" in unheard("东山村", "停水", ["甲家", "乙家"], 30)


# -- who falls silent ----------------------------------------------------------------------------------------------------

def test_boxes_that_fall_silent_are_told_once_and_together(village):
    with_box(village, "张大娘家", 25 * HOUR)
    with_box(village, "李大爷家", 30 * HOUR)
    with_box(village, "王家", 23 * HOUR)
    first, = looked(village)
    assert "李大爷家、张大娘家的盒子超过24小时" in first and "王家" not in first
    assert looked(village) == [first]
    with_box(village, "赵家", 24 * HOUR)
    assert [("赵家" in text, "张大娘家" in text) for text in looked(village)] == [(False, True), (True, False)]


def test_one_that_came_back_and_falls_silent_again_is_told_anew(village):
    with_box(village, "张大娘家", 48 * HOUR)
    assert len(looked(village)) == 1
    with village.hub.database.write() as work:
        work.execute(update(Box).values(seen_at=village.hub.parts.now() - 25 * HOUR))
    assert len(looked(village)) == 2


def test_one_that_was_turned_away_is_nobodys(village):
    with_box(village, "张大娘家", 48 * HOUR)
    with village.hub.database.write() as work:
        work.execute(update(Box).values(revoked_at=village.hub.parts.now()))
    assert looked(village) == []


# -- what nobody hears -----------------------------------------------------------------------------------------------------

@pytest.fixture
def urgent(village):
    """A function: an urgent notice to these homes' boxes that was sent so long ago, and its identity."""
    def send(ago: dt.timedelta, *homes: str, **changed: object) -> str:
        at, author = village.hub.parts.now() - ago, village.hub.visitor(village.staff().cookies["xiangyin"]).staff_id
        with village.hub.database.write() as work:
            notice = Notice(**{"village_id": village.id, "id": new_id(), "author_id": author, "title": "停水", "text": "水管断了", "category": "停水停电",
                               "priority": "urgent", "state": "sent", "question": "", "choices": [], "targets": {}, "created_at": at, "sent_at": at,
                               "repeat": "", "missing": []} | changed)
            work.add(notice)
            work.flush()
            for box in work.scalars(select(Box).where(Box.household_id.in_(homes))):
                work.add(NoticeReceipt(village_id=village.id, notice_id=notice.id, box_id=box.id, revision=1, queued_at=at, answer=""))
        return notice.id

    return send


def test_an_urgent_notice_that_homes_do_not_hear_is_told_once(village, urgent):
    one, two = with_box(village, "张大娘家", HOUR), with_box(village, "李大爷家", HOUR)
    notice = urgent(HOUR, one, two)
    text, = looked(village)
    assert "“停水”发出30分钟了，还有2家没有听到：" in text and "张大娘家" in text and "李大爷家" in text
    assert looked(village) == [text] and notice


@pytest.mark.parametrize("step", ["heard_at", "confirmed_at", "answered_at"])
def test_who_has_heard_it_is_left_in_peace(village, urgent, step):
    notice = urgent(HOUR, with_box(village, "张大娘家", HOUR), with_box(village, "李大爷家", HOUR))
    with village.hub.database.write() as work:
        heard = work.scalars(select(Box.id).where(Box.name == "张大娘家")).one()
        work.execute(update(NoticeReceipt).where(NoticeReceipt.notice_id == notice, NoticeReceipt.box_id == heard).values({step: village.hub.parts.now()}))
    text, = looked(village)
    assert "还有1家没有听到：李大爷家" in text


@pytest.mark.parametrize("changed", [{"priority": "important"}, {"state": "withdrawn"}, {"expires_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}])
def test_of_other_notices_nobody_is_told(village, urgent, changed):
    urgent(HOUR, with_box(village, "张大娘家", HOUR), **changed)
    assert looked(village) == []


def test_nor_too_early(village, urgent):
    urgent(dt.timedelta(minutes=20), with_box(village, "张大娘家", HOUR))
    assert looked(village) == []


# -- out to the telephones -------------------------------------------------------------------------------------------------

def test_an_alert_reaches_the_channels_that_are_for_it(village, telephone):
    subscribed(village, telephone.as_channel, AlertKind.SILENT)
    subscribed(village, telephone.as_channel, AlertKind.UNHEARD)
    with_box(village, "张大娘家", 48 * HOUR)
    text, = looked(village)
    assert sender(village).work() == 1
    assert telephone.said()["message"] == text and telephone.got.empty()
    done, = sendings(village)
    assert done.sent_at and done.next_at is None and done.tries == 1
    assert sender(village, 48 * HOUR).work() == 0


def test_what_does_not_get_through_is_tried_again_with_growing_pauses(village, telephone):
    subscribed(village, telephone.as_channel, AlertKind.SILENT)
    with_box(village, "张大娘家", 48 * HOUR)
    looked(village)
    telephone.status, later = 503, dt.timedelta(0)
    for pause in PAUSES:
        assert sender(village, later).work() == 1
        assert sender(village, later + pause - dt.timedelta(seconds=2)).work() == 0
        later += pause + dt.timedelta(seconds=1)
    one, = sendings(village)
    assert one.tries == len(PAUSES) and one.sent_at is None and "503" in one.wrong
    telephone.status = 200
    assert sender(village, later).work() == 1 and telephone.said() and sendings(village)[0].sent_at


def test_in_the_end_it_is_given_up_on_and_can_be_seen(village):
    subscribed(village, "json://127.0.0.1:1", AlertKind.SILENT)
    with_box(village, "张大娘家", 48 * HOUR)
    looked(village)
    later = dt.timedelta(0)
    for pause in (*PAUSES, dt.timedelta(days=30)):
        sender(village, later).work()
        later += pause + dt.timedelta(seconds=1)
    one, = sendings(village)
    assert one.next_at is None and one.sent_at is None and one.tries == len(PAUSES) + 1
    assert "发不出去" in village.staff().get("/alerts").text


def test_two_processes_do_not_send_the_same(village, telephone):
    subscribed(village, telephone.as_channel, AlertKind.SILENT)
    with_box(village, "张大娘家", 48 * HOUR)
    looked(village)
    threads = [threading.Thread(target=sender(village).work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert telephone.said() and telephone.got.empty()


def test_one_that_died_while_it_sent_is_taken_over(village, telephone):
    subscribed(village, telephone.as_channel, AlertKind.SILENT)
    with_box(village, "张大娘家", 48 * HOUR)
    looked(village)
    with village.hub.database.write() as work:
        assert len(sending.take(work, village.hub.parts.now())) == 1
    assert sender(village).work() == 0 and sender(village, TAKEN_FOR + HOUR).work() == 1


# -- the page ------------------------------------------------------------------------------------------------------------

def test_a_channel_is_added_tried_and_removed(village, telephone):
    admin = village.staff()
    assert "没有人会收到" in admin.get("/alerts").text
    assert admin.post("/alerts", data={"name": "村委会群", "address": telephone.as_channel, "kinds": ["silent"]}).status_code == 303
    assert admin.post("/alerts/test").status_code == 303 and sender(village).work() == 1
    assert "试验消息" in telephone.said()["message"]
    text = admin.get("/alerts").text
    assert "村委会群" in text and "已发出" in text
    with village.hub.database.read() as work:
        one = work.scalars(select(AlertChannel)).one()
    assert village.hub.client().post(f"/alerts/{one.id}/delete").status_code == 303  # to /login
    assert Place(village.hub, "西山村").staff().post(f"/alerts/{one.id}/delete").status_code == 404
    assert admin.post(f"/alerts/{one.id}/delete").status_code == 303
    with village.hub.database.read() as work:
        assert work.scalars(select(AlertChannel)).all() == []


@pytest.mark.parametrize("name, address, said", [("群", "exec://rm", "地址要以这些开头"), (" ", "json://h", "给它起个名字"), ("群", "wecombot://", "不完整")])
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(village, name, address, said):
    answer = village.staff().post("/alerts", data={"name": name, "address": address, "kinds": ["unheard"]})
    assert answer.status_code == 400 and said in answer.text and f'value="{address}"' in answer.text


@pytest.mark.parametrize("role", [Role.CLERK, Role.GRID])
def test_channels_are_the_administrators(village, role):
    assert village.staff(role).get("/alerts").status_code == 403
