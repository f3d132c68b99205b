"""What was played before: gone on with, found again by when it was, by how often, or avoided."""
import datetime as dt
from dataclasses import replace

import pytest

from assistant.commands import PlayMedia, PreviousMedia, RestartMedia, ResumeMedia, SetMediaSpeed
from intents.model import Intent
from skills.api import Hearing, Playing, Programme, World
from skills.media.recall import BACK_S, LONG_S, START, Place, place
from skills.media.wishes import INSTEAD, NEW_DANCE_SPEED
from skills.registry import discover

SKILLS = discover()
NOW = dt.datetime(2026, 11, 23, 10, 0)
LONG, SHORT = 3600.0, 240.0
BOOK = tuple(Programme(f"book/{part:03}.mp3", "白眉大侠", "story", "评书", "单田芳", part, 1500.0) for part in range(1, 6))
OTHER_BOOK = tuple(Programme(f"sui/{part:03}.mp3", "隋唐演义", "story", "评书", "单田芳", part, 1500.0) for part in range(1, 4))
LI = Programme("li.mp3", "李二嫂改嫁", "opera", "吕剧", duration_s=LONG)
HUA, HUA_MA = (Programme(f"{by}.mp3", "花木兰", "opera", "豫剧", by, duration_s=LONG) for by in ("常香玉", "马金凤"))
FILM = Programme("film.mkv", "朝阳沟", "video")
MOLI, YIMENG = (Programme(f"{title}.mp3", title, "song", "民歌", duration_s=SHORT) for title in ("茉莉花", "沂蒙山小调"))
APPLE, WIND = (Programme(f"{title}.mp4", title, "dance", "广场舞", duration_s=SHORT) for title in ("小苹果", "最炫民族风"))
ALL = (APPLE, *BOOK, FILM, HUA, HUA_MA, LI, MOLI, *OTHER_BOOK, WIND, YIMENG)


def heard(programme, position_s, *, days=0, hours=1, for_s=600):
    at = NOW - dt.timedelta(days=days, hours=hours)
    return Hearing(programme.file, at - dt.timedelta(seconds=for_s), at, position_s)


def world(*hearings, playing=None, turn=0, programmes=ALL):
    return World(now=NOW, programmes=programmes, hearings=tuple(sorted(hearings, key=lambda one: one.at)), playing=playing, turn=turn)


def say(name, then, words="", **slots):
    return SKILLS.handle(Intent(name, slots, 1.0, words), then)


def begun(reply):
    """The file that begins, and where."""
    (order,) = (command for command in reply.commands if isinstance(command, PlayMedia))
    return order.files[order.first], order.start_s


# -- where to go on ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("work", "hearings", "there"),
    [
        (BOOK, [], START),
        (BOOK, [heard(BOOK[0], None)], Place(1)),
        (BOOK, [heard(BOOK[2], 700.0)], Place(2, 700.0 - BACK_S)),
        (BOOK, [heard(BOOK[2], 20.0)], Place(2)),
        (BOOK, [heard(BOOK[2], 1490.0)], Place(3)),
        (BOOK, [heard(BOOK[3], None, days=9), heard(BOOK[0], None)], Place(1)),
        (BOOK, [heard(BOOK[4], None)], START),
        (BOOK, [heard(BOOK[4], 1490.0)], START),
        ((LI,), [heard(LI, 1200.0, days=30)], Place(0, 1200.0 - BACK_S)),
        ((LI,), [heard(LI, 40.0)], START),
        ((LI,), [heard(LI, LONG - 9)], START),
        ((LI,), [heard(LI, None)], START),
        ((LI,), [heard(LI, 1200.0, days=2), heard(LI, None)], START),
        ((MOLI,), [heard(MOLI, 100.0)], START),
        ((FILM,), [heard(FILM, LONG_S / 2 - 1)], START),
        ((FILM,), [heard(FILM, LONG_S)], Place(0, LONG_S - BACK_S)),
    ],
)
def test_where_a_work_is_gone_on_with(work, hearings, there):
    assert place(work, tuple(sorted(hearings, key=lambda one: one.at))) == there


@pytest.mark.parametrize(
    ("slots", "words", "hearings", "file", "start_s", "told"),
    [
        ({"title": "白眉大侠"}, "听白眉大侠", [heard(BOOK[1], 600.0, days=3)], BOOK[1], 595.0, "第二段"),
        ({"title": "白眉大侠"}, "听白眉大侠", [heard(BOOK[1], None)], BOOK[2], 0.0, "第三段"),
        ({"title": "白眉大侠"}, "从头听白眉大侠", [heard(BOOK[1], None)], BOOK[0], 0.0, "一共五段"),
        ({"title": "白眉大侠"}, "放白眉大侠第四回", [heard(BOOK[1], None)], BOOK[3], 0.0, "第四段"),
        ({"title": "白眉大侠"}, "放白眉大侠第九回", [], BOOK[4], 0.0, "第五段"),
        ({"title": "李二嫂改嫁"}, "", [heard(LI, 1200.0, days=3)], LI, 1195.0, "接着放"),
        ({"title": "李二嫂改嫁"}, "", [heard(LI, None)], LI, 0.0, "李二嫂改嫁"),
        ({"title": "花木兰"}, "", [heard(HUA_MA, None, days=3)], HUA_MA, 0.0, "马金凤"),
        ({"title": "花木兰", "artist": "常香玉"}, "", [heard(HUA_MA, 900.0)], HUA, 0.0, "常香玉"),
        ({"genre": "评书"}, "来段评书", [heard(BOOK[1], None), heard(MOLI, None, hours=0)], BOOK[2], 0.0, "白眉大侠"),
        ({"kind": "story"}, "", [heard(OTHER_BOOK[2], None), heard(BOOK[0], None, days=2)], BOOK[1], 0.0, "第二段"),
    ],
)
@pytest.mark.parametrize("turn", [0, 1])
def test_asked_for_again_it_goes_on(slots, words, hearings, file, start_s, told, turn):
    reply = say("media.play", world(*hearings, turn=turn), words, **slots)
    assert begun(reply) == (file.file, start_s) and told in reply.text


def test_the_parts_before_it_can_be_gone_back_to():
    (order,) = say("media.play", world(heard(BOOK[2], None)), title="白眉大侠").commands
    assert order.files == tuple(part.file for part in BOOK) and order.first == 3


# -- after a new start of the box: nothing has played in this one --------------------------------------------------------

@pytest.mark.parametrize(
    ("name", "hearings", "file", "start_s"),
    [
        ("media.resume", [heard(LI, 1200.0, days=7)], LI, 1195.0),
        ("media.resume", [heard(LI, 1200.0, days=7), heard(BOOK[0], None)], BOOK[1], 0.0),
        ("media.resume", [heard(LI, 1200.0), heard(MOLI, 15.0, hours=0, for_s=15)], MOLI, 0.0),
        ("media.resume", [heard(LI, None)], LI, 0.0),
        ("media.next", [heard(BOOK[0], 700.0)], BOOK[1], 0.0),
        ("media.restart", [heard(LI, 1200.0)], LI, 0.0),
    ],
)
def test_a_new_start_of_the_box_forgets_nothing(name, hearings, file, start_s):
    assert begun(say(name, world(*hearings))) == (file.file, start_s)


@pytest.mark.parametrize("name", ["media.resume", "media.next", "media.restart"])
def test_what_is_no_longer_there_is_not_promised(name):
    assert not say(name, world(heard(LI, 1200.0), programmes=(MOLI,))).commands


def test_behind_the_last_part_comes_nothing_that_was_not_asked_for():
    assert not say("media.next", world(heard(BOOK[4], 700.0))).commands


# -- 昨天那个 ------------------------------------------------------------------------------------------------------------

PAST = [heard(HUA, 900.0, days=2), heard(LI, 1200.0, days=1), heard(MOLI, 9.0, days=1, hours=0, for_s=9), heard(YIMENG, None)]


@pytest.mark.parametrize(
    ("name", "words", "slots", "file", "start_s"),
    [
        ("media.play", "放昨天听的那个", {}, LI, 1195.0),
        ("media.play", "放夜来听的那个", {}, LI, 1195.0),
        ("media.play", "再放昨儿那首歌", {}, MOLI, 0.0),
        ("media.play", "听昨天那个", {"kind": "song"}, MOLI, 0.0),
        ("media.play", "放前天听的那个", {}, HUA, 895.0),
        ("media.play", "从头放前天听的那个", {}, HUA, 0.0),
        ("media.play", "再放上回那出戏", {}, LI, 1195.0),
        ("media.play", "放上次听的那个", {}, YIMENG, 0.0),
        ("media.resume", "接着昨天的放", {}, LI, 1195.0),
        ("media.resume", "接着上回听", {}, YIMENG, 0.0),
    ],
)
def test_what_was_played_then_is_played_again(name, words, slots, file, start_s):
    assert begun(say(name, world(*PAST), words, **slots)) == (file.file, start_s)


def test_a_title_that_is_there_is_that_whenever_it_was():
    assert begun(say("media.play", world(*PAST), "放昨天的沂蒙山小调", title="沂蒙山小调"))[0] == YIMENG.file


@pytest.mark.parametrize(("words", "told"), [("放昨天听的那个", "昨天没放过节目"), ("放前天听的戏", "前天没放过戏"), ("放上回那出戏", "还没给您放过戏")])
def test_where_nothing_was_played_then_the_last_is_offered(words, told):
    asked = say("media.play", world(heard(YIMENG, None, days=5)), words)
    assert told in asked.text and "沂蒙山小调" in asked.text and asked.expects.topic == INSTEAD
    assert begun(SKILLS.answer(INSTEAD, Intent("dialog.yes"), world(), asked.expects.data))[0] == YIMENG.file


def test_where_nothing_was_ever_played_it_says_so():
    assert "还没给您放过节目" in say("media.play", world(), "放昨天听的那个").text


def test_the_last_time_is_not_what_plays_now():
    on = Playing(YIMENG, True, False, True, True, 1.0)
    assert begun(say("media.resume", world(*PAST, playing=on), "接着上回听"))[0] == LI.file
    paused = replace(on, on=False, paused=True)
    assert say("media.resume", world(*PAST, playing=paused), "接着上回听").commands == (ResumeMedia(),)
    assert begun(say("media.resume", world(*PAST, playing=paused), "接着昨天的听"))[0] == LI.file


def test_before_the_first_of_what_was_asked_for_comes_what_was_played_before_that():
    on = Playing(YIMENG, True, False, True, False, 1.0)
    assert begun(say("media.previous", world(heard(LI, 1200.0), heard(YIMENG, 9.0, hours=0), playing=on))) == (LI.file, 1195.0)
    for then in (world(*PAST, playing=on), world(heard(LI, 1200.0), playing=replace(on, first=False))):
        assert say("media.previous", then).commands == (PreviousMedia(),)


# -- liked, and new ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words", ["放我爱听的", "播放我最喜欢的", "放我常听的"])
def test_what_one_likes_is_what_was_heard_on_most_days(words):
    often = [heard(LI, 1200.0, days=days) for days in (1, 4)]
    once = [heard(YIMENG, None, days=9, hours=hours) for hours in range(3)]
    reply = say("media.play", world(*often, *once, heard(HUA, None)), words)
    assert begun(reply)[0] == LI.file and "您常听" in reply.text
    assert begun(say("media.play", world(*often, *once), words + "歌"))[0] == YIMENG.file


def test_a_liking_with_a_name_is_an_ordinary_wish():
    hearings = [heard(LI, None, days=days) for days in range(4)]
    assert begun(say("media.play", world(*hearings), "我爱听茉莉花", title="茉莉花"))[0] == MOLI.file
    assert begun(say("media.play", world(), "放我爱听的歌", kind="song"))[0] in (MOLI.file, YIMENG.file)


@pytest.mark.parametrize("turn", range(3))
def test_a_new_dance_is_one_that_was_never_played_and_slower(turn):
    reply = say("media.play", world(heard(WIND, None, days=3), turn=turn), "学个新舞", kind="dance")
    assert begun(reply)[0] == APPLE.file and reply.commands[-1] == SetMediaSpeed(NEW_DANCE_SPEED) and "慢一点" in reply.text


def test_a_new_song_is_as_fast_as_it_is():
    reply = say("media.play", world(heard(MOLI, None)), "放首新歌", kind="song")
    assert begun(reply)[0] == YIMENG.file and len(reply.commands) == 1


def test_where_all_dances_are_known_the_one_of_longest_ago_is_played_at_its_own_speed():
    reply = say("media.play", world(heard(WIND, None, days=3), heard(APPLE, None, days=9)), "学新舞", kind="dance")
    assert begun(reply)[0] == APPLE.file and "都放过了" in reply.text and len(reply.commands) == 1


@pytest.mark.parametrize("words", ["放新白娘子传奇", "放昨天那个新白娘子传奇", "放我爱听的新白娘子传奇"])
def test_a_title_that_is_not_there_is_nothing_else(words):
    reply = say("media.play", world(heard(MOLI, None, days=1)), words, title="新白娘子传奇")
    assert "没有新白娘子传奇" in reply.text and not reply.commands


@pytest.mark.parametrize("words", ["听听新闻", "放新学的舞", "跳广场舞"])
def test_not_every_new_is_a_novelty(words):
    assert "没放过" not in say("media.play", world(heard(APPLE, None)), words, kind="dance").text


def test_while_something_plays_from_the_start_is_an_order_to_the_player():
    on = Playing(LI, True, False, True, True, 1.0)
    assert say("media.restart", world(heard(LI, 9.0), playing=on)).commands == (RestartMedia(),)
