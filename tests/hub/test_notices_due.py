"""What is due goes out by itself, once, and not too late; several hub processes share one database."""
from __future__ import annotations

import csv
import datetime as dt
import io
import re
import threading
import time

from sqlalchemy import func, select

from hub.again import PAUSES
from hub.auth.roles import Role
from hub.db.engine import Database
from hub.db.tables import BoxMessage, Notice, NoticeReceipt
from hub.messages import Kind, Step
from hub.notices import due
from hub.pages.look import local
from tests.hub.calling_box import CallingBox
from tests.hub.conftest import BOTH, Place
from tests.hub.hub_process import HubProcess
from tests.hub.noticing import FORM, boxes, draft, hears, joined, sent, tell, words_of
from tests.hub.running import RunningHub

DATABASES = BOTH
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def at(village: Place, ahead: dt.timedelta) -> str:
    return local(village.hub.parts.now() + ahead, "Asia/Shanghai").strftime("%Y-%m-%dT%H:%M")


def later(village: Place, ahead: dt.timedelta) -> int:
    """What a hub sends by itself when its clock has gone so far ahead."""
    return due.send_due(village.hub.database, village.hub.parts.bell, village.hub.parts.now() + ahead)


def notices(village: Place) -> list[Notice]:
    with village.hub.database.read() as work:
        return list(work.scalars(select(Notice).where(Notice.village_id == village.id).order_by(Notice.id)))


def states(village: Place) -> list[str]:
    return [notice.state for notice in notices(village)]


# -- one time -----------------------------------------------------------------------------------------------------------

def test_it_goes_out_at_its_time_and_once(village, office):
    box = joined(village)
    notice = sent(office, when="at", send_at=at(village, HOUR))
    assert "等着发" in words_of(office.get("/notices")) and box.messages() == []
    assert later(village, 58 * MINUTE) == 0 and states(village) == ["scheduled"]
    assert later(village, HOUR) == 1 and later(village, HOUR) == 0 and later(village, DAY) == 0
    message, = box.messages()
    assert message.body["notice"] == notice and states(village) == ["sent"]
    hears(box, village, notice, Step.HEARD)
    assert "1/1 户已听" in words_of(office.get(f"/notices/{notice}"))


def test_the_hub_looks_by_itself(village, office):
    box = joined(village)
    stream = box.stream()
    assert next(stream) is None
    notice = sent(office, when="at", send_at=at(village, HOUR))
    with village.hub.database.write() as work:
        work.get_one(Notice, (village.id, notice)).send_at = village.hub.parts.now()
    message = next(filter(None, stream))
    assert message.body["notice"] == notice
    stream.close()


def test_what_expired_while_the_hub_was_off_is_not_sent(village, office):
    box = joined(village)
    notice = sent(office, when="at", send_at=at(village, HOUR), expires_at=at(village, 2 * HOUR))
    assert later(village, 3 * HOUR) == 0 and states(village) == ["missed"] and box.messages() == []
    assert "过期没发出" in words_of(office.get("/notices")) and "没有发" in words_of(office.get(f"/notices/{notice}"))
    assert later(village, 4 * HOUR) == 0


def test_what_waits_can_be_changed_or_given_up(village, office):
    box = joined(village)
    kept, given_up = (sent(office, title=title, when="at", send_at=at(village, HOUR)) for title in ("留", "弃"))
    assert office.post(f"/notices/{kept}/hold").headers["location"] == f"/notices/{kept}/edit"
    assert office.post(f"/notices/{given_up}/withdraw").status_code == 303
    assert later(village, 2 * HOUR) == 0 and states(village) == ["draft", "withdrawn"]
    assert "不会再发" in words_of(office.get(f"/notices/{given_up}"))
    office.post(f"/notices/{kept}/edit", data=FORM | {"when": "at", "send_at": at(village, 3 * HOUR)})
    tell(office, kept)
    assert later(village, 4 * HOUR) == 1 and office.post(f"/notices/{kept}/hold").status_code == 400
    assert [message.body["notice"] for message in box.messages()] == [kept]


def test_one_that_cannot_go_out_keeps_back_no_other(village, office):
    box = joined(village)
    bad, good = (sent(office, title=title, when="at", send_at=at(village, HOUR)) for title in ("坏", "好"))
    with village.hub.database.write() as work:
        work.get_one(Notice, (village.id, bad)).targets = {"scope": "nonsense"}
    assert later(village, 2 * HOUR) == 1 and states(village) == ["scheduled", "sent"]
    assert [message.body["notice"] for message in box.messages()] == [good]


def test_one_that_cannot_go_out_is_tried_later_and_later_and_the_office_sees_it(village, office):
    box = joined(village)
    notice = sent(office, when="at", send_at=at(village, HOUR))

    def aim(targets: dict) -> None:
        with village.hub.database.write() as work:
            work.get_one(Notice, (village.id, notice)).targets = targets

    aim({"scope": "nonsense"})
    moment = notices(village)[0].send_at

    def tries_at(moment: dt.datetime) -> int:
        due.send_due(village.hub.database, village.hub.parts.bell, moment)
        return notices(village)[0].tries

    for tries, pause in enumerate((*PAUSES, PAUSES[-1]), start=1):
        assert tries_at(moment) == tries and tries_at(moment + pause - dt.timedelta(seconds=1)) == tries
        moment += pause
    assert "到点没发出去" in words_of(office.get("/notices")) and states(village) == ["scheduled"]
    aim({"scope": "everybody"})
    shown = words_of(office.get(f"/notices/{notice}"))
    assert "试了9次" in shown and "再试" in shown
    assert later(village, DAY) == 1 and [message.body["notice"] for message in box.messages()] == [notice]
    assert "没发出去" not in words_of(office.get("/notices")) + words_of(office.get(f"/notices/{notice}"))


# -- again and again ----------------------------------------------------------------------------------------------------

def test_each_time_of_a_repeated_one_has_its_own_receipts(village, office):
    box = joined(village)
    plan = sent(office, repeat="daily", expires_at=at(village, 3 * DAY + HOUR))
    first, = box.messages()
    assert first.body["notice"] != plan and states(village) == ["scheduled", "sent"]
    hears(box, village, first.body["notice"], Step.HEARD)
    assert later(village, 23 * HOUR) == 0 and later(village, DAY) == 1 and later(village, DAY) == 0
    second = box.messages()[-1]
    assert second.body["notice"] not in (plan, first.body["notice"]) and second.body["text"] == first.body["text"]
    assert "1/1 户已听" in words_of(office.get(f"/notices/{first.body['notice']}"))
    assert "0/1 户已听" in words_of(office.get(f"/notices/{second.body['notice']}"))
    shown = words_of(office.get(f"/notices/{plan}"))
    assert "每天一次" in shown and shown.count("已听") == 2
    assert [later(village, ahead * DAY) for ahead in (2, 3, 4, 5)] == [1, 1, 0, 0]
    assert len(box.messages()) == 4 and notices(village)[0].state == "over"


def test_what_was_missed_several_times_goes_out_once(village, office):
    box = joined(village)
    sent(office, repeat="daily", when="at", send_at=at(village, HOUR), expires_at=at(village, 30 * DAY))
    assert later(village, 5 * DAY + 2 * HOUR) == 1 and later(village, 5 * DAY + 2 * HOUR) == 0 and len(box.messages()) == 1
    plan = notices(village)[0]
    assert plan.send_at - village.hub.parts.now() < 6 * DAY + HOUR and later(village, 6 * DAY + HOUR) == 1


def test_one_time_is_over_when_the_next_one_comes(village, office):
    joined(village)
    sent(office, repeat="weekly", expires_at=at(village, 10 * DAY))
    later(village, 7 * DAY)
    plan, first, second = notices(village)
    assert first.expires_at == first.sent_at + 7 * DAY and second.expires_at == plan.expires_at and plan.state == "over"


def test_to_withdraw_or_correct_one_time_is_to_do_so_for_all_to_come(village, office):
    box = joined(village)
    plan = sent(office, repeat="daily", expires_at=at(village, 9 * DAY))
    first = box.messages()[0].body["notice"]
    office.post(f"/notices/{first}/correct", data=FORM | {"text": "改了。", "expires_at": at(village, DAY)})
    assert later(village, DAY) == 1
    second = box.messages()[-1]
    assert second.body["text"] == "改了。" and second.body["revision"] == 1
    assert "停掉" in words_of(office.get(f"/notices/{second.body['notice']}/withdraw"))
    office.post(f"/notices/{second.body['notice']}/withdraw")
    assert later(village, 2 * DAY) == 0 and box.messages()[-1].kind is Kind.WITHDRAW
    assert {notice.id: notice.state for notice in notices(village)} == {plan: "withdrawn", first: "sent", second.body["notice"]: "withdrawn"}


def test_what_is_asked_every_day_is_counted_day_by_day(village, office):
    first, second = joined(village, "张大娘家"), joined(village, "李大爷家")
    village.household("没盒子家")
    plan = sent(office, repeat="daily", expires_at=at(village, 3 * DAY), asks="own", question="身体怎么样？", choices=["挺好的", "不舒服"])
    hears(first, village, first.messages()[-1].body["notice"], Step.HEARD, Step.ANSWERED, answer="挺好的")
    assert later(village, DAY) == 1
    for box, answers in ((first, ("挺好的", "不舒服")), (second, ("挺好的",))):
        for answer in answers:
            hears(box, village, box.messages()[-1].body["notice"], Step.ANSWERED, answer=answer)
    shown = words_of(office.get(f"/notices/{plan}"))
    assert re.search(r"哪次 挺好的 不舒服 没回答 .*? 1 1 1 .*? 1 0 2 ", shown), shown
    sheet = list(csv.reader(io.StringIO(office.get(f"/notices/{plan}/answers.csv").text.removeprefix("\ufeff"))))
    assert sheet[0][0] == "户名" and len(sheet[0]) == 3
    assert {line[0]: line[1:] for line in sheet[1:]} == {
        "张大娘家": ["挺好的", "不舒服"], "李大爷家": ["", "挺好的"], "没盒子家": ["", ""],
        "挺好的（户）": ["1", "1"], "不舒服（户）": ["0", "1"], "没回答（户）": ["2", "1"]}
    assert office.get(f"/notices/{plan}/answers.xlsx").status_code == 200


# -- many, and several processes ----------------------------------------------------------------------------------------

def test_a_thousand_boxes_are_sent_to_within_a_second(village, office):
    boxes(village, 1000)
    notice = draft(office, text="水" * 1000)
    began = time.perf_counter()
    assert tell(office, notice).status_code == 303
    assert time.perf_counter() - began < 1.0
    with village.hub.database.read() as work:
        assert work.scalar(select(func.count()).select_from(BoxMessage).where(BoxMessage.notice_id == notice)) == 1000
        assert work.scalar(select(func.count()).select_from(NoticeReceipt).where(NoticeReceipt.notice_id == notice)) == 1000
    assert "已听 0/1000" in words_of(office.get("/notices"))


def test_of_many_that_send_the_same_one_does(village, office):
    box = joined(village)
    told, waits = draft(office), sent(office, when="at", send_at=at(village, HOUR))
    ready = threading.Barrier(6)

    def send() -> None:
        ready.wait()
        answers.append(tell(office, told).status_code)

    def look() -> None:
        ready.wait()
        counts.append(later(village, 2 * HOUR))

    answers, counts = [], []
    threads = [threading.Thread(target=target) for target in (send, look) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 3 and sum(counts) == 1
    assert sorted(message.body["notice"] for message in box.messages()) == sorted((told, waits))


def test_two_processes_on_one_database(postgres):
    """What the first one is told to send comes over the second's lines within a second, and what is due goes out once."""
    url = postgres.new_database()
    with RunningHub(url) as aside, HubProcess(url) as first, HubProcess(url) as second:
        village = Place(aside, "东山村")
        signed_in = village.staff(Role.CLERK)
        office = first.client()
        office.cookies.update(signed_in.cookies)
        office.headers["x-csrf"] = signed_in.headers["x-csrf"]
        known = joined(village)
        stream = as_known(second, known).stream()
        assert next(stream) is None
        notice = draft(office)
        began = time.perf_counter()
        tell(office, notice)
        message = next(filter(None, stream))
        assert message.body["notice"] == notice and time.perf_counter() - began < 1.0
        waits = [sent(office, title=f"定时{number}", when="at", send_at=at(village, HOUR)) for number in range(8)]
        with aside.database.write() as work:
            for each in waits:
                work.get_one(Notice, (village.id, each)).send_at = aside.parts.now()
        came = [next(filter(None, stream)).body["notice"] for _ in waits]
        assert sorted(came) == sorted(waits)
        stream.close()
        for process in (first, second):
            process.kill()  # whatever they were going to send is sent, or never will be
        assert len(known.messages()) == 1 + len(waits)


def test_a_hub_that_was_off_sends_what_is_still_worth_hearing(database_url):
    with RunningHub(database_url) as before:
        village = Place(before, "东山村")
        office, box = village.staff(Role.CLERK), joined(village)
        good, old = (sent(office, title=title, when="at", send_at=at(village, HOUR), expires_at=at(village, DAY)) for title in ("有效", "过期"))
    asleep = Database(database_url)
    with asleep.write() as work:
        for notice in (good, old):
            work.get_one(Notice, (village.id, notice)).send_at -= 2 * HOUR
        work.get_one(Notice, (village.id, old)).expires_at -= DAY
    asleep.close()
    with HubProcess(database_url) as after:
        stream = as_known(after, box).stream()
        assert next(filter(None, stream)).body["notice"] == good
        stream.close()
        assert len(as_known(after, box).messages()) == 1


def as_known(hub: HubProcess, box: CallingBox) -> CallingBox:
    """The same box, calling another process."""
    again = CallingBox(hub.client())
    again.key, again.id, again.hub_key = box.key, box.id, box.hub_key
    again._client.headers["authorization"] = f"Bearer {box.key}"
    return again
