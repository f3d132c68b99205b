"""Splitting phrases into words that a recogniser knows, with a small made-up vocabulary and the real one."""
from __future__ import annotations

import json
import random
import string
import time

import pytest
import vosk

from models.catalogue import find_model
from models.fetch import fetch
from models.lexicon import Lexicon
from models.spoken_forms import spoken_form
from models.verify import verify

WORDS = ["研究", "研究生", "生命", "命", "起源", "明", "明天", "天下", "下雨", "下", "不",
         "换", "换一", "一个", "个", "王", "哲", "两", "八点", "三十分"]


@pytest.fixture
def small() -> Lexicon:
    return Lexicon(lambda word: WORDS.index(word) if word in WORDS else -1)


@pytest.fixture(scope="module")
def recogniser() -> vosk.Model:
    vosk.SetLogLevel(-1)
    return vosk.Model(str(fetch(find_model("vosk-cn"))))


@pytest.fixture(scope="module")
def real(recogniser: vosk.Model) -> Lexicon:
    return Lexicon.from_vosk(recogniser)


@pytest.mark.parametrize(("phrase", "words"), [
    ("研究生命起源", "研究 生命 起源"),
    ("明天下不下雨", "明天 下 不 下雨"),
    ("换一个", "换 一个"),
    ("换，一个！", "换 一个"),
    ("2个", "两 个"),
    ("8:30", "八点 三十分"),
    ("", ""),
    ("!?\x00😀", ""),
])
def test_prefers_few_even_usual_words(small: Lexicon, phrase: str, words: str) -> None:
    assert small.split(phrase) == words.split()


def test_an_unknown_character_is_named_and_replaced_by_its_homophone(small: Lexicon) -> None:
    assert small.unknown("王喆喆下雨") == ["喆"]
    assert small.split("王喆下雨") == ["王", "哲", "下雨"]


def test_an_unknown_character_without_homophone_is_left_out_but_named(small: Lexicon) -> None:
    assert small.split("明天猫") == ["明天"]
    assert small.unknown("明天猫") == ["猫"]


def test_grammar_drops_what_cannot_be_said_whole_and_keeps_how_often_the_rest_is_said(small: Lexicon) -> None:
    assert small.grammar(["明天下雨", "明天猫", "明天，下雨", "", "王喆"]) == ["明天 下雨", "明天 下雨", "王 哲"]


@pytest.mark.parametrize(("text", "said"), [
    ("12", "十二"), ("10", "十"), ("110个", "一百一十个"), ("打110", "打幺幺零"), ("打120", "打幺二零"),
    ("20年", "二十年"), ("2026年", "二零二六年"), ("2点", "两点"), ("第2集", "第二集"), ("12个", "十二个"),
    ("8:30", "八点三十分"), ("08:05", "八点零五分"), ("9:00", "九点"), ("3.5元", "三点五元"), ("65%", "百分之六十五"),
    ("-5℃", "零下五度"), ("24-35℃", "二十四到三十五度"), ("１２３", "一百二十三"), 
    ("13812345678", "幺三八幺二三四五六七八"), ("1٣٣٣٣", "一٣٣٣٣"),
    ("30000", "三万"), ("0531", "零五三一"), ("KTV", "开踢威"), ("二〇二六", "二零二六"), ("0", "零"),
    ("9" * 40, "九" * 40),
    ("天气", "天气"), ("1.2.3", "一点二.三"), ("99:99", "九十九点九十九分"), ("²", "二"), ("٣", "٣"),
])
def test_letters_and_digits_as_they_are_said(text: str, said: str) -> None:
    assert spoken_form(text) == said


def test_every_letter_and_digit_is_said_with_characters_of_the_real_model(real: Lexicon) -> None:
    everything = spoken_form(f"{string.ascii_lowercase} wifi app bye 0123456789 65% 3.5 -5度 12:05 100 1000 20000")
    assert [c for c in everything if "\u4e00" <= c <= "\u9fff" and not real.knows(c)] == []


@pytest.mark.parametrize(("phrase", "words"), [
    ("吕剧", "吕 剧"), ("状元沟", "状元 沟"), ("小乡小乡", "小 乡 小 乡"), ("换一个", "换 一个"), ("评剧", "评 剧"),
    ("李二嫂改嫁", "李 二嫂 改嫁"), ("天气预报", "天气预报"), ("给王喆打视频", "给 王 哲 打 视频"),
])
def test_real_model_knows_every_word_of_a_split(real: Lexicon, phrase: str, words: str) -> None:
    assert real.split(phrase) == words.split()
    assert all(real.knows(word) for word in real.split(phrase))


def test_real_recogniser_takes_the_grammar_without_losing_a_word(
    recogniser: vosk.Model, real: Lexicon, capfd: pytest.CaptureFixture[str],
) -> None:
    vosk.SetLogLevel(0)
    try:
        vosk.KaldiRecognizer(recogniser, 16_000, json.dumps(["吕剧"], ensure_ascii=False))
        assert "Ignoring word missing in vocabulary" in capfd.readouterr().err, "the defect that the lexicon is for"
        lines = real.grammar(["吕剧", "状元沟", "小乡小乡", "放一段李二嫂改嫁", "给赟翀打电话", "KTV", "8点30"])
        vosk.KaldiRecognizer(recogniser, 16_000, json.dumps(lines, ensure_ascii=False))
        assert "missing in vocabulary" not in capfd.readouterr().err
    finally:
        vosk.SetLogLevel(-1)


def test_five_thousand_phrases_in_two_seconds(recogniser: vosk.Model) -> None:
    chooser = random.Random(5)
    lexicon = Lexicon.from_vosk(recogniser)
    known = [chr(code) for code in range(0x4E00, 0xA000) if lexicon.knows(chr(code))]
    phrases = ["".join(chooser.choices(known, k=chooser.randint(4, 14))) for _ in range(5000)]
    began = time.process_time()
    pieces = [lexicon.split(phrase) for phrase in phrases]
    assert time.process_time() - began < 2.0
    assert ["".join(words) for words in pieces] == phrases


@pytest.mark.parametrize("name", ["vosk-cn", "voice-zh"])
def test_the_real_models_are_as_installed(name: str) -> None:
    model = find_model(name)
    fetch(model)
    manifest = verify(model)
    assert sum(entry.bytes for entry in manifest.files.values()) == model.unpacked_bytes
