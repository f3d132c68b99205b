import datetime as dt
import time
from collections import Counter
from pathlib import Path

import pytest

from intents.book import load_book
from intents.grammar import phrases
from intents.matcher import Matcher
from intents.model import NONE, Hypothesis, Source
from intents.network import compile_book
from intents.wordlists import Entry, Vocabulary

NOW = dt.datetime(2026, 11, 23, 10, 0)
SENTENCES = """
rules: {weather: "(天气|天儿|天)[情况|预报]"}
intents:
  weather.query:
    - say: ["[{place}][{date}]<weather>(怎么样|如何|好不好)"]
    - slots: {aspect: rain}
      say: ["[{place}][{date}](下不下雨|有没有雨|会下雨吗)"]
  media.play:
    - say: ["(来|放|听|播放|唱)(一段|段|个|一首){genre}[{title}]", "(放|播放|听)一首{title}", "(来|放|听|唱)[一段|段]{title}"]
    - slots: {kind: opera}
      say: ["(听|看)戏"]
  media.pause: ["[{when}]停[一]下", "别放了"]
  calendar.market: ["(什么时候|哪天)赶集"]
  calendar.lunar: ["[{date}](农历|阴历)(初几|多少|几月几号)"]
  notices.confirm: ["[我]知道了", "收到[了]"]
  call.request: ["给{contact}打[个](电话|视频[电话])", "打给{contact}"]
  call.decline: ["不接[了]"]
  call.accept: ["接[了]", "接电话"]
  reminder.create: ["[{when}](提醒我|叫我)[{when}]{what}"]
  volume.up: ["[声音]大[一]点[声]"]
  volume.set: ["音量调到{level}"]
  repair.report: ["[{location}][的]{repair_thing}坏了"]
  dialog.yes: ["好[的]", "行", "要"]
  dialog.no: ["不要", "不用[了]", "不行"]
"""
VOCABULARY = Vocabulary(
    {
        "genre": (
            Entry("京剧", ("京戏",), {"kind": "opera"}),
            Entry("吕剧", (), {"kind": "opera"}),
            Entry("豫剧", (), {"kind": "opera"}),
        ),
        "title": (
            Entry("李二嫂改嫁", (), {"kind": "opera", "genre": "吕剧"}),
            Entry("花木兰", (), {"kind": "opera", "genre": "豫剧"}),
            Entry("茉莉花", (), {"kind": "song"}),
        ),
        "contact": (Entry("儿子"), Entry("闺女"), Entry("村支书", ("支书",))),
        "repair_thing": (Entry("路灯"),),
    }
)


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    skills = tmp_path_factory.mktemp("skills")
    (skills / "all").mkdir()
    (skills / "all" / "sentences.yaml").write_text(SENTENCES, encoding="utf-8")
    return Matcher(compile_book(load_book(skills, Path("none.yaml"))), VOCABULARY)


def understand(matcher: Matcher, text: str, *expects: str) -> tuple[str, dict[str, object]]:
    intent = matcher.understand([Hypothesis(text)], NOW, expects).intent
    return intent.name, dict(intent.slots)


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("今天天气怎么样", "weather.query", {"date": "2026-11-23"}),
        ("济南后天下不下雨", "weather.query", {"place": "济南", "date": "2026-11-25", "aspect": "rain"}),
        ("济南市天气如何", "weather.query", {"place": "济南"}),
        ("来段吕剧李二嫂改嫁", "media.play", {"genre": "吕剧", "kind": "opera", "title": "李二嫂改嫁"}),
        ("来段花木兰", "media.play", {"genre": "豫剧", "kind": "opera", "title": "花木兰"}),
        ("放一段京剧花木兰", "media.play", {"genre": "京剧", "kind": "opera", "title": "花木兰"}),
        ("放一首小河淌水", "media.play", {"title": "小河淌水"}),
        ("给闺女打视频", "call.request", {"contact": "闺女"}),
        ("给大强打电话", "call.request", {"contact": "大强"}),
        ("明天早上八点提醒我吃药", "reminder.create", {"date": "2026-11-24", "time": "08:00", "what": "吃药"}),
        ("提醒我下午三点去体检", "reminder.create", {"time": "15:00", "what": "去体检"}),
        ("二十分钟后提醒俺给俺闺女打电话", "reminder.create", {"in_minutes": 20, "what": "给俺闺女打电话"}),
        ("五分钟后停一下", "media.pause", {}),
        ("音量调到30", "volume.set", {"level": 30}),
        ("家门口的路灯坏了", "repair.report", {"place": "家门口", "what": "路灯"}),
    ],
)
def test_slots(matcher: Matcher, text: str, intent: str, slots: dict[str, object]) -> None:
    assert understand(matcher, text) == (intent, slots)


@pytest.mark.parametrize(
    ("heard", "intent"),
    [
        ("放一段精确", "media.play"),
        ("来段例句李二嫂改嫁", "media.play"),
        ("什么时候感激", "calendar.market"),
        ("努力初级", "calendar.lunar"),
        ("给儿子打点话", "call.request"),
        ("以亮调到五十", "volume.set"),
        ("今天天器怎么样", "weather.query"),
    ],
)
def test_what_sounds_alike_is_understood(matcher: Matcher, heard: str, intent: str) -> None:
    assert understand(matcher, heard)[0] == intent


@pytest.mark.parametrize(
    "text",
    [
        "哎那个请问今天天气怎么样啊",
        "我寻思着今天天气怎么样呢",
        "小乡小乡今天天气怎么样",
        "今天、天气……怎么样？谢谢你",
        "今儿天儿咋样",
    ],
)
def test_leftovers_do_no_harm(matcher: Matcher, text: str) -> None:
    found = matcher.understand([Hypothesis(text)], NOW).intent
    assert (found.name, dict(found.slots)) == ("weather.query", {"date": "2026-11-23"})
    assert found.confidence > 0.8


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "😀😀",
        "Hello, world",
        "\x00\x1b[2J",
        "饭做好了快来吃",
        "他家的牛下犊子了",
        "帮我买张去北京的车票",
        "这个月电费交了没有",
        "呃",
    ],
)
def test_talk_not_for_the_box(matcher: Matcher, text: str) -> None:
    assert understand(matcher, text) == (NONE, {})


@pytest.mark.parametrize("text", ["今天天气怎么样" * 700, "a" * 5000, "\u0301" * 5000, "八点" * 2500, "😀" * 5000])
def test_endless_text_is_talk_and_quick(matcher: Matcher, text: str) -> None:
    began = time.perf_counter()
    assert understand(matcher, text)[0] == NONE
    assert time.perf_counter() - began < 5


def test_no_is_not_yes(matcher: Matcher) -> None:
    assert understand(matcher, "不接")[0] == "call.decline"
    assert understand(matcher, "不要")[0] == "dialog.no"
    assert understand(matcher, "不行")[0] == "dialog.no"


def test_what_was_asked_for_is_heard_more_easily(matcher: Matcher) -> None:
    heard = "告的"
    assert understand(matcher, heard)[0] == NONE
    assert understand(matcher, heard, "dialog.yes", "dialog.no")[0] == "dialog.yes"


def test_confidence_falls_with_distance(matcher: Matcher) -> None:
    def market(text: str) -> float:
        understood = matcher.understand([Hypothesis(text)], NOW)
        found = [i for i in (understood.intent, *understood.alternatives) if i.name == "calendar.market"]
        return found[0].confidence if found else 0.0

    exact, near, far = (market(text) for text in ("什么时候赶集", "什么时候感激", "什么时候感谢"))
    assert 1 == exact > near > far


def test_alternatives_differ_from_the_answer(matcher: Matcher) -> None:
    found = matcher.understand([Hypothesis("停下")], NOW)
    assert found.intent.name == "media.pause"
    assert all((other.name, other.slots) != (found.intent.name, found.intent.slots) for other in found.alternatives)


@pytest.mark.parametrize(("free", "forced", "intent"), [
    (("努力初几", 100.0), ("农历初几", 104.0), "calendar.lunar"),
    (("知道闻", 60.0), ("知道了", 58.0), "notices.confirm"),
    (("他二叔家的牛下犊子了", 130.0), ("给儿子打电话", 108.0), NONE),
    (("放一段京剧", 116.0), ("放三婶的京剧", 110.0), "media.play"),
])
def test_what_explains_the_sound_better_is_believed(matcher: Matcher, free, forced, intent) -> None:
    heard = [Hypothesis(free[0], 0.8, Source.FREE_FORM, score=free[1]), Hypothesis(forced[0], 0.9, Source.GRAMMAR, score=forced[1])]
    assert matcher.understand(heard, NOW).intent.name == intent


def test_of_alternatives_nearly_as_likely_the_one_that_is_a_sentence_wins(matcher: Matcher) -> None:
    """A grammar of words in a row likes a row of words that nobody says."""
    heard = [Hypothesis(text, 0.2, Source.GRAMMAR, score=score) for text, score in (("给接电话", 90.0), ("给儿子电话", 89.0), ("给儿子打电话", 88.5))]
    found = matcher.understand(heard, NOW).intent
    assert (found.name, dict(found.slots), found.heard) == ("call.request", {"contact": "儿子"}, "给儿子打电话")


def test_a_cry_for_help_stays_among_the_alternatives_of_a_surer_reading(matcher: Matcher) -> None:
    heard = [Hypothesis("知道了", 0.6, Source.FREE_FORM, score=50.0), Hypothesis("收到", 0.4, Source.FREE_FORM, score=48.0)]
    understood = matcher.understand([*heard, Hypothesis("不要", 0.2, Source.GRAMMAR, score=47.0)], NOW)
    assert "dialog.no" in {other.name for other in understood.alternatives}


def test_own_titles_and_contacts_of_the_box() -> None:
    vocabulary = Vocabulary.load(contacts=[Entry("王建国", ("建国",))], titles=[Entry("村史", (), {"kind": "story"})])
    assert vocabulary.entries["contact"][0].canonical == "王建国"
    assert vocabulary.extras("title", "村史") == [{"kind": "story"}]


@pytest.mark.parametrize(("said", "title"), [
    ("放一首ABC歌", "ABC歌"), ("放一首诶比西歌", "ABC歌"), ("放一首1874", "1874"), ("放一首一八七四", "1874"), ("放一首一千八百七十四", "1874"),
    ("放二零零二年的第一场雪", "2002年的第一场雪"), ("放一首爱你10000年", "爱你一万年"), ("跳一个滴杰版小苹果", "DJ版小苹果"),
])
def test_letters_and_digits_in_titles_are_found_as_they_are_said(said, title) -> None:
    titles = [Entry(name, (), {"kind": "song"}) for name in ("ABC歌", "1874", "2002年的第一场雪", "爱你一万年")]
    matcher = Matcher.load(titles=[*titles, Entry("DJ版小苹果", (), {"kind": "dance"})])
    assert understand(matcher, said) == ("media.play", {"title": title, "kind": "dance" if "小苹果" in title else "song"})


@pytest.mark.parametrize(("said", "title"), [
    ("我想听鸭子荒", "鸭子荒漠"), ("俺要听春天将", "春天门将"), ("播放答灵敏", "解答灵敏"), ("我想听团长振", "团长振奋"), ("播放天线性", "天地线性"),
    ("放一段鸭子慌莫", "鸭子荒漠"), ("我想听春天的门将", "春天门将"),
])
def test_a_known_title_that_lacks_a_character_is_not_an_unknown_one(said, title) -> None:
    matcher = Matcher.load(titles=[Entry(name) for name in ("鸭子荒漠", "春天门将", "解答灵敏", "团长振奋", "天地线性")])
    assert understand(matcher, said) == ("media.play", {"title": title})


def test_grammar_phrases_are_understood(matcher: Matcher) -> None:
    made = set(phrases(matcher.network, VOCABULARY, budget=200))
    assert len(made) <= 200
    assert {"知道了", "听戏", "收到", "济南", "李二嫂改嫁", "村支书"} <= made
    sentences = [text for text in made if understand(matcher, text)[0] != NONE]
    assert len(sentences) > 50


def test_the_budget_of_phrases_is_kept(matcher: Matcher) -> None:
    assert len(set(phrases(matcher.network, VOCABULARY, budget=10))) == 10


def test_likely_sentences_count_most_and_have_names_in_their_slots(matcher: Matcher) -> None:
    counts = Counter(phrases(matcher.network, VOCABULARY, ["天儿咋样啊", "俺想听{genre}"], budget=300))
    filled = [text for text in counts if text.startswith("俺想听") and "{" not in text]
    names = [counts[name] for name in ("济南", "村支书")]
    assert len(filled) == 3
    assert min(counts["天儿咋样啊"], *(counts[text] for text in filled)) > max(names)
