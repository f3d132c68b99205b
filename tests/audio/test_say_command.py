"""``xiangyin say``: what an installer sees of it, and what lands in the file."""
from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path

import pytest
import soundfile

SAY = [sys.executable, "-X", "faulthandler", "-m", "assistant.cli", "say"]


def say(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SAY, *arguments], input=text, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("text", ["", "   \n", "😀🎉", "\a\b\x1b", "。！？"])
def test_nothing_to_say_is_one_line_and_exit_code_one(text: str, tmp_path: Path) -> None:
    done = say("-", "--out", str(tmp_path / "out.wav"), text=text)
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "can be spoken" in done.stderr
    assert not (tmp_path / "out.wav").exists()


def test_letters_control_characters_and_pictures_do_not_disturb_the_words(tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    done = say("-", "--out", str(out), text="您好😀\a，OK Hello 2026\u200b 年！")
    assert done.returncode == 0 and done.stdout == "" and len(done.stderr.splitlines()) <= 2, done.stderr
    info = soundfile.info(str(out))
    assert (info.samplerate, info.channels, info.subtype) == (24_000, 1, "PCM_16") and info.duration > 2


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    done = say("您好", "--out", str(tmp_path / "no" / "such" / "folder.wav"))
    assert done.returncode == 1 and "cannot be written" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["--rate", "9"], ["--pace", "2"], ["--pitch", "low"], ["--engine", "cloud"], []])
def test_a_wrong_option_is_usage_and_exit_code_two(arguments: list[str]) -> None:
    done = say(*(["您好", *arguments] if arguments else []))
    assert done.returncode == 2 and "usage:" in done.stderr and "Traceback" not in done.stderr


def test_a_long_text_shows_on_a_terminal_how_far_it_is(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    text = "村里通知，明天上午九点到十一点停电，请提前准备。" * 200
    with subprocess.Popen([*SAY, text, "--out", str(tmp_path / "long.wav")], stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while not re.search(rb"neural: +[1-9]\d?%", shown):
            shown += os.read(ours, 4096)  # raises where the process ends, its terminal closed, without a bar
        process.terminate()
        assert process.stdout.read() == b""
    os.close(ours)
