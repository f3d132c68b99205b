"""What sounds like the wake phrase, and what may be one."""
from __future__ import annotations

import pytest

from assistant.errors import ConfigError
from audio.sound_alike import nearest_part, syllable_distance, syllables
from audio.wake import DEFAULT_PHRASE, check_phrase, collisions, split_known


def distance(phrase: str, heard: str) -> float:
    return nearest_part(syllables(phrase), syllables(heard))[0]


def test_the_same_sound_has_no_distance():
    assert distance("小乡小乡", "晓香小箱") == 0.0


@pytest.mark.parametrize("heard", ["湘湘湘湘", "想想想象", "小香小湘", "想象小香", "好的香香香香今天"])
def test_what_the_recogniser_makes_of_the_phrase_is_near(heard: str):
    assert distance("小乡小乡", heard) < 0.3


@pytest.mark.parametrize("heard", ["今天天气怎么样", "想想办法", "我想听小曲", "小区里", "声音小一点", "", "乡里乡亲"])
def test_other_talk_is_far(heard: str):
    assert distance("小乡小乡", heard) > 0.3


def test_the_part_is_found_where_it_is():
    cost, start, end = nearest_part(syllables("小乡小乡"), syllables("好的小乡小乡明天"))
    assert (cost, start, end) == (0.0, 2, 6)


def test_distance_is_symmetric_and_bounded():
    every = syllables("八坡摸佛的特呢了个可和几七西之吃是日自此思啊哦鹅一五鱼爱欧安恩昂耳")
    for one in every:
        for other in every:
            assert 0 <= syllable_distance(one, other) <= 1
            assert syllable_distance(one, other) == syllable_distance(other, one)
        assert syllable_distance(one, one) == 0


def test_collisions_name_the_sentence_and_the_part():
    found = collisions("乡音乡音", ["今天天气怎么样", "声音小一点", "把乡音乡音打开", "放一首香饮香饮"])
    assert [collision.sentence for collision in found][:2] == ["把乡音乡音打开", "放一首香饮香饮"]
    assert found[0].part == "乡音乡音"
    assert "今天天气怎么样" not in [collision.sentence for collision in found]


def test_the_default_phrase_collides_with_no_everyday_sentence():
    assert collisions(DEFAULT_PHRASE, ["今天天气怎么样", "声音小一点", "我想听相声", "换一个"]) == []


@pytest.mark.parametrize("phrase", ["", "小乡", "hello", "小乡ok小乡", "小乡！小乡"])
def test_a_phrase_that_cannot_wake_is_refused(phrase: str):
    with pytest.raises(ConfigError):
        check_phrase(phrase)


def test_splitting_takes_the_longest_known_words():
    assert split_known("小乡小乡", {"小", "乡", "小乡小"}.__contains__) == ["小乡小", "乡"]
    with pytest.raises(ConfigError, match="乡"):
        split_known("小乡", {"小"}.__contains__)
