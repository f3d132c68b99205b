"""Learning, from what is typed to what is understood after a restart: the real loop, dialogue, matcher and files, no sound."""
import datetime as dt
import os
from types import SimpleNamespace

import pytest

from assistant import wiring
from assistant.commands import Attune, Learn, NoteMiss, Say, Unlearn
from assistant.errors import StoreError
from assistant.events import Heard, SpeechEnded, Typed, WakeHeard
from assistant.learner import Learner
from assistant.lesson_store import LessonStore, NoLessons, read_lessons
from assistant.library.library import Library
from assistant.loop import Loop
from assistant.mailbox import Mailbox
from assistant.parts import Parts
from assistant.repair import candidates
from assistant.schedule import Schedule
from assistant.settings import Settings, parse_settings
from assistant.simulated_room import SilentScreen
from assistant.store import Store
from assistant.wording import Wording
from audio.fakes_media import SimulatedPlayer
from audio.fakes_out import RecordingLoudspeaker
from intents.accent_evidence import Count
from intents.matcher import Matcher
from intents.model import NONE, Hypothesis, Intent, Source
from skills.registry import discover

NOW = dt.datetime(2026, 11, 23, 10, 0)
ODD = "老天爷给不给脸"


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


@pytest.fixture
def store(tmp_path):
    store = LessonStore(tmp_path)
    yield store
    store.close()


def understood(learner, text, now=NOW):
    return learner.understand([Hypothesis(text)], now).intent


def test_a_lesson_is_used_in_the_next_understand_and_told_to_the_ear(matcher, store):
    told = []
    learner = Learner(store, matcher)
    learner.follow(lambda matcher: told.append(matcher.personal_sentences()))
    assert told == [[]] and understood(learner, ODD).name == NONE
    learner.take(Learn(ODD, Intent("weather.query")), NOW)
    assert understood(learner, ODD).name == "weather.query" and told == [[], [ODD]]


def test_it_survives_a_restart(matcher, tmp_path):
    first = Learner(LessonStore(tmp_path), matcher)
    first.take(Learn(f"明天{ODD}", Intent("weather.query", {"date": "2026-11-24"})), NOW)
    first.take(Attune("资道了", "知道了"), NOW)
    first.close()
    again = Learner(LessonStore(tmp_path), matcher)
    tomorrow = NOW + dt.timedelta(days=1)
    assert dict(understood(again, f"明天{ODD}", tomorrow).slots) == {"date": "2026-11-25"}
    assert again.accent == first.accent and again.accent.counts["zh-z"].confused == 1
    again.close()


def test_what_is_unlearnt_is_gone_at_once_and_after_a_restart(matcher, tmp_path):
    learner = Learner(LessonStore(tmp_path), matcher)
    learner.take(Learn(ODD, Intent("weather.query")), NOW)
    learner.take(Unlearn(ODD), NOW)
    assert understood(learner, ODD).name == NONE
    learner.close()
    assert read_lessons(tmp_path).phrases == ()


@pytest.mark.parametrize("heard", ["嗯", "的", "哎呀", "吃饭了吗", "不知道"])
def test_noises_are_neither_kept_nor_told(matcher, store, heard):
    told = []
    learner = Learner(store, matcher)
    learner.follow(told.append)
    learner.take(Learn(heard, Intent("weather.query")), NOW)
    assert store.lessons().phrases == () and len(told) == 1


def test_unlearning_what_is_not_known_changes_nothing(matcher, store):
    told = []
    learner = Learner(store, matcher)
    learner.follow(told.append)
    learner.take(Unlearn(ODD), NOW)
    assert len(told) == 1


def test_opted_out_nothing_is_kept_and_nothing_is_used(matcher, tmp_path):
    learner = Learner(LessonStore(tmp_path), matcher)
    learner.take(Learn(ODD, Intent("weather.query")), NOW)
    learner.close()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    store = wiring.open_lessons(parse_settings({"lessons": {"keep": False}, "box": {"data_dir": str(tmp_path)}}))
    assert isinstance(store, NoLessons)
    silent = Learner(store, matcher)
    for lesson in (NoteMiss(("胡话",)), Learn("天上掉点了没", Intent("weather.query")), Unlearn(ODD), Attune("资道了", "知道了")):
        silent.take(lesson, NOW)
    silent.close()
    assert understood(silent, ODD).name == NONE
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_second_box_learns_nothing_and_says_so(tmp_path, caplog):
    settings = parse_settings({"box": {"data_dir": str(tmp_path)}})
    first = wiring.open_lessons(settings)
    second = wiring.open_lessons(settings)
    assert isinstance(first, LessonStore) and isinstance(second, NoLessons)
    assert "store-in-use" in caplog.text
    first.close()


def test_a_damaged_file_does_not_keep_the_box_from_starting(tmp_path, caplog):
    (tmp_path / "lessons.json").write_text("{damaged")
    store = wiring.open_lessons(parse_settings({"box": {"data_dir": str(tmp_path)}}))
    assert isinstance(store, LessonStore) and "damaged" in caplog.text
    store.close()


# -- the whole box without sound ----------------------------------------------------------------------------------


class Quiet:
    """A voice, or providers of weather, that nobody waits for."""

    def __getattr__(self, name):
        return lambda *_: None


@pytest.fixture
def start(matcher, tmp_path):
    """A function that starts the box; each start is another run on the same files."""
    running = []

    def begin(**tree) -> SimpleNamespace:
        for box in running:
            box.loop._close()
        running.clear()
        settings = parse_settings(tree | {"box": {"data_dir": str(tmp_path)}})
        clock = SimpleNamespace(now=NOW)
        mailbox = Mailbox()
        learner = Learner(wiring.open_lessons(settings), matcher)
        parts = Parts(mailbox, None, Quiet(), RecordingLoudspeaker(), SimulatedPlayer(), Library((), tmp_path / "media.sqlite"), SilentScreen(), Store(tmp_path / "box.json"),
                      Schedule(mailbox.post, lambda: clock.now), Quiet(), learner, now=lambda: clock.now)
        loop = Loop(parts, wiring.build_dialogue(settings, discover(), learner), settings)
        running.append(SimpleNamespace(loop=loop, clock=clock, said=lambda text: say(loop, text)))
        return running[0]

    yield begin
    for box in running:
        box.loop._close()


def say(loop, text) -> list:
    """Type it; the commands that follow, and the box has finished speaking."""
    kept = []
    loop.observe = lambda event, commands: kept.extend(commands) if isinstance(event, Typed) else None
    loop.handle(Typed(text))
    loop.handle(SpeechEnded(loop.state.turn))
    return kept


def understood_by(box, text):
    return understood(box.loop.parts.learner, text, box.clock.now)


@pytest.fixture(scope="module")
def unclear(matcher) -> str:
    """A question about tomorrow's weather that is missed, but guessed first: 第一个 means the weather."""
    for text in ("明天老天给不给饭", "明天老天爷给不给饭吃", "明天老天给咱啥饭"):
        found = matcher.understand([Hypothesis(text)], NOW)
        first = candidates(found, Wording.load().describe)[:1]
        if found.intent.name == NONE and first and first[0].slots.get("date") == "2026-11-24":
            return text
    raise AssertionError("all of these are understood by now: find others")


def test_a_repair_is_learnt_kept_used_and_denied_through_the_loop(start, unclear, tmp_path):
    box, later = start(), unclear.replace("明天", "后天")
    assert any(isinstance(command, NoteMiss) for command in box.said(unclear))
    assert any(isinstance(command, Learn) for command in box.said("第一个"))
    box = start()
    box.clock.now += dt.timedelta(days=1)
    found = understood_by(box, later)
    assert (found.name, found.slots["date"], found.learnt) == ("weather.query", "2026-11-26", unclear)
    box.said(later)
    assert Unlearn(unclear) in box.said("不是")
    assert understood_by(box, later).learnt == ""
    assert [miss.heard for miss in read_lessons(tmp_path).misses] == [(unclear,)]


def test_an_opted_out_box_leaves_no_file(start, unclear, tmp_path):
    box = start(lessons={"keep": False})
    for text in (unclear, "第一个", unclear, "胡话"):
        box.said(text)
    assert not list(tmp_path.glob("lessons*"))


def test_a_turn_in_another_accent_is_counted_and_survives(start, tmp_path):
    box = start()
    for _ in range(2):
        box.loop.handle(WakeHeard())
        box.loop.handle(SpeechEnded(box.loop.state.turn))
        box.loop.handle(Heard(box.loop.state.turn, (Hypothesis("资道了", 0.8, Source.FREE_FORM),)))
        box.loop.handle(SpeechEnded(box.loop.state.turn))
    start()
    assert read_lessons(tmp_path).accent.counts["zh-z"] == Count(1, 1)


def test_a_disk_that_refuses_costs_the_lesson_not_the_answer(start, unclear, monkeypatch, caplog):
    box = start()
    box.said(unclear)
    with monkeypatch.context() as patch:
        def refuse(*_):
            raise OSError(28, "No space left on device")
        patch.setattr(os, "fsync", refuse)
        commands = box.said("第一个")
    assert any(isinstance(command, Learn) for command in commands) and "No space left" in caplog.text
    assert not any(isinstance(command, Say) and command.text == StoreError.spoken for command in commands)


def test_settings_keep_lessons_unless_told_otherwise():
    assert Settings().lessons.keep
