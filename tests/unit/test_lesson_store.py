import datetime as dt
import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from assistant.errors import NothingLearnt, StoreError, StoreInUse
from assistant.lesson_store import (
    LONGEST_READING,
    MOST_MISSES,
    MOST_PHRASES,
    MOST_READINGS,
    Lessons,
    LessonStore,
    read_lessons,
)
from intents.accent_evidence import AccentEvidence, Count
from intents.model import Intent
from intents.personal import PersonalPhrase

NOON = dt.datetime(2026, 11, 23, 12, 0)
PHRASE = PersonalPhrase("明天老天爷给不给脸", "{date:date}老天爷给不给脸", "weather.query", {"place": "济南"})
OFFERED = (Intent("media.play", {"genre": "京剧"}), Intent("clock.time"))
EVIDENCE = AccentEvidence({"n-l": Count(2, 9)})


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def filled(folder):
    store = LessonStore(folder)
    store.keep_miss(("放一段精确", "放一段京剧"), OFFERED, NOON)
    store.keep_phrase(PHRASE, NOON)
    store.keep_accent(EVIDENCE)
    store.close()
    return folder


def test_everything_comes_back_as_it_was(filled):
    lessons = read_lessons(filled)
    (miss,), (learnt,) = lessons.misses, lessons.phrases
    assert (miss.number, miss.at, miss.heard) == (1, NOON, ("放一段精确", "放一段京剧"))
    assert [(one.name, dict(one.slots)) for one in miss.offered] == [(one.name, dict(one.slots)) for one in OFFERED]
    assert (learnt.number, learnt.at, learnt.phrase) == (2, NOON, PHRASE)
    assert lessons.accent == EVIDENCE
    store = LessonStore(filled)
    assert store.lessons() == lessons
    store.close()


def test_the_newest_misses_and_phrases_are_kept_and_what_is_kept_is_short(folder, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    store = LessonStore(folder)
    for number in range(MOST_MISSES + 20):
        store.keep_miss([f"第{number}句", *(["长" * 500] * 20)], (), NOON + dt.timedelta(seconds=number))
    for number in range(MOST_PHRASES + 20):
        store.keep_phrase(PersonalPhrase(f"说法{number}", "天上掉点了没", "weather.query"), NOON + dt.timedelta(seconds=number))
    lessons = store.lessons()
    assert [len(lessons.misses), len(lessons.phrases)] == [MOST_MISSES, MOST_PHRASES]
    assert lessons.misses[-1].heard[0] == f"第{MOST_MISSES + 19}句" and lessons.misses[0].heard[0] == "第20句"
    assert lessons.phrases[-1].phrase.heard == f"说法{MOST_PHRASES + 19}"
    assert len(lessons.misses[0].heard) == MOST_READINGS and len(lessons.misses[0].heard[1]) == LONGEST_READING
    assert (folder / "lessons.json").stat().st_size < 2_000_000
    store.close()


def test_the_last_confirmation_of_the_same_words_counts(filled):
    store = LessonStore(filled)
    store.keep_phrase(PersonalPhrase(PHRASE.heard, PHRASE.template, "calendar.lunar"), NOON)
    assert [learnt.phrase.intent for learnt in store.lessons().phrases] == ["calendar.lunar"]
    store.drop_phrase("什么别的")
    store.drop_phrase(PHRASE.heard)
    assert store.lessons().phrases == ()
    store.close()


def test_numbers_stay_when_others_are_forgotten(filled):
    store = LessonStore(filled)
    store.keep_miss(("胡话",), (), NOON)
    store.forget([1])
    lessons = store.lessons()
    assert [miss.number for miss in lessons.misses] == [3] and [learnt.number for learnt in lessons.phrases] == [2]
    with pytest.raises(NothingLearnt, match="number 1"):
        store.forget([1, 2])
    assert store.lessons() == lessons
    store.close()


def test_what_is_forgotten_is_in_no_file_any_more(filled):
    store = LessonStore(filled)
    store.keep_miss(("秘密",), (), NOON)
    store.keep_phrase(PersonalPhrase("悄悄话", "悄悄话", "clock.time"), NOON)
    store.forget([3, 4])
    store.close()
    left = "".join(file.read_text(encoding="utf-8") for file in filled.iterdir())
    assert "放一段精确" in left and "秘密" not in left and "悄悄话" not in left


def test_forgetting_all_leaves_no_data_file_not_even_a_damaged_one(filled):
    (filled / "lessons.json").write_text("{damaged")
    store = LessonStore(filled)
    assert list(filled.glob("lessons.json.corrupt-*")) and "damaged" in store.recovered
    store.forget_all()
    store.close()
    assert [file.name for file in filled.iterdir()] == ["lessons.lock"]
    with pytest.raises(NothingLearnt, match="nothing has been learnt yet"):
        read_lessons(filled)


def test_one_owner_and_any_reader(filled):
    store = LessonStore(filled)
    with pytest.raises(StoreInUse, match="belongs to a running box"):
        LessonStore(filled)
    assert read_lessons(filled) == store.lessons()
    store.close()
    store.close()
    LessonStore(filled).close()


def test_reading_changes_nothing_not_even_a_damaged_file(filled):
    damage = b'{"misses": {"1": '
    (filled / "lessons.json").write_bytes(damage)
    with pytest.raises(StoreError, match="damaged"):
        read_lessons(filled)
    assert (filled / "lessons.json").read_bytes() == damage and not list(filled.glob("*.corrupt-*"))


@pytest.mark.parametrize("content", ["", "[]", "[1]", "null", "\x00\x01", '{"misses": []}', '{"misses": {"1": {}}}', '{"phrases": {"1": {"number": "x"}}}',
                                     '{"accent": {"1": {"of": "person", "counts": {"n-l": 3}}}}', '{"misses": {"1": {"number": 1, "at": "never"}}}'])
def test_any_damage_is_a_store_error(filled, content):
    (filled / "lessons.json").write_text(content)
    with pytest.raises(StoreError):
        read_lessons(filled)


def test_a_row_that_cannot_be_read_costs_that_row(filled):
    data = json.loads((filled / "lessons.json").read_text(encoding="utf-8"))
    data["misses"]["2"] = {"number": "many", "at": "never"}
    data["phrases"]["9"] = {"heard": "半个"}
    data["accent"]["1"]["counts"]["n-l"] = "often"
    (filled / "lessons.json").write_text(json.dumps(data), encoding="utf-8")
    store = LessonStore(filled)
    lessons = store.lessons()
    assert (len(lessons.misses), len(lessons.phrases), lessons.accent) == (1, 1, AccentEvidence())
    store.keep_miss(("胡话",), (), NOON)
    assert store.lessons().misses[-1].number == 3
    store.close()


def test_a_file_that_is_no_object_is_set_aside(filled):
    (filled / "lessons.json").write_text("[]")
    (filled / "lessons.json.1").unlink()
    store = LessonStore(filled)
    assert store.lessons() == Lessons() and store.recovered
    store.close()


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="cannot be opened"):
        LessonStore(tmp_path / "file")


WRITER = textwrap.dedent("""
    import datetime as dt, sys
    from pathlib import Path
    from assistant.lesson_store import LessonStore
    from intents.accent_evidence import AccentEvidence, Count
    from intents.personal import PersonalPhrase
    store = LessonStore(Path(sys.argv[1]))
    number = len(store.lessons().misses)
    while True:
        number += 1
        now = dt.datetime(2026, 11, 23) + dt.timedelta(seconds=number)
        store.keep_miss((f"胡话{number}",), (), now)
        store.keep_phrase(PersonalPhrase(f"说法{number}", "天上掉点了没", "weather.query"), now)
        store.keep_accent(AccentEvidence({"n-l": Count(number, number)}))
        print(number, flush=True)
""")


def test_killed_with_9_while_writing_loses_nothing_that_was_written(folder):
    confirmed = 0
    for round_number in range(4):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(3 + 5 * round_number):
            confirmed = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        process.stdout.close()
        process.wait()
        confirmed = int(rest[-1]) if rest else confirmed
        lessons = read_lessons(folder)
        assert len(lessons.misses) >= confirmed and lessons.accent.counts["n-l"].total >= confirmed
        assert {f"说法{number}" for number in range(1, confirmed + 1)} <= {learnt.phrase.heard for learnt in lessons.phrases}
