"""``xiangyin lessons`` on real files: what is shown, handed over, forgotten, and what is refused in one line."""
import datetime as dt
import json
import unicodedata

import pytest

from assistant.cli import main
from assistant.lesson_store import LessonStore, read_lessons
from intents.accent_evidence import AccentEvidence, Count
from intents.model import Intent
from intents.personal import PersonalPhrase

NOON = dt.datetime(2026, 11, 23, 12, 0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XIANGYIN_DATA", str(tmp_path))
    monkeypatch.delenv("XIANGYIN_SETTINGS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    return tmp_path


@pytest.fixture
def filled(folder):
    store = LessonStore(folder)
    store.keep_miss(("放一段精确", "放一段京剧"), (Intent("media.play", {"genre": "京剧"}), Intent("clock.time")), NOON)
    store.keep_miss((), (), NOON)
    store.keep_phrase(PersonalPhrase("明天老天爷给不给脸", "{date:date}老天爷给不给脸", "weather.query"), NOON)
    store.keep_phrase(PersonalPhrase("很久以前学的话", "很久以前学的话", "gone.intent"), NOON)
    store.keep_accent(AccentEvidence({"n-l": Count(9, 12), "f-h": Count(0, 30)}))
    store.close()
    return folder


def run(capsys, *words):
    code = main(["lessons", *words])
    out, notes = capsys.readouterr()
    return code, out, notes


def test_the_list_is_for_people_who_read_chinese(filled, capsys):
    code, out, _ = run(capsys, "list")
    assert code == 0
    for part in ("没听懂的（2 条", "没有录音", "放一段精确", "听京剧；问几点了", "（没听清）", "学会的说法（2 条）", "明天老天爷给不给脸", "问天气", "gone.intent", "n-l"):
        assert part in out
    assert "f-h" not in out


def test_columns_line_up_in_a_terminal(filled, capsys):
    _, out, _ = run(capsys, "list")
    lines = out.splitlines()
    head = next(line for line in lines if "听到的" in line)
    column = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in head[: head.index("当时问的是")])
    row = next(line for line in lines if "放一段精确" in line)
    before = row[: row.index("听京剧")]
    assert sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in before) == column


def test_json_is_one_object_a_line_and_the_export_is_the_same(filled, capsys):
    code, out, notes = run(capsys, "list", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and not notes
    assert [row["kind"] for row in rows] == ["miss", "miss", "phrase", "phrase", "accent", "accent"]
    assert rows[0] == {"kind": "miss", "number": 1, "at": "2026-11-23T12:00:00", "heard": ["放一段精确", "放一段京剧"],
                       "offered": [{"intent": "media.play", "slots": {"genre": "京剧"}}, {"intent": "clock.time", "slots": {}}]}
    file = filled / "out.jsonl"
    code, nothing, notes = run(capsys, "export", str(file))
    assert code == 0 and not nothing and file.read_text(encoding="utf-8") == out
    assert "2 misses and 2 phrases, text only, no sound" in notes
    assert run(capsys, "export", "-")[1] == out


def test_a_file_that_cannot_be_written_is_one_line(filled, capsys):
    code, _, notes = run(capsys, "export", str(filled / "no" / "folder" / "x"))
    assert code == 1 and notes.count("\n") == 1 and "cannot be written" in notes


def test_forgetting_some_and_all(filled, capsys):
    code, out, notes = run(capsys, "forget", "1", "3")
    assert (code, out) == (0, "") and "1 3" in notes
    assert [miss.number for miss in read_lessons(filled).misses] == [2]
    assert run(capsys, "forget", "--all")[0] == 0
    assert run(capsys, "list")[0] == 1
    assert not list(filled.glob("lessons.json*"))


def test_an_unknown_number_forgets_nothing(filled, capsys):
    before = read_lessons(filled)
    code, _, notes = run(capsys, "forget", "1", "77")
    assert code == 1 and "no number 77" in notes and notes.count("\n") == 1
    assert read_lessons(filled) == before


def test_while_the_box_runs_all_can_be_read_and_nothing_forgotten(filled, capsys):
    box = LessonStore(filled)
    assert run(capsys, "list")[0] == run(capsys, "export", "-")[0] == 0
    for words in (("forget", "1"), ("forget", "--all")):
        code, _, notes = run(capsys, *words)
        assert code == 1 and notes.count("\n") == 1 and "systemctl stop xiangyin" in notes
    assert len(box.lessons().misses) == 2
    box.close()


@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("export", "-"), ("forget", "1")], ids=" ".join)
@pytest.mark.parametrize("content", [None, b"", b"{\"misses\": {\"1\"", b"\xff\xfe", b"[]", b"{\"misses\": {\"1\": {}}}"])
def test_an_absent_or_damaged_file_is_one_line_and_stays_as_it_is(folder, capsys, words, content):
    file = folder / "lessons.json"
    if content is not None:
        file.write_bytes(content)
    code, out, notes = run(capsys, *words)
    assert code == 1 and not out and notes.startswith("xiangyin: [") and notes.count("\n") == 1
    assert (file.read_bytes() if file.exists() else None) == content
    assert [one for one in folder.iterdir() if one != file] == []


def test_a_folder_in_place_of_the_file_is_one_line(folder, capsys):
    (folder / "lessons.json").mkdir()
    code, _, notes = run(capsys, "list")
    assert code == 1 and "cannot be read" in notes and notes.count("\n") == 1
