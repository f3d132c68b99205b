"""Whole clips through the streaming path."""
from __future__ import annotations

import numpy as np
import pytest

from assistant.commands import Listen
from assistant.events import Heard, MicFailed, MicRestored, WakeHeard
from assistant.ports import SAMPLE_RATE
from audio.ear_thread import Ear
from audio.ears import Ears
from audio.fakes import Pace, SimulatedMicrophone
from audio.recognizer import VoskRecognizer
from audio.replay import Listener, hear_with_wake, join
from intents.model import Hypothesis, Source


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16)


@pytest.fixture(scope="module")
def listener(speech_model):
    return Listener(Ears(VoskRecognizer(speech_model)))


def test_a_clip_is_one_utterance(listener, say):
    readings = listener.hear_pcm(np.concatenate((silence(3), say("今天天气怎么样"), silence(1))))
    assert readings[0].text.startswith("今天天气怎么样")
    assert sum(reading.confidence for reading in readings) == pytest.approx(1.0)


def test_speech_up_to_the_very_edges_is_heard(listener, say):
    assert listener.hear_pcm(say("明天下不下雨"))[0].text == "明天下不下雨"


def test_several_segments_are_joined(listener, say):
    clip = np.concatenate((say("明天下不下雨"), silence(4), say("今天几点了")))
    assert listener.hear_pcm(clip)[0].text == "明天下不下雨今天几点了"


@pytest.mark.parametrize("clip", [silence(0), silence(0.01), silence(5)])
def test_silence_is_nothing(listener, clip):
    assert listener.hear_pcm(clip) == ()


def test_noise_is_no_long_story(listener):
    noise = np.random.default_rng(3).normal(0, 3000, 5 * SAMPLE_RATE).astype(np.int16)
    assert all(len(reading.text) <= 2 for reading in listener.hear_pcm(noise))


def test_clipped_speech_is_still_heard(listener, say):
    loud = np.clip(say("今天天气怎么样").astype(np.int32) * 6, -32768, 32767).astype(np.int16)
    assert listener.hear_pcm(loud)[0].text.startswith("今天天气")


def test_the_result_does_not_depend_on_the_blocks(listener, say):
    """Words and readings; a reused decoder may move a word's bound by one 30 ms frame between two hearings."""
    clip = np.concatenate((silence(0.7), say("今天天气怎么样"), silence(0.5), say("明天下不下雨")))
    whole = listener.hear_pcm(clip)
    for block in (80, 160, 512, 1000, 4096):
        again = listener.hear(clip[start : start + block] for start in range(0, len(clip), block))
        assert [reading.text for reading in again] == [reading.text for reading in whole]
        for one, other in zip(again[0].words, whole[0].words, strict=True):
            assert one.text == other.text
            assert one.start == pytest.approx(other.start, abs=0.04)


def test_talk_longer_than_the_cap_is_heard_to_its_end(listener, say):
    readings = listener.hear_pcm(np.concatenate([say("今天天气怎么样")] * 15))
    assert readings[0].text.count("天气") >= 13


def test_joining_keeps_the_sources_apart():
    one = (Hypothesis("今天", 1.0, Source.FREE_FORM), Hypothesis("金天", 0.1, Source.FREE_FORM),
           Hypothesis("今天", 0.8, Source.GRAMMAR))
    two = (Hypothesis("天气", 0.5, Source.FREE_FORM),)
    free, grammar = join([one, (), two])
    assert (free.text, free.confidence, free.source) == ("今天天气", 0.75, Source.FREE_FORM)
    assert (grammar.text, grammar.source) == ("今天", Source.GRAMMAR)


def test_a_file_with_the_wake_phrase(shared_core, say):
    clip = np.concatenate((silence(0.5), say("小乡小乡"), silence(1.2), say("今天天气怎么样")))
    heard = []
    for event in hear_with_wake(shared_core, (clip,)):
        heard.append(event)
        if isinstance(event, WakeHeard):
            shared_core.obey(Listen(500, 5.0))
    assert isinstance(heard[0], WakeHeard)
    assert heard[-1].hypotheses[0].text.startswith("今天天气怎么样")
    assert isinstance(heard[-1], Heard)


def test_a_cable_pulled_in_mid_sentence(make_core, say):
    """What was said before the cable came out is answered or dropped, and the next wake phrase is heard."""
    events = []
    ear, microphone = Ear(make_core, events.append), SimulatedMicrophone(Pace.CONSUMER)
    ear.start()
    microphone.start(ear.hear, events.append)
    speech = say("小乡小乡今天天气怎么样")
    microphone.play(np.concatenate((silence(0.5), speech[: len(speech) // 2])))
    assert microphone.drained(10)
    microphone.unplug()
    microphone.replug()
    microphone.play(np.concatenate((silence(3.0), say("小乡小乡"), silence(1.5))))
    assert microphone.drained(10)
    microphone.stop()
    ear.close(30)
    assert [type(event) for event in events if isinstance(event, MicFailed | MicRestored)] == [MicFailed, MicRestored]
    assert isinstance([event for event in events if not isinstance(event, MicFailed | MicRestored)][-1], WakeHeard)
