"""Long texts and long recordings: heard or said to the end, with a bar on a terminal, and nothing half done on Ctrl-C."""
from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.ports import SAMPLE_RATE
from tests.end_to_end.command_line import xiangyin

XIANGYIN = ["env", "--default-signal=INT", sys.executable, "-m", "assistant.cli"]
"""A test run in the background of a shell ignores Ctrl-C, and so would its children."""
NOW = ("--now", "2026-11-23T10:00")
MIXED = "测试😀 hello 24℃\x07\x1b[0m，明天8:30到17:00开门。\u200b"
UNBROKEN = "村里通知明天上午停电请各家提前做好准备" * 12


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * SAMPLE_RATE), np.int16)


@contextmanager
def terminal(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command with its notes on a terminal of 80 columns: the process and the terminal's other end."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen([*XIANGYIN, *map(str, arguments)], stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        yield process, ours
    os.close(ours)


def shown(end: int, until: bytes | None = None) -> bytes:
    """What the terminal shows: up to and including ``until``, or to the end of the command."""
    seen = b""
    while until is None or until not in seen:
        try:
            seen += os.read(end, 4096)
        except OSError:  # Linux: the other end of the terminal has been closed
            break
    return seen


@pytest.mark.parametrize("text", [MIXED * 12, UNBROKEN], ids=["mixed", "no punctuation"])
def test_a_long_text_is_said_to_its_end(text, tmp_path):
    out = tmp_path / "said.wav"
    answer = xiangyin("say", "--engine", "neural", "--rate", "1.3", "--out", out, "-", stdin=text.encode())
    assert answer.code == 0 and answer.notes.count("\n") == 1
    assert soundfile.info(out).duration > 30
    assert [path.name for path in tmp_path.iterdir()] == ["said.wav"]


@pytest.mark.parametrize("older", [None, b"an older file"])
def test_ctrl_c_while_a_text_is_said_leaves_the_folder_as_it_was(older, tmp_path):
    out = tmp_path / "said.wav"
    if older:
        out.write_bytes(older)
    with terminal("say", "--engine", "neural", "--out", out, UNBROKEN * 10) as (process, end):
        assert b"%" in shown(end, until=b"%")
        process.send_signal(signal.SIGINT)
        assert b"Traceback" not in shown(end)
        assert process.wait(20) == 130
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([older] if older else [])


def test_a_long_recording_shows_on_a_terminal_how_far_it_is(tmp_path):
    """An hour of it: that no machine is through before the bar is due; stopped as soon as the bar has been seen."""
    long = tmp_path / "long.wav"
    soundfile.write(long, silence(3600), SAMPLE_RATE)
    with terminal("hear", "--json", "--no-wake", long) as (process, end):
        assert b"%" in shown(end, until=b"%")
        process.send_signal(signal.SIGINT)
        assert b"Traceback" not in shown(end)
        assert process.wait(20) == 130


def test_many_commands_in_one_file_are_one_row_with_the_first(speak, tmp_path):
    said = ["我今天吃了两碗面条", "今天天气怎么样", "现在几点了"] + ["大点声"] * 3
    parts = [part for text in said for part in (speak(text), silence(2.0))]
    free, called = tmp_path / "free.wav", tmp_path / "called.wav"
    soundfile.write(free, np.concatenate(parts), SAMPLE_RATE)
    answer = xiangyin("hear", "--json", "--no-wake", *NOW, free)
    assert [(row["intent"], row["heard"]) for row in answer.rows] == [("weather.query", "今天天气怎么样")]
    parts = [part for text in said[:3] for part in (speak("小乡小乡" + text), silence(2.0))]
    soundfile.write(called, np.concatenate([silence(0.5), *parts]), SAMPLE_RATE)
    answer = xiangyin("hear", "--json", *NOW, called)
    assert [row["intent"] for row in answer.rows] == ["weather.query"]


def test_what_one_file_left_open_is_closed_before_the_next(speak, tmp_path):
    """A file that ends with the wake phrase does not make the next one's words a command."""
    called, said = tmp_path / "called.wav", tmp_path / "said.wav"
    soundfile.write(called, np.concatenate([silence(0.5), speak("小乡小乡")]), SAMPLE_RATE)
    soundfile.write(said, np.concatenate([speak("今天天气怎么样"), silence(2.0)]), SAMPLE_RATE)
    answer = xiangyin("hear", "--json", *NOW, called, said)
    assert [row["intent"] for row in answer.rows] == ["none", "none"]
