"""Radio and podcasts: which station is meant, what live things cannot do, and what is said when nothing comes."""
import datetime as dt
from dataclasses import replace

import pytest

from assistant.commands import PauseMedia, PlayMedia, ResumeMedia, Say, StopMedia, TuneIn
from assistant.dialogue import Dialogue
from assistant.errors import StreamUnreachable
from assistant.events import MediaFailed, MediaStarted, SticksGone, SticksRead, StreamLost, Typed
from assistant.state import Phase
from assistant.turns import Manners
from assistant.wording import Wording
from intents.model import Intent, Understanding
from skills.api import LOST, Hearing, Playing, Programme, World
from skills.media.skill import INSTEAD
from skills.registry import discover
from tests.talk import Box

SKILLS = discover()
NEWS = Programme("http://r/news", "济南新闻广播", "radio")
TRAFFIC = Programme("http://r/traffic", "济南交通广播", "radio")
VOICE = Programme("https://r/voice.m3u8", "中国之声", "radio")
STATIONS = (NEWS, TRAFFIC, VOICE)
EPISODES = tuple(Programme(f"http://p/{number}.mp3", "网事", "story", "", "", number, 1800.0) for number in (1, 2, 3))
LI, JIE = Programme("/m/li.mp3", "李二嫂改嫁", "opera", "吕剧"), Programme("/m/jie.mp3", "姊妹易嫁", "opera", "吕剧")
BOOK = Programme("/m/book.mp3", "白眉大侠", "story", "评书")
NOW = dt.datetime(2026, 11, 23, 10, 0)
WORLD = World(NOW, programmes=(BOOK, JIE, LI, *STATIONS, *EPISODES))
OWN = replace(WORLD, programmes=(BOOK, JIE, LI))


def ask(name, world=WORLD, heard="", **slots):
    return SKILLS.handle(Intent(name, slots, 1.0, heard), world)


def on(programme, world=WORLD, *, paused=False, first=True, last=True):
    return replace(world, playing=Playing(programme, not paused, paused, first, last, 1.0))


def hearing(programme, position_s=0.0, hours=1, minutes=9):
    at = NOW - dt.timedelta(hours=hours)
    return Hearing(programme.file, at - dt.timedelta(minutes=minutes), at, position_s)


def tuned(reply):
    (order,) = (command for command in reply.commands if isinstance(command, TuneIn))
    return order.stations[order.first]


def played(reply):
    (order,) = (command for command in reply.commands if isinstance(command, PlayMedia))
    return order.files[order.first], order.start_s


# -- which station ----------------------------------------------------------------------------------------------------

def test_the_radio_is_the_first_of_the_list_and_then_what_was_heard_last():
    assert tuned(ask("media.play", kind="radio")) == NEWS.file and NEWS.title in ask("media.play", kind="radio").text
    later = replace(WORLD, hearings=(hearing(VOICE, hours=9), hearing(TRAFFIC), hearing(LI, hours=0)))
    assert tuned(ask("media.play", later, kind="radio")) == TRAFFIC.file


@pytest.mark.parametrize(("heard", "station"), [
    ("打开交通广播", TRAFFIC), ("听新闻广播", NEWS), ("放济南交通台", TRAFFIC), ("我想听听中国之声电台", VOICE), ("打开广播", NEWS), ("听听济南的广播", NEWS)])
def test_a_name_that_is_only_in_the_words_is_heard_too(heard, station):
    assert tuned(ask("media.play", heard=heard, kind="radio")) == station.file


def test_of_several_that_the_words_fit_it_is_the_one_that_was_heard_last():
    later = replace(WORLD, hearings=(hearing(TRAFFIC, hours=5), hearing(VOICE)))
    assert tuned(ask("media.play", later, "听听济南的广播", kind="radio")) == TRAFFIC.file


def test_a_station_is_tuned_in_by_its_name():
    reply = ask("media.play", title="济南交通广播", kind="radio")
    assert reply.commands == (TuneIn((TRAFFIC.file,)),) and reply.undo == (StopMedia(),) and reply.text.count("济南交通广播") == 1


def test_a_station_that_is_not_there_is_not_promised():
    reply = ask("media.play", title="山东人民广播电台", kind="radio")
    assert reply.text.startswith("没有山东人民广播电台") and reply.expects.topic == INSTEAD
    assert tuned(SKILLS.answer(INSTEAD, Intent("dialog.yes"), WORLD, reply.expects.data)) in [one.file for one in STATIONS]


@pytest.mark.parametrize("world", [OWN, World(NOW)])
@pytest.mark.parametrize("name", ["media.play", "media.list"])
def test_without_any_station_it_says_so_honestly(world, name):
    for slots in ({"kind": "radio"}, {"kind": "radio", "title": "中国之声"}):
        reply = ask(name, world, **slots)
        assert "还没设收音机的台" in reply.text and not reply.commands


def test_what_there_is_to_be_heard_on_the_radio():
    for heard in ("都有啥台", "收音机里都有啥台"):
        text = ask("media.list", heard=heard).text
        assert all(station.title in text for station in STATIONS)
    assert "广播" in ask("media.list", replace(WORLD, programmes=STATIONS)).text


def test_radio_is_only_played_when_it_is_asked_for():
    for turn in range(6):
        for slots in ({}, {"kind": "story"}, {"genre": "吕剧"}):
            reply = ask("media.play", replace(WORLD, turn=turn), **slots)
            order, = reply.commands
            assert isinstance(order, PlayMedia) and not any(file.startswith("http") for file in order.files), "nor what may not come"


# -- what live things do ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "now", "then"), [
    ("media.next", NEWS, TRAFFIC), ("media.next", VOICE, NEWS), ("media.previous", NEWS, VOICE), ("media.previous", TRAFFIC, NEWS)])
def test_the_next_station_and_the_one_before_in_the_order_of_the_list(name, now, then):
    reply = ask(name, on(now))
    assert tuned(reply) == then.file and then.title in reply.text


def test_another_station_by_the_radios_own_words():
    assert tuned(ask("media.play", on(NEWS), "收音机换个台", kind="radio")) == TRAFFIC.file
    assert tuned(ask("media.play", on(LI), "收音机换个台", kind="radio")) == NEWS.file


def test_where_there_is_only_one_it_says_so():
    reply = ask("media.next", on(NEWS, replace(WORLD, programmes=(LI, NEWS))))
    assert "就这一个" in reply.text and not reply.commands


def test_before_the_radio_there_was_an_opera():
    world = replace(on(NEWS), hearings=(hearing(LI, 30.0), hearing(NEWS, hours=0)))
    assert played(ask("media.previous", world))[0] == LI.file


@pytest.mark.parametrize(("name", "heard", "told"), [
    ("media.restart", "从头放", "没法从头放"), ("media.slower", "慢一点", "快慢调不了"), ("media.faster", "快一点", "快慢调不了"),
    ("media.normal_speed", "正常速度", "快慢调不了"), ("media.stop", "听完这段就关", "没有个完")])
def test_what_only_recordings_can_do(name, heard, told):
    reply = ask(name, on(NEWS), heard)
    assert told in reply.text and NEWS.title in reply.text and not reply.commands


def test_it_pauses_goes_on_and_stops_like_everything_else():
    assert ask("media.pause", on(NEWS)).commands == (PauseMedia(),)
    assert ask("media.resume", on(NEWS, paused=True)).commands == (ResumeMedia(),)
    assert ask("media.stop", on(NEWS), "关了吧").commands == (StopMedia(),)
    assert NEWS.title in ask("media.what", on(NEWS)).text


def test_after_a_new_start_it_goes_on_with_the_station_that_was_heard_last():
    world = replace(WORLD, hearings=(hearing(LI, 900.0, hours=3), hearing(NEWS)))
    assert tuned(ask("media.resume", world, "接着放")) == NEWS.file
    assert tuned(ask("media.restart", world, "从头放")) == NEWS.file
    assert tuned(ask("media.play", replace(world, hearings=(hearing(TRAFFIC, hours=20),)), "放昨天听的那个")) == TRAFFIC.file


# -- podcasts ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("heard", "hearings", "place", "told"),
    [
        ("听网事", (), (1, 0.0), "最新的一期"),
        ("听网事", (hearing(EPISODES[0], None),), (2, 0.0), "早一点的一期"),
        ("听网事", (hearing(EPISODES[0], 600.0),), (1, 595.0), "没听完"),
        ("听网事", (hearing(EPISODES[1], 600.0),), (1, 0.0), "最新的一期"),
        ("接着听网事", (hearing(EPISODES[1], 600.0),), (2, 595.0), "没听完"),
        ("听网事最新一期", (hearing(EPISODES[0], None),), (1, 0.0), "最新的一期"),
        ("听网事", tuple(hearing(one, None) for one in EPISODES), (1, 0.0), "最新的一期"),
    ],
)
def test_a_podcast_is_its_newest_episode_that_was_not_heard(heard, hearings, place, told):
    reply = ask("media.play", replace(WORLD, hearings=hearings), heard, title="网事", kind="story")
    assert played(reply) == (f"http://p/{place[0]}.mp3", place[1]) and told in reply.text and "网事" in reply.text
    (order,) = reply.commands
    assert order.files == tuple(one.file for one in EPISODES), "and the others behind it"


def test_a_podcast_is_played_by_its_sort_where_nothing_of_it_is_on_the_disk():
    assert played(ask("media.play", replace(WORLD, programmes=(LI, *EPISODES)), kind="story"))[0] == EPISODES[0].file


# -- what does not come -----------------------------------------------------------------------------------------------

class Deaf:
    """Understands a yes and nothing else."""

    def understand(self, hypotheses, now, expects=()):
        return Understanding(Intent("dialog.yes" if hypotheses[0].text == "好" else "none", {}, 1.0, hypotheses[0].text))

    def fragments(self, hypotheses, now):
        return ()


@pytest.fixture
def box():
    return Box(Dialogue(Deaf(), SKILLS.handlers, SKILLS.answers, Wording.load(), Manners(), "小乡小乡"), WORLD)


def test_a_station_that_does_not_come_is_told_and_something_else_offered_and_played(box):
    box.tell(MediaFailed(NEWS.file, "refused"))
    assert box.said().startswith("济南新闻广播这会儿收不到") and box.said().endswith("好吗？")
    box.done()
    assert box.state.phase is Phase.LISTENING
    box.hear("好")
    (order,) = (command for command in box.commands if isinstance(command, PlayMedia))
    assert order.files[0] in (LI.file, JIE.file, BOOK.file)


def test_in_an_exchange_it_waits_until_that_is_over_and_is_forgotten_if_it_comes_after_all(box):
    for after, told in ((None, "收不到"), (MediaStarted(NEWS.file), None)):
        box.tell(Typed("什么"))
        box.tell(MediaFailed(NEWS.file, "refused"))
        assert not any(isinstance(command, Say) for command in box.commands)
        if after:
            box.tell(after)
        box.state = replace(box.state, window=None, question=None)
        box.done()
        assert (told in box.said()) if told else box.said() is None
        box.state = replace(box.state, phase=Phase.ASLEEP, question=None, fault="", offer=None)


def test_what_breaks_off_is_told_without_a_question(box):
    box.tell(StreamLost(NEWS.file, "gone"))
    assert box.said().startswith("济南新闻广播断了") and "我这儿存着" in box.said()
    box.done()
    assert box.state.phase is Phase.ASLEEP


def test_a_stick_that_is_read_meanwhile_is_told_of_when_the_offer_has_been_answered(box):
    box.tell(MediaFailed(NEWS.file, "refused"))
    box.tell(SticksRead(("/m",)))
    box.done()
    box.hear("好")
    assert not box.said().startswith("优盘")
    box.done()
    assert box.said().startswith("优盘读好了，里面有三段") and not box.state.sticks


def test_a_stick_that_is_pulled_out_is_told_of_instead_of_an_offer_that_nobody_has_heard(box):
    box.tell(Typed("什么"))
    box.tell(MediaFailed(NEWS.file, "refused"))
    box.world = on(LI, replace(WORLD, programmes=STATIONS))
    box.tell(SticksGone(("/m",)))
    box.state = replace(box.state, window=None, question=None)
    box.done()
    assert box.said() == Wording.load().say("stick_gone") and box.state.question is None


@pytest.mark.parametrize("begun", [False, True])
def test_where_nothing_is_on_the_disk_nothing_is_offered(begun):
    reply = SKILLS.answer(LOST, Intent("media.play"), replace(WORLD, programmes=(*STATIONS, *EPISODES)), {"file": NEWS.file, "begun": begun})
    assert NEWS.title in reply.text and "网不通" in reply.text and reply.expects is None


def test_what_is_offered_is_of_the_same_sort_and_never_of_the_network():
    for turn in range(5):
        reply = SKILLS.answer(LOST, Intent("media.play"), replace(WORLD, turn=turn), {"file": EPISODES[0].file, "begun": False})
        assert "网事" in reply.text and "白眉大侠" in reply.text
        gone = SKILLS.answer(LOST, Intent("media.play"), replace(WORLD, turn=turn), {"file": "http://r/gone", "begun": False})
        assert gone.text.startswith("广播这会儿收不到") and not gone.expects.data["works"][0][0].is_remote


def test_a_dialogue_without_the_media_skill_says_it_too(box):
    plain = Box(Dialogue(Deaf(), {}, {}, Wording.load(), Manners(), "小乡小乡"), WORLD)
    plain.tell(MediaFailed(NEWS.file, "refused"))
    assert plain.said() == StreamUnreachable.spoken
