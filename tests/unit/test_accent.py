"""Ways of speaking: what they make cheaper, and that sentences said so are understood."""
from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

import pytest

from assistant.errors import SentenceError
from assistant.settings import ACCENTS
from intents.accent import LEARNED, accents, learned, parse_pairs
from intents.matcher import Matcher
from intents.model import Hypothesis
from intents.sound import STANDARD, Alphabet

NOW = dt.datetime(2026, 11, 23, 10, 0)


def cost(said: str, meant: str, accent: str) -> float:
    return float(Alphabet((meant,), accents()[accent]).costs(said)[0])


@pytest.mark.parametrize(("meant", "said", "accent"), [
    ("牛", "流", "sichuan"), ("湖", "福", "sichuan"), ("街", "该", "sichuan"), ("冷", "嫩", "sichuan"),
    ("白", "杯", "shandong"), ("入", "路", "shandong"), ("知", "资", "shandong"), ("水", "飞", "henan"), ("药", "哟", "henan"),
])
def test_what_a_region_confuses_is_cheap_there(meant, said, accent):
    assert cost(said, meant, accent) < cost(said, meant, "standard") - 0.02


def test_one_way_only():
    """Those who say 杯 for 白 do not say 白 for 杯."""
    assert cost("杯", "白", "shandong") < 0.25 < cost("白", "杯", "shandong")


def test_no_accent_makes_anything_dearer():
    for accent in accents().values():
        for said, meant in (("放", "换"), ("听", "停"), ("戏", "西"), ("天", "田"), ("药", "要"), ("大", "达")):
            assert cost(said, meant, accent.name) <= cost(said, meant, "standard") + 1e-6


def test_every_accent_can_be_set():
    assert set(ACCENTS) == set(accents())


def test_the_standard_is_the_default():
    assert accents()["standard"] == STANDARD


def test_a_person_who_confuses_two_sounds_is_believed():
    mine = learned(STANDARD, parse_pairs("f-h"), parse_pairs("in-ing"))
    assert dict(mine.initials)["h", "f"] == LEARNED
    assert float(Alphabet(("湖",), mine).costs("福")[0]) < cost("福", "湖", "standard")
    assert float(Alphabet(("星",), mine).costs("新")[0]) <= cost("新", "星", "standard")


def test_learning_never_makes_a_region_dearer():
    cheap = dict(accents()["sichuan"].finals)
    assert dict(learned(accents()["sichuan"], (), parse_pairs("ing-in")).finals)["ing", "in"] <= cheap["ing", "in"]


@pytest.fixture(scope="module")
def matcher_of():
    return lru_cache(lambda accent: Matcher.load(accent=accents()[accent]))


@pytest.mark.parametrize(("text", "accent", "intent"), [
    ("明天嫩不嫩", "sichuan", "weather.query"), ("放段富剧", "sichuan", "media.play"), ("今天农历粗几", "shandong", "calendar.lunar"),
    ("家里没飞了", "henan", "repair.report"),
])
def test_sentences_said_so_are_understood_better(matcher_of, text, accent, intent):
    here, standard = (matcher_of(name).understand((Hypothesis(text),), NOW) for name in (accent, "standard"))
    assert here.intent.name == intent
    known = [one.confidence for one in (standard.intent, *standard.alternatives) if one.name == intent]
    assert here.intent.confidence > max(known, default=0.0)


@pytest.mark.parametrize("body", ["{title: x, initials: {0.1: zz-n}}", "{title: x, finals: {0.1: in>iang2}}"])
def test_a_sound_that_does_not_exist_is_named(tmp_path: Path, body):
    file = tmp_path / "accents.yaml"
    file.write_text(f"odd: {body}", encoding="utf-8")
    with pytest.raises(SentenceError, match=r"accents\.yaml: odd: no such sound"):
        accents(file)
