"""What was clear is heard once, the rest a second time without the echo, and all readings are weighed together."""
from __future__ import annotations

import numpy as np
import pytest

from audio.dereverb import dereverberate
from audio.ears import CLEAR, Ears, both, is_clear
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


class Dry:
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


def tops(readings):
    return {source: max(r.score for r in readings if r.source is source) for source in {r.source for r in readings}}


def faint(say, text):
    """From the next room, with the kettle on."""
    return place(say(text), Condition("", True, 3), Surroundings(simulated_rooms()[2:], [simulated_noise()]), 0)


def test_a_clear_utterance_is_heard_once(recognizers, say):
    dry = Dry()
    readings = hear(Ears(*recognizers, dry=dry), say("今天天气怎么样"))
    assert is_clear(readings)
    assert not dry.sounds
    assert readings[0].source is FREE
    assert [r.text for r in readings if r.source is GRAMMAR][0] == "今天天气怎么样"


def test_what_is_not_clear_is_heard_again_whole_and_treated(recognizers, say):
    """Speech that the grammar has no phrase for, and nothing that a decoder keeps makes a difference."""
    dry = Dry()
    speech = say("昨天下雨把麦子淋了")
    once = hear(Ears(*recognizers, dry=None), speech)
    twice = hear(Ears(*recognizers, dry=dry), speech)
    assert not is_clear(once)
    assert [len(sound) for sound in dry.sounds] == [len(speech)]
    assert np.array_equal(dry.sounds[0], speech)
    assert [(r.source, r.text) for r in twice] == [(r.source, r.text) for r in once]


def test_the_readings_of_both_hearings_are_joined_on_one_scale(recognizers, say):
    """The second sound's scores lie elsewhere; what they say is how far a reading is behind the likeliest of its hearing."""
    sound, other = faint(say, "昨天下雨把麦子淋了"), say("明天下不下雨")
    first, second = (hear(Ears(*recognizers, dry=None), pcm) for pcm in (sound, other))
    readings = hear(Ears(*recognizers, dry=lambda _: other), sound)
    assert {(r.source, r.text) for r in readings} == {(r.source, r.text) for r in (*first, *second)}
    assert max(tops(readings).values()) == pytest.approx(max(tops(first).values()), abs=SAME)
    best = max(second, key=lambda r: r.score)
    assert max(r.score for r in readings if (r.source, r.text) == (best.source, best.text)) == pytest.approx(max(tops(first).values()), abs=SAME)
    assert abs(max(tops(first).values()) - max(tops(second).values())) > CLEAR, "the scales differ, else this shows nothing"


def test_without_a_grammar_everything_is_heard_once(recognizers, say):
    dry = Dry()
    assert {r.source for r in hear(Ears(recognizers[0], dry=dry), say("昨天下雨把麦子淋了"))} == {FREE}
    assert not dry.sounds


def test_the_product_takes_the_echo_out(recognizers, say):
    """Unless told otherwise; and the recognisers hear what it makes of the sound."""
    sound = faint(say, "昨天下雨把麦子淋了")
    once, twice = hear(Ears(*recognizers, dry=None), sound), hear(Ears(*recognizers), sound)
    assert not is_clear(once)
    again = hear(Ears(*recognizers, dry=None), dereverberate(sound))
    assert {r.text for r in again} - {r.text for r in once}, "there are other readings, else this shows nothing"
    assert {r.text for r in twice} == {r.text for r in (*once, *again)}


def test_each_utterance_is_its_own(recognizers, say):
    """Nothing of the last one, finished or discarded, comes into the second hearing of the next."""
    dry = Dry()
    ears = Ears(*recognizers, dry=dry)
    speech = say("昨天下雨把麦子淋了")
    ears.accept(say("今天天气怎么样"))
    ears.discard()
    first = hear(ears, speech)
    assert [len(sound) for sound in dry.sounds] == [len(speech)]
    assert [r.text for r in hear(ears, speech)] == [r.text for r in first]
    assert len(dry.sounds) == 2 and len(dry.sounds[1]) == len(speech)


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
    ("first", "second", "joined"),
    [
        # the likeliest of each hearing counts the same, whichever recogniser's it is
        ([free("天气", 100.0), bound("天其", 98.0)], [free("听戏", 40.0), bound("停", 50.0)],
         [free("天气", 100.0), free("听戏", 90.0), bound("停", 100.0), bound("天其", 98.0)]),
        # what both have heard is one reading, with the better score
        ([free("天气", 100.0)], [free("天其", 50.0), free("天气", 48.0)], [free("天气", 100.0), free("天其", 100.0)]),
        ([free("天气", 100.0), free("天其", 90.0)], [free("天其", 50.0)], [free("天气", 100.0), free("天其", 100.0)]),
        # the same words of two recognisers are two readings
        ([free("天气", 100.0)], [bound("天气", 50.0)], [free("天气", 100.0), bound("天气", 100.0)]),
        ([free("天气", 100.0)], [], [free("天气", 100.0)]),
        ([], [free("天气", 50.0), free("天其", 45.0)], [free("天气", 0.0), free("天其", -5.0)]),
        ([], [], []),
    ],
)
def test_two_hearings_become_one(first, second, joined):
    assert both(first, second) == tuple(joined)
