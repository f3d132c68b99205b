import pytest

from intents.normalize import is_foreign, normalize, normalize_literal


@pytest.mark.parametrize(
    ("said", "standard"),
    [
        ("俺今儿想听啥", "我今天想听什么"),
        ("咋 样，好不好？", "怎么样好不好"),
        ("明儿个头晌", "明天上午"),
        ("早上8:30", "早上八点三十"),
        ("音量调到50%", "音量调到百分之五十"),
        ("１２号", "十二号"),
        ("今天天氣怎麼樣", "今天天气怎么样"),
        ("大点声😀", "大点声"),
        ("\x00\x07你好\t\n", "你好"),
        ("", ""),
        ("。。。", ""),
    ],
)
def test_standard_form(said: str, standard: str) -> None:
    assert normalize(said).chars == standard


def test_a_foreign_word_is_one_character_of_its_own() -> None:
    chars = normalize("放 Hello kitty hello 的歌").chars
    assert len(chars) == 6
    assert [is_foreign(char) for char in chars] == [False, True, True, True, False, False]
    assert chars[1] == chars[3] != chars[2]


def test_every_character_knows_where_it_came_from() -> None:
    said = "提醒俺 明儿个，给闺女打电话"
    utterance = normalize(said)
    assert utterance.chars == "提醒我明天给闺女打电话"
    assert utterance.said(5, len(utterance.tokens)) == "给闺女打电话"
    assert utterance.said(2, 3) == "俺"


def test_free_words_keep_the_speakers_own_words() -> None:
    utterance = normalize("俺咋唱")
    assert utterance.said(0, 4) == "俺咋唱"


def test_politeness_is_cheap_to_skip_and_content_is_not() -> None:
    prices = [token.skip for token in normalize("请问路灯").tokens]
    assert sum(prices[:2]) < 0.05
    assert min(prices[2:]) > 0.5


def test_names_of_other_boxes_are_cheap_to_skip_in_any_script() -> None:
    assert all(token.skip < 0.05 for token in normalize("Siri 小爱同学").tokens)


def test_a_dear_word_inside_another_is_not_dear() -> None:
    assert all(token.skip < 1 for token in normalize("热门吉他").tokens)


def test_refusing_words_are_dear_to_skip() -> None:
    assert normalize("别").tokens[0].skip > normalize("灯").tokens[0].skip


def test_wake_phrase_and_what_came_before_it_are_dropped() -> None:
    assert normalize("哎小乡小乡大点声", "小乡小乡").chars == "大点声"
    assert normalize("小乡小乡", "小乡小乡").chars == "小乡小乡"


def test_long_text_stays_cheap() -> None:
    assert len(normalize("今儿" * 2500).tokens) == 5000


def test_literals_take_the_same_form_as_speech() -> None:
    assert normalize_literal("俺咋办") == "我怎么办"
