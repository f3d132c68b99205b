"""What the hub's messages change on the box, what is told back, and when it is asked next: tables without a network."""
from __future__ import annotations

import datetime as dt

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assistant.commands import NoteNotice, NoticeStep
from assistant.errors import StoreError, StoreInUse
from assistant.events import NoticeArrived, NoticeWithdrawn, VillageSet
from assistant.hub.client import _said
from assistant.hub.course import LONGEST_S, POLL_S, Course, Way
from assistant.hub.inbox import KEPT, MOST_KEPT
from assistant.hub.joining import public_key
from assistant.hub.store import FILE_NAME, HubStore, Membership
from assistant.notices import due
from hub.keys import public_text
from hub.messages import Kind, Message, NoticeBody, Receipt, Step, to_plain
from skills.api import Priority, World

NOW = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def store(tmp_path):
    return HubStore(tmp_path)


def notice(number: int, name: str = "", *, revision: int = 1, expires_at: dt.datetime | None = None, sent_at: dt.datetime = NOW, **words) -> Message:
    fields = {"title": "", "text": f"{number}", "category": "", "priority": "ordinary"} | words
    return Message("b", number, Kind.NOTICE, sent_at, to_plain(NoticeBody(name or f"n{number}", revision, **fields)), expires_at)


def told(store: HubStore) -> list[tuple[int, str, str]]:
    return [(receipt.number, receipt.notice, receipt.step.value) for receipt in store.waiting(1000)]


# -- the inbox --------------------------------------------------------------------------------------------------------

def test_each_message_counts_once_and_in_its_place(store):
    first = store.take([notice(1), notice(2)], NOW)
    assert first.events == (NoticeArrived("n1"), NoticeArrived("n2")) and not first.is_gap
    assert store.take([notice(1, text="again"), notice(2)], NOW).events == ()
    behind = store.take([notice(4)], NOW)
    assert behind.is_gap and behind.events == () and store.last == 2
    assert store.take([notice(3), notice(4), notice(6)], NOW).is_gap and store.last == 4
    assert told(store) == [(number, f"n{number}", "delivered") for number in (1, 2, 3, 4)]


def test_all_of_it_is_there_again_after_a_new_start(store, tmp_path):
    store.take([notice(1, question="来吗", choices=("来", "不来"), priority="urgent", expires_at=NOW + DAY)], NOW)
    store.note(NoteNotice("n1", 1, NoticeStep.HEARD), NOW)
    again = HubStore(tmp_path)
    assert again.last == 1 and again.notices() == store.notices() and again.waiting(9) == store.waiting(9)
    (kept,) = again.notices()
    assert kept.priority is Priority.URGENT and kept.choices == ("来", "不来") and kept.is_heard and not kept.is_settled
    assert kept.sent_at == NOW.astimezone().replace(tzinfo=None)


@pytest.mark.parametrize(("steps", "minutes", "again"), [
    ((), 0, True), ((NoticeStep.PLAYING,), 29, False), ((NoticeStep.PLAYING,), 31, True), ((NoticeStep.PLAYING, NoticeStep.HEARD), 31, False)])
def test_what_a_power_cut_kept_from_being_heard_is_still_to_be_read(store, tmp_path, steps, minutes, again):
    store.take([notice(1, priority="important")], NOW)
    for step in steps:
        store.note(NoteNotice("n1", 1, step), NOW)
    later = (NOW + minutes * MINUTE).astimezone().replace(tzinfo=None)
    assert (due(World(now=later, notices=HubStore(tmp_path).notices())) is not None) is again


def test_what_is_over_is_dropped_and_counted(store):
    intake = store.take([notice(1, expires_at=NOW), notice(2, expires_at=NOW + MINUTE)], NOW)
    assert intake.events == (NoticeArrived("n2"),) and (store.last, store.dropped) == (2, 1)
    assert told(store) == [(1, "n2", "delivered")]


@pytest.mark.parametrize(("skew", "there"), [(dt.timedelta(days=300), False), (dt.timedelta(0), True), (dt.timedelta(days=-300), True)])
def test_it_is_over_by_the_hubs_clock(store, skew, there):
    store.take([notice(1, expires_at=NOW + MINUTE)], NOW, skew)
    assert bool(store.notices()) is there
    if there:
        assert store.notices()[0].expires_at == (NOW + MINUTE - skew).astimezone().replace(tzinfo=None)


@pytest.mark.parametrize("message", [
    Message("b", 1, Kind.NOTICE, NOW, {}), Message("b", 1, Kind.NOTICE, NOW, {"notice": "x"}), Message("b", 1, Kind.WITHDRAW, NOW, {}),
    Message("b", 1, Kind.WITHDRAW, NOW, {"notice": "x", "revision": "y"}), Message("b", 1, Kind.SETTINGS, NOW, {"volume": "loud"})])
def test_what_is_not_understood_holds_nothing_up(store, message):
    assert store.take([message, notice(2)], NOW).events == (NoticeArrived("n2"),) and (store.last, store.dropped) == (2, 1)


def test_a_new_wording_begins_anew_and_an_old_one_is_nothing(store):
    store.take([notice(1, "n")], NOW)
    store.note(NoteNotice("n", 1, NoticeStep.CONFIRMED), NOW)
    store.take([notice(2, "n", revision=3, text="new")], NOW)
    assert store.notices()[0].text == "new" and not store.notices()[0].is_settled
    store.note(NoteNotice("n", 1, NoticeStep.HEARD), NOW)
    assert store.take([notice(3, "n", revision=2, text="old")], NOW).events == () and store.notices()[0].text == "new"
    assert not store.notices()[0].is_heard


def test_a_withdrawn_notice_is_gone(store):
    def withdrawal(number: int, revision: int) -> Message:
        return Message("b", number, Kind.WITHDRAW, NOW, {"notice": "n", "revision": revision})

    store.take([notice(1, "n", revision=2)], NOW)
    assert store.take([withdrawal(2, 1)], NOW).events == () and len(store.notices()) == 1
    assert store.take([withdrawal(3, 2)], NOW).events == (NoticeWithdrawn("n"),) and store.notices() == ()
    assert store.take([withdrawal(4, 2)], NOW).events == ()


def test_what_the_village_sets_is_kept_until_it_sets_something_else(store, tmp_path):
    def setting(number: int, **body: object) -> Message:
        return Message("b", number, Kind.SETTINGS, NOW, body)

    assert store.take([setting(1, volume=130, quiet_from=20), setting(2, muted=True)], NOW).events == (VillageSet(), VillageSet())
    again = HubStore(tmp_path)
    assert again.settings() == {"volume": 130, "quiet_from": 20, "muted": True} and again.volume_to_set() == 100


def test_old_notices_are_forgotten_and_there_are_never_too_many(store):
    old = [notice(1, sent_at=NOW - KEPT - MINUTE), notice(2, sent_at=NOW - KEPT + MINUTE)]
    assert [event.notice_id for event in store.take(old, NOW).events] == ["n1", "n2"]
    assert [kept.notice_id for kept in store.notices()] == ["n2"]
    store.take([notice(number, sent_at=NOW - DAY + number * MINUTE) for number in range(3, MOST_KEPT + 10)], NOW)
    assert len(store.notices()) == MOST_KEPT and store.notices()[-1].notice_id == f"n{MOST_KEPT + 9}"


SHA = "5a" * 32


def test_a_recording_that_came_makes_its_notices_new_once(store, tmp_path):
    store.take([notice(1, audio="/link/audio/x1", audio_sha256=SHA, audio_s=2.5), notice(2)], NOW)
    store.note(NoteNotice("n1", 1, NoticeStep.TOLD), NOW)
    store.note(NoteNotice("n2", 1, NoticeStep.TOLD), NOW)
    (attachment,) = store.attachments()
    assert (attachment.path, attachment.sha256, store.notices()[0].recording.seconds) == ("/link/audio/x1", SHA, 2.5)
    store.recording_came(SHA)
    assert [kept.times_told for kept in store.notices()] == [0, 1]
    store.note(NoteNotice("n1", 1, NoticeStep.PLAYING), NOW)
    again = HubStore(tmp_path)
    again.recording_came(SHA)
    assert again.notices()[0].times_told == 1


@pytest.mark.parametrize(("path", "sha256"), [
    ("/link/audio/x", ""), ("/link/audio/x", "../../etc/passwd"), ("/link/audio/x", SHA.upper()), ("https://elsewhere.example/x", SHA),
    ("/link/../notices", SHA), ("@elsewhere.example/", SHA)])
def test_a_recording_that_could_not_be_known_again_is_not_taken(store, path, sha256):
    intake = store.take([notice(1, audio=path, audio_sha256=sha256), notice(2)], NOW)
    assert intake.events == (NoticeArrived("n2"),) and store.dropped == 1 and store.attachments() == ()


# -- the outbox -------------------------------------------------------------------------------------------------------

def test_each_step_is_told_once_but_the_last_answer_counts(store):
    store.take([notice(1, "n")], NOW)
    steps = (NoticeStep.TOLD, NoticeStep.PLAYING, NoticeStep.PLAYING, NoticeStep.INTERRUPTED, NoticeStep.INTERRUPTED, NoticeStep.HEARD, NoticeStep.HEARD)
    for step in steps:
        store.note(NoteNotice("n", 1, step), NOW)
    for answer in ("是", "否"):
        store.note(NoteNotice("n", 1, NoticeStep.ANSWERED, answer), NOW)
    assert [step for _, _, step in told(store)] == ["delivered", "playing", "interrupted", "interrupted", "heard", "answered", "answered"]
    assert store.waiting(99)[-1] == Receipt(7, "n", 1, Step.ANSWERED, NOW, "否")
    assert store.notices()[0].times_told == 3
    store.note(NoteNotice("unknown", 1, NoticeStep.HEARD), NOW)
    assert len(told(store)) == 7


@pytest.mark.parametrize(("through", "numbers", "then"), [
    (0, [1, 2, 3], 4), (2, [3], 4), (3, [], 4),
    (9, [], 10),  # the box has lost its disk: the hub has had more of it than it remembers
])
def test_what_the_hub_has_is_not_sent_again(store, through, numbers, then):
    store.take([notice(1), notice(2), notice(3)], NOW)
    store.taken(through)
    assert [number for number, _, _ in told(store)] == numbers
    store.take([notice(4)], NOW)
    assert told(store)[-1] == (then, "n4", "delivered")


def test_a_hub_that_has_lost_its_disk_gets_them_from_where_it_is(store):
    store.take([notice(number) for number in range(1, 6)], NOW)
    store.taken(4)
    store.taken(2)
    assert told(store) == [(3, "n5", "delivered")]
    store.note(NoteNotice("n5", 1, NoticeStep.HEARD), NOW)
    assert told(store)[-1] == (4, "n5", "heard")


def test_what_the_hub_never_takes_is_kept_apart_and_the_others_close_up(store, tmp_path):
    store.take([notice(number) for number in range(1, 5)], NOW)
    store.taken(1)
    store.set_apart("没用" * 400, NOW)
    assert told(store) == [(2, "n3", "delivered"), (3, "n4", "delivered")]
    store.take([notice(5)], NOW)
    (apart,) = HubStore(tmp_path).apart()
    assert told(HubStore(tmp_path))[-1] == (4, "n5", "delivered")
    assert (apart.receipt.notice, apart.receipt.number, apart.at) == ("n2", 2, NOW) and apart.why.startswith("没用") and len(apart.why) == 300
    for _ in range(3):
        store.set_apart("没用", NOW)
    store.note(NoteNotice("n5", 1, NoticeStep.HEARD), NOW)
    assert told(store) == [(2, "n5", "heard")]


def test_nothing_of_a_village_is_left_when_it_is_forgotten(store, tmp_path):
    key = store.key()
    store.join(Membership("b", "张大娘家", "东山村", public_text(Ed25519PrivateKey.generate())))
    store.take([notice(1)], NOW)
    store.forget()
    for left in (store, HubStore(tmp_path)):
        assert left.membership() is None and left.notices() == () and left.last == 0 and left.waiting(9) == ()
    assert store.key() != key and not (tmp_path / f"{FILE_NAME}.1").exists()


def test_only_one_may_own_it(tmp_path):
    owner = HubStore(tmp_path, alone=True)
    with pytest.raises(StoreInUse):
        HubStore(tmp_path, alone=True)
    owner.close()
    HubStore(tmp_path, alone=True).close()


def test_a_disk_that_refuses_changes_nothing(store, tmp_path):
    store.take([notice(1)], NOW)
    (tmp_path / f"{FILE_NAME}.tmp").mkdir()
    with pytest.raises(StoreError):
        store.take([notice(2)], NOW)
    with pytest.raises(StoreError):
        store.note(NoteNotice("n1", 1, NoticeStep.HEARD), NOW)
    assert store.last == 1 and len(store.notices()) == 1 and not store.notices()[0].is_heard and len(told(store)) == 1
    (tmp_path / f"{FILE_NAME}.tmp").rmdir()
    assert store.take([notice(2)], NOW).events == (NoticeArrived("n2"),)


# -- who it is --------------------------------------------------------------------------------------------------------

def test_the_key_is_made_once_and_the_first_hub_is_pinned(store, tmp_path):
    key, hub_key = store.key(), public_text(Ed25519PrivateKey.generate())
    assert len(key) >= 40 and HubStore(tmp_path).key() == key and store.membership() is None
    store.join(Membership("b", "张大娘家", "东山村", hub_key))
    store.join(Membership("c", "别人", "西山村", public_text(Ed25519PrivateKey.generate())))
    assert HubStore(tmp_path).membership() == Membership("b", "张大娘家", "东山村", hub_key) and store.key() == key
    assert public_key(hub_key).public_bytes_raw()


# -- the course -------------------------------------------------------------------------------------------------------

def test_it_waits_longer_each_time_but_never_too_long():
    course, waits = Course(), []
    for _ in range(9):
        course = course.not_reached()
        waits.append((course.wait_s(0.0), course.wait_s(1.0)))
    assert waits == [(1, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, LONGEST_S), *[(LONGEST_S, LONGEST_S)] * 3]


@pytest.mark.parametrize(("tried", "way", "wait_s"), [
    ([], Way.LINE, 0.0),
    (["silent"], Way.LINE, 1.0),
    (["silent", "silent"], Way.POLL, 2.0),
    (["silent", "silent", "polled"], Way.POLL, POLL_S),
    (["silent", "silent", "polled", "polled"], Way.LINE, 0.0),
    (["silent", "silent", "polled", "polled", "silent"], Way.POLL, 1.0),
    (["silent", "silent", "not_reached"], Way.LINE, 4.0),
    (["silent", "lasted"], Way.LINE, 1.0),
    (["not_reached", "not_reached", "brief"], Way.LINE, 4.0),
])
def test_what_is_tried_next(tried, way, wait_s):
    moves = {"silent": Course.was_silent, "polled": Course.polled, "not_reached": Course.not_reached,
             "lasted": lambda course: course.lasted(60.0), "brief": lambda course: course.lasted(1.0)}
    course = Course()
    for name in tried:
        course = moves[name](course)
    assert (course.way, course.wait_s(0.0)) == (way, wait_s)


def test_a_line_that_is_never_good_is_tried_more_and_more_seldom():
    course, polls = Course(), []
    for _ in range(7):
        while course.way is Way.LINE:
            course = course.was_silent()
        count = 0
        while course.way is Way.POLL:
            course, count = course.polled(), count + 1
        polls.append(count)
    assert polls == [2, 4, 8, 16, 20, 20, 20]


@pytest.mark.parametrize(("lines", "said"), [
    ([], []), (["retry: 3000", ""], [None]), ([":", ""], [None]), (["id: 1", "data: x", ""], [None, "x"]), (["data:x", "data: y", ""], ["x\ny"]),
    (["data: x"], []),
])
def test_events_are_read_from_lines(lines, said):
    assert list(_said(lines)) == said
