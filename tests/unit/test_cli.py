"""The contract of the command line: names, rows, exit codes, and where the notes go."""
from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import cli
from assistant.errors import BadAudio, ConfigError
from intents.model import Intent

COMMANDS = {"run", "hear", "hub", "understand", "say", "models", "doctor", "demo", "wake", "settings", "village", "lessons", "media"}
LEAVES = [("run",), ("hear",), ("understand",), ("say",), ("models",), ("models", "fetch"), ("models", "verify"), ("models", "list"),
          ("doctor",), ("demo",), ("wake",), ("wake", "check"), ("settings",), ("lessons",), ("lessons", "list"),
          ("lessons", "export"), ("lessons", "forget"), ("media",), ("media", "scan"), ("media", "list"), ("media", "play"), ("hub",), ("village",),
          ("village", "show"), ("village", "leave")]
ROW = {"heard", "intent", "slots", "confidence"}


@pytest.fixture(autouse=True)
def log_as_it_was():
    """``main`` sets the log up for the whole process."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def _rows(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_commands_are_those_of_the_manual():
    (action,) = (a for a in cli.build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    assert set(action.choices) == COMMANDS


@pytest.mark.parametrize("words", [(), *LEAVES], ids=" ".join)
def test_every_command_explains_itself(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])
    out, notes = capsys.readouterr()
    assert ended.value.code == 0 and not notes
    assert out.startswith("usage: xiangyin") and all(word in out for word in words)


@pytest.mark.parametrize("words", [
    ("gramophone",), ("run", "--faster"), ("hear", "--now", "yesterday", "x.wav"), ("understand", "--now", "x", "好"),
    ("say",), ("say", "--rate", "9", "好"), ("say", "--rate", "fast", "好"), ("say", "--engine", "x", "好"), ("wake",), ("models",),
    ("--log", "loud", "doctor"), ("settings", "--write", "--check"), ("lessons",), ("lessons", "forget"), ("lessons", "forget", "x"),
    ("lessons", "forget", "--all", "3"), ("lessons", "export"),
], ids=" ".join)
def test_a_mistyped_command_is_exit_code_2_and_told_on_stderr(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([*words])
    out, notes = capsys.readouterr()
    assert ended.value.code == 2 and not out and "usage: xiangyin" in notes


def test_alone_it_teaches_what_it_can_do(capsys):
    assert cli.main([]) == 2
    out, notes = capsys.readouterr()
    assert not out and "xiangyin demo" in notes


def test_understand_gives_one_row_for_each_text_in_order(capsys):
    texts = ["今天天气怎么样", "", "现在几点了"]
    assert cli.main(["understand", "--json", "--now", "2026-11-23T10:00", *texts]) == 0
    rows = _rows(capsys)
    assert [row["text"] for row in rows] == texts
    assert [row["intent"] for row in rows] == ["weather.query", "none", "clock.time"]
    assert all(set(row) == {"text", *ROW} for row in rows)
    assert all(isinstance(row["slots"], dict) and 0.0 <= row["confidence"] <= 1.0 for row in rows)


def test_understand_reads_a_file_line_by_line_blank_ones_too(tmp_path, capsys):
    file = tmp_path / "said.txt"
    file.write_bytes("\ufeff现在几点了\r\n\n今天天气怎么样".encode())
    assert cli.main(["understand", "--json", "--file", str(file)]) == 0
    assert [row["text"] for row in _rows(capsys)] == ["现在几点了", "", "今天天气怎么样"]
    assert cli.main(["understand", "--json", "--file", str(tmp_path / "missing")]) == 1
    assert "[config]" in capsys.readouterr().err


def test_the_day_that_is_given_is_the_day_that_counts(capsys):
    cli.main(["understand", "--json", "--now", "2026-11-23T10:00", "明天天气怎么样"])
    assert _rows(capsys)[0]["slots"]["date"] == "2026-11-24"


@pytest.fixture
def hearer(monkeypatch):
    """Hears each file as its own name; every file called bad is unreadable."""

    class Hearer:
        def hear(self, blocks: Iterator[Path], now: dt.datetime) -> Intent:
            path = Path(next(blocks))
            if path.stem == "bad":
                raise BadAudio(f"{path}: the file is empty")
            return Intent("clock.time", {"place": "济南"}, 0.98765, path.stem)

    monkeypatch.setattr("assistant.wiring.build_hearer", lambda settings, wake: Hearer())
    monkeypatch.setattr("audio.wav.stream_wav", lambda path: iter((path,)))


def test_hear_gives_one_row_for_each_file_in_order(hearer, capsys):
    assert cli.main(["hear", "--json", "--no-wake", "b.wav", "bad.wav", "a.wav"]) == 0
    out, notes = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["wav"], row["heard"], row["intent"]) for row in rows] == [
        ("b.wav", "b", "clock.time"), ("bad.wav", "", "none"), ("a.wav", "a", "clock.time")]
    assert all(set(row) == {"wav", *ROW} for row in rows)
    assert rows[0]["confidence"] == 0.988 and rows[0]["slots"] == {"place": "济南"}
    assert notes.count("\n") == 1 and "[bad-audio] bad.wav" in notes


def test_hear_takes_a_list_and_fails_only_when_nothing_could_be_read(hearer, tmp_path, capsys):
    names = tmp_path / "list.txt"
    names.write_text("one.wav\n\n  two.wav \n", encoding="utf-8")
    assert cli.main(["hear", "--json", "--list", str(names)]) == 0
    assert [row["wav"] for row in _rows(capsys)] == ["one.wav", "two.wav"]
    assert cli.main(["hear", "--json", "bad.wav"]) == 1
    assert cli.main(["hear"]) == 2
    capsys.readouterr()
    assert cli.main(["hear", "--list", str(tmp_path / "missing")]) == 1
    out, notes = capsys.readouterr()
    assert not out and notes.count("\n") == 1


def test_settings_shows_writes_once_and_checks(tmp_path, capsys):
    file = tmp_path / "new" / "settings.toml"
    assert cli.main(["settings"]) == 0
    shown = capsys.readouterr().out
    assert cli.main(["--settings", str(file), "settings", "--write"]) == 0
    assert file.read_text(encoding="utf-8") == shown
    assert cli.main(["--settings", str(file), "settings", "--check"]) == 0
    assert cli.main(["--settings", str(file), "settings", "--write"]) == 1
    out, notes = capsys.readouterr()
    assert not out and "exists already" in notes.splitlines()[-1]


@pytest.mark.parametrize("error, code", [(ConfigError("no such key"), 1), (KeyboardInterrupt(), 130), (BadAudio("torn"), 1)])
def test_an_error_of_our_own_is_one_line_and_ctrl_c_is_130(monkeypatch, capsys, error, code):
    def fail(args):
        raise error

    monkeypatch.setattr("assistant.settings_command.run", fail)
    assert cli.main(["settings"]) == code
    out, notes = capsys.readouterr()
    assert not out and notes.count("\n") == (code == 1)


def test_a_bug_is_not_hidden(monkeypatch):
    def bug(args):
        raise ZeroDivisionError("bug")

    monkeypatch.setattr("assistant.settings_command.run", bug)
    with pytest.raises(ZeroDivisionError):
        cli.main(["settings"])


def test_what_is_logged_while_devices_are_looked_for_is_not_lost():
    """sounddevice points descriptor 2 at /dev/null for that moment."""
    program = ("import logging, os; from assistant.cli import _log_stream; logging.basicConfig(stream=_log_stream());"
               "os.dup2(os.open(os.devnull, os.O_WRONLY), 2); logging.error('still told')")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, "still told" in done.stderr) == (0, True)
