import itertools

import pytest

from intents.accent import learned
from intents.accent_evidence import (
    CLASSES,
    MOST_COUNTED,
    AccentEvidence,
    Count,
    confused_pairs,
    evidence_of,
    rate,
    shown,
)
from intents.sound import FINALS, INITIALS, STANDARD


@pytest.mark.parametrize(
    ("heard", "meant", "name"),
    [
        ("资道了", "知道了", "zh-z"),
        ("知道了吃", "知道了词", "zh-z"),
        ("蓝天", "南天", "n-l"),
        ("放花生", "放发生", "f-h"),
        ("揉菜", "楼菜", "r-l"),
        ("银家说", "人家说", "r-"),
        ("又菜", "肉菜", "r-"),
        ("滋蛋", "鸡蛋", "j-z"),
        ("今天新期几", "今天星期几", "in-ing"),
        ("农历初分", "农历初风", "en-eng"),
        ("老凡子", "老房子", "an-ang"),
        ("例句李二嫂", "吕剧李二嫂", "i-v"),
    ],
)
def test_a_confused_sound_is_counted_in_its_class(heard, meant, name):
    counts = evidence_of(heard, meant).counts
    assert counts[name].confused == 1 <= counts[name].total
    assert all(count.confused == 0 for other, count in counts.items() if other != name)


@pytest.mark.parametrize("text", ["知道了", "今天星期几", "给儿子打电话", "来段吕剧李二嫂改嫁"])
def test_what_was_heard_as_it_was_meant_confuses_nothing_but_counts(text):
    counts = evidence_of(text, text).counts
    assert counts and all(count.confused == 0 < count.total for count in counts.values())


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("开会", "买菜了"), ("", "知道了"), ("知道了", ""), ("hello", "知道了"), ("他二叔家的牛下犊子了", "知道了")],
)
def test_other_words_say_nothing(heard, meant):
    assert evidence_of(heard, meant) == AccentEvidence()


def test_another_word_in_the_sentence_is_no_confusion():
    """里 for 内 differs in more than n and l."""
    assert "n-l" not in evidence_of("里边", "内边").counts


def test_a_direction_is_kept_where_only_one_is_an_accent():
    """鸡 said as 滋 is one; 字 heard as 记 is not, and 一 is no lost r."""
    assert evidence_of("滋蛋", "鸡蛋").counts["j-z"] == Count(1, 1)
    assert "j-z" not in evidence_of("寄字", "字字").counts
    assert "r-" not in evidence_of("一样", "一样").counts


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(("confused", "total"), [(1, 1), (1, 40), (2, 2), (2, 3), (5, 20), (3, 30)])
def test_a_slip_or_two_or_a_recognisers_usual_rate_shows_nothing(name, confused, total):
    assert shown(AccentEvidence({name: Count(confused, total)})) == frozenset()


@pytest.mark.parametrize(("confused", "total"), [(3, 3), (6, 20), (30, 90), (200, 400)])
def test_what_happens_again_and_again_is_shown(confused, total):
    assert shown(AccentEvidence({"n-l": Count(confused, total), "f-h": Count(0, total)})) == {"n-l"}


def test_nothing_known_shows_nothing_and_the_rate_is_the_recognisers():
    assert shown(AccentEvidence()) == frozenset() and 0 < rate(AccentEvidence(), "n-l") < 0.1


def test_evidence_adds_up_in_any_order():
    parts = [evidence_of("资道了", "知道了"), evidence_of("今天新期几", "今天星期几"), evidence_of("知道了", "知道了")]
    sums = []
    for order in itertools.permutations(parts):
        total = AccentEvidence()
        for part in order:
            total = total.plus(part)
        sums.append(dict(total.counts))
    assert all(one == sums[0] for one in sums) and sums[0]["zh-z"] == Count(1, 2)


def test_what_is_shown_makes_the_accent_of_this_person():
    evidence = AccentEvidence({"n-l": Count(9, 12), "j-z": Count(9, 12), "in-ing": Count(9, 12), "f-h": Count(0, 30)})
    initials, finals = confused_pairs(evidence)
    assert initials == {("n", "l"), ("l", "n"), ("j", "z"), ("q", "c"), ("x", "s")} and finals == {("in", "ing"), ("ing", "in")}
    own = learned(STANDARD, initials, finals)
    assert dict(own.initials).keys() == initials and dict(own.finals).keys() == finals
    assert confused_pairs(AccentEvidence()) == (frozenset(), frozenset())


def test_every_sound_of_the_classes_exists():
    everything = AccentEvidence({name: Count(9, 9) for name in CLASSES})
    initials, finals = confused_pairs(everything)
    assert {sound for pair in initials for sound in pair} <= set(INITIALS) and {sound for pair in finals for sound in pair} <= set(FINALS)


def test_old_evidence_fades_so_that_another_person_can_take_over():
    evidence = AccentEvidence({"n-l": Count(300, MOST_COUNTED)})
    for _ in range(2000):
        evidence = evidence.plus(AccentEvidence({"n-l": Count(0, 1)}))
    assert evidence.counts["n-l"].total <= MOST_COUNTED and shown(evidence) == frozenset()
