"""What was clear is heard once, the rest a second time without echo and noise, and that is what counts."""
from __future__ import annotations

import numpy as np
import pytest

from assistant.ports import SAMPLE_RATE
from audio.denoise import dry_and_quiet
from audio.ears import CLEAR, LONGEST, Ears, is_clear, later
from audio.recognizer import VoskRecognizer
from bench.elders.acoustics import Condition, Surroundings, place, simulated_noise, simulated_rooms
from intents.model import Hypothesis, Source

FREE, GRAMMAR = Source.FREE_FORM, Source.GRAMMAR
SAME = 0.1
"""Nats by which a reused decoder may score the same sound otherwise."""
PHRASES = (("今天", "天气", "怎么样"), ("明天", "下", "不", "下雨"), ("打", "电话"))


@pytest.fixture(scope="module")
def recognizers(speech_model):
    return VoskRecognizer(speech_model), VoskRecognizer(speech_model, PHRASES)


class Work:
    """A treatment that leaves the sound alone, and counts."""

    def __init__(self):
        self.sounds = []

    def __call__(self, pcm):
        self.sounds.append(pcm)
        return pcm


def hear(ears, pcm, chunk=1600):
    for start in range(0, len(pcm), chunk):
        ears.accept(pcm[start : start + chunk])
    return ears.finish()


def faint(say, text):
    """From the next room, with the kettle on."""
    return place(say(text), Condition("", True, 3), Surroundings(simulated_rooms()[2:], [simulated_noise()]), 0)


def test_a_clear_utterance_is_heard_once(recognizers, say):
    work = Work()
    readings = hear(Ears(*recognizers, clear=work), say("今天天气怎么样"))
    assert is_clear(readings)
    assert not work.sounds
    assert readings[0].source is FREE
    assert [r.text for r in readings if r.source is GRAMMAR][0] == "今天天气怎么样"


def test_what_is_not_clear_is_heard_again_whole_and_treated(recognizers, say):
    """Speech that the grammar has no phrase for, and nothing that a decoder keeps makes a difference."""
    work = Work()
    speech = say("昨天下雨把麦子淋了")
    once = hear(Ears(*recognizers, clear=None), speech)
    twice = hear(Ears(*recognizers, clear=work), speech)
    assert not is_clear(once)
    assert [len(sound) for sound in work.sounds] == [len(speech)]
    assert np.array_equal(work.sounds[0], speech)
    assert [(r.source, r.text) for r in twice] == [(r.source, r.text) for r in once]


@pytest.mark.parametrize(("over", "hearings"), [(0, 1), (1, 0)])
def test_what_is_long_is_heard_once(recognizers, say, over, hearings):
    work = Work()
    speech = say("昨天下雨把麦子淋了")
    sound = np.concatenate([speech, np.zeros(int(LONGEST * SAMPLE_RATE) - len(speech) + over, np.int16)])
    assert not is_clear(hear(Ears(*recognizers, clear=work), sound))
    assert len(work.sounds) == hearings


def test_what_was_heard_first_is_forgotten(recognizers, say):
    sound, other = faint(say, "昨天下雨把麦子淋了"), say("明天下不下雨")
    readings = hear(Ears(*recognizers, clear=lambda _: other), sound)
    assert {(r.source, r.text) for r in readings} == {(r.source, r.text) for r in hear(Ears(*recognizers, clear=None), other)}


def test_what_was_heard_first_stays_where_nothing_is_left_for_the_second_hearing(recognizers, say):
    sound = faint(say, "昨天下雨把麦子淋了")
    first = hear(Ears(*recognizers, clear=None), sound)
    assert first and not is_clear(first)
    assert {(r.source, r.text) for r in hear(Ears(*recognizers, clear=np.zeros_like), sound)} == {(r.source, r.text) for r in first}


def test_what_becomes_of_two_hearings_can_be_told(recognizers, say):
    """Both are asked for, in their order."""
    told = []
    ears = Ears(*recognizers, clear=lambda pcm: pcm // 2, of_two=lambda *hearings: told.append(hearings) or later(*hearings))
    readings = hear(ears, faint(say, "昨天下雨把麦子淋了"))
    (first, second), = told
    assert readings == second != first


def test_without_a_grammar_everything_is_heard_once(recognizers, say):
    work = Work()
    assert {r.source for r in hear(Ears(recognizers[0], clear=work), say("昨天下雨把麦子淋了"))} == {FREE}
    assert not work.sounds


def test_the_product_takes_echo_and_noise_out(recognizers, say):
    """Unless told otherwise; and the recognisers hear what it makes of the sound."""
    sound = faint(say, "昨天下雨把麦子淋了")
    once, twice = hear(Ears(*recognizers, clear=None), sound), hear(Ears(*recognizers), sound)
    assert not is_clear(once)
    again = hear(Ears(*recognizers, clear=None), dry_and_quiet(sound))
    assert {r.text for r in again} - {r.text for r in once}, "there are other readings, else this shows nothing"
    assert {r.text for r in twice} == {r.text for r in again}


def test_each_utterance_is_its_own(recognizers, say):
    """Nothing of the last one, finished or discarded, comes into the second hearing of the next."""
    work = Work()
    ears = Ears(*recognizers, clear=work)
    speech = say("昨天下雨把麦子淋了")
    ears.accept(say("今天天气怎么样"))
    ears.discard()
    first = hear(ears, speech)
    assert [len(sound) for sound in work.sounds] == [len(speech)]
    assert [r.text for r in hear(ears, speech)] == [r.text for r in first]
    assert len(work.sounds) == 2 and len(work.sounds[1]) == len(speech)


@pytest.mark.parametrize("pcm", [np.zeros(0, np.int16), np.zeros(16_000, np.int16), np.full(3, -32_768, np.int16)], ids=["empty", "silent", "short"])
def test_nothing_is_heard_in_nothing(recognizers, pcm):
    assert hear(Ears(*recognizers), pcm) == ()


def test_finishing_without_sound_is_nothing(recognizers):
    assert Ears(*recognizers).finish() == ()


def free(text, score):
    return Hypothesis(text, 0.5, FREE, score=score)


def bound(text, score):
    return Hypothesis(text, 0.5, GRAMMAR, score=score)


@pytest.mark.parametrize(
    ("readings", "clear"),
    [
        ([free("天气", 100.0), bound("天气", 100.0 + CLEAR)], True),
        ([free("天气", 100.0), bound("天气", 99.9 + CLEAR)], False),
        ([free("天气", 100.0), free("天其", 103.0), bound("天气", 105.0)], False),
        ([free("天气", 100.0), bound("天其", 90.0), bound("天气", 105.0)], True),
        ([bound("天气", 105.0), free("天气", 100.0)], True),
        ([free("天气", None), bound("天气", 105.0)], False),
        ([free("天气", 100.0)], False),
        ([bound("天气", 105.0)], False),
        ([], False),
    ],
)
def test_clear_is_what_the_grammar_explains_much_better(readings, clear):
    assert is_clear(readings) is clear


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ((free("天气", 100.0),), (free("听戏", 40.0), bound("停", 50.0)), (free("听戏", 40.0), bound("停", 50.0))),
        ((free("天气", 100.0),), (), (free("天气", 100.0),)),
        ((), (free("天气", 50.0),), (free("天气", 50.0),)),
        ((), (), ()),
    ],
)
def test_the_later_of_two_hearings_counts(first, second, left):
    assert later(first, second) == left
