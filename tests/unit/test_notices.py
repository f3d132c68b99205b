"""Notices in the dialogue, with the real understanding and the real words: which has its turn, how it is read, what is answered."""
from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from assistant.commands import AskToJoin, Clip, Duck, Listen, NoteNotice, NoticeStep, Say, Show, StopSpeaking, Unduck
from assistant.dialogue import Dialogue
from assistant.events import (
    Ending,
    Heard,
    Joined,
    JoiningCode,
    ListenTimedOut,
    MicFailed,
    NoticeArrived,
    NoticesDue,
    NoticeWithdrawn,
    RecordingSettled,
    SpeechBegan,
    SpeechEnded,
    StopHeard,
    TimerRang,
    WakeHeard,
)
from assistant.notices import Due, due
from assistant.state import Phase, Window
from assistant.turns import Manners
from assistant.wording import Wording
from intents.matcher import Matcher
from intents.model import Hypothesis, Intent
from skills.api import Notice, Picture, Priority, Recording, World
from skills.notices.skill import read
from skills.registry import discover
from tests.talk import Box

NOW = dt.datetime(2026, 11, 23, 10, 0)
MINUTE = dt.timedelta(minutes=1)
ORDINARY, IMPORTANT, URGENT = Priority.ORDINARY, Priority.IMPORTANT, Priority.URGENT
TOLD, PLAYING, HEARD = NoticeStep.TOLD, NoticeStep.PLAYING, NoticeStep.HEARD
INTERRUPTED, CONFIRMED, ANSWERED = NoticeStep.INTERRUPTED, NoticeStep.CONFIRMED, NoticeStep.ANSWERED
REGISTRY, WORDING = discover(), Wording.load()


class Home(Box):
    """Remembers what is noted of its notices, as the box's own memory does."""

    def tell(self, event):
        commands = super().tell(event)
        for noted in (command for command in commands if isinstance(command, NoteNotice)):
            self.world = replace(self.world, notices=tuple(self._noted(notice, noted) for notice in self.world.notices))
        return commands

    def _noted(self, notice, noted):
        if (notice.notice_id, notice.revision) != (noted.notice_id, noted.revision):
            return notice
        notice = replace(notice, steps=notice.steps | {noted.step})
        if noted.step in (TOLD, PLAYING):
            notice = replace(notice, times_told=notice.times_told + 1, told_at=self.world.now)
        return notice

    def arrives(self, notice):
        others = tuple(other for other in self.world.notices if other.notice_id != notice.notice_id)
        self.world = replace(self.world, notices=(*others, notice))
        return self.tell(NoticeArrived(notice.notice_id))

    def later(self, minutes):
        self.world = replace(self.world, now=self.world.now + minutes * MINUTE)
        return self.tell(NoticesDue())

    def noted(self):
        return [command.step for command in self.commands if isinstance(command, NoteNotice)]

    def say(self):
        return next((command for command in self.commands if isinstance(command, Say)), None)


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


@pytest.fixture
def box(matcher):
    dialogue = Dialogue(matcher, REGISTRY.handlers, REGISTRY.answers, WORDING, Manners(), "小乡小乡")
    return Home(dialogue, World(now=NOW, village="东山村"))


def notice(name="n", priority=ORDINARY, text="明天上午停水", **fields):
    return Notice(name, fields.pop("revision", 1), fields.pop("title", ""), text, fields.pop("category", "停水停电"), priority,
                  fields.pop("sent_at", NOW - MINUTE), fields.pop("sent_by", "王会计"), **fields)


# -- which has its turn -----------------------------------------------------------------------------------------------

FRESH = notice(priority=IMPORTANT)


@pytest.mark.parametrize(("notices", "world", "expected"), [
    ([], {}, None),
    ([notice()], {}, Due(ORDINARY, ("n",))),
    ([notice("a"), notice("b")], {}, Due(ORDINARY, ("a", "b"))),
    ([notice("a"), FRESH], {}, Due(IMPORTANT, ("n",))),
    ([FRESH, notice("u", URGENT)], {}, Due(URGENT, ("u",))),
    ([notice()], {"is_quiet": True}, None),
    ([FRESH], {"is_quiet": True}, None),
    ([notice("u", URGENT)], {"is_quiet": True}, Due(URGENT, ("u",))),
    ([FRESH], {"volume": 0}, None),
    ([notice("u", URGENT)], {"volume": 0}, Due(URGENT, ("u",))),
    ([notice(expires_at=NOW)], {}, None),
    ([notice("u", URGENT, expires_at=NOW)], {}, None),
    ([notice(steps=frozenset({HEARD}))], {}, None),
    ([notice(steps=frozenset({CONFIRMED}))], {}, None),
    ([replace(FRESH, steps=frozenset({INTERRUPTED}))], {}, Due(ORDINARY, ("n",))),
    ([replace(FRESH, told_at=NOW - 29 * MINUTE, times_told=1)], {}, None),
    ([replace(FRESH, told_at=NOW - 30 * MINUTE, times_told=1)], {}, Due(IMPORTANT, ("n",))),
    ([replace(FRESH, told_at=NOW - 30 * MINUTE, times_told=3)], {}, None),
    ([notice(told_at=NOW - 179 * MINUTE, times_told=1)], {}, None),
    ([notice(told_at=NOW - 180 * MINUTE, times_told=1)], {}, Due(ORDINARY, ("n",))),
    ([notice(told_at=NOW + MINUTE, times_told=1)], {}, Due(ORDINARY, ("n",))),
    ([notice("u", URGENT, steps=frozenset({HEARD}), told_at=NOW - 5 * MINUTE, times_told=1)], {}, Due(URGENT, ("u",))),
    ([notice("u", URGENT, steps=frozenset({HEARD}), told_at=NOW - 4 * MINUTE, times_told=1)], {}, None),
    ([notice("u", URGENT, told_at=NOW - 29 * MINUTE, times_told=6)], {}, None),
    ([notice("u", URGENT, told_at=NOW - 30 * MINUTE, times_told=6)], {}, Due(URGENT, ("u",))),
    ([notice("u", URGENT, steps=frozenset({CONFIRMED}), told_at=NOW - 60 * MINUTE)], {}, None),
])
def test_which_has_its_turn(notices, world, expected):
    assert due(World(now=NOW, notices=tuple(notices), **world)) == expected


# -- ordinary ---------------------------------------------------------------------------------------------------------

def test_an_ordinary_one_is_offered_read_twice_and_confirmed(box):
    box.arrives(notice())
    assert box.said() == "村里有新通知，您要不要听？" and box.say().tone == "attention" and box.noted() == [TOLD]
    box.done()
    assert box.listening().turn == box.state.turn
    first = box.hear("要")
    assert "王会计的通知。明天上午停水。" in first and box.noted() == [PLAYING] and box.say().pace < 1
    box.done()
    assert box.said() == "我再念一遍。明天上午停水。" and box.noted() == [HEARD] and box.say().pace < 1
    box.done()
    assert "知道了" in box.said() and box.noted() == []
    box.done()
    assert "告诉村里" in box.hear("知道了") and box.noted() == [CONFIRMED]
    box.done()
    assert box.state.phase is Phase.ASLEEP and box.later(600) == ()


@pytest.mark.parametrize("yes", ["念吧", "年把", "好", "听听通知", "念给我听", "要听", "那念念吧", "听听吧"])
def test_it_is_wanted_in_many_words(box, yes):
    box.arrives(notice())
    box.done()
    assert "明天上午停水" in box.hear(yes)


def test_not_now_is_respected_and_it_is_offered_anew_hours_later(box):
    box.arrives(notice())
    box.done()
    assert "念念通知" in box.hear("不用了")
    box.done()
    assert box.state.phase is Phase.ASLEEP and box.later(179) == ()
    box.later(1)
    assert "新通知" in box.said()


def test_silence_lets_it_be(box):
    box.arrives(notice())
    box.done()
    assert box.silence() is None and box.state.phase is Phase.ASLEEP


@pytest.mark.parametrize(("priority", "noted"), [(ORDINARY, [TOLD]), (IMPORTANT, [PLAYING])])
def test_it_waits_until_nobody_speaks(box, priority, noted):
    box.wake()
    assert box.arrives(notice(priority=priority)) == ()
    box.hear("几点了")
    box.done()
    assert box.state.phase is Phase.LISTENING and box.noted() == []
    box.tell(ListenTimedOut(box.state.turn))
    assert box.noted() == noted and "通知" in box.said()


def test_somebody_who_has_called_and_goes_on_speaking_is_not_cut_off(box):
    box.tell(SpeechBegan(1))
    assert box.state.called and box.arrives(notice(priority=IMPORTANT)) == ()


def test_several_are_offered_together_and_read_one_after_the_other(box):
    box.world = replace(box.world, notices=(notice("a", text="第一件事"), notice("b", text="第二件事")))
    box.later(0)
    assert "两条" in box.said()
    box.done()
    assert "第一件事" in box.hear("好")
    box.done()
    box.done()
    box.done()
    answer = box.hear("知道了")
    assert "告诉村里" in answer and "第二件事" in answer and box.noted() == [CONFIRMED, PLAYING]


def test_the_second_is_read_even_if_nobody_says_anything_about_the_first(box):
    box.world = replace(box.world, notices=(notice("a", IMPORTANT, "第一件事"), notice("b", IMPORTANT, "第二件事")))
    box.later(0)
    box.done()
    box.done()
    box.done()
    box.tell(ListenTimedOut(box.state.turn))
    assert "第二件事" in box.said()


# -- important and urgent ---------------------------------------------------------------------------------------------

def test_an_important_one_is_read_at_once_but_not_at_night(box):
    box.world = replace(box.world, is_quiet=True)
    assert box.arrives(notice(priority=IMPORTANT)) == ()
    assert box.later(300) == ()
    box.world = replace(box.world, is_quiet=False)
    box.later(1)
    assert "王会计有重要通知。明天上午停水。" in box.said() and box.noted() == [PLAYING]


@pytest.mark.parametrize("doing", ["asleep", "speaking", "listening", "asking", "night", "muted", "other notice"])
def test_an_urgent_one_interrupts_everything(box, doing):
    if doing in ("speaking", "listening", "asking"):
        box.wake()
    if doing in ("speaking", "asking"):
        box.hear("几点了" if doing == "speaking" else "定时")
    if doing == "asking":
        box.done()
    if doing == "other notice":
        box.arrives(notice("other", IMPORTANT, "不要紧的事"))
    box.world = replace(box.world, is_quiet=doing == "night", volume=0 if doing == "muted" else 60)
    box.arrives(notice(priority=URGENT, text="山洪来了，马上上山"))
    assert "紧急通知" in box.said() and "马上上山" in box.said() and box.noted() == [PLAYING]
    assert (StopSpeaking() in box.commands) is (doing in ("speaking", "listening", "asking", "other notice"))
    box.done()
    assert box.say().tone == "attention" and box.noted() == [HEARD]
    box.done()
    box.done()
    answer = box.hear("知道了")
    assert CONFIRMED in box.noted()
    assert ("不要紧的事" in answer) is (doing == "other notice")


def test_what_plays_is_lowered_from_the_first_word_to_the_last(box):
    box.arrives(notice(priority=URGENT))
    assert box.commands[0] == Duck()
    for _ in range(3):
        box.done()
        assert Unduck() not in box.commands
    box.hear("知道了")
    box.done()
    assert box.commands[-1] == Unduck()


def test_an_urgent_one_is_repeated_until_it_is_confirmed(box):
    box.arrives(notice(priority=URGENT))
    for _ in range(3):
        box.done()
        box.done()
        box.done()
        box.silence()
        assert box.state.phase is Phase.ASLEEP and box.later(4) == ()
        box.later(1)
        assert "紧急通知" in box.said()
    box.done()
    box.done()
    box.done()
    box.hear("知道了")
    box.done()
    assert box.later(600) == ()


def test_a_cry_for_help_goes_before_and_the_urgent_one_follows(box):
    box.wake().hear("旧明")
    assert box.arrives(notice(priority=URGENT)) == ()
    box.done()
    box.silence()
    assert "先不叫人" in box.silence() and box.noted() == []
    box.tell(ListenTimedOut(box.state.turn))
    assert "紧急通知" in box.said() and box.noted() == [PLAYING]


# -- heard, interrupted -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("event", "noted"), [
    (StopHeard(), [INTERRUPTED]), (WakeHeard(), [INTERRUPTED]), (Heard(1, (Hypothesis("别念了"),), after_wake=True), [INTERRUPTED]),
    (MicFailed("gone"), []),
])
def test_what_is_stopped_in_its_first_reading_has_not_been_heard(box, event, noted):
    box.arrives(notice(priority=IMPORTANT))
    box.tell(event)
    assert box.noted() == noted and box.state.reading is None
    box.done()
    assert HEARD not in box.world.notices[0].steps


def test_whoever_stops_the_second_reading_has_heard_it(box):
    box.arrives(notice(priority=IMPORTANT))
    box.done()
    box.tell(StopHeard())
    assert box.noted() == [] and box.world.notices[0].is_heard and box.state.phase is Phase.ASLEEP


def test_what_the_loudspeaker_has_not_finished_has_not_been_heard(box):
    box.arrives(notice(priority=IMPORTANT))
    box.tell(SpeechEnded(box.state.turn, Ending.FAILED))
    assert box.noted() == [] and not box.world.notices[0].is_heard and box.state.phase is Phase.ASLEEP
    box.later(30)
    assert "重要通知" in box.said()


def test_after_a_stop_it_is_offered_and_not_read_anew(box):
    box.arrives(notice(priority=IMPORTANT))
    box.tell(StopHeard())
    assert box.later(30) == ()
    box.later(150)
    assert box.said() == "村里有新通知，您要不要听？"


def test_a_timer_that_rings_meanwhile_rings_when_the_exchange_is_over(box):
    box.arrives(notice(priority=IMPORTANT))
    box.tell(TimerRang("t", "五分钟"))
    for _ in range(3):
        box.done()
    box.hear("知道了")
    box.done()
    assert "五分钟" in box.said()


# -- what is said behind it -------------------------------------------------------------------------------------------

def read_out(box, what):
    box.arrives(what)
    for _ in range(3):
        box.done()
    assert box.state.phase is Phase.LISTENING and box.state.window is Window.ANSWER


@pytest.mark.parametrize(("said", "noted"), [
    ("知道了", [CONFIRMED]), ("知道闻", [CONFIRMED]), ("好", [CONFIRMED]), ("谢谢", [CONFIRMED]), ("俺听明白了", [CONFIRMED]), ("收到", [CONFIRMED]),
    ("再念一遍", [PLAYING]), ("没听清", [PLAYING]), ("算了", []), ("几点了", []), ("你管得着吗", []), ("说好了下午来修到现在没影", []), ("今天天气怎么样", []),
])
def test_what_may_be_said_when_it_has_been_read(box, said, noted):
    read_out(box, notice(priority=IMPORTANT))
    box.hear(said)
    assert box.noted() == noted
    if noted == [PLAYING]:
        assert "明天上午停水" in box.said()


def test_not_understood_can_be_read_again(box):
    read_out(box, notice(priority=IMPORTANT))
    assert "再念一遍" in box.hear("没有")
    box.done()
    assert "明天上午停水" in box.hear("再念一遍")


def test_it_is_confirmed_after_the_exchange_too(box):
    read_out(box, notice(priority=IMPORTANT))
    box.silence()
    box.wake().hear("我知道了")
    assert box.noted() == [CONFIRMED]
    box.done()
    box.wake().hear("我知道了")
    assert box.noted() == []


# -- questions --------------------------------------------------------------------------------------------------------

def asked(box, *choices):
    box.arrives(notice(priority=IMPORTANT, text="周六查体", question="您来不来", choices=choices))
    box.done()
    box.done()
    text = box.said()
    box.done()
    return text


@pytest.mark.parametrize(("choices", "said", "answer"), [
    ((), "是", "是"), ((), "不是", "否"), ((), "要", "是"), ((), "不去", "否"), (("是", "否"), "对", "是"),
    (("来", "不来"), "来", "来"), (("来", "不来"), "不来", "不来"), (("来", "不来"), "我来", "来"), (("来", "不来"), "好", "来"), (("来", "不来"), "不", "不来"),
    (("上午来", "下午来", "不来"), "下午来", "下午来"), (("上午来", "下午来", "不来"), "我想下午来吧", "下午来"),
    (("上午来", "下午来", "不来"), "下五来", "下午来"), (("上午来", "下午来", "不来"), "第二个", "下午来"), (("上午来", "下午来", "不来"), "不来了", "不来"),
    (("太极拳", "戏曲", "书画"), "太级全", "太极拳"), (("太极拳", "戏曲", "书画"), "我报戏曲", "戏曲"), (("太极拳", "戏曲", "书画"), "舒华", "书画"),
])
def test_an_answer_is_understood_by_its_sound_said_back_and_sent(box, choices, said, answer):
    assert "您来不来？" in asked(box, *choices)
    back = box.hear(said)
    assert ("不是" if answer == "否" else answer) in back and "对吧" in back and box.noted() == []
    box.done()
    assert "告诉村里" in box.hear("对")
    assert [command for command in box.commands if isinstance(command, NoteNotice)] == [NoteNotice("n", 1, ANSWERED, answer)]


@pytest.mark.parametrize("said", ["嘟嘟囔囔的", "吃饭", "太极拳还是戏曲呢我想想"])
def test_what_is_no_answer_is_none(box, said):
    asked(box, "太极拳", "戏曲", "书画")
    box.hear(said)
    assert "对吧" not in (box.said() or "") and box.noted() == []


def test_an_answer_that_was_misunderstood_is_given_anew(box):
    asked(box, "上午来", "下午来", "不来")
    box.hear("上午来")
    box.done()
    assert "您来不来？" in box.hear("不对")
    box.done()
    box.hear("下午来")
    box.done()
    box.hear("对")
    assert NoteNotice("n", 1, ANSWERED, "下午来") in box.commands


def test_the_choices_are_shown(box):
    box.arrives(notice(priority=IMPORTANT, question="报什么班", choices=("太极拳", "戏曲")))
    box.done()
    box.done()
    assert next(command.card for command in box.commands if isinstance(command, Show)).choices == ("太极拳", "戏曲")


def test_without_an_answer_it_is_asked_once_more_and_then_let_go(box):
    asked(box, "来", "不来")
    assert "您来不来" in box.silence()
    assert "先不弄了" in box.silence()
    assert box.world.notices[0].steps == {PLAYING, HEARD}


# -- withdrawn, corrected ---------------------------------------------------------------------------------------------

def withdraw(box):
    box.world = replace(box.world, notices=())
    return box.tell(NoticeWithdrawn("n"))


@pytest.mark.parametrize("readings", [0, 1, 2])
def test_a_withdrawn_notice_is_broken_off_with_a_sentence(box, readings):
    box.arrives(notice(priority=IMPORTANT))
    for _ in range(readings):
        box.done()
    commands = withdraw(box)
    assert StopSpeaking() in commands and "收回" in box.said() and box.noted() == []
    box.done()
    assert box.state.phase is Phase.ASLEEP and box.state.question is None


def test_one_that_is_not_being_read_goes_without_a_word(box):
    box.world = replace(box.world, notices=(notice(),))
    assert withdraw(box) == () and box.later(0) == ()


def test_a_new_wording_is_read_in_place_of_the_old_one(box):
    box.arrives(notice(priority=IMPORTANT))
    box.arrives(notice(priority=IMPORTANT, revision=2, text="停水改在后天"))
    assert "改了" in box.said() and "停水改在后天" in box.said()
    box.done()
    assert NoteNotice("n", 2, HEARD) in box.commands


# -- asked for --------------------------------------------------------------------------------------------------------

def test_what_there_is_is_read_when_it_is_asked_for_unheard_ones_first(box):
    heard = frozenset({HEARD, CONFIRMED})
    box.world = replace(box.world, notices=(
        notice("1", text="甲", sent_at=NOW - 4 * MINUTE), notice("2", text="乙", steps=heard, sent_at=NOW - 3 * MINUTE),
        notice("3", text="丙", sent_at=NOW - 2 * MINUTE), notice("4", text="丁", steps=heard, sent_at=NOW - MINUTE)))
    said = box.wake().hear("村里有什么通知")
    assert "三条" in said and "丙" in said
    assert box.state.reading.left == ("1", "4")


@pytest.mark.parametrize(("asks", "read"), [
    ("有没有停电的通知", "b"), ("啥时候体检", "c"), ("今天有什么通知", "c"), ("昨天的通知念念", "a"), ("明天停不停水", "b"), ("有没有疫苗的通知", None),
])
def test_by_what_it_is_about_and_when_it_came(box, asks, read):
    day = dt.timedelta(days=1)
    box.world = replace(box.world, notices=(
        notice("a", text="后天赶集", category="赶集", sent_at=NOW - day), notice("b", text="周五停电", sent_at=NOW - 3 * day),
        notice("c", text="周六查体", category="体检", sent_at=NOW - MINUTE)))
    box.wake().hear(asks)
    assert (box.state.reading.notice_id if box.state.reading else None) == read
    if read is None:
        assert "疫苗" in box.said()


def test_none_is_said_and_a_box_without_a_village_says_whom_to_ask(box):
    assert "没有" in box.wake().hear("村里有什么通知")
    box.world = replace(box.world, village="")
    assert "村委会" in box.wake().hear("村里有什么通知")


def test_one_that_was_confirmed_is_read_but_not_asked_about(box):
    box.world = replace(box.world, notices=(notice(steps=frozenset({HEARD, CONFIRMED})),))
    box.wake().hear("念念通知")
    box.done()
    box.done()
    assert box.said() is None and isinstance(box.listening(), Listen) and box.state.question is None


# -- joining ----------------------------------------------------------------------------------------------------------

def test_the_digits_are_said_one_by_one_three_times_and_shown(box):
    box.tell(JoiningCode("407216"))
    assert box.said().count("四，零，七，二，一，六") == 3
    card = next(command.card for command in box.commands if isinstance(command, Show))
    assert card.lines[0] == "407 216"
    box.done()
    box.tell(Joined("东山村"))
    assert "已经加入东山村了" in box.said()


def test_they_wait_until_nobody_speaks(box):
    box.wake()
    box.tell(JoiningCode("407216"))
    assert box.said() is None
    box.tell(ListenTimedOut(box.state.turn))
    assert "四，零，七" in box.said()


def test_whoever_asks_a_box_of_no_village_for_notices_hears_its_digits_again():
    assert read(Intent("notices.read"), World(now=NOW)).commands == (AskToJoin(),)
    assert read(Intent("notices.read"), World(now=NOW, village="东山村")).commands == ()


# -- spoken ones ------------------------------------------------------------------------------------------------------

HERE = Recording("5a", 20.0, "/box/notices/5a.ogg")
COMING = Recording("5a", 20.0, is_awaited=True)
MISSING = Recording("5a", 20.0)


def spoken(recording, priority=IMPORTANT, text="", **fields):
    return notice(priority=priority, text=text, title="停水", recording=recording, **fields)


def settled(box, recording):
    """What the box knows of its recording has changed; that it is here makes all that was said of it count for nothing."""
    box.world = replace(box.world, notices=tuple(replace(one, recording=recording, **{"told_at": None, "times_told": 0} if recording.file else {})
                                                 if one.recording else one for one in box.world.notices))
    return box.tell(RecordingSettled("n"))


@pytest.mark.parametrize("text", ["", "明天上午停水"])
def test_a_recording_is_played_twice_behind_its_title_and_counts_like_a_reading(box, text):
    box.arrives(spoken(HERE, text=text))
    assert box.said() == "王会计有重要通知。停水。" and box.say().clip == Clip("/box/notices/5a.ogg", "5a") and box.noted() == [PLAYING]
    box.done()
    assert box.said() == "我再放一遍。" and box.say().clip == Clip("/box/notices/5a.ogg", "5a") and box.noted() == [HEARD]
    box.done()
    assert "知道了" in box.said() and box.say().clip is None and box.noted() == []
    box.done()
    box.hear("知道了")
    assert box.noted() == [CONFIRMED]


def test_one_that_is_stopped_or_fails_is_not_heard(box):
    box.arrives(spoken(HERE))
    box.tell(StopHeard())
    assert box.noted() == [INTERRUPTED]
    box.arrives(spoken(HERE, revision=2))
    box.tell(SpeechEnded(box.state.turn, Ending.FAILED))
    assert box.noted() == [] and box.state.phase is Phase.ASLEEP


@pytest.mark.parametrize("priority", [ORDINARY, IMPORTANT, URGENT])
def test_nothing_is_said_while_it_is_on_its_way_and_all_of_it_when_it_is_here(box, priority):
    assert box.arrives(spoken(COMING, priority)) == () and box.later(1) == ()
    settled(box, HERE)
    assert "新通知" in box.said() if priority is ORDINARY else box.say().clip is not None


@pytest.mark.parametrize(("text", "said"), [
    ("", "王会计有重要通知。停水。录音还在路上，等传到了，我就放给您听。"),
    ("明天上午停水", "王会计有重要通知。停水。明天上午停水。录音还在路上，等传到了，我就放给您听。")])
def test_without_its_recording_it_is_told_of_and_not_heard(box, text, said):
    box.arrives(spoken(COMING, text=text))
    settled(box, MISSING)
    assert box.said() == said and box.say().clip is None and box.noted() == [TOLD]
    box.done()
    assert box.said() is None and box.noted() == [] and box.state.phase is Phase.ASLEEP and box.later(20) == ()
    settled(box, HERE)
    assert box.say().clip is not None and box.noted() == [PLAYING]
    box.done()
    assert box.noted() == [HEARD]


def test_stopping_what_is_said_in_its_place_says_nothing_of_it(box):
    box.arrives(spoken(MISSING))
    box.tell(StopHeard())
    assert box.noted() == []


def test_what_is_said_in_its_place_makes_room_for_it(box):
    box.arrives(spoken(MISSING))
    settled(box, HERE)
    assert StopSpeaking() in box.commands and box.say().clip is not None and box.noted() == [PLAYING]


def test_behind_one_that_is_not_here_the_next_is_read(box):
    box.world = replace(box.world, notices=(notice("other", text="明天赶集", sent_at=NOW - 2 * MINUTE), spoken(MISSING)))
    box.wake()
    assert "录音还在路上" in box.hear("村里有什么通知")
    box.done()
    assert "明天赶集" in box.said() and box.noted() == [PLAYING]


def test_an_urgent_one_is_told_of_again_until_it_is_here_and_then_breaks_in(box):
    box.arrives(spoken(MISSING, URGENT))
    assert "录音还在路上" in box.said()
    box.done()
    assert box.later(4) == () and "录音还在路上" in (box.later(1) and box.said())
    box.done()
    box.wake()
    settled(box, HERE)
    assert box.say().clip is not None and StopSpeaking() in box.commands


def test_what_was_confirmed_is_not_played_again_when_the_box_is_switched_on(box):
    box.world = replace(box.world, notices=(spoken(HERE, URGENT, steps=frozenset({HEARD, CONFIRMED})),))
    assert box.tell(RecordingSettled("n")) == ()


def test_one_whose_file_is_lost_after_its_first_end_is_not_announced_as_played(box):
    box.arrives(spoken(HERE))
    box.world = replace(box.world, notices=(spoken(MISSING, steps=frozenset({PLAYING})),))
    box.done()
    assert box.noted() == [HEARD] and "知道了" in box.said()


@pytest.mark.parametrize(("picture", "data"), [(None, {}), (Picture("5b"), {}), (Picture("5b", "/box/notices/5b"), {"picture": "/box/notices/5b"})])
def test_the_card_names_the_picture_that_is_here(box, picture, data):
    box.arrives(notice(priority=IMPORTANT, picture=picture))
    assert [command.card.data for command in box.commands if isinstance(command, Show) and command.card.kind == "notice"] == [data]
