"""Taking the wake phrase out of readings, and when a proposal counts."""
from __future__ import annotations

import pytest

from audio.spot import Wanted, without_opening
from intents.model import Hypothesis, Source, Word

WANTED = Wanted(("小", "乡", "小", "乡"), least_confidence=0.5)


def words(*parts: tuple[str, float, float], confidence: float = 1.0) -> tuple[Word, ...]:
    return tuple(Word(text, start, end, confidence) for text, start, end in parts)


def free(*parts: tuple[str, float, float], share: float = 1.0) -> Hypothesis:
    return Hypothesis("".join(text for text, _, _ in parts), share, Source.FREE_FORM, words(*parts, confidence=share))


def test_words_before_the_border_go_with_their_text():
    (rest,) = without_opening([free(("湘湘", 0.2, 0.6), ("湘湘", 0.6, 1.0), ("今天", 1.3, 1.7))], 1.0)
    assert (rest.text, rest.words) == ("今天", words(("今天", 1.3, 1.7)))


def test_a_word_across_the_border_keeps_what_is_behind_it():
    (rest,) = without_opening([free(("小香小", 0.2, 0.8), ("想到", 0.8, 1.2), ("计时", 1.2, 1.6))], 1.0)
    assert rest.text == "到计时"
    assert [(word.text, word.start) for word in rest.words] == [("到", 1.0), ("计时", 1.2)]


def test_readings_that_become_the_same_are_one():
    readings = [free(("小香", 0, 1), ("今天", 1, 2), share=0.5), free(("想象", 0, 1), ("今天", 1, 2), share=0.3),
                free(("小巷", 0, 1), ("明天", 1, 2), share=0.2)]
    assert [(rest.text, rest.confidence) for rest in without_opening(readings, 1.0)] == [("今天", 0.8), ("明天", 0.2)]


def test_a_reading_of_nothing_but_the_phrase_is_dropped():
    assert without_opening([free(("小乡小乡", 0.2, 1.0))], 1.0) == ()


def test_what_is_left_keeps_its_place_among_the_readings():
    """All readings lose the same sound, so the differences between their scores stay."""
    forced = Hypothesis("响今天", 0.4, Source.GRAMMAR, words(("响", 0.0, 1.0), ("[unk]", 1.0, 1.2), ("今天", 1.2, 2.0)), 71.5)
    (rest,) = without_opening([forced], 1.2)
    assert (rest.text, rest.confidence, rest.source, rest.score) == ("今天", 0.4, Source.GRAMMAR, 71.5)


def test_the_last_of_several_proposals_counts():
    said = [(text, 0.2 * at, 0.2 * at + 0.2) for at, text in enumerate("小乡小乡小乡")]
    found = WANTED.proposed(words(*said))
    assert (found.start, found.end) == pytest.approx((0.4, 1.2))


@pytest.mark.parametrize(("before", "behind", "judged"), [
    (None, None, (0.25, 1.35)), (0.3, None, (0.3, 1.35)), (0.4, 1.2, (0.4, 1.2)), (0.1, 1.3, (0.25, 1.3)),
])
def test_what_is_said_in_the_same_breath_is_not_judged_with_it(before, behind, judged):
    said = [(text, 0.4 + 0.2 * at, 0.6 + 0.2 * at) for at, text in enumerate("小乡小乡")]
    first = [] if before is None else [("[unk]", 0.0, before)]
    last = [] if behind is None else [("[unk]", behind, 2.0)]
    assert WANTED.proposed(words(*first, *said, *last)).judged == pytest.approx(judged)


def test_nothing_before_the_first_sample_is_judged():
    said = [(text, 0.05 + 0.2 * at, 0.25 + 0.2 * at) for at, text in enumerate("小乡小乡")]
    assert WANTED.proposed(words(*said)).judged[0] == 0.0


@pytest.mark.parametrize("said", ["小乡小", "乡小乡小", "小乡停小乡", ""])
def test_parts_of_the_phrase_are_no_proposal(said):
    assert WANTED.proposed(words(*[(text, 0.0, 0.2) for text in said])) is None


def test_an_unsure_proposal_is_none():
    assert WANTED.proposed(words(*[(text, 0.0, 0.2) for text in "小乡小乡"], confidence=0.4)) is None
