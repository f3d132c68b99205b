"""The conversation as a table of facts and what follows. Understanding is scripted here: sentences have their own tests."""
import datetime as dt
import itertools
from dataclasses import replace

import pytest

from assistant.commands import (
    Card,
    DismissTimer,
    Duck,
    Exit,
    FetchForecast,
    Listen,
    Say,
    Show,
    StopListening,
    StopSpeaking,
    Unduck,
)
from assistant.dialogue import MISSES_BEFORE_LETTING_GO, Dialogue
from assistant.errors import MediaUnreadable, PlayerFailed
from assistant.events import (
    Ending,
    ForecastArrived,
    Guessed,
    Heard,
    ListenTimedOut,
    MediaFailed,
    MediaStarted,
    MicFailed,
    MicRestored,
    PlayerLost,
    SpeakerFailed,
    SpeechBegan,
    SpeechEnded,
    Started,
    SticksRead,
    StopHeard,
    StopRequested,
    TimerRang,
    Typed,
    WakeHeard,
)
from assistant.ringing import REPEATS, RING
from assistant.state import Phase, State, Window
from assistant.turns import Manners
from assistant.wording import Wording
from intents.model import NONE, Fragment, FragmentKind, Hypothesis, Intent, Understanding
from skills.api import STICKS_READ, Expectation, Reply, World
from tests.talk import Box

WORLD = World(now=dt.datetime(2026, 11, 23, 10, 0))

READINGS = {
    "几点了": (Intent("clock.time", {}, 0.95), ()),
    "天气": (Intent("weather.query", {"place": "济南"}, 0.9), ()),
    "别听了": (Intent("device.sleep", {}, 0.9), ()),
    "定时": (Intent("timer.create", {}, 0.9), ()),
    "五分钟": (Intent("timer.create", {"in_minutes": 5}, 0.9), ()),
    "算了": (Intent("dialog.cancel", {}, 0.9), ()),
    "对": (Intent("dialog.yes", {}, 0.9), ()),
    "不是": (Intent("dialog.no", {}, 0.9), ()),
    "知道了": (Intent("notices.confirm", {}, 0.9), ()),
    "精确": (Intent("media.play", {"genre": "京剧"}, 0.5), (Intent("clock.time", {}, 0.45),)),
    "含糊": (Intent("clock.time", {}, 0.5), ()),
    "大点声": (Intent("volume.up", {}, 0.9), ()),
    "出错": (Intent("volume.mute", {}, 0.9), ()),
}


FRAGMENTS = {
    "第一个": (Fragment(FragmentKind.FIRST, confidence=1.0),),
    "第二个": (Fragment(FragmentKind.SECOND, confidence=1.0),),
    "后一个": (Fragment(FragmentKind.SECOND, confidence=1.0),),
}


class Scripted:
    def understand(self, hypotheses, now, expects=()):
        text = hypotheses[0].text if hypotheses else ""
        intent, others = READINGS.get(text, (Intent(NONE), ()))
        return Understanding(Intent(intent.name, intent.slots, intent.confidence, text), others)

    def fragments(self, hypotheses, now):
        text = hypotheses[0].text if hypotheses else ""
        return tuple(replace(fragment, heard=text) for fragment in FRAGMENTS.get(text, ()))


def _weather(intent, world):
    if "济南" in world.forecasts:
        return Reply("今天晴。", Card("weather", "济南"))
    if "济南" in world.forecast_failures:
        return Reply("查不到天气。")
    return Reply("我看看啊。", commands=(FetchForecast("济南"),), waits=True, repeatable=False)


def _timer(intent, world):
    if "in_minutes" not in intent.slots:
        return Reply("定几分钟？", expects=Expectation(("timer.create",), "timer.minutes", {"asked": True}))
    return Reply(f"好，{intent.slots['in_minutes']}分钟。")


HANDLERS = {
    "clock.time": lambda intent, world: Reply("十点整。"),
    "weather.query": _weather,
    "timer.create": _timer,
    "device.sleep": lambda intent, world: Reply("好，我歇着。", goes_to_sleep=True, repeatable=False),
    "media.play": lambda intent, world: Reply(f"听{intent.slots.get('genre', '戏')}。"),
    "volume.up": lambda intent, world: Reply(""),
}
ANSWERS = {
    "timer.minutes": lambda intent, world, data: Reply(f"定好{intent.slots['in_minutes']}分钟。"),
    STICKS_READ: lambda intent, world, data: Reply("优盘读好了。"),
    RING: lambda intent, world, data: Reply("时间到了。", expects=Expectation(("notices.confirm", "dialog.yes"))),
}


WORDING = Wording.load()


def scripted(**world):
    return Box(Dialogue(Scripted(), HANDLERS, ANSWERS, WORDING, Manners(), "小乡小乡"), replace(WORLD, **world))


@pytest.fixture
def box():
    return scripted()


def test_it_says_that_it_is_ready_and_how_to_call_it(box):
    box.tell(Started())
    assert "小乡小乡" in box.said()
    box.done()
    assert box.state.phase is Phase.ASLEEP


def test_waking_is_acknowledged_in_words_and_then_it_listens(box):
    box.tell(WakeHeard())
    assert box.said() == "哎，我在。"
    box.done()
    assert box.state.phase is Phase.LISTENING
    assert box.listening() == Listen(box.state.turn, Manners().window_s, 0.0)


def test_a_command_is_answered_and_a_follow_up_may_come(box):
    assert box.wake().hear("几点了") == "十点整。"
    box.done()
    assert box.state.window is Window.FOLLOW_UP and box.listening().window_s == Manners().follow_up_s
    box.tell(ListenTimedOut(box.state.turn))
    assert box.state.phase is Phase.ASLEEP and box.said() is None


def test_what_was_heard_is_shown(box):
    box.wake().hear("几点了")
    assert Show(Card("heard", "几点了")) in box.commands


def test_a_command_in_one_breath_with_the_wake_phrase_needs_no_acknowledgement(box):
    box.tell(Heard(1, (Hypothesis("几点了"),), after_wake=True))
    assert box.said() == "十点整。"


def test_typed_text_is_answered(box):
    box.tell(Typed("几点了"))
    assert box.said() == "十点整。"


@pytest.mark.parametrize("turn", [0, 1, 7])
def test_words_of_another_turn_change_nothing(box, turn):
    box.wake()
    before = box.state
    assert box.tell(Heard(turn + 100, (Hypothesis("几点了"),))) == () and box.state == before


@pytest.mark.parametrize("event", [SpeechEnded(99), ListenTimedOut(99), Guessed(1, ())])
def test_stale_or_passing_facts_change_nothing(box, event):
    box.wake()
    before = box.state
    assert box.tell(event) == () and box.state == before


def test_the_acknowledgement_makes_room_for_a_command(box):
    box.tell(WakeHeard())
    assert box.tell(SpeechBegan(box.state.turn)) == (StopSpeaking(),)
    box.tell(SpeechEnded(box.state.turn, Ending.INTERRUPTED))
    assert box.state.phase is Phase.LISTENING
    box.hear("几点了")
    before = box.state
    assert box.tell(SpeechBegan(box.state.turn)) == () and box.state == before


def test_waking_it_while_it_speaks_makes_it_listen(box):
    box.wake().hear("几点了")
    box.tell(WakeHeard())
    assert box.said() == "哎，我在。"
    old = box.state.turn - 1
    assert box.tell(SpeechEnded(old, Ending.INTERRUPTED)) == ()
    box.done()
    assert box.state.phase is Phase.LISTENING


def test_stop_makes_it_quiet_at_once(box):
    box.wake().hear("几点了")
    commands = box.tell(StopHeard())
    assert commands[0] == StopSpeaking() and StopListening() in commands and box.state.phase is Phase.ASLEEP


def test_going_to_sleep_opens_no_window(box):
    box.wake().hear("别听了")
    box.done()
    assert box.state.phase is Phase.ASLEEP


def test_a_reply_without_words_opens_nothing(box):
    box.wake().hear("大点声")
    assert box.state.phase is Phase.ASLEEP and box.said() is None


# -- questions ----------------------------------------------------------------------------------------------------


def test_its_own_question_gets_time_and_patience(box):
    assert box.wake().hear("定时") == "定几分钟？"
    box.done()
    assert box.listening() == Listen(box.state.turn, Manners().answer_window_s, Manners().answer_patience_s)
    assert box.hear("五分钟") == "定好5分钟。"


def test_an_unanswered_question_is_asked_once_more_and_then_let_go(box):
    box.wake().hear("定时")
    box.done()
    box.tell(ListenTimedOut(box.state.turn))
    assert "定几分钟" in box.said()
    box.done()
    box.tell(ListenTimedOut(box.state.turn))
    assert "先不弄了" in box.said()
    box.done()
    assert box.state.phase is Phase.ASLEEP and box.state.question is None


def test_a_question_can_be_left_for_something_else(box):
    box.wake().hear("定时")
    box.done()
    assert box.hear("几点了") == "十点整。"
    assert box.state.question is None


@pytest.mark.parametrize("before", [[], ["定时"], ["精确"], ["胡话"]])
def test_cancel_works_at_any_time(box, before):
    box.wake()
    for text in before:
        box.hear(text)
        box.done()
    assert box.hear("算了") in ("好。", "行。")
    box.done()
    assert box.state == State(turn=box.state.turn, last_said=box.state.last_said)


# -- repair -------------------------------------------------------------------------------------------------------


def test_unsure_asks_with_what_was_heard_and_two_choices(box):
    text = box.wake().hear("精确")
    assert "精确" in text and "听京剧" in text and "几点" in text
    card = next(c.card for c in box.commands if isinstance(c, Show) and c.card.kind == "question")
    assert len(card.choices) == 2


@pytest.mark.parametrize(("answer", "said"), [("第一个", "听京剧。"), ("第二个", "十点整。"), ("后一个", "十点整。"), ("几点了", "十点整。")])
def test_a_choice_can_be_answered_by_number_or_by_name(box, answer, said):
    box.wake().hear("精确")
    box.done()
    assert box.hear(answer) == said


def test_yes_to_two_choices_asks_for_the_first_alone(box):
    box.wake().hear("精确")
    box.done()
    assert "您是要听京剧吗" in box.hear("对")
    box.done()
    assert box.hear("对") == "听京剧。"


def test_one_candidate_is_asked_as_yes_or_no(box):
    assert "您是要问几点了吗" in box.wake().hear("含糊")
    box.done()
    assert box.hear("不是") == "那您说，我听着。"
    box.done()
    assert box.hear("几点了") == "十点整。"


def test_misses_offer_choices_then_ask_once_more_then_let_go(box):
    first = box.wake().hear("胡话")
    assert "胡话" in first and "还是要" in first
    box.done()
    second = box.hear("胡话")
    assert "再说一遍" in second
    box.done()
    third = box.hear("胡话")
    assert "再说一遍" not in third and box.state.misses == 0
    box.done()
    assert box.state.phase is Phase.ASLEEP
    assert MISSES_BEFORE_LETTING_GO == 3


def test_nothing_audible_is_a_miss_too(box):
    box.wake()
    box.tell(Heard(box.state.turn, ()))
    assert "没听清" in box.said()


@pytest.mark.parametrize("text", ["他二叔家的牛", "精确"])
def test_after_an_answer_talk_for_somebody_else_is_left_alone(box, text):
    box.wake().hear("几点了")
    box.done()
    assert box.hear(text) is None and box.state.phase is Phase.ASLEEP


# -- results that take time ---------------------------------------------------------------------------------------


def test_a_forecast_that_comes_while_it_says_it_is_looking(box):
    assert box.wake().hear("天气") == "我看看啊。"
    box.world = World(now=WORLD.now, forecasts={"济南": None})
    assert box.tell(ForecastArrived("济南", None)) == ()
    box.done()
    assert box.said() == "今天晴。" and box.state.last_said == "今天晴。"


def test_a_forecast_that_comes_later(box):
    box.wake().hear("天气")
    box.done()
    assert box.state.phase is Phase.WAITING
    box.world = World(now=WORLD.now, forecast_failures={"济南": "no network"})
    box.tell(ForecastArrived("济南", None, "no network"))
    assert box.said() == "查不到天气。"


def test_a_forecast_nobody_waits_for_is_not_spoken(box):
    assert box.tell(ForecastArrived("济南", None)) == ()


def test_waking_it_while_it_waits_drops_the_wait(box):
    box.wake().hear("天气")
    box.done()
    box.tell(WakeHeard())
    assert box.state.pending is None


# -- timers -------------------------------------------------------------------------------------------------------


def test_a_timer_rings_repeats_and_stops_when_answered(box):
    box.tell(TimerRang("t1", "鸡蛋"))
    assert box.said() == "时间到了。"
    box.done()
    box.tell(ListenTimedOut(box.state.turn))
    assert box.said() == "时间到了。"
    box.done()
    box.hear("知道了")
    assert DismissTimer("t1") in box.commands
    box.done()
    assert box.state.phase is Phase.ASLEEP


def test_a_ringing_timer_gives_up_in_the_end(box):
    box.tell(TimerRang("t1", ""))
    for _ in range(REPEATS):
        assert box.said() == "时间到了。"
        box.done()
        box.tell(ListenTimedOut(box.state.turn))
    assert DismissTimer("t1") in box.commands and box.state.phase is Phase.ASLEEP


@pytest.mark.parametrize("event", [WakeHeard(), StopHeard()])
def test_the_wake_phrase_or_stop_silences_a_timer(box, event):
    box.tell(TimerRang("t1", ""))
    assert DismissTimer("t1") in box.tell(event)


def test_talk_while_it_rings_is_not_a_miss(box):
    box.tell(TimerRang("t1", ""))
    box.done()
    assert box.hear("胡话") is None and box.listening() is not None


def test_timers_wait_for_the_end_of_an_exchange_and_none_is_lost(box):
    box.wake()
    box.tell(TimerRang("t1", ""))
    box.tell(TimerRang("t2", ""))
    assert box.commands == ()
    box.hear("别听了")
    box.done()
    assert box.said() == "时间到了。"
    box.done()
    box.hear("知道了")
    assert DismissTimer("t1") in box.commands
    box.done()
    assert box.said() == "时间到了。"
    box.done()
    box.hear("知道了")
    assert DismissTimer("t2") in box.commands


def test_a_timer_that_came_due_rings_after_a_silent_follow_up(box):
    box.wake().hear("几点了")
    box.done()
    box.tell(TimerRang("t1", ""))
    box.tell(ListenTimedOut(box.state.turn))
    while box.said() != "时间到了。":
        assert box.said() is not None
        box.done()


# -- what plays meanwhile -----------------------------------------------------------------------------------------

def _follow_up_passes(box):
    box.done()
    box.tell(ListenTimedOut(box.state.turn))


EXCHANGES = {
    "called, and nothing said": (WakeHeard(), [lambda b: b.done(), lambda b: b.tell(ListenTimedOut(b.state.turn))]),
    "called, asked, answered": (WakeHeard(), [lambda b: b.done(), lambda b: b.hear("几点了"), _follow_up_passes]),
    "a command in one breath": (Heard(1, (Hypothesis("几点了"),), after_wake=True), [_follow_up_passes]),
    "typed": (Typed("几点了"), [_follow_up_passes]),
    "typed call": (Typed("小乡小乡"), [_follow_up_passes]),
    "a question, answered": (Typed("定时"), [lambda b: b.done(), lambda b: b.hear("五分钟"), _follow_up_passes]),
    "called, a reply without words": (WakeHeard(), [lambda b: b.done(), lambda b: b.hear("大点声")]),
    "a timer": (TimerRang("t1", ""), [lambda b: b.done(), lambda b: b.hear("知道了"), lambda b: b.done()]),
    "told to be quiet": (Typed("几点了"), [lambda b: b.tell(StopHeard())]),
    "talk for somebody else": (Typed("几点了"), [lambda b: b.done(), lambda b: b.hear("他二叔家的牛")]),
    "a lost microphone": (MicFailed("x"), [lambda b: b.done()]),
    "ready": (Started(), [lambda b: b.done()]),
}


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_what_plays_is_lowered_first_of_all_and_raised_once_at_the_end(box, exchange):
    begins, steps = EXCHANGES[exchange]
    ordered = list(box.tell(begins))
    assert ordered[0] == Duck()
    for step in steps:
        assert Unduck() not in ordered
        step(box)
        ordered += box.commands
    assert box.state.phase is Phase.ASLEEP
    assert ordered[-1] == Unduck() and (ordered.count(Duck()), ordered.count(Unduck())) == (1, 1)


def test_what_takes_no_time_lowers_nothing(box):
    assert not any(isinstance(command, Duck | Unduck) for command in box.tell(Typed("大点声")))


def test_who_goes_on_after_the_wake_phrase_is_heard_before_they_have_ended(box):
    assert box.tell(SpeechBegan(1)) == (Duck(),)
    before = box.state
    assert box.tell(SpeechBegan(1)) == () and box.state == before
    assert Duck() not in box.tell(Heard(1, (Hypothesis("几点了"),), after_wake=True)) and box.said() == "十点整。"
    _follow_up_passes(box)
    assert box.commands[-1] == Unduck()


@pytest.mark.parametrize("event", [Heard(1, (Hypothesis("大点声"),), after_wake=True), StopHeard()])
def test_a_call_that_comes_to_nothing_does_not_leave_it_lowered(box, event):
    box.tell(SpeechBegan(1))
    assert box.tell(event)[-1] == Unduck() and not box.state.called


def test_a_call_that_a_lost_microphone_cuts_off_does_not_leave_it_lowered(box):
    box.tell(SpeechBegan(1))
    assert not any(isinstance(command, Duck | Unduck) for command in box.tell(MicFailed("unplugged")))
    assert box.done()[-1] == Unduck()


def test_a_call_without_a_command_is_a_call(box):
    box.tell(SpeechBegan(1))
    assert Duck() not in box.tell(WakeHeard()) and box.said() == "哎，我在。"
    box.done()
    assert box.tell(ListenTimedOut(box.state.turn))[-1] == Unduck()


def test_speech_of_a_turn_that_was_called_off_lowers_nothing(box):
    box.wake()
    turn = box.state.turn
    box.tell(Typed("别听了"))
    box.done()
    assert box.tell(SpeechBegan(turn)) == () and not box.state.ducked


def test_between_two_timers_it_stays_lowered(box):
    box.tell(TimerRang("t1", ""))
    box.tell(TimerRang("t2", ""))
    box.done()
    box.hear("知道了")
    assert Unduck() not in box.done() and box.said() == "时间到了。"


def test_a_fault_inside_leaves_nothing_lowered(box):
    box.wake()
    box.state, commands = box.dialogue.apologise(box.state, "出了点毛病")
    assert Duck() not in commands
    assert box.done()[-1] == Unduck()
    box.state, commands = box.dialogue.apologise(box.state, "出了点毛病")
    assert commands[0] == Duck() and box.done()[-1] == Unduck()


@pytest.mark.parametrize(("event", "sentence"), [
    (MediaFailed("a.mp3", "loading failed"), MediaUnreadable.spoken), (PlayerLost("killed"), PlayerFailed.spoken),
])
def test_a_play_that_does_not_come_is_told_at_once_when_nobody_speaks(box, event, sentence):
    commands = box.tell(event)
    assert box.said() == sentence and Show(Card("fault", sentence, (event.reason,))) in commands
    assert box.done()[-1] == Unduck() and box.state.phase is Phase.ASLEEP and not box.state.fault


def test_a_play_that_does_not_come_is_told_when_the_exchange_is_over(box):
    box.wake().hear("几点了")
    commands = box.tell(MediaFailed("a.mp3", "loading failed"))
    assert box.said() is None and commands[0].card.kind == "fault"
    box.done()
    box.tell(ListenTimedOut(box.state.turn))
    assert box.said() == MediaUnreadable.spoken
    box.done()
    assert box.state.phase is Phase.ASLEEP


def test_it_is_not_told_any_more_when_something_else_plays(box):
    box.wake().hear("别听了")
    box.tell(MediaFailed("a.mp3", "loading failed"))
    box.tell(MediaStarted("b.mp3"))
    box.done()
    assert box.said() is None and box.state.phase is Phase.ASLEEP


# -- hardware and the end -----------------------------------------------------------------------------------------


def test_a_lost_microphone_is_spoken_and_shown_and_its_return_too(box):
    box.wake()
    box.tell(MicFailed("unplugged"))
    assert "听不见" in box.said()
    assert any(isinstance(c, Show) and c.card.kind == "fault" for c in box.commands)
    box.tell(MicRestored())
    assert "听得见" in box.said()


def test_a_lost_loudspeaker_is_shown(box):
    assert box.tell(SpeakerFailed("gone"))[0].card.kind == "fault"


def test_a_fault_inside_costs_the_exchange_but_not_a_ringing_timer(box):
    box.tell(TimerRang("t1", ""))
    box.done()
    box.state, box.commands = box.dialogue.apologise(box.state, "出了点毛病")
    assert box.said() == "出了点毛病"
    box.done()
    box.hear("知道了")
    assert DismissTimer("t1") in box.commands


def test_the_end(box):
    assert Exit() in box.tell(StopRequested())


def test_every_sequence_of_events_keeps_the_state_lawful():
    """All sequences of four facts: no exception, and the phase always says what the box waits for."""
    facts = [
        lambda b: WakeHeard(), lambda b: StopHeard(), lambda b: SpeechEnded(b.state.turn), lambda b: ListenTimedOut(b.state.turn),
        lambda b: Heard(b.state.turn, (Hypothesis("几点了"),)), lambda b: Heard(b.state.turn, (Hypothesis("定时"),)),
        lambda b: Heard(b.state.turn, (Hypothesis("天气"),)), lambda b: Heard(b.state.turn, (Hypothesis("胡话"),)),
        lambda b: TimerRang("t", ""), lambda b: ForecastArrived("济南", None), lambda b: MicFailed("x"),
        lambda b: MediaFailed("a", "x"), lambda b: SpeechBegan(b.state.turn), lambda b: SticksRead(("/media/a",)),
    ]
    for sequence in itertools.product(facts, repeat=4):
        box = scripted()
        for fact in sequence:
            box.tell(fact(box))
            speaks = any(isinstance(c, Say) for c in box.commands)
            listens = box.listening() is not None
            assert not (speaks and listens)
            assert not speaks or box.state.phase is Phase.SPEAKING
            assert not listens or box.state.phase is Phase.LISTENING
            assert (box.state.phase is Phase.WAITING) <= (box.state.pending is not None)
            assert not (box.state.called and box.state.phase is not Phase.ASLEEP)
            assert box.state.ducked is (box.state.phase is not Phase.ASLEEP or box.state.called)
