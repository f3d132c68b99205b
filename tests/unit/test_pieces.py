import datetime as dt

import pytest

from intents.normalize import normalize
from intents.pinyin import readings
from intents.readers import Readers
from intents.slots.pieces import Pieces
from intents.wordlists import Vocabulary

NOW = dt.datetime(2026, 11, 23, 10)


@pytest.fixture(scope="module")
def pieces():
    return Pieces()


@pytest.fixture(scope="module")
def readers():
    return Readers(Vocabulary.load(), "济南")


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("每天遭上八碘提醒我", "每天早上八点提醒我"), ("音量雕到三蚀", "音量雕到三十"), ("二十氛钟后", "二十分钟后"), ("下午伞点叫我", "下午三点叫我")],
)
def test_what_sounds_like_a_time_is_spelled_as_one(pieces, heard, meant):
    assert meant in [spelling.chars for spelling in pieces.respell(normalize(heard))]


@pytest.mark.parametrize("text", ["今天早上八点", "饭做好了快来吃", "放一首茉莉花", ""])
def test_exact_times_and_other_words_stay(pieces, text):
    assert pieces.respell(normalize(text)) == []


def test_a_changed_character_costs_and_an_exact_one_does_not(pieces):
    [spelling] = pieces.respell(normalize("早上八碘见"))
    assert spelling.prices[-1] == 0.0 and sum(spelling.prices) > 0


def test_times_that_are_misheard_have_values(readers):
    spans = readers.read(normalize("每天遭上八碘提醒我"), NOW)["time"]
    assert any(dict(span.slots) == {"time": "08:00"} and 0 < span.cost < 0.5 for span in spans)


def test_words_that_sound_like_an_errand_are_cheaper_as_that_errand(readers):
    spans = [span for span in readers.read(normalize("提醒我吃邀"), NOW)["what"] if (span.start, span.end) == (3, 5)]
    assert dict(min(spans, key=lambda span: span.cost).slots) == {"what": "吃药"}


def test_an_errand_of_any_words_stays_in_the_words_said(readers):
    spans = [span for span in readers.read(normalize("提醒我给驴钉掌"), NOW)["what"] if (span.start, span.end) == (3, 7)]
    assert dict(min(spans, key=lambda span: span.cost).slots) == {"what": "给驴钉掌"}


@pytest.mark.parametrize(("char", "sounds"), [("接", ["jie1"]), ("行", ["xing2", "hang2"]), ("龘", ["da2"])])
def test_only_readings_that_words_use(char, sounds):
    assert [f"{s.initial}{s.final}{s.tone}" for s in readings(char)] == sounds


@pytest.mark.parametrize(("said", "time"), [("每周五七点喊我", "07:00"), ("星期二十点叫我", "10:00"), ("十二点叫我", "12:00")])
def test_a_number_behind_a_weekday_is_its_own(readers, said, time):
    spans = readers.read(normalize(said), NOW)["time"]
    assert ("time", time) in [slot for span in spans if span.cost == 0 for slot in span.slots]
