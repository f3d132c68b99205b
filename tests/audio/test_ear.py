"""The ear on real sound, through the streaming path."""
from __future__ import annotations

import threading

import numpy as np
import pytest

from assistant.commands import Listen, StopListening
from assistant.events import Guessed, Heard, ListenTimedOut, SpeechBegan, StopHeard, WakeHeard
from assistant.ports import SAMPLE_RATE
from audio.ear import EarCore, Mode, SetPhrases, SpeakingBegan, SpeakingEnded
from audio.ear_thread import Ear
from audio.own_voice import BRIEF_S, KNOWN_S, OwnVoice
from audio.segment import PatienceLearner
from audio.turn import AGAIN_S
from audio.upkeep import Upkeep, Warming
from intents.model import Source


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16)


def sound(*parts) -> np.ndarray:
    """Numbers are seconds of silence."""
    return np.concatenate([silence(part) if isinstance(part, int | float) else part for part in parts])


def play(core: EarCore, *parts, chunk: int = 512) -> list:
    pcm = sound(*parts)
    return [event for start in range(0, len(pcm), chunk) for event in core.feed(pcm[start : start + chunk])]


def best(event) -> str:
    return event.hypotheses[0].text


def only(events: list, kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture
def core(shared_core: EarCore):
    shared_core.obey(SpeakingEnded())
    shared_core.obey(StopListening())
    shared_core.own_voice = OwnVoice()
    play(shared_core, 1.0)
    assert shared_core.mode is Mode.ASLEEP
    return shared_core


@pytest.mark.parametrize("rate", [0.8, 1.0, 1.25])
def test_the_wake_phrase_wakes(core, say, rate):
    assert play(core, 0.5, say("小乡小乡", rate), 2.0) == [WakeHeard()]


def test_other_talk_does_not_wake(core, say):
    assert play(core, 0.5, say("我想想小区里的校长相信不相信"), 0.4, say("香香小箱子详细消息"), 2.0) == []


def test_a_slow_speaker_may_pause_inside_the_phrase(core, say):
    assert only(play(core, 0.5, say("小乡"), 0.3, say("小乡"), 2.0), WakeHeard) == [WakeHeard()]


def test_wake_and_command_in_one_breath(core, say):
    heard = only(play(core, 0.5, say("小乡小乡今天天气怎么样"), 2.5), Heard)
    assert len(heard) == 1
    assert heard[0].after_wake
    assert best(heard[0]).startswith("今天天气怎么样")


def test_a_breath_after_the_wake_phrase_loses_nothing(core, say):
    """The command follows before the box has begun to acknowledge."""
    events = play(core, 0.5, say("小乡小乡"), 0.15, say("今天天气怎么样"), 2.5)
    assert best(only(events, Heard)[0]).startswith("今天天气怎么样"), events


def test_a_command_that_begins_with_the_acknowledgement_is_heard_whole(core, say):
    """The person goes on in the moment in which the box opens its mouth."""
    events = play(core, 0.5, say("小乡小乡"), 0.42)
    assert events == [WakeHeard()]
    command = say("今天天气怎么样")
    cut = round(0.05 * SAMPLE_RATE)
    play(core, command[:cut])
    core.obey(SpeakingBegan())
    events = play(core, command[cut:], 0.3)
    assert isinstance(events[0], SpeechBegan), "tells the box to be quiet"
    core.obey(SpeakingEnded())
    core.obey(Listen(events[0].turn, 7.0))
    (heard,) = only(play(core, 1.5), Heard)
    assert (heard.after_wake, best(heard)) == (True, "今天天气怎么样")


def test_the_box_does_not_take_its_acknowledgement_for_a_command(core, say):
    play(core, 0.5, say("小乡小乡"), 0.42)
    core.obey(SpeakingBegan())
    assert play(core, 0.08, say("哎，我在"), 0.3) == []
    core.obey(SpeakingEnded())
    core.obey(Listen(50, 1.0))
    assert play(core, 1.5) == [ListenTimedOut(50)]


def unheard_before(core):
    """A box that has spoken for a while without its microphone hearing it."""
    core.obey(SpeakingBegan("今天济南晴，二十四到三十五度。"))
    play(core, BRIEF_S + KNOWN_S + 1.0)
    core.obey(SpeakingEnded())


@pytest.mark.parametrize("pause", [0.1, 0.35, 0.7], ids=lambda pause: f"{pause} s into it")
def test_a_command_into_the_acknowledgement_is_heard_whole_where_the_box_does_not_hear_itself(core, say, pause):
    unheard_before(core)
    assert play(core, 1.5, say("小乡小乡"), 0.42) == [WakeHeard()]
    clip = sound(pause, say("今天天气怎么样"), 2.0)
    core.obey(SpeakingBegan("哎，我在。"))
    assert play(core, clip[: SAMPLE_RATE * 9 // 10]) == []
    core.obey(SpeakingEnded())
    core.obey(Listen(61, 7.0))
    (heard,) = only(play(core, clip[SAMPLE_RATE * 9 // 10 :]), Heard)
    assert (heard.turn, best(heard)) == (61, "今天天气怎么样")


def test_an_answer_into_the_last_words_of_a_question_is_heard_but_nothing_from_before(core, say):
    unheard_before(core)
    core.obey(SpeakingBegan("您是想听京剧，还是想听吕剧？"))
    assert play(core, 0.3, say("大儿子"), 1.6, say("第二个")) == []
    core.obey(SpeakingEnded())
    core.obey(Listen(62, 7.0))
    (heard,) = only(play(core, 2.0), Heard)
    assert best(heard) == "第二个"


def test_a_box_that_hears_itself_takes_nothing_in_its_own_words_for_a_command(core, say):
    unheard_before(core)
    core.obey(SpeakingBegan("今天济南晴，二十四到三十五度。"))
    play(core, say("今天济南晴二十四到三十五度出门记得带把伞"))
    core.obey(SpeakingEnded())
    play(core, 1.0)
    core.obey(SpeakingBegan("哎，我在。"))
    assert play(core, 0.1, say("哎，我在"), 0.2) == []
    core.obey(SpeakingEnded())
    core.obey(Listen(63, 1.0))
    assert play(core, 1.5) == [ListenTimedOut(63)]


def test_a_window_waits_its_whole_time_from_the_end_of_the_boxs_words(core):
    unheard_before(core)
    core.obey(SpeakingBegan("哎，我在。"))
    play(core, 1.0)
    core.obey(SpeakingEnded())
    core.obey(Listen(64, 2.0))
    assert play(core, 1.9) == []
    assert play(core, 0.2) == [ListenTimedOut(64)]


@pytest.mark.parametrize("text", ["小张小张", "小杨小杨", "小心小心", "想要想要", "家乡家乡"])
def test_names_like_the_phrase_do_not_wake(core, say, text):
    events = [event for rate in (0.8, 1.0, 1.25) for event in play(core, 0.5, say(text, rate), 2.0)]
    assert events == []


def test_talk_before_the_phrase_does_not_hide_it(core, say):
    assert best(only(play(core, 0.5, say("好的小乡小乡明天下不下雨"), 2.5), Heard)[0]) == "明天下不下雨"


def test_an_answer_is_guessed_at_the_pause_and_heard_at_the_end(core, say):
    core.obey(Listen(41, 5.0))
    events = play(core, 0.5, say("今天天气怎么样"), 2.0)
    assert [type(event) for event in events] == [SpeechBegan, Guessed, Heard]
    assert {event.turn for event in events} == {41}
    assert events[1].hypotheses == events[2].hypotheses
    assert core.mode is Mode.ASLEEP


def test_the_first_syllable_is_kept_when_speech_begins_at_once(core, say):
    core.obey(Listen(1, 5.0))
    assert best(only(play(core, say("上海明天下雨吗"), 2.0), Heard)[0]).startswith("上海")


def test_speech_that_began_just_before_the_window_is_kept(core, say):
    """The box stops speaking and the person answers before the order to listen has come through."""
    core.obey(SpeakingBegan())
    play(core, 1.0)
    core.obey(SpeakingEnded())
    answer = say("明天上午九点")
    cut = round(0.3 * SAMPLE_RATE)
    play(core, answer[:cut])
    core.obey(Listen(1, 5.0))
    assert best(only(play(core, answer[cut:], 2.0), Heard)[0]).startswith("明天上午")


def test_nobody_speaks(core):
    core.obey(Listen(7, 2.0))
    assert play(core, 3.0) == [ListenTimedOut(7)]
    assert core.mode is Mode.ASLEEP


def test_a_click_is_not_an_answer(core):
    core.obey(Listen(8, 2.0))
    click = np.random.default_rng(1).normal(0, 8000, 480).astype(np.int16)
    assert play(core, 0.5, click, 3.0) == [ListenTimedOut(8)]


def test_a_pause_in_mid_sentence_neither_cuts_nor_changes_the_words(core, say):
    first, second = say("今天天气怎么样"), say("明天下不下雨")
    core.obey(Listen(1, 5.0))
    events = play(core, 0.5, first, 0.55, second, 2.5)
    assert len(only(events, Guessed)) == 2
    paused = best(only(events, Heard)[0])
    core.obey(Listen(2, 5.0))
    fluent = best(only(play(core, 0.5, first, 0.05, second, 2.5), Heard)[0])
    assert paused == fluent


def test_extra_patience_waits_longer(core, say):
    core.obey(Listen(1, 5.0, extra_patience_s=1.0))
    events = play(core, 0.5, say("明天"), 1.5, say("上午九点"), 3.5)
    assert [best(event) for event in only(events, Heard)] == ["明天上午九点"]


@pytest.mark.parametrize("chunk", [80, 160, 1000, 4096])
def test_the_result_does_not_depend_on_the_chunks(make_core, say, chunk):
    clip = sound(0.5, say("小乡小乡"), 1.2, say("今天天气怎么样"), 0.6, say("明天下不下雨"), 2.5, 1.0)
    expected = play(make_core(), clip)
    assert only(expected, WakeHeard)
    core = make_core()
    assert play(core, clip, chunk=chunk) == expected


def test_the_cap_ends_a_turn_that_never_pauses(core, say):
    talk = say("今天天气怎么样明天下不下雨后天刮不刮风")
    core.obey(Listen(3, 5.0))
    events = play(core, *[talk] * 8)
    assert only(events, Heard)
    assert only(events, Heard)[0].turn == 3


def test_steady_noise_after_speech_ends_the_turn(core, say):
    speech = say("今天天气怎么样")
    clip = sound(0.5, speech, 20.0)
    noise = np.random.default_rng(5).normal(0, 500, len(clip))
    core.obey(Listen(4, 5.0))
    events = play(core, np.clip(clip + noise, -32768, 32767).astype(np.int16))
    assert best(only(events, Heard)[0]).startswith("今天天气")


@pytest.mark.parametrize("word", ["停", "停下", "别说了"])
def test_stop_words_count_while_the_box_speaks_and_only_then(core, say, word):
    clip = (0.5, say(word), 1.5)
    assert play(core, *clip) == []
    core.obey(SpeakingBegan())
    assert play(core, *clip) == [StopHeard()]


def test_a_stop_word_inside_a_sentence_stops_nothing(core, say):
    core.obey(SpeakingBegan())
    assert play(core, 0.5, say("停电通知明天上午停电"), 1.5) == []


def test_the_wake_phrase_counts_while_the_box_speaks(core, say):
    core.obey(SpeakingBegan())
    assert play(core, 0.5, say("小乡小乡"), 1.5) == [WakeHeard()]


def test_while_the_box_itself_says_the_phrase_only_the_stop_words_count(core, say):
    core.obey(SpeakingBegan("您叫一声“小乡小乡”，我就来。"))
    assert play(core, 0.5, say("小乡小乡"), 1.5) == []
    assert play(core, 0.5, say("停下"), 1.5) == [StopHeard()]
    core.obey(SpeakingEnded())
    core.obey(SpeakingBegan("今天晴。"))
    assert play(core, 0.5, say("小乡小乡"), 1.5) == [WakeHeard()]


def test_what_is_said_while_the_box_speaks_is_no_answer(core, say):
    core.obey(SpeakingBegan())
    core.obey(Listen(9, 1.0))
    assert play(core, 0.5, say("今天天气怎么样"), 1.5) == []
    core.obey(SpeakingEnded())
    assert play(core, 2.0) == [ListenTimedOut(9)]


def test_the_grammar_hears_the_same_audio(core, say):
    core.obey(SetPhrases((("今天", "天气", "怎么样"), ("几", "点", "了"))))
    core.obey(Listen(1, 5.0))
    readings = only(play(core, 0.5, say("今天天气怎么样"), 2.0), Heard)[0].hypotheses
    core.obey(SetPhrases(()))
    grammar = [reading for reading in readings if reading.source is Source.GRAMMAR]
    assert [reading.text for reading in grammar] == ["今天天气怎么样"]
    assert grammar[0].confidence > 0.8
    assert readings[0].source is Source.FREE_FORM


def test_the_grammar_is_swapped_between_utterances_only(core, say):
    core.obey(SetPhrases((("今天", "天气", "怎么样"),)))
    core.obey(Listen(1, 5.0))
    speech = say("今天天气怎么样")
    events = play(core, 0.5, speech[:8000])
    core.obey(SetPhrases((("几", "点", "了"),)))
    events += play(core, speech[8000:], 2.0)
    core.obey(Listen(2, 5.0))
    events += play(core, 0.5, say("几点了"), 2.0)
    core.obey(SetPhrases(()))
    texts = [[h.text for h in event.hypotheses if h.source is Source.GRAMMAR] for event in only(events, Heard)]
    assert texts == [["今天天气怎么样"], ["几点了"]]


def test_decoder_memory_is_given_back_while_idle(make_core, say):
    core, held = make_core(), [300.0]
    core.upkeep = Upkeep(Warming(()), 40, lambda: held[0])
    play(core, 3.5)
    core.obey(Listen(1, 5.0))
    held[0] = 350.0
    play(core, 0.5, say("今天天气怎么样"), 1.5)
    assert core.upkeep.renewals == 0
    play(core, 3.5)
    assert core.upkeep.renewals == 1
    core.obey(Listen(9, 5.0))
    assert best(only(play(core, 0.5, say("今天天气怎么样"), 2.0), Heard)[0]).startswith("今天天气怎么样")


def test_decoder_memory_is_given_back_although_nobody_is_ever_quiet(make_core, say):
    held = iter(range(100, 10_000, 50))
    core = make_core()
    core.upkeep = Upkeep(Warming(()), 100, lambda: next(held))
    play(core, 3.5)
    for turn in range(1, 8):
        core.obey(Listen(turn, 5.0))
        assert only(play(core, say("今天天气怎么样"), 1.2), Heard)
    assert core.upkeep.renewals == 1


def test_waking_is_heard_in_the_middle_of_warming_up(make_core, say):
    core = make_core(warm_up=(say("每天早上八点提醒我吃药"), say("今天天气怎么样")))
    core.obey(SetPhrases((("今天", "天气", "怎么样"),)))
    events = play(core, 0.3, say("小乡小乡"), 0.6)
    assert events == [WakeHeard()]


def test_speech_after_a_pause_is_decoded_again_only_so_often(make_core, say, monkeypatch):
    core = make_core()
    accepted = []
    accept = core._ears.accept
    monkeypatch.setattr(core._ears, "accept", lambda pcm: (accepted.append(len(pcm)), accept(pcm)))
    core.obey(Listen(1, 5.0))
    words = [say(word) for word in ("今天", "天气", "怎么样", "明天", "上午", "下雨吗")]
    clip = [part for word in words for part in (word, 0.6)]
    events = play(core, 0.5, *clip, 0.6)
    (heard,) = only(events, Heard)
    assert best(heard)[:2] == "今天"
    assert best(heard)[-3:] == "下雨吗"
    assert 2 <= len(only(events, Guessed)) < len(words)
    length = len(sound(*clip))
    assert length < sum(accepted) < length + (AGAIN_S + 1) * SAMPLE_RATE


def test_the_thread_hears_posts_and_ends(make_core, say):
    events, woken = [], threading.Event()

    def post(event):
        events.append(event)
        woken.set()

    ear = Ear(make_core, post)
    ear.start()
    clip = sound(0.5, say("小乡小乡"), 1.0)
    for start in range(0, len(clip), 1600):
        ear.hear(clip[start : start + 1600])
    assert woken.wait(20)
    assert ear.last_chunk_age() < 20
    ear.close()
    ear.close()
    assert events == [WakeHeard()]
    assert not any(thread.name == "ear" for thread in threading.enumerate())


def test_a_failing_core_is_raised_where_the_ear_is_started():
    def broken():
        raise ValueError("no such model")

    with pytest.raises(ValueError, match="no such model"):
        Ear(broken, lambda event: None).start()


def test_the_ear_loads_while_others_do_and_takes_its_phrases_later(speech_model, say):
    """What is ordered before the model is there is obeyed when it is."""
    events, heard, may_load = [], threading.Event(), threading.Event()

    def make():
        may_load.wait(10)
        return EarCore(speech_model)

    def post(event):
        events.append(event)
        if isinstance(event, Heard):
            heard.set()

    ear = Ear(make, post)
    ear.begin()
    ear.set_phrases((("今天", "天气", "怎么样"),))
    ear.listen(1, 5.0)
    with pytest.raises(TimeoutError):
        ear.wait_ready(0.01)
    may_load.set()
    ear.wait_ready(30)
    ear.hear(sound(0.5, say("今天天气怎么样"), 2.0))
    assert heard.wait(20)
    ear.close()
    grammar = [reading for reading in events[-1].hypotheses if reading.source is Source.GRAMMAR]
    assert [reading.text for reading in grammar] == ["今天天气怎么样"]


def test_sound_that_comes_too_fast_is_dropped_and_counted(make_core):
    entered, release = threading.Event(), threading.Event()

    class Slow:
        learner = PatienceLearner()

        def feed(self, pcm):
            entered.set()
            release.wait(10)
            return []

    ear = Ear(Slow, lambda event: None, backlog_s=1.0)
    ear.start()
    ear.hear(silence(0.5))
    assert entered.wait(5)
    for _ in range(4):
        ear.hear(silence(0.5))
    assert ear.dropped_samples == SAMPLE_RATE
    release.set()
    ear.close()


@pytest.mark.parametrize(("rate", "pitch", "chunk"), [(0.8, 1.0, 512), (1.0, 0.85, 160), (1.0, 1.0, 4096), (1.25, 1.2, 1000)])
def test_the_wake_phrase_alone_calls_the_box_in_a_listening_window(core, say, rate, pitch, chunk):
    core.obey(Listen(31, 5.0))
    speech = say("小乡小乡", rate, pitch)
    events = play(core, 0.5, speech, 0.6, chunk=chunk)
    assert events == [SpeechBegan(31), WakeHeard()], [getattr(event, "hypotheses", event) for event in events]


@pytest.mark.parametrize(("rate", "pitch", "chunk"), [(0.9, 1.0, 512), (1.0, 0.85, 160), (1.0, 1.0, 4096), (1.25, 1.2, 1000)])
@pytest.mark.parametrize("text", ["小乡小乡，今天天气怎么样", "小乡小乡今天天气怎么样"])
def test_a_command_after_the_wake_phrase_is_heard_without_it_in_a_listening_window(core, say, text, rate, pitch, chunk):
    core.obey(SetPhrases((("今天", "天气", "怎么样"), ("几", "点", "了"))))
    core.obey(Listen(32, 5.0))
    events = play(core, 0.5, say(text, rate, pitch), 2.0, chunk=chunk)
    core.obey(SetPhrases(()))
    assert not only(events, WakeHeard)
    (heard,) = only(events, Heard)
    assert (heard.turn, heard.after_wake) == (32, True)
    assert best(heard).startswith("今天"), heard.hypotheses
    assert best(heard)[2:].startswith("天气"), heard.hypotheses
    grammar = [reading for reading in heard.hypotheses if reading.source is Source.GRAMMAR]
    assert grammar[0].text == "今天天气怎么样"
    assert [word.text for word in grammar[0].words if word.text != "[unk]"] == ["今天", "天气", "怎么样"]
    assert only(events, Guessed)[-1].hypotheses == heard.hypotheses


def test_called_in_a_listening_window_the_box_hears_what_follows(core, say):
    core.obey(Listen(33, 5.0))
    assert only(play(core, 0.5, say("小乡小乡"), 0.6), WakeHeard)
    core.obey(SpeakingBegan())
    core.obey(Listen(34, 5.0))
    play(core, 0.5)
    core.obey(SpeakingEnded())
    (heard,) = only(play(core, 0.5, say("今天天气怎么样"), 2.0), Heard)
    assert (heard.turn, heard.after_wake, best(heard)) == (34, False, "今天天气怎么样")


@pytest.mark.parametrize("text", ["我想想小区里有什么事", "小箱子", "想想办法", "小巷里的小象"])
def test_near_misses_of_the_wake_phrase_are_answers_like_others(core, say, text):
    core.obey(Listen(35, 5.0))
    events = play(core, 0.5, say(text), 2.5)
    assert [(heard.turn, heard.after_wake) for heard in only(events, Heard)] == [(35, False)]
    assert not only(events, WakeHeard)
