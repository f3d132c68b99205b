import datetime as dt

import pytest

from assistant.errors import SentenceError
from assistant.wording import Wording
from intents.contract import load_contract
from intents.model import Intent

WORDING = Wording.load()


def test_every_intent_of_the_contract_has_a_name_and_no_other():
    assert WORDING.names() == frozenset(load_contract().slots) - {"none"}


@pytest.mark.parametrize(
    ("intent", "slots", "said"),
    [
        ("weather.query", {"place": "泰安", "date": "2026-11-24"}, "问泰安天气"),
        ("weather.query", {}, "问天气"),
        ("media.play", {"genre": "吕剧", "title": "李二嫂改嫁", "kind": "opera"}, "听吕剧李二嫂改嫁"),
        ("media.play", {"kind": "dance"}, "听广场舞"),
        ("call.request", {"contact": "闺女"}, "给闺女打电话"),
        ("reminder.create", {"what": "吃药"}, "叫我提醒您吃药"),
        ("reminder.create", {}, "叫我提醒您"),
    ],
)
def test_an_intent_is_named_with_what_was_said(intent, slots, said):
    assert WORDING.describe(Intent(intent, slots)) == said


@pytest.mark.parametrize(
    ("intent", "slots", "said"),
    [
        ("weather.query", {"place": "泰安", "date": "2026-11-24", "aspect": "wind"}, "问泰安明天风大不大"),
        ("reminder.create", {"date": "2026-11-24", "time": "08:00", "what": "吃药"}, "叫我明天早上八点整提醒您吃药"),
        ("reminder.create", {"in_minutes": 30}, "叫我半个小时后提醒您"),
        ("calendar.lunar", {"date": "2026-12-24"}, "问十二月二十四号阴历"),
    ],
)
def test_days_and_times_are_named_as_one_would_say_them(intent, slots, said):
    assert WORDING.describe(Intent(intent, slots), dt.date(2026, 11, 23)) == said


@pytest.mark.parametrize(
    ("intent", "slots", "said"),
    [
        ("call.request", {"contact": "儿子"}, "您是要给儿子打电话吗？"),
        ("sos.cancel", {}, "您是说没事了，不用叫人了吗？"),
        ("activity.join", {"name": "太极拳"}, "您是要报名太极拳吗？"),
        ("reminder.cancel", {}, "您是要取消提醒吗？"),
    ],
)
def test_what_matters_is_confirmed_in_a_plain_question(intent, slots, said):
    assert WORDING.confirm(Intent(intent, slots), dt.date(2026, 11, 23)) == said


def test_offers_are_intents_with_names():
    assert set(WORDING.offers) <= WORDING.names() and len(WORDING.offers) >= 2


@pytest.mark.parametrize(("key", "fields"), [("nothing", {}), ("ready", {})])
def test_unknown_words_and_missing_fields_are_errors(key, fields):
    with pytest.raises(SentenceError, match=key):
        WORDING.say(key, **fields)


def test_an_unnamed_intent_is_an_error():
    with pytest.raises(SentenceError, match="made.up"):
        WORDING.describe(Intent("made.up"))
