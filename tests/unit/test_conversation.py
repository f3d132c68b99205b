"""Conversations with the real understanding and the real skills, in words as a recogniser hands them over."""
import datetime as dt
from dataclasses import replace

import pytest

from assistant.commands import (
    DismissTimer,
    Duck,
    KeepPlaying,
    PlayMedia,
    SetMediaSpeed,
    SetVolume,
    Show,
    StartTimer,
    StopMediaAt,
    Unduck,
)
from assistant.dialogue import Dialogue
from assistant.events import Heard, TimerRang
from assistant.follow_up import REMEMBERED
from assistant.forecast import UNKNOWN_PLACE
from assistant.library.library import names_of
from assistant.state import Phase, Window
from assistant.turns import Manners
from assistant.wording import Wording
from intents.matcher import Matcher
from intents.model import Hypothesis, Intent
from skills.api import Playing, Programme, Reply, World, ask_for
from skills.registry import discover
from tests.talk import Box

NOW = dt.datetime(2026, 11, 23, 10, 0)
OFFLINE = dict.fromkeys(("济南", "泰安", "北京"), "no network")
REGISTRY = discover()
WORDING = Wording.load()


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


def remind(intent: Intent, world: World) -> Reply:
    """A skill that needs two things and asks for them in turn."""
    if not {"time", "in_minutes"} & intent.slots.keys():
        return Reply("几点提醒您？", expects=ask_for(intent, "time", "in_minutes"))
    if "what" not in intent.slots:
        return Reply("提醒您什么？", expects=ask_for(intent, "what"))
    return Reply(f"好，{intent.slots.get('date', '今天')} {intent.slots['time']} 提醒您{intent.slots['what']}。")


@pytest.fixture
def box(matcher):
    handlers = {**REGISTRY.handlers, "reminder.create": remind}
    dialogue = Dialogue(matcher, handlers, REGISTRY.answers, WORDING, Manners(), "小乡小乡")
    return Box(dialogue, World(now=NOW, home_place="济南", forecast_failures=OFFLINE)).wake()


def acted(box):
    return box.state.acted.intent.name, dict(box.state.acted.intent.slots)


# -- going on -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("talk", "name", "slots"),
    [
        (["今天阴历初几", "拿明天呢"], "calendar.lunar", {"date": "2026-11-24"}),
        (["今天星期几", "后天呢", "那大后天那"], "clock.date", {"date": "2026-11-26"}),
        (["泰安明天下雨吗", "济南呢"], "weather.query", {"place": "济南", "date": "2026-11-24", "aspect": "rain"}),
        (["泰安天气怎么样", "那明天那", "冷不冷"], "weather.query", {"place": "泰安", "date": "2026-11-24", "aspect": "temperature"}),
        (["泰安明天天气怎么样", "那这几天呢"], "weather.query", {"place": "泰安"}),
        (["离过年还有几天", "那冬至呢"], "calendar.term", {"name": "冬至"}),
        (["给儿子打电话", "还成闺女"], "call.request", {"contact": "闺女"}),
        (["给儿子打电话", "给闺女打把"], "call.request", {"contact": "闺女"}),
        (["大点声", "在大点"], "volume.up", {}),
        (["大点声", "再小一点"], "volume.down", {}),
        (["小点声", "再来点"], "volume.down", {}),
        (["说慢点", "在慢点"], "speech.slower", {}),
        (["跳慢一点", "在慢点"], "media.slower", {}),
        (["我想听吕剧李二嫂改嫁", "还成京剧"], "media.play", {"genre": "京剧", "kind": "opera"}),
        (["今天阴历初几", "谢谢你", "那明天呢"], "calendar.lunar", {"date": "2026-11-24"}),
    ],
)
def test_it_goes_on_from_what_was_done_before(box, talk, name, slots):
    box.talk(*talk)
    assert acted(box) == (name, slots)


BOOKS = tuple(Programme(f"{title}.mp3", title, "opera", "吕剧", by) for title, by in (
    ("李二嫂改嫁", "郎咸芬"), ("姊妹易嫁", "李岱江"), ("小姑贤", "李岱江"), ("花木兰", "常香玉"), ("花木兰", "马金凤")))


@pytest.mark.parametrize(("pick", "place"), [("第一个", 0), ("第二个吧", 1), ("地三个", 2), ("放最后那个", 2), ("第二给", 1)])
def test_one_of_the_names_that_were_read_out_is_chosen_by_its_place(box, pick, place):
    box.world = replace(box.world, programmes=BOOKS[:3])
    box.hear("都有什么戏")
    (names,) = (command.card.lines for command in box.commands if isinstance(command, Show) and command.card.kind == "media")
    box.done()
    box.hear(pick)
    (order,) = (command for command in box.commands if isinstance(command, PlayMedia))
    assert order.files == (f"{names[place]}.mp3",)


def test_a_place_beyond_the_names_is_not_guessed(box):
    box.world = replace(box.world, programmes=BOOKS[:2])
    box.talk("都有什么戏")
    box.hear("第三个")
    assert not any(isinstance(command, PlayMedia) for command in box.commands)


@pytest.mark.parametrize(("answer", "by"), [("马金凤的", {"马金凤"}), ("听常香玉唱的", {"常香玉"}), ("第一个", {"常香玉", "马金凤"}), ("好", {"常香玉", "马金凤"})])
def test_which_version_is_asked_and_answered(box, answer, by):
    versions = tuple(replace(one, file=f"{one.artist}.mp3", genre="豫剧") for one in BOOKS[3:])
    box.world = replace(box.world, programmes=versions)
    said = box.talk("放花木兰")
    assert "常香玉" in said and "马金凤" in said
    box.hear(answer)
    (order,) = (command for command in box.commands if isinstance(command, PlayMedia))
    assert order.files[0].removesuffix(".mp3") in by and len(order.files) == 1


@pytest.mark.parametrize("sentence", ["半小时后关", "再听半个小时就关了", "过半小时把戏关了"])
def test_what_plays_is_to_end_later_and_a_timer_still_rings(box, sentence):
    playing = Playing(BOOKS[0], True, False, True, True, 1.0)
    box.world = replace(box.world, playing=playing)
    assert "半个小时" in box.hear(sentence)
    assert StopMediaAt(NOW + dt.timedelta(minutes=30)) in box.commands
    box.done()
    box.wake().hear("定时半小时")
    assert any(isinstance(command, StartTimer) for command in box.commands)


def test_with_nothing_on_there_is_nothing_to_end(box):
    box.hear("半小时后关")
    assert "没放着" in box.said() and not any(isinstance(command, StopMediaAt) for command in box.commands)


def test_a_time_that_was_set_is_taken_back(box):
    box.world = replace(box.world, playing=Playing(BOOKS[0], True, False, True, True, 1.0))
    box.talk("半小时后关")
    box.wake().hear("先别关")
    assert KeepPlaying() in box.commands and "不关" in box.said()


def test_louder_again_is_louder_again(box):
    box.talk("大点声")
    box.hear("在大点")
    assert SetVolume(75) in box.commands


@pytest.mark.parametrize(("age", "day"), [(REMEMBERED, "2026-11-25"), (REMEMBERED + dt.timedelta(seconds=1), "2026-11-23")])
def test_what_is_too_old_is_forgotten(box, age, day):
    box.talk("今天阴历初几")
    box.world = replace(box.world, now=NOW + age)
    box.wake().hear("后天呢")
    assert acted(box) == ("calendar.lunar", {"date": day})


def test_a_whole_sentence_means_what_it_says(box):
    box.talk("泰安明天天气怎么样", "今天阴历初几")
    assert acted(box) == ("calendar.lunar", {"date": "2026-11-23"})


# -- putting right ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("talk", "name", "slots"),
    [
        (["给儿子打电话", "不是四大儿子"], "call.request", {"contact": "大儿子"}),
        (["泰安明天天气怎么样", "不对我说的是几南"], "weather.query", {"place": "济南", "date": "2026-11-24"}),
        (["今天阴历初几", "错了去明天"], "calendar.lunar", {"date": "2026-11-24"}),
        (["几点了", "不是我要听京剧"], "media.play", {"genre": "京剧", "kind": "opera"}),
        (["给儿子打电话", "不对几点了"], "clock.time", {}),
    ],
)
def test_what_was_meant_otherwise_is_put_right(box, talk, name, slots):
    box.talk(*talk)
    assert acted(box) == (name, slots)


def test_a_timer_put_right_does_not_ring_twice(box):
    box.talk("定时五分钟")
    box.hear("不对是十分钟")
    orders = [c for c in box.commands if isinstance(c, DismissTimer | StartTimer)]
    assert [type(order) for order in orders] == [DismissTimer, StartTimer]
    assert orders[1].due == NOW + dt.timedelta(minutes=10) and "一共" not in box.said()


# -- what matters is confirmed ------------------------------------------------------------------------------------


def test_a_call_that_was_not_heard_well_is_confirmed_first(box):
    assert box.talk("给二字大殿话") == "您是要给儿子打电话吗？"
    assert box.state.acted is None
    box.talk("对")
    assert acted(box) == ("call.request", {"contact": "儿子"})


@pytest.mark.parametrize("answer", ["不是四大儿子", "大儿子", "给大儿子打"])
def test_at_the_question_the_right_one_can_be_named(box, answer):
    box.talk("给二字大殿话", answer)
    assert acted(box) == ("call.request", {"contact": "大儿子"})


def test_somebody_else_named_unclearly_is_confirmed_again(box):
    box.talk("给二字大殿话")
    assert box.talk("给归你大殿话") == "您是要给闺女打电话吗？"


def test_no_call_without_a_yes(box):
    assert box.talk("给二字大殿话", "不是") == "那您说，我听着。"
    assert box.state.acted is None


# -- two things missing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (["定个提醒", "早上八点", "吃药"], "好，今天 08:00 提醒您吃药。"),
        (["定个提醒", "明天早上八点", "迟药"], "好，2026-11-24 08:00 提醒您吃药。"),
        (["提醒我吃药", "八点"], "好，今天 08:00 提醒您吃药。"),
        (["定个提醒", "早上八点", "赶集"], "好，今天 08:00 提醒您赶集。"),
    ],
)
def test_what_is_missing_is_asked_for_in_turn(box, talk, said):
    assert box.talk(*talk) == said


def test_an_answer_may_put_right_what_was_said_before(box):
    assert box.talk("定个提醒", "早上八点", "不对是九点") == "提醒您什么？"
    assert box.talk("吃药") == "好，今天 09:00 提醒您吃药。"


def test_something_else_said_at_a_question_is_that(box):
    box.talk("定个提醒", "早上八点")
    assert "上午十点整" in box.talk("几点了")
    assert box.state.question is None


def test_nobody_is_asked_for_ever(box):
    answers = [box.talk("定时") for _ in range(4)]
    assert answers[1] == "您要定多长时间？" and "再说一遍" in answers[2] and "对不住" in answers[3]
    assert box.state.question is None


def test_minutes_may_be_said_alone(box):
    box.talk("定时")
    box.hear("八分中")
    assert any(isinstance(c, StartTimer) and c.due == NOW + dt.timedelta(minutes=8) for c in box.commands)


def test_another_place_may_be_named_when_the_first_is_unknown(box):
    box.world = replace(box.world, forecast_failures={**OFFLINE, "青岛": UNKNOWN_PLACE})
    assert "青岛在哪儿" in box.talk("青岛明天下雨吗")
    box.talk("北京")
    assert acted(box) == ("weather.query", {"place": "北京", "date": "2026-11-24", "aspect": "rain"})


# -- this or that ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "number"), [("地二个", 1), ("低二个", 1), ("后面那给", 1), ("一第一个", 0), ("前面那个", 0)])
def test_a_choice_by_number_is_heard_by_its_sound(box, answer, number):
    box.talk("胡说八道")
    offered = box.state.question.expectation.data["offered"]
    box.hear(answer)
    assert box.state.acted.intent.name == offered[number].name


# -- a cry for help --------------------------------------------------------------------------------------------------

CRY = WORDING.say("cry")
AGAIN = WORDING.say("cry_again")
LET_GO = WORDING.say("cry_let_go", wake="小乡小乡")


def test_a_clear_cry_needs_no_question(box):
    assert "您别慌" in box.talk("救命")


@pytest.mark.parametrize("before", [["几点了"], ["定时"], ["胡说八道"], ["给二字大殿话"]])
def test_an_unclear_cry_is_asked_about_after_an_answer_and_at_any_question(box, before):
    assert box.talk(*before, "旧明") == CRY
    assert box.state.window is Window.ANSWER and box.state.phase is Phase.LISTENING


@pytest.mark.parametrize("yes", ["要", "叫把", "对", "就命", "快叫人"])
def test_yes_calls_somebody(box, yes):
    assert "您别慌" in box.talk("旧明", yes)


def test_no_is_asked_once_more_and_then_it_lets_go_in_fitting_words(box):
    assert box.talk("旧明", "不要") == AGAIN
    assert box.talk("没事") == LET_GO
    assert box.state.question is None


def test_silence_is_asked_once_more_and_then_it_lets_go(box):
    box.talk("旧明")
    assert [box.silence(), box.silence()] == [AGAIN, LET_GO]


def test_a_yes_to_the_second_question_counts(box):
    assert "您别慌" in box.talk("旧明", "不要", "要")


def test_mumbling_at_the_question_is_no_answer(box):
    assert box.talk("旧明", "嘟嘟囔囔的") == AGAIN


def test_a_wish_that_is_clear_ends_the_alarm(box):
    assert "上午十点整" in box.talk("旧明", "几点了")


def test_a_cry_while_a_timer_rings_stops_the_ringing(matcher):
    dialogue = Dialogue(matcher, REGISTRY.handlers, REGISTRY.answers, WORDING, Manners(), "小乡小乡")
    box = Box(dialogue, World(now=NOW))
    box.tell(TimerRang("t1", "五分钟"))
    box.done()
    assert box.hear("旧明") == CRY
    assert DismissTimer("t1") in box.commands


def test_the_choices_are_shown_as_they_are_said(box):
    box.hear("给二字大殿话")
    card = next(c.card for c in box.commands if isinstance(c, Show) and c.card.kind == "question")
    assert card.choices == ("给儿子打电话",)


# -- operas and songs ---------------------------------------------------------------------------------------------------

OPERA, OTHER = Programme("li.mp3", "李二嫂改嫁", "opera", "吕剧"), Programme("mu.mp3", "穆桂英挂帅", "opera", "豫剧", "马金凤")
DANCE = Programme("moon.mp4", "青石板上的月光", "dance", "广场舞")


@pytest.fixture(scope="module")
def listening():
    """Knows the titles and performers of the library, as the box does."""
    names = names_of((OPERA, OTHER, DANCE))
    return Matcher.load(titles=names.titles, artists=names.artists)


@pytest.mark.parametrize(
    ("utterances", "played"),
    [
        (["来段吕剧李二嫂改嫁"], "li.mp3"),
        (["放清石板上的月光"], "moon.mp4"),
        (["听马金凤的穆桂英挂帅"], "mu.mp3"),
        (["都有啥戏", "穆桂英挂帅"], "mu.mp3"),
        (["来段吕剧天仙配", "好"], "li.mp3"),
        (["来段黄梅戏", "不要", "那听吕剧吧"], "li.mp3"),
        (["看个电影", "广场舞"], "moon.mp4"),
        (["来段吕剧", "不是，我要听豫剧"], "mu.mp3"),
    ],
)
def test_an_opera_is_asked_for_in_one_way_or_another(listening, utterances, played):
    dialogue = Dialogue(listening, REGISTRY.handlers, REGISTRY.answers, WORDING, Manners(), "小乡小乡")
    box = Box(dialogue, World(now=NOW, programmes=(OPERA, OTHER, DANCE))).wake()
    for number, utterance in enumerate(utterances):
        if box.state.phase is Phase.ASLEEP:
            box.wake()
        box.hear(utterance)
        if number < len(utterances) - 1:
            box.done()
    (order,) = (command for command in box.commands if isinstance(command, PlayMedia))
    assert order.files[0] == played


def test_what_plays_is_lowered_until_the_order_has_been_answered(listening):
    dialogue = Dialogue(listening, REGISTRY.handlers, REGISTRY.answers, WORDING, Manners(), "小乡小乡")
    playing = Playing(DANCE, True, False, True, True, 1.0)
    box = Box(dialogue, World(now=NOW, programmes=(OPERA, DANCE), playing=playing))
    box.tell(Heard(1, (Hypothesis("跳慢点儿"),), after_wake=True))
    assert box.commands[0] == Duck() and SetMediaSpeed(0.85) in box.commands
    assert box.done()[-1] == Unduck() and box.state.phase is Phase.ASLEEP
