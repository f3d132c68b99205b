"""Readings, tone sandhi, neutral tones and the r-suffix."""
from __future__ import annotations

import pytest

from audio.clauses import split_clauses
from audio.g2p import pronounce

ROWS = [
    ("重庆银行明天多云", "chong2 qing4 yin2 hang2 ming2 tian1 duo1 yun2"),
    ("行不行", "xing2 bu5 xing2"), ("长清", "chang2 qing1"), ("村长", "cun1 zhang3"), ("长得高", "zhang3 de5 gao1"),
    ("还有", "hai2 you3"), ("还给他", "huan2 gei3 ta1"), ("得去医院", "dei3 qu4 yi1 yuan4"),
    ("您得带伞", "nin2 dei3 dai4 san3"), ("跑得快", "pao3 de5 kuai4"), ("觉得", "jue2 de5"), ("得到", "de2 dao4"),
    ("慢慢地走", "man4 man4 de5 zou3"), ("地上", "di4 shang5"), ("种地", "zhong4 di4"), ("种子", "zhong3 zi5"),
    ("只有一只鸡", "zhi2 you3 yi4 zhi1 ji1"), ("数一数", "shu3 yi5 shu3"), ("首都", "shou3 du1"),
    ("都来了", "dou1 lai2 le5"),
    ("爱好", "ai4 hao4"), ("好的", "hao3 de5"), ("着凉", "zhao2 liang2"), ("看着", "kan4 zhe5"), ("调到", "tiao2 dao4"),
    ("了解", "liao2 jie3"), ("受不了", "shou4 bu5 liao3"), ("大夫说", "dai4 fu5 shuo1"), ("大风", "da4 feng1"),
    ("转晴", "zhuan3 qing2"), ("降温", "jiang4 wen1"), ("投降", "tou2 xiang2"), ("薄外套", "bao2 wai4 tao4"),
    ("暖和", "nuan3 huo5"), ("正月", "zheng1 yue4"), ("处暑", "chu2 shu3"), ("当天", "dang4 tian1"),
    ("空气", "kong1 qi4"),
    ("济南", "ji3 nan2"), ("单县", "shan4 xian4"), ("乐陵", "lao4 ling2"), ("吕剧", "lv3 ju4"),
    ("你好", "ni2 hao3"), ("展览馆", "zhan2 lan2 guan3"), ("早晚五点", "zao2 wan3 wu2 dian3"),
    ("雨很小", "yu2 hen2 xiao3"),
    ("一个", "yi2 ge4"), ("一天", "yi4 tian1"), ("一起", "yi4 qi3"), ("一下", "yi2 xia4"), ("看一看", "kan4 yi5 kan4"),
    ("第一", "di4 yi1"), ("十一月一号", "shi2 yi1 yue4 yi1 hao4"), ("星期一", "xing1 qi1 yi1"),
    ("一百一十一", "yi4 bai3 yi1 shi2 yi1"),
    ("二零二一年", "er4 ling2 er4 yi1 nian2"), ("一点半", "yi4 dian3 ban4"), ("唯一", "wei2 yi1"),
    ("不是", "bu2 shi4"), ("不冷", "bu4 leng3"), ("不热", "bu2 re4"), ("不", "bu4"), ("不不", "bu2 bu4"),
    ("一会儿", "yi2 hui4r"), ("这儿", "zhe4r"), ("慢点儿", "man4 dian3r"), ("女儿", "nv3 er2"), ("儿子", "er2 zi5"),
    ("幼儿园", "you4 er2 yuan2"), ("我们", "wo3 men5"), ("嗯", "en2"), ("谁", "shei2"),
]


@pytest.mark.parametrize(("hanzi", "spoken"), ROWS)
def test_reading(hanzi: str, spoken: str) -> None:
    assert " ".join(f"{s.base}{s.tone}{'r' if s.r_suffix else ''}" for s in pronounce(hanzi)) == spoken


def test_every_common_character_has_a_reading() -> None:
    for code in range(0x4E00, 0x9FA6):
        assert len(pronounce(f"的{chr(code)}的")) >= 2


def test_first_clause_is_short_and_lists_stay_together() -> None:
    clauses = split_clauses("好的，我去拿苹果、香蕉、梨，马上来。")
    assert [clause.text for clause in clauses] == ["好的，我去拿苹果", "香蕉、梨，马上来"]
    assert clauses[0].pause_s < clauses[-1].pause_s


@pytest.mark.parametrize(("text", "first"), [("好，定了四十二分钟。", "好，定了四十二分钟"), ("天冷，穿上棉袄，别冻着。", "天冷，穿上棉袄"),
                                             ("今天没有雨，太阳挺好。", "今天没有雨"), ("好。", "好")])
def test_a_very_short_beginning_is_not_said_alone(text: str, first: str) -> None:
    assert split_clauses(text)[0].text == first


def test_text_without_punctuation_is_cut() -> None:
    clauses = split_clauses("长" * 100)
    assert "".join(clause.text for clause in clauses) == "长" * 100
    assert max(len(clause.text) for clause in clauses) <= 30


def test_no_words_no_clauses() -> None:
    assert split_clauses("，。！") == []
