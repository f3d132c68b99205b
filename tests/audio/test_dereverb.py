"""Echo is taken out of the project's own voice in simulated rooms, and nothing else happens to the sound."""
from __future__ import annotations

import numpy as np
import pytest

from assistant.ports import SAMPLE_RATE
from audio.dereverb import SHORTEST, dereverberate, sound_of, spectrum_of
from bench.elders.acoustics import Condition, Recording, Surroundings, place, simulated_rooms

SENTENCES = ("明天下不下雨", "每天早上八点提醒我吃药", "给我儿子打个电话", "放一段李二嫂改嫁")
EARLY = 3
"""Frames: what comes later than these is echo."""


def flutter() -> Recording:
    """Two bare walls: the same sound again every 40 ms, each time a third weaker."""
    sound = np.zeros(SAMPLE_RATE // 2, dtype=np.float32)
    sound[:: SAMPLE_RATE // 25] = 0.7 ** np.arange(13)
    return Recording("flutter echo", sound)


def in_room(speech, room):
    return place(speech, Condition("room", in_room=True), Surroundings([room], []), 0)


def late_db(sound, dry):
    """Energy that the first frames of the dry sound do not explain, in any filter, against all of it."""
    spectrum, spoken = (spectrum_of(each).T for each in (sound, np.pad(dry, (0, len(sound) - len(dry)))))
    late = 0.0
    for band, source in zip(spectrum, spoken, strict=True):
        past = np.stack([np.pad(source, (delay, 0))[: len(source)] for delay in range(EARLY)], axis=1)
        early = past @ np.linalg.lstsq(past, band, rcond=None)[0]
        late += (np.abs(band - early) ** 2).sum()
    return 10 * np.log10(late / (np.abs(spectrum) ** 2).sum())


def wrong(text, heard):
    row = list(range(len(heard) + 1))
    for line, left in enumerate(text, 1):
        above, row = row, [line]
        for column, right in enumerate(heard, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (left != right)))
    return row[-1]


@pytest.mark.parametrize(("room", "less_db"), [(simulated_rooms()[0], 1.0), (simulated_rooms()[2], 0.1), (flutter(), 4.0)], ids=lambda x: getattr(x, "name", ""))
@pytest.mark.parametrize("text", SENTENCES)
def test_there_is_less_echo(say, text, room, less_db):
    echoing = in_room(say(text), room)
    assert late_db(dereverberate(echoing), say(text)) < late_db(echoing, say(text)) - less_db


def test_words_between_bare_walls_are_understood_again(say, recognise):
    echoing = {text: in_room(say(text), flutter()) for text in SENTENCES}
    before = sum(wrong(text, recognise(sound)) for text, sound in echoing.items())
    after = sum(wrong(text, recognise(dereverberate(sound))) for text, sound in echoing.items())
    assert before >= 5
    assert after <= before / 3


@pytest.mark.parametrize("text", SENTENCES)
def test_dry_speech_stays_as_it_is(say, text):
    speech = say(text).astype(float)
    change = dereverberate(say(text)) - speech
    assert 10 * np.log10((change**2).mean() / (speech**2).mean()) < -20


@pytest.mark.parametrize("room", [*simulated_rooms(), flutter()], ids=lambda room: room.name)
def test_it_is_as_long_and_as_loud(say, room):
    echoing = in_room(say("今天天气怎么样"), room)
    dry = dereverberate(echoing)
    assert (dry.dtype, len(dry)) == (np.int16, len(echoing))
    assert (dry.astype(float) ** 2).mean() == pytest.approx((echoing.astype(float) ** 2).mean(), rel=0.01)


@pytest.mark.parametrize("length", [0, 1, 511, SHORTEST - 1])
def test_too_little_sound_is_left_alone(length):
    noise = np.random.default_rng(1).integers(-9000, 9000, length).astype(np.int16)
    assert np.array_equal(dereverberate(noise), noise)


@pytest.mark.parametrize("length", [SHORTEST, SHORTEST + 1, 30_000])
def test_silence_stays_silent(length):
    assert not dereverberate(np.zeros(length, dtype=np.int16)).any()


def test_a_click_in_silence_is_survived():
    click = np.zeros(20_000, dtype=np.int16)
    click[9_000] = 32_767
    assert len(dereverberate(click)) == len(click)


def test_clipped_speech_does_not_wrap_around(say, recognise):
    """A sum beyond int16 would come out as its opposite: a crack at every peak."""
    loud = np.clip(say("今天天气怎么样").astype(np.int32) * 8, -32_768, 32_767).astype(np.int16)
    dry = dereverberate(loud)
    assert np.corrcoef(dry, loud)[0, 1] > 0.95
    assert recognise(dry).startswith("今天天气")


def test_spectrum_and_back_is_the_sound_itself():
    noise = np.random.default_rng(2).integers(-9000, 9000, 12_345).astype(np.int16)
    assert np.abs(sound_of(spectrum_of(noise), len(noise)) - noise).max() < 1e-6
