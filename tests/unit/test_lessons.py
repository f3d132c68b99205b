"""What the dialogue orders to be learnt, as a table of what was said. Understanding is scripted."""
import datetime as dt

import pytest

from assistant.commands import Attune, Learn, Lesson, NoteMiss, Say, Unlearn
from assistant.dialogue import Dialogue
from assistant.events import Heard, ListenTimedOut, SpeechEnded, Typed, WakeHeard
from assistant.state import State
from assistant.turns import Manners
from assistant.wording import Wording
from intents.contract import load_contract
from intents.matcher import OF_CONSEQUENCE
from intents.model import NONE, Fragment, FragmentKind, Hypothesis, Intent, Source, Understanding
from skills.api import Expectation, Reply, World

WORDING = Wording.load()
WORLD = World(now=dt.datetime(2026, 11, 23, 10, 0))
MARKET = Intent("calendar.market", {}, 0.5, meant="什么时候赶集")
OPERA = Intent("media.play", {"genre": "京剧"}, 0.5, meant="放一段京剧")

READINGS = {
    "几点了": (Intent("clock.time", {}, 0.95, meant="几点了"), ()),
    "定时": (Intent("timer.create", {}, 0.9), ()),
    "对": (Intent("dialog.yes", {}, 0.9), ()),
    "不是": (Intent("dialog.no", {}, 0.9, meant="不是"), ()),
    "算了": (Intent("dialog.cancel", {}, 0.9), ()),
    "听戏": (Intent("media.play", {}, 0.9), ()),
    "听京剧": (Intent("media.play", {"genre": "京剧"}, 0.9), ()),
    "听吕剧": (Intent("media.play", {"genre": "吕剧"}, 0.9), ()),
    "放一段精确": (OPERA, (MARKET,)),
    "什么时候感激": (MARKET, ()),
    "学来的": (Intent("clock.time", {}, 0.9, learnt="学来的"), ()),
    "学来的电话": (Intent("call.request", {"contact": "闺女"}, 0.9, learnt="学来的电话"), ()),
    "学来的留言": (Intent("message.play", {"contact": "闺女"}, 0.9, learnt="学来的留言"), ()),
    "给闺女打点话": (Intent("call.request", {"contact": "闺女"}, 0.8, meant="给闺女打电话"), ()),
    "五分钟": (Intent("timer.create", {"in_minutes": 5}, 0.9, meant="五分钟"), ()),
    "整段戏": (Intent("media.play", {}, 0.5), ()),
    "糙时钟": (Intent("clock.time", {}, 0.6), ()),
    "打电话": (Intent("call.request", {"contact": "闺女"}, 0.9), ()),
    "粗分钟": (Intent("timer.create", {"in_minutes": 5}, 0.6, meant="五分钟"), ()),
}


FRAGMENTS = {
    "第一个": (Fragment(FragmentKind.FIRST, confidence=1.0),),
    "第二个": (Fragment(FragmentKind.SECOND, confidence=1.0),),
    "不是，是儿子": (Fragment(FragmentKind.CORRECTION, {"contact": "儿子"}, 0.95),),
    "不是，我要听戏": (Fragment(FragmentKind.RESTATED, {"what": "听戏"}, 0.9),),
}


class Scripted:
    def understand(self, hypotheses, now, expects=()):
        text = hypotheses[0].text if hypotheses else ""
        intent, others = READINGS.get(text, (Intent(NONE), ()))
        return Understanding(Intent(intent.name, intent.slots, intent.confidence, text, intent.meant, intent.learnt), others)

    def fragments(self, hypotheses, now):
        return FRAGMENTS.get(hypotheses[0].text, ()) if hypotheses else ()


def _timer(intent, world):
    if "in_minutes" in intent.slots:
        return Reply("定好了。")
    return Reply("定几分钟？", expects=Expectation(("timer.create",), "timer.minutes"))


HANDLERS = {name: (lambda intent, world: Reply("好嘞。")) for name in load_contract().slots} | {"timer.create": _timer}


class Box:
    def __init__(self):
        self.dialogue = Dialogue(Scripted(), HANDLERS, {}, WORDING, Manners(), "小乡小乡")
        self.state, self.learnt, self.commands = State(), [], ()
        self.tell(WakeHeard())
        self.done()

    def tell(self, event):
        self.state, self.commands = self.dialogue.step(self.state, event, WORLD)
        self.learnt = [command for command in self.commands if isinstance(command, Lesson)]

    def done(self):
        self.tell(SpeechEnded(self.state.turn))

    def hear(self, *texts, source=Source.FREE_FORM):
        """Say it, keep what is learnt from it, and let the box finish speaking."""
        self.tell(Heard(self.state.turn, tuple(Hypothesis(text, 0.9, source) for text in texts)))
        learnt, said = self.learnt, next((one.text for one in self.commands if isinstance(one, Say)), None)
        if said:
            self.done()
        return learnt, said

    def learn(self, *texts):
        """Say one after the other; what is learnt from the last."""
        for text in texts:
            learnt, _ = self.hear(text)
        return learnt


@pytest.fixture
def box():
    return Box()


def one(learnt, kind):
    return next((lesson for lesson in learnt if isinstance(lesson, kind)), None)


# -- misses -------------------------------------------------------------------------------------------------------


def test_a_miss_is_noted_with_every_reading_and_what_was_offered(box):
    learnt, said = box.hear("胡话", "胡花", "胡话")
    (miss,) = learnt
    assert miss.heard == ("胡话", "胡花") and len(miss.offered) == 2
    assert all(WORDING.describe(offer) in said for offer in miss.offered)


def test_each_miss_in_a_row_is_noted_and_only_the_first_offers(box):
    misses = [one(box.hear(text)[0], NoteMiss) for text in ("胡一", "胡二", "胡三")]
    assert [miss.heard for miss in misses] == [("胡一",), ("胡二",), ("胡三",)]
    assert [len(miss.offered) for miss in misses] == [2, 0, 0]


def test_talk_for_somebody_else_after_an_answer_is_not_noted(box):
    box.hear("几点了")
    assert one(box.hear("他二叔家的牛")[0], NoteMiss) is None


def test_nothing_audible_is_noted_without_words(box):
    box.tell(Heard(box.state.turn, ()))
    assert box.learnt == [NoteMiss((), box.learnt[0].offered)]


# -- confirmed repairs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (("什么时候感激", "对"), MARKET),
        (("放一段精确", "第一个"), OPERA),
        (("放一段精确", "第二个"), MARKET),
        (("放一段精确", "对", "对"), OPERA),
        (("放一段精确", "听京剧"), OPERA),
    ],
)
def test_what_the_person_confirms_is_learnt_as_it_was_offered(box, said, meant):
    learnt = box.learn(*said)
    lesson = one(learnt, Learn)
    assert (lesson.heard, lesson.intent.name, dict(lesson.intent.slots)) == (said[0], meant.name, dict(meant.slots))
    assert one(learnt, Attune) == Attune(said[0], meant.meant)


def test_what_the_answer_adds_is_done_but_not_learnt(box):
    lesson = one(box.learn("整段戏", "听京剧"), Learn)
    assert dict(lesson.intent.slots) == {}


def test_an_answer_that_contradicts_the_offer_teaches_nothing(box):
    assert box.learn("放一段精确", "听吕剧") == []


def test_a_yes_to_what_was_understood_anyway_teaches_no_phrase_but_tells_of_the_accent(box):
    assert box.learn("给闺女打点话", "对") == [Attune("给闺女打点话", "给闺女打电话")]


def test_pointing_at_what_was_offered_blindly_is_learnt(box):
    miss = one(box.hear("胡话")[0], NoteMiss)
    assert one(box.hear("第一个")[0], Learn) == Learn("胡话", miss.offered[0])


def test_naming_what_was_offered_blindly_may_be_a_new_wish_and_is_not(box, monkeypatch):
    miss = one(box.hear("胡话")[0], NoteMiss)
    monkeypatch.setitem(READINGS, "全名", (Intent(miss.offered[0].name, {}, 0.9), ()))
    learnt, said = box.hear("全名")
    assert one(learnt, Learn) is None and said is not None


@pytest.mark.parametrize("answer", ["不是", "算了", "几点了", "胡话"])
def test_without_a_yes_nothing_is_learnt(box, answer):
    assert one(box.learn("什么时候感激", answer), Learn) is None


def test_what_was_said_again_while_choosing_does_not_replace_what_the_question_was_about(box):
    assert one(box.learn("胡一", "胡二", "第一个"), Learn).heard == "胡一"


def test_an_answer_to_a_skill_teaches_no_phrase_because_it_means_nothing_alone(box):
    assert one(box.learn("定时", "粗分钟"), Learn) is None
    assert one(box.learn("定时", "糙时钟", "对"), Learn) is None


def test_only_what_was_heard_freely_is_learnt_and_nothing_of_a_grammar_alone(box):
    box.tell(Heard(box.state.turn, (Hypothesis("什么时候感激", 0.9, Source.GRAMMAR), Hypothesis("什么时候敢挤", 0.4, Source.FREE_FORM))))
    box.done()
    assert one(box.learn("对"), Learn).heard == "什么时候敢挤"
    alone = Box()
    alone.hear("什么时候感激", source=Source.GRAMMAR)
    assert one(alone.learn("对"), Learn) is None


def test_what_was_typed_teaches_a_phrase_but_no_accent(box):
    box.tell(Typed("什么时候感激"))
    box.done()
    learnt = box.learn("对")
    assert one(learnt, Learn) and one(learnt, Attune) is None


def test_the_lesson_comes_after_the_words_so_that_nobody_waits_for_the_disk(box):
    box.hear("什么时候感激")
    box.tell(Heard(box.state.turn, (Hypothesis("对", 0.9, Source.FREE_FORM),)))
    kinds = [type(command) for command in box.commands]
    assert kinds.index(Say) < kinds.index(Learn)


# -- personal phrases in use --------------------------------------------------------------------------------------


def test_a_phrase_is_acted_on_at_once_and_not_learnt_again(box):
    learnt, said = box.hear("学来的")
    assert said == "好嘞。" and learnt == []


@pytest.mark.parametrize("name", sorted(OF_CONSEQUENCE))
def test_what_is_dear_is_confirmed_although_the_phrase_is_known(box, name, monkeypatch):
    monkeypatch.setitem(READINGS, "贵的", (Intent(name, {}, 0.95, learnt="贵的"), ()))
    _, asked = box.hear("贵的")
    assert asked.endswith("吗？")
    learnt, said = box.hear("对")
    assert said == "好嘞。" and one(learnt, Learn) is None


def test_what_is_dear_and_was_said_in_everybodys_words_is_not_asked_about(box):
    assert box.hear("打电话")[1] == "好嘞。"


def test_what_is_dear_is_asked_about_also_after_an_answer(box):
    box.hear("几点了")
    assert "您是要" in box.hear("学来的电话")[1]


# -- denial -------------------------------------------------------------------------------------------------------


def test_no_after_a_phrase_was_acted_on_unlearns_it(box):
    assert Unlearn("学来的") in box.learn("学来的", "不是")


def test_no_to_the_question_about_a_dear_phrase_unlearns_it(box):
    assert Unlearn("学来的电话") in box.learn("学来的电话", "不是")


def test_no_right_after_it_was_learnt_unlearns_it(box):
    assert Unlearn("什么时候感激") in box.learn("什么时候感激", "对", "不是")


@pytest.mark.parametrize("correction", ["不是，是儿子", "不是，我要听戏"])
@pytest.mark.parametrize("phrase", ["学来的电话", "学来的留言"])
def test_to_be_put_right_unlearns_it_too(box, phrase, correction):
    assert Unlearn(phrase) in box.learn(phrase, correction)


def test_no_after_waking_it_again_unlearns_it_too(box):
    box.hear("学来的")
    box.tell(ListenTimedOut(box.state.turn))
    box.tell(WakeHeard())
    box.done()
    assert Unlearn("学来的") in box.learn("不是")


@pytest.mark.parametrize("between", ["几点了", "对", "算了"])
def test_no_to_something_later_unlearns_nothing(box, between):
    box.hear("学来的")
    box.hear(between)
    box.tell(WakeHeard())
    box.done()
    assert one(box.learn("不是"), Unlearn) is None


def test_no_to_everybodys_sentence_unlearns_nothing(box):
    assert one(box.learn("几点了", "不是"), Unlearn) is None


# -- accent -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("following", ["几点了", "对", "他二叔家的牛", "算了"])
def test_a_turn_that_nobody_objects_to_tells_of_the_accent(box, following):
    assert one(box.learn("几点了"), Attune) is None
    assert Attune("几点了", "几点了") in box.learn(following)


def test_a_turn_that_is_denied_does_not(box):
    assert one(box.learn("几点了", "不是"), Attune) is None


def test_it_tells_once(box):
    box.learn("几点了", "算了")
    box.tell(WakeHeard())
    box.done()
    assert one(box.learn("算了"), Attune) is None


def test_the_free_reading_tells_not_the_one_forced_into_our_sentences(box):
    box.tell(Heard(box.state.turn, (Hypothesis("几点了", 0.9, Source.GRAMMAR), Hypothesis("几典乐", 0.5, Source.FREE_FORM))))
    box.done()
    assert Attune("几典乐", "几点了") in box.learn("对")
