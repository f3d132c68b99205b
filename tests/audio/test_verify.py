"""The second opinion on what a tiny grammar took for the wake phrase."""
from __future__ import annotations

import math

import numpy as np
import pytest

from audio.verify import Verifier
from audio.wake import WakeSettings

PHRASE = ("小", "乡", "小", "乡")
TOLERANCE = WakeSettings().tolerance


@pytest.fixture(scope="module")
def verifier(speech_model):
    return Verifier(speech_model, PHRASE, TOLERANCE)


@pytest.mark.parametrize("rate", [0.8, 1.0, 1.25])
@pytest.mark.parametrize("pitch", [0.85, 1.0, 1.2])
def test_the_phrase_is_the_best_explanation_of_itself(verifier, say, rate, pitch):
    assert verifier.excess(say("小乡小乡", rate, pitch)) < TOLERANCE - 0.5


@pytest.mark.parametrize("text", ["小香小香", "小象小巷"])
def test_tones_do_not_count(verifier, say, text):
    """Those of a dialect are not those of the standard; so what differs in nothing else is the phrase."""
    assert verifier.confirms(say(text))


@pytest.mark.parametrize("text", ["小张小张", "小心小心", "想要想要", "家乡家乡", "今天天气怎么样"])
def test_other_words_explain_themselves_better(verifier, say, text):
    assert verifier.excess(say(text)) > TOLERANCE + 1


def test_the_verdict_does_not_depend_on_what_was_heard_before(verifier, say):
    first = verifier.excess(say("小乡小乡"))
    verifier.excess(say("今天天气怎么样"))
    assert verifier.excess(say("小乡小乡")) == pytest.approx(first, abs=0.05)


@pytest.mark.parametrize("pcm", [np.zeros(0, np.int16), np.zeros(16_000, np.int16)])
def test_silence_is_not_the_phrase(verifier, pcm):
    excess = verifier.excess(pcm)
    assert not math.isnan(excess)
    assert not verifier.confirms(pcm)


def test_any_phrase_can_be_verified(speech_model, say):
    """Six different syllables have 4096 combinations of tones."""
    verifier = Verifier(speech_model, tuple("老乡家里有事"), TOLERANCE)
    assert verifier.confirms(say("老乡家里有事"))
    assert not verifier.confirms(say("今天天气怎么样"))
