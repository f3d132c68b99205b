"""What is played and what is said when somebody asks for an opera, a dance, a song or a story."""
import datetime as dt
from dataclasses import replace

import pytest

from assistant.commands import (
    EndAfterThis,
    NextMedia,
    PauseMedia,
    PlayMedia,
    PreviousMedia,
    RestartMedia,
    ResumeMedia,
    SetMediaSpeed,
    StopMedia,
)
from intents.model import Intent
from skills.api import Playing, Programme, World
from skills.media.choice import MOST_AT_ONCE, meant, others, queue
from skills.media.skill import INSTEAD, SLOWEST, VERSION
from skills.registry import discover

SKILLS = discover()
HUA, HUA_MA = Programme("hua.mp3", "花木兰", "opera", "豫剧", "常香玉"), Programme("hua-ma.mp3", "花木兰", "opera", "豫剧", "马金凤")
LIU = Programme("liu.mp3", "花木兰刘大哥讲话理太偏", "opera", "豫剧")
LI, JIE = Programme("li.mp3", "李二嫂改嫁", "opera", "吕剧"), Programme("jie.mp3", "姊妹易嫁", "opera", "吕剧")
APPLE = Programme("apple.mp4", "小苹果", "dance", "广场舞")
BOOK = tuple(Programme(f"book/{part:03}.mp3", "白眉大侠", "story", "评书", "单田芳", part) for part in range(1, 4))
MOLI = Programme("moli.mp3", "茉莉花", "song", "民歌")
ALL = (APPLE, *BOOK, HUA, HUA_MA, JIE, LI, LIU, MOLI)
WORLD = World(now=dt.datetime(2026, 11, 23, 10, 0), programmes=ALL)


def ask(name, world=WORLD, **slots):
    return SKILLS.handle(Intent(name, slots, 1.0), world)


def files(reply):
    (order,) = (command for command in reply.commands if isinstance(command, PlayMedia))
    return order.files


def on(programme, *, paused=False, stopped=False, first=False, last=False, speed=1.0):
    return replace(WORLD, playing=Playing(programme, not paused and not stopped, paused, first, last, speed))


# -- play ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("slots", "found"),
    [
        ({"title": "李二嫂改嫁"}, {LI}),
        ({"title": "李二嫂改嫁", "genre": "豫剧", "kind": "opera"}, {LI}),
        ({"title": "花木兰"}, {HUA, HUA_MA}),
        ({"title": "花木兰", "artist": "常香玉"}, {HUA}),
        ({"title": "刘大哥讲话"}, {LIU}),
        ({"artist": "单田芳"}, set(BOOK)),
        ({"genre": "吕剧", "kind": "opera"}, {LI, JIE}),
        ({"kind": "opera"}, {HUA, HUA_MA, LIU, LI, JIE}),
        ({}, set(ALL)),
        ({"title": "天仙配"}, set()),
        ({"title": "花木兰", "artist": "邓丽君"}, set()),
        ({"genre": "京剧", "kind": "opera"}, set()),
    ],
)
def test_what_is_meant(slots, found):
    assert {part for work in meant(ALL, slots) for part in work} == found


def test_a_title_is_played_and_named():
    reply = ask("media.play", title="李二嫂改嫁", genre="吕剧", kind="opera")
    assert files(reply) == ("li.mp3",) and "吕剧李二嫂改嫁" in reply.text
    assert reply.goes_to_sleep and reply.undo == (StopMedia(),)


def test_a_book_is_played_from_its_first_part_on():
    reply = ask("media.play", title="白眉大侠")
    assert files(reply) == tuple(part.file for part in BOOK) and "三段" in reply.text and "单田芳讲的" in reply.text


@pytest.mark.parametrize(("name", "slots", "file"), [
    ("media.play", {"title": "花木兰", "artist": "马金凤"}, "hua-ma.mp3"), ("media.play", {"title": "李二嫂改嫁"}, "li.mp3"), ("dialog.yes", {}, None),
])
def test_of_several_versions_the_person_chooses(name, slots, file):
    asked = ask("media.play", title="花木兰")
    assert not asked.commands and "常香玉唱的" in asked.text and "马金凤唱的" in asked.text and len(asked.card.choices) == 2
    assert asked.expects.topic == VERSION and {one.slots["artist"] for one in asked.expects.choices} == {"常香玉", "马金凤"}
    first = {"常香玉": "hua.mp3", "马金凤": "hua-ma.mp3"}[asked.expects.choices[0].slots["artist"]]
    assert files(SKILLS.answer(VERSION, Intent(name, slots), WORLD, asked.expects.data)) == (file or first,)


def test_two_of_three_versions_are_offered_and_no_is_an_answer():
    world = replace(WORLD, programmes=(*ALL, Programme("hua-3.mp3", "花木兰", "opera", "豫剧", "小香玉")))
    offered = {one.slots["artist"] for turn in range(3) for one in ask("media.play", replace(world, turn=turn), title="花木兰").expects.choices}
    assert offered == {"常香玉", "马金凤", "小香玉"}
    asked = ask("media.play", world, title="花木兰")
    assert len(asked.expects.choices) == 2
    assert not SKILLS.answer(VERSION, Intent("dialog.no"), world, asked.expects.data).commands


def test_versions_that_nobody_could_tell_apart_are_not_asked_about():
    world = replace(WORLD, programmes=(LI, replace(LI, file="li-2.mp3"), replace(LI, file="li-3.mp4", genre="")))
    assert ask("media.play", replace(world, programmes=world.programmes[:2]), title="李二嫂改嫁").commands
    assert ask("media.play", world, title="李二嫂改嫁").expects.choices


def test_a_genre_is_played_beginning_with_another_work_each_time():
    queues = {files(ask("media.play", replace(WORLD, turn=turn), genre="吕剧", kind="opera")) for turn in range(4)}
    assert queues == {("li.mp3", "jie.mp3"), ("jie.mp3", "li.mp3")}
    reply = ask("media.play", genre="吕剧", kind="opera")
    assert "吕剧" in reply.text and reply.text.count("吕剧") == 1


def test_what_plays_already_is_not_what_another_begins_with():
    for turn in range(4):
        assert files(ask("media.play", replace(on(LI), turn=turn), genre="吕剧"))[0] == "jie.mp3"


def test_the_parts_of_a_book_stay_together_whatever_it_begins_with():
    for turn in range(12):
        played = files(ask("media.play", replace(WORLD, turn=turn)))
        at = played.index("book/001.mp3")
        assert played[at : at + 3] == tuple(part.file for part in BOOK) and len(played) == len(ALL)


def test_a_queue_has_an_end():
    many = meant(tuple(Programme(f"{n}.mp3", f"戏{n}", "opera") for n in range(MOST_AT_ONCE + 50)), {"kind": "opera"})
    assert len(queue(many)[0]) == MOST_AT_ONCE


@pytest.mark.parametrize("part", [0, 3, 99, 100, 150, 290, 299])
def test_a_long_book_is_gone_on_with_at_the_right_part_whatever_the_queue_holds(part):
    book = tuple(Programme(f"{n}", "三国", part=n + 1) for n in range(300))
    names, first = queue((book,), part)
    assert names[first] == str(part) and len(names) == MOST_AT_ONCE and names[-1] == str(int(names[0]) + MOST_AT_ONCE - 1)


@pytest.mark.parametrize(
    ("slots", "missing", "offered"),
    [
        ({"title": "天仙配", "genre": "吕剧", "kind": "opera"}, "天仙配", {"li.mp3", "jie.mp3"}),
        ({"title": "霸王别姬", "genre": "京剧", "kind": "opera"}, "霸王别姬", {"li.mp3", "jie.mp3", "hua.mp3", "hua-ma.mp3", "liu.mp3"}),
        ({"title": "红灯记", "artist": "常香玉"}, "常香玉的红灯记", {"hua.mp3"}),
        ({"title": "花木兰", "artist": "邓丽君"}, "邓丽君的花木兰", {"hua.mp3", "hua-ma.mp3"}),
        ({"genre": "京剧", "kind": "opera"}, "京剧", {"li.mp3", "jie.mp3", "hua.mp3", "hua-ma.mp3", "liu.mp3"}),
    ],
)
def test_what_is_not_there_is_said_and_the_nearest_offered_and_played_after_a_yes(slots, missing, offered):
    asked = ask("media.play", **slots)
    assert f"没有{missing}" in asked.text and asked.text.endswith("好吗？") and not asked.commands
    assert asked.expects.topic == INSTEAD
    yes = SKILLS.answer(INSTEAD, Intent("dialog.yes"), WORLD, asked.expects.data)
    assert set(files(yes)) <= offered and files(yes)[0] in offered
    no = SKILLS.answer(INSTEAD, Intent("dialog.no"), WORLD, asked.expects.data)
    assert not no.commands and "不放" in no.text


@pytest.mark.parametrize(
    ("slots", "told"),
    [({"kind": "video"}, "我这儿没有片子。"), ({"title": "西游记"}, "我这儿没有西游记。"), ({"artist": "邓丽君"}, "我这儿没有邓丽君"),
     ({"kind": "radio"}, "我这儿还没设收音机的台"), ({"genre": "摇滚"}, "我这儿没有摇滚。")],
)
def test_where_nothing_is_near_it_says_so(slots, told):
    reply = ask("media.play", **slots)
    assert reply.text.startswith(told) and not reply.commands


def test_asked_which_sort_instead_the_answer_completes_the_wish():
    asked = ask("media.play", kind="video")
    assert asked.expects.wish.name == "media.play" and {"kind", "genre"} <= set(asked.expects.slots)


def test_an_empty_library_promises_nothing():
    for name in ("media.play", "media.list"):
        reply = ask(name, World(now=WORLD.now))
        assert "还没有能放的节目" in reply.text and not reply.commands


# -- while it plays --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("name", "world", "orders", "undo"),
    [
        ("media.pause", on(LI), (PauseMedia(),), (ResumeMedia(),)),
        ("media.resume", on(LI, paused=True), (ResumeMedia(),), (PauseMedia(),)),
        ("media.resume", on(LI, stopped=True), (ResumeMedia(),), (PauseMedia(),)),
        ("media.resume", on(LI), (ResumeMedia(),), ()),
        ("media.stop", on(LI), (StopMedia(),), (ResumeMedia(),)),
        ("media.stop", on(LI, paused=True), (StopMedia(),), (ResumeMedia(),)),
        ("media.stop", on(LI, stopped=True), (), ()),
        ("media.pause", on(LI, stopped=True), (), ()),
        ("media.next", on(LI), (NextMedia(),), ()),
        ("media.previous", on(LI), (PreviousMedia(),), ()),
        ("media.restart", on(LI), (RestartMedia(),), ()),
        ("media.restart", on(LI, stopped=True), (RestartMedia(),), ()),
        ("media.slower", on(APPLE), (SetMediaSpeed(0.85),), (SetMediaSpeed(1.0),)),
        ("media.slower", on(APPLE, speed=0.85), (SetMediaSpeed(0.7),), (SetMediaSpeed(0.85),)),
        ("media.slower", on(APPLE, speed=SLOWEST), (), ()),
        ("media.faster", on(APPLE, speed=1.3), (SetMediaSpeed(1.45),), (SetMediaSpeed(1.3),)),
        ("media.faster", on(APPLE, speed=1.45), (), ()),
        ("media.normal_speed", on(APPLE, speed=0.7), (SetMediaSpeed(1.0),), (SetMediaSpeed(0.7),)),
    ],
)
def test_orders_about_what_plays(name, world, orders, undo):
    reply = ask(name, world)
    assert (reply.commands, reply.undo) == (orders, undo) and reply.text


@pytest.mark.parametrize("name", ["pause", "resume", "stop", "next", "previous", "restart", "slower", "faster", "normal_speed", "what"])
def test_where_nothing_has_played_it_says_so(name):
    reply = ask(f"media.{name}")
    assert not reply.commands and reply.text in ("我这会儿没放节目。", "这会儿没放着什么。")


@pytest.mark.parametrize(("words", "order"), [
    ("听完这段就关", EndAfterThis()), ("放完这个就停了吧", EndAfterThis()), ("唱完你再关", EndAfterThis()), ("听完了关了吧", StopMedia()), ("关了吧", StopMedia()),
])
def test_it_may_be_heard_to_its_end_first(words, order):
    assert SKILLS.handle(Intent("media.stop", {}, 1.0, words), on(LI)).commands == (order,)
    assert SKILLS.handle(Intent("media.stop", {}, 1.0, words), on(LI, paused=True)).commands == (StopMedia(),)


def test_behind_the_last_one_comes_something_else_of_the_same_sort():
    reply = ask("media.next", on(LI, last=True))
    assert files(reply)[0] == "jie.mp3" and "姊妹易嫁" in reply.text
    assert files(ask("media.next", on(APPLE, last=True)))[0] != "apple.mp4"
    alone = replace(on(LI, last=True), programmes=(LI,))
    assert not ask("media.next", alone).commands and "没有别的" in ask("media.next", alone).text
    assert {work[0].genre for work in others(ALL, LI)} == {"吕剧"}


def test_before_the_first_one_it_begins_anew_and_says_so():
    assert "头一个" in ask("media.previous", on(LI, first=True)).text
    assert "头一个" not in ask("media.previous", on(LI)).text


@pytest.mark.parametrize(
    ("world", "told"),
    [
        (on(HUA), "常香玉唱的豫剧花木兰"), (on(BOOK[0]), "单田芳讲的评书白眉大侠"), (on(APPLE), "广场舞小苹果"),
        (on(LI), "谁唱的，我这儿没写着"), (on(HUA, paused=True), "花木兰"), (on(HUA, stopped=True), "刚才放的是常香玉唱的豫剧花木兰"),
        (on(LI, stopped=True), "刚才放的是吕剧李二嫂改嫁，谁唱的"),
    ],
)
def test_what_plays_and_who_it_is_by(world, told):
    assert told in ask("media.what", world).text


def test_a_long_title_is_cut_where_an_ear_would():
    long = Programme("x.mp3", "咱们村的老少爷们儿正月十五闹元宵扭秧歌", "opera")
    assert "那一段" in ask("media.what", on(long)).text and len(ask("media.what", on(long)).text) < 45


# -- what there is ---------------------------------------------------------------------------------------------------

def test_three_are_named_never_more_and_others_the_next_time():
    many = replace(WORLD, programmes=tuple(Programme(f"{n}.mp3", f"戏{n}", "opera", "吕剧") for n in "甲乙丙丁戊己庚"))
    texts = [ask("media.list", replace(many, turn=turn), genre="吕剧").text for turn in range(3)]
    assert all(text.count("戏") == 3 and "七个" in text for text in texts) and len(set(texts)) == 3


@pytest.mark.parametrize(
    ("slots", "told"),
    [({"genre": "吕剧"}, "姊妹易嫁"), ({"kind": "dance"}, "就一个，小苹果"), ({"kind": "opera"}, "一共有四个"), ({}, "评书"), ({"genre": "京剧", "kind": "opera"}, "没有京剧")],
)
def test_a_list_answers_what_was_asked(slots, told):
    assert told in ask("media.list", **slots).text


@pytest.mark.parametrize(("heard", "told"), [("都有啥戏", "戏一共有四个"), ("你会唱啥歌", "歌就一个，茉莉花"), ("念念节目单", "评书、豫剧")])
def test_a_sort_that_is_only_in_the_words_is_listed_too(heard, told):
    assert told in SKILLS.handle(Intent("media.list", {}, 1.0, heard), WORLD).text


def test_a_title_after_the_list_is_played():
    asked = ask("media.list", genre="吕剧")
    assert asked.expects.slots == ("title",) and asked.expects.wish == Intent("media.play", {"genre": "吕剧"})
    assert [one.slots["title"] for one in asked.expects.choices] == [title for title in asked.card.lines]


def test_the_sorts_that_were_named_can_be_chosen_by_their_place():
    asked = ask("media.list")
    assert [next(iter(one.slots.values())) for one in asked.expects.choices] == ["评书", "豫剧", "吕剧"]


def test_several_versions_are_one_name():
    world = replace(WORLD, programmes=(HUA, HUA_MA))
    assert ask("media.list", world, kind="opera").text.count("花木兰") == 1
