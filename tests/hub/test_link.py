"""Boxes on the line: they join by six digits, get what is theirs in order and the moment it is there, and their receipts count once."""
from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading

import pytest
from sqlalchemy import delete, select

from hub.db.columns import new_id
from hub.db.tables import Box, BoxMessage, Joining, Notice, NoticeReceipt
from hub.link import joining, outgoing
from hub.link.clerk import Clerk
from hub.link.receiving import Delivery, receive
from hub.messages import Kind, Receipt, Step, write_time
from tests.hub.calling_box import CallingBox
from tests.hub.conftest import BOTH, Place
from tests.hub.running import RunningHub

DATABASES = BOTH
MINUTE = dt.timedelta(minutes=1)
JSON = {"content-type": "application/json"}


def joined(village: Place) -> CallingBox:
    box, home = CallingBox(village.hub.client()), village.household()
    code = box.wish(version="0.1.0").json()["code"]
    with village.hub.database.write() as work:
        joining.take(work, village.id, home, code, village.hub.parts.now(), "somebody", "127.0.0.1")
    assert box.join().status_code == 200
    return box


def send(village: Place, boxes: list[CallingBox], *titles: str, expires_at: dt.datetime | None = None) -> None:
    for title in titles:
        with village.hub.database.write() as work:
            outgoing.put(work, village.id, [box.id for box in boxes], Kind.SETTINGS, {"name": title}, village.hub.parts.now(), expires_at)
            village.hub.parts.bell.ring(work, village.id, [box.id for box in boxes])


def names(messages) -> list[str]:
    return [message.body["name"] for message in messages if message]


def first(stream, count: int) -> list:
    found, signs = [], 0
    for message in stream:
        if message is not None:
            found.append(message)
        signs += message is None
        if len(found) == count:
            stream.close()
            return found
        assert signs < 3, f"nothing comes any more after {found}"
    raise AssertionError(f"the line ended after {found}")


# -- joining ------------------------------------------------------------------------------------------------------------

def test_a_box_says_six_digits_until_somebody_types_them(village):
    box = CallingBox(village.hub.client())
    assert box.join().status_code == 404
    answer = box.wish(version="0.1.0", host="pi")
    code = answer.json()["code"]
    assert len(code) == 6 and code.isdigit() and 0 < answer.json()["expires_in_s"] <= 600
    assert box.wish().json()["code"] == code and box.join().status_code == 202
    home = village.household("张大娘家")
    with village.hub.database.write() as work:
        joining.take(work, village.id, home, f"{code[:3]} {code[3:]}", village.hub.parts.now(), "somebody", "127.0.0.1")
    assert box.join().json()["name"] == "张大娘家" and box.id
    with village.hub.database.read() as work:
        assert work.scalars(select(Joining)).all() == []
        assert work.get_one(Box, (village.id, box.id)).facts == {"version": "0.1.0", "host": "pi"}


def test_digits_that_are_over_open_nothing(village):
    box, home = CallingBox(village.hub.client()), village.household()
    code = box.wish().json()["code"]
    with village.hub.database.write() as work, pytest.raises(joining.Refused):
        joining.take(work, village.id, home, code, village.hub.parts.now() + joining.LASTS, "somebody", "127.0.0.1")


def test_whoever_has_no_good_key_is_turned_away(village):
    stranger = village.hub.client()
    for path in ("/link/join", "/link/messages", "/link/stream"):
        assert stranger.get(path).status_code == 401
    assert stranger.post("/link/join", json={}, headers={"authorization": "Bearer short"}).status_code == 400
    assert stranger.get("/link/messages", headers={"authorization": "Bearer " + "a" * 40}).status_code == 401


def test_one_address_does_not_take_all_the_digits(village, monkeypatch):
    monkeypatch.setattr(joining, "AT_ONCE_OF_ADDRESS", 3)
    answers = [CallingBox(village.hub.client()).wish() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_one_that_is_turned_away_hears_nothing_any_more(village):
    box = joined(village)
    stream = box.stream()
    assert next(stream) is None
    with village.hub.database.write() as work:
        work.get_one(Box, (village.id, box.id)).revoked_at = village.hub.parts.now()
    village.hub.parts.switchboard.hang_up(box.id)
    assert list(stream) == []
    assert box._client.get("/link/messages").status_code == 401


# -- messages -----------------------------------------------------------------------------------------------------------

def test_what_is_new_comes_at_once_and_to_the_right_box(village):
    one, two = joined(village), joined(village)
    stream = one.stream()
    assert next(stream) is None
    send(village, [two], "甲")
    send(village, [one, two], "乙")
    message, = first(stream, 1)
    assert (message.number, message.body, message.box) == (1, {"name": "乙"}, one.id)
    assert names(two.messages()) == ["甲", "乙"] and names(two.messages(after=1)) == ["乙"] and two.messages(after=2) == []


@pytest.mark.parametrize("count", [1, 4, 7, 230])
def test_whoever_was_away_gets_all_of_it_in_order(village, count):
    box = joined(village)
    send(village, [box], *map(str, range(count)))
    found = first(box.stream(), count)
    assert [message.number for message in found] == list(range(1, count + 1)) and names(found) == list(map(str, range(count)))
    if count > 1:
        assert names(first(box.stream(**{"last-event-id": str(count - 1)}), 1)) == [str(count - 1)]


def test_one_that_is_near_and_one_that_is_far_behind_are_both_served(village):
    near, far = joined(village), joined(village)
    send(village, [near, far], *map(str, range(20)))
    with village.hub.database.read() as work:
        found = outgoing.lines(work, village.id, {near.id: 18, far.id: 3}, village.hub.parts.key, village.hub.parts.now())
    assert [number for number, _ in found[near.id]] == [19, 20] and [number for number, _ in found[far.id]] == list(range(4, 21))


def test_what_is_over_comes_without_its_words(village):
    box = joined(village)
    send(village, [box], "old", expires_at=village.hub.parts.now() - MINUTE)
    send(village, [box], "new")
    assert [dict(message.body) for message in box.messages()] == [{}, {"name": "new"}]


def test_a_box_that_calls_anew_takes_the_place_of_its_old_line(village):
    box = joined(village)
    old = box.stream()
    assert next(old) is None
    new = box.stream()
    assert next(new) is None and list(old) == []
    send(village, [box], "甲")
    assert names(first(new, 1)) == ["甲"]


def test_what_is_not_kept_rings_nobody(village):
    box = joined(village)
    stream = box.stream()
    assert next(stream) is None
    with pytest.raises(ZeroDivisionError), village.hub.database.write() as work:
        outgoing.put(work, village.id, [box.id], Kind.SETTINGS, {"name": "lost"}, village.hub.parts.now())
        village.hub.parts.bell.ring(work, village.id, None)
        raise ZeroDivisionError
    send(village, [box], "kept")
    message, = first(stream, 1)
    assert message.number == 1 and names([message]) == ["kept"]


# -- a hub that was restored from a backup ----------------------------------------------------------------------------

def restored(village: Place, box: CallingBox, at: int) -> None:
    """Of this box the hub knows what it knew when it had sent ``at`` messages."""
    with village.hub.database.write() as work:
        work.execute(delete(BoxMessage).where(BoxMessage.box_id == box.id, BoxMessage.number > at))
        work.get_one(Box, (village.id, box.id)).messages = at


def test_a_restored_hub_counts_on_from_where_its_box_is(village):
    for had, at, new, numbers in ((5, 2, 1, [6]), (5, 2, 3, [6, 7, 8]), (3, 1, 2, [4, 5]), (3, 1, 4, [4, 5, 6, 7]), (3, 0, 2, [4, 5]), (3, 1, 0, [])):
        _counts_on(village, had, at, new, numbers)


def _counts_on(village, had, at, new, numbers):
    """A hub that has sent more meanwhile than the box has is no other case than one that has sent less."""
    box, other = joined(village), joined(village)
    send(village, [box, other], *(f"old{number}" for number in range(had)))
    seen = write_time(box.messages()[-1].sent_at)
    restored(village, box, at)
    send(village, [box], *(f"new{number}" for number in range(new)))
    for _ in range(2):  # also where it calls anew before it has taken any
        found = box.messages(had, seen)
        assert [message.number for message in found] == numbers and names(found) == [f"new{number}" for number in range(new)]
    stream = box.stream(had, seen)
    assert len(first(stream, new) if new else [next(stream)]) == max(new, 1)
    last, sent_at = (numbers[-1], write_time(found[-1].sent_at)) if new else (had, seen)
    send(village, [box, other], "later")
    for _ in range(2):
        message, = box.messages(last, sent_at)
        assert message.number == last + 1 and names([message]) == ["later"]
    assert [message.number for message in other.messages(had)] == [had + 1]


def test_a_box_whose_own_disk_has_gone_back_meanwhile_finds_no_gap(village):
    box = joined(village)
    send(village, [box], *map(str, range(9)))
    at = [write_time(message.sent_at) for message in box.messages()]
    restored(village, box, 4)
    assert box.messages(9, at[8]) == []
    send(village, [box], "new")
    for has, numbers in ((7, [8, 9]), (4, [5, 6, 7]), (3, [4, 5, 6, 7])):
        found = box.messages(has, at[has - 1])
        assert [message.number for message in found] == numbers and names(found[-1:]) == ["new"]
    assert names(found[:1]) == ["3"]


def test_whatever_a_box_says_it_has_changes_nothing_of_what_is_true(village):
    box = joined(village)
    send(village, [box], "甲", "乙", "丙")
    at = [write_time(message.sent_at) for message in box.messages()]
    assert names(box.messages(2, at[1])) == ["丙"] and box.messages(3, at[2]) == [] and len(box.messages(0, at[2])) == 3
    for after, seen in ((10**6 + 4, at[2]), (2 * 10**9, ""), (1, "yesterday"), (1, "2026-11-23"), (1, "9999-12-31T23:59:59.999Z"), (10**10, at[2])):
        assert box._client.get("/link/messages", params={"after": after, "seen": seen}).status_code == 400
    assert [message.number for message in box.messages()] == [1, 2, 3]


# -- receipts -----------------------------------------------------------------------------------------------------------

@pytest.fixture
def noticed(village):
    """A box and a notice that is on its way to it."""
    box, staff, now = joined(village), village.staff(), village.hub.parts.now()
    with village.hub.database.write() as work:
        author = village.hub.visitor(staff.cookies["xiangyin"]).staff_id
        notice = Notice(village_id=village.id, id=new_id(), author_id=author, title="停电", text="明天停电", category="电", priority="important",
                        state="sent", question="", choices=[], targets={}, created_at=now, sent_at=now, repeat="")
        work.add(notice)
        work.flush()
        work.add(NoticeReceipt(village_id=village.id, notice_id=notice.id, box_id=box.id, revision=1, queued_at=now, answer=""))
    return box, notice.id


def state(village, notice: str, box: CallingBox) -> NoticeReceipt:
    with village.hub.database.read() as work:
        return work.get_one(NoticeReceipt, (village.id, notice, box.id))


def test_each_receipt_counts_once_and_in_order(village, noticed):
    (box, notice), now = noticed, village.hub.parts.now()
    steps = [box.receipt(notice, step, now - MINUTE * (9 - place)) for place, step in enumerate((Step.DELIVERED, Step.PLAYING, Step.HEARD))]
    assert box.send(steps[:2], now).json() == {"through": 2}
    assert box.send(steps, now).json() == {"through": 3} and box.send(steps[1:], now).json() == {"through": 3}
    found = state(village, notice, box)
    assert (found.delivered_at, found.playing_at, found.heard_at) == tuple(step.at.replace(microsecond=step.at.microsecond // 1000 * 1000) for step in steps)
    assert found.confirmed_at is None
    again = Receipt(4, notice, 1, Step.HEARD, now)
    assert box.send([again], now).json() == {"through": 4} and state(village, notice, box).heard_at == found.heard_at


def test_behind_a_gap_nothing_is_taken(village, noticed):
    (box, notice), now = noticed, village.hub.parts.now()
    assert box.send([Receipt(2, notice, 1, Step.HEARD, now)], now).json() == {"through": 0}
    assert state(village, notice, box).heard_at is None


def test_an_answer_can_be_given_anew_and_the_last_counts(village, noticed):
    (box, notice), now = noticed, village.hub.parts.now()
    box.send([box.receipt(notice, Step.ANSWERED, now, answer="是"), box.receipt(notice, Step.ANSWERED, now, answer="否")], now)
    found = state(village, notice, box)
    assert found.answer == "否" and found.answered_at and found.delivered_at and found.heard_at is None


def test_what_was_heard_of_an_older_wording_does_not_count(village, noticed):
    (box, notice), now = noticed, village.hub.parts.now()
    with village.hub.database.write() as work:
        work.get_one(NoticeReceipt, (village.id, notice, box.id)).revision = 2
    assert box.send([box.receipt(notice, Step.HEARD, now)], now).json() == {"through": 1}
    assert state(village, notice, box).heard_at is None


@pytest.mark.parametrize("off", [dt.timedelta(days=-9000), dt.timedelta(hours=8), dt.timedelta(0)])
def test_a_box_may_have_a_wrong_clock(village, noticed, off):
    (box, notice), now = noticed, village.hub.parts.now()
    box.send([box.receipt(notice, Step.HEARD, now + off - MINUTE)], now + off)
    assert abs(state(village, notice, box).heard_at - (now - MINUTE)) < dt.timedelta(seconds=5)


@pytest.mark.parametrize("body", [
    b"", b"[]", b"{", b'{"now": "2026-11-23", "receipts": []}', b'{"now": "2026-11-23T10:00:00Z", "receipts": [{}]}', b"\xff\xfe",
    b'{"now": "2026-11-23T10:00:00Z", "receipts": [{"number": "x", "notice": "n", "revision": 1, "step": "heard", "at": "2026-11-23T10:00:00Z"}]}'])
def test_receipts_that_are_none_change_nothing(village, noticed, body):
    box, notice = noticed
    answer = box._client.post("/link/receipts", content=body, headers=JSON)
    assert answer.status_code == 400 and answer.json()["code"] == "hub-refused"
    assert box.send([box.receipt(notice, Step.DELIVERED, village.hub.parts.now())], village.hub.parts.now()).json() == {"through": 1}


def receipt_of(notice: str, changed: dict[str, object]) -> dict[str, object]:
    return {"number": 1, "notice": notice, "revision": 1, "step": "heard", "at": "2026-11-23T10:00:00Z", "answer": ""} | changed


def test_a_receipt_that_no_table_can_hold_is_refused_in_words(village, noticed):
    (box, notice), now = noticed, village.hub.parts.now().isoformat()
    for changed in ({"revision": 2**70}, {"number": 2**70}, {"number": -1}, {"notice": "x" * 300}, {"notice": "\0"}, {"answer": "很" * 81},
                    {"answer": "\0"}, {"answer": "\ud800"}, {"at": "0001-01-01T00:00:00+14:00"}, {"at": "9999-12-31T23:59:59-14:00"}, {"number": 1e400}):
        body = json.dumps({"now": now, "receipts": [receipt_of(notice, changed)]})
        answer = box._client.post("/link/receipts", content=body, headers=JSON)
        assert answer.status_code == 400 and answer.json()["code"] == "hub-refused" and "回执" in answer.json()["message"], changed
    assert box._client.post("/link/receipts", json={"now": now, "receipts": [receipt_of(notice, {})]}).json() == {"through": 1}


def test_no_clock_is_wrong_enough_to_break_the_hub(village, noticed):
    box, notice = noticed
    for box_now in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
            answer = box._client.post("/link/receipts", json={"now": box_now, "receipts": [receipt_of(notice, {"at": at})]})
            assert answer.status_code in (200, 400), (box_now, at)


def test_receipts_that_break_the_table_keep_back_no_other_boxs(village, noticed):
    (box, notice), other, now = noticed, joined(village), village.hub.parts.now()
    many = [Delivery(village.id, one.id, (Receipt(1, notice, revision, Step.DELIVERED, now),), now) for one, revision in ((box, 1), (other, 2**70))]

    async def together() -> list[object]:
        clerk = Clerk(village.hub.database, village.hub.parts.now)
        waiting = [asyncio.ensure_future(clerk.take(delivery)) for delivery in many]
        await asyncio.sleep(0)
        running = asyncio.create_task(clerk.run())
        try:
            return await asyncio.gather(*waiting, return_exceptions=True)
        finally:
            running.cancel()

    good, bad = asyncio.run(together())
    assert good == 1 and isinstance(bad, Exception) and state(village, notice, box).delivered_at == now


def test_sending_and_receipts_at_the_same_moment_do_not_wait_for_each_other(village, noticed):
    (box, notice), others = noticed, [joined(village) for _ in range(6)]
    now, wrong = village.hub.parts.now(), []

    def receipts():
        for number in range(1, 21):
            deliveries = [Delivery(village.id, one.id, (Receipt(number, notice, 1, Step.DELIVERED, now),), now) for one in (*others[::-1], box)]
            with village.hub.database.write() as work:
                wrong.extend(through for through in receive(work, deliveries, now).values() if through != number)

    thread = threading.Thread(target=receipts)
    thread.start()
    for _ in range(20):
        send(village, [box, *others], "甲")
    thread.join()
    assert wrong == [] and len(box.messages()) == 20


def test_a_hub_that_ends_lets_its_boxes_go(tmp_path):
    with RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}") as hub:
        stream = joined(Place(hub, "东山村")).stream()
        assert next(stream) is None
        hub.end()
        assert list(stream) == []
