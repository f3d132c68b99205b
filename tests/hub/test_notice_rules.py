"""What decides about notices, as tables: words, whom they are for, when they go out, how far they have come."""
from __future__ import annotations

import datetime as dt

import pytest

from hub.errors import Refused
from hub.notices import schedule, targets
from hub.notices.schedule import Repeat, next_time
from hub.notices.standing import PLAYS_AT_MOST, Show, Stage, Standing, figures, percent
from hub.notices.targets import Person, Scope, Targets, meant
from hub.notices.words import Category, Priority, words

ZONE = "Asia/Shanghai"
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
NOW = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)
"""A Monday, ten in the morning in the village."""


# -- words --------------------------------------------------------------------------------------------------------------

def test_words_are_kept_as_they_are_but_for_their_edges():
    said = words("  停水 ", "  明天停水。\r\n存点水。\t好。 \n", "停水停电", "urgent", "去不去？", ["去", "", " 不去 "])
    assert (said.title, said.text, said.category, said.priority) == ("停水", "明天停水。\n存点水。 好。", Category.OUTAGE, Priority.URGENT)
    assert (said.question, said.choices) == ("去不去？", ("去", "不去"))


def test_without_a_question_there_are_no_answers():
    assert words("停水", "明天停水", "其他", "ordinary", "", ["去", "不去"]).choices == ()


@pytest.mark.parametrize("change, why", [
    ({"title": ""}, "标题还没有写"), ({"title": "  \n "}, "标题还没有写"), ({"title": "停\n水"}, "标题要写在一行里"), ({"title": "停" * 41}, "标题太长"),
    ({"text": " "}, "内容还没有写"), ({"text": "水" * 1001}, "现在有1001个"), ({"text": "停\x00水"}, "念不出来"), ({"text": "停\x1b[2J水"}, "念不出来"),
    ({"text": "停\x85水"}, "念不出来"), ({"text": "停\ud800水"}, "念不出来"), ({"category": "电"}, "类别"), ({"category": ""}, "类别"),
    ({"priority": "high"}, "轻重缓急"), ({"question": "去？", "choices": []}, "2到4个"), ({"question": "去？", "choices": ["去"]}, "2到4个"),
    ({"question": "去？", "choices": list("甲乙丙丁戊")}, "2到4个"), ({"question": "去？", "choices": ["去", " 去"]}, "一样"),
    ({"question": "去" * 101, "choices": ["去", "不"]}, "问题太长"), ({"question": "去？", "choices": ["去", "不" * 21]}, "答案太长"),
    ({"question": "去？", "choices": ["去", "不\n去"]}, "一行")])
def test_words_that_cannot_be_read_out_are_refused(change, why):
    given = {"title": "停水", "text": "明天停水", "category": "停水停电", "priority": "ordinary"} | change
    with pytest.raises(Refused, match=why):
        words(**given)


@pytest.mark.parametrize("text", ["水" * 1000, "第一行\n第二行", "\U00020bb7野家👵🏻"])
def test_long_and_rare_letters_are_words(text):
    assert words("停水", text, "其他", "ordinary").text == text


# -- whom it is for -----------------------------------------------------------------------------------------------------

OLD, YOUNG, UNKNOWN = Person(1946, frozenset({"独居"})), Person(1990, frozenset({"党员"})), Person(None, frozenset({"党员"}))


def some(**values) -> Targets:
    return Targets(Scope.SOME, **{name: frozenset(value) if isinstance(value, set) else value for name, value in values.items()})


@pytest.mark.parametrize("whom, people, expected", [
    (Targets(), [], True),
    (some(), [OLD], False),
    (some(grids={"east"}), [], True), (some(grids={"west"}), [OLD], False), (some(grids={"west", "east"}), [], True),
    (some(homes={"h"}), [], True), (some(homes={"other"}), [OLD], False), (some(grids={"west"}, homes={"h"}), [], True),
    (some(age_from=80), [OLD], True), (some(age_from=81), [OLD], False), (some(age_to=80), [OLD], True), (some(age_to=79), [OLD], False),
    (some(age_from=60, age_to=90), [YOUNG, OLD], True), (some(age_from=60), [YOUNG], False),
    (some(age_from=0), [UNKNOWN], False), (some(age_to=0), [OLD], False), (some(age_from=60), [], False),
    (some(tags={"党员"}), [UNKNOWN], True), (some(tags={"党员", "独居"}), [OLD], True), (some(tags={"低保"}), [OLD, YOUNG], False),
    (some(tags={"党员"}, age_from=60), [OLD, YOUNG], False), (some(tags={"独居"}, age_from=60), [OLD, YOUNG], True),
    (some(grids={"west"}, tags={"独居"}), [OLD], False), (some(grids={"east"}, age_from=90), [OLD], False)])
def test_whom_a_notice_is_for(whom, people, expected):
    assert meant(whom, "h", "east", people, 2026) is expected
    assert targets.from_plain(targets.to_plain(whom)) == whom


@pytest.mark.parametrize("whom, why", [
    (some(), "还没选"), (some(age_from=-1), "年龄"), (some(age_to=131), "年龄"), (some(age_from=80, age_to=60), "反"), (some(homes=set()), "还没选")])
def test_whom_nobody_can_be_for(whom, why):
    with pytest.raises(Refused, match=why):
        targets.check(whom)


@pytest.mark.parametrize("whom, said", [
    (Targets(), "全村"), (some(grids={"e", "w"}), "东片、西片"), (some(age_from=60), "60岁以上"), (some(age_to=70), "70岁以下"),
    (some(age_from=60, age_to=70, tags={"独居"}), "60到70岁，独居"), (some(homes={"h"}), "张大娘家"),
    (some(grids={"e"}, homes={"h"}), "东片；另加张大娘家"), (some(grids={"gone"}), "选的那些已经不在了")])
def test_whom_it_is_for_in_words(whom, said):
    assert targets.shown(whom, {"e": "东片", "w": "西片"}, {"h": "张大娘家"}) == said


# -- when it goes out ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("last, repeat, now, expected", [
    (NOW, Repeat.NEVER, NOW, None),
    (NOW, Repeat.DAILY, NOW, NOW + DAY), (NOW, Repeat.DAILY, NOW + HOUR, NOW + DAY), (NOW, Repeat.DAILY, NOW + DAY, NOW + 2 * DAY),
    (NOW, Repeat.DAILY, NOW + 5 * DAY + HOUR, NOW + 6 * DAY), (NOW, Repeat.DAILY, NOW + 5 * DAY - HOUR, NOW + 5 * DAY),
    (NOW, Repeat.WEEKLY, NOW, NOW + 7 * DAY), (NOW, Repeat.WEEKLY, NOW + 20 * DAY, NOW + 21 * DAY),
    (NOW, Repeat.WEEKLY, NOW + 21 * DAY, NOW + 28 * DAY), (NOW, Repeat.DAILY, NOW + 3650 * DAY, NOW + 3651 * DAY),
    # Half past midnight in the village is still yesterday in UTC.
    (NOW - 9.5 * HOUR, Repeat.DAILY, NOW, NOW + 14.5 * HOUR)])
def test_when_it_comes_again(last, repeat, now, expected):
    assert next_time(last, repeat, now, ZONE) == expected


def test_it_comes_at_the_same_hour_also_where_clocks_are_changed():
    before = dt.datetime(2026, 10, 24, 6, 0, tzinfo=dt.UTC)
    assert next_time(before, Repeat.DAILY, before, "Europe/Berlin") == before + DAY + HOUR


@pytest.mark.parametrize("send_at, repeat, expires_at, why", [
    (NOW, Repeat.NEVER, None, "过了"), (NOW - MINUTE, Repeat.NEVER, NOW + DAY, "过了"), (None, Repeat.NEVER, NOW, "有效期"),
    (NOW + DAY, Repeat.NEVER, NOW + DAY, "有效期"), (None, Repeat.DAILY, None, "重复"), (NOW + DAY, Repeat.WEEKLY, NOW + HOUR, "有效期")])
def test_times_that_cannot_be_kept(send_at, repeat, expires_at, why):
    with pytest.raises(Refused, match=why):
        schedule.check(send_at, repeat, expires_at, NOW)


@pytest.mark.parametrize("send_at, repeat, expires_at", [
    (None, Repeat.NEVER, None), (None, Repeat.DAILY, NOW + DAY), (NOW + MINUTE, Repeat.NEVER, None), (NOW + HOUR, Repeat.WEEKLY, NOW + 30 * DAY)])
def test_times_that_can_be_kept(send_at, repeat, expires_at):
    schedule.check(send_at, repeat, expires_at, NOW)


# -- how far it has come ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("facts, stage, heard, confirmed", [
    ({}, Stage.NO_BOX, False, False), ({"boxes": 1}, Stage.OFFLINE, False, False), ({"boxes": 1, "online": True}, Stage.WAITING, False, False),
    ({"boxes": 1, "delivered_at": NOW}, Stage.DELIVERED, False, False), ({"boxes": 1, "playing_at": NOW}, Stage.PLAYING, False, False),
    ({"boxes": 1, "playing_at": NOW - PLAYS_AT_MOST}, Stage.CUT_OFF, False, False),
    ({"boxes": 1, "playing_at": NOW, "interrupted_at": NOW}, Stage.CUT_OFF, False, False),
    ({"boxes": 1, "interrupted_at": NOW, "heard_at": NOW}, Stage.HEARD, True, False),
    ({"boxes": 1, "heard_at": NOW, "confirmed_at": NOW}, Stage.CONFIRMED, True, True),
    ({"boxes": 1, "confirmed_at": NOW}, Stage.CONFIRMED, False, True), ({"boxes": 1, "answered_at": NOW, "answer": "是"}, Stage.ANSWERED, False, True),
    ({"boxes": 0, "heard_at": NOW}, Stage.HEARD, True, False)])
def test_nothing_counts_as_heard_that_the_loudspeaker_has_not_finished(facts, stage, heard, confirmed):
    home = Standing("h", "张大娘家", **facts)
    assert (home.stage(NOW), home.heard, home.confirmed) == (stage, heard, confirmed)
    assert home.is_of(Show.ALL) and home.is_of(Show.UNHEARD) is not heard and home.is_of(Show.UNCONFIRMED) is (heard and not confirmed)


def test_figures_count_homes_and_answers():
    homes = [Standing("a", "甲", boxes=1, delivered_at=NOW, heard_at=NOW, answered_at=NOW, answer="是"), Standing("b", "乙", boxes=1, delivered_at=NOW),
             Standing("c", "丙", boxes=1, answered_at=NOW, answer="是"), Standing("d", "丁")]
    counted = figures(homes, ("是", "否"))
    assert (counted.of, counted.delivered, counted.heard, counted.confirmed) == (4, 2, 1, 2)
    assert counted.answers == (("是", 2), ("否", 0)) and counted.unanswered == 2


@pytest.mark.parametrize("part, of, expected", [(0, 0, 0), (102, 103, 99), (103, 103, 100), (1, 3, 33)])
def test_a_hundred_per_cent_is_all(part, of, expected):
    assert percent(part, of) == expected
