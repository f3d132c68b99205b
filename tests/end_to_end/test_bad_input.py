"""Whatever is put in: an answer or a one-line error, never a traceback, never a stuck loop."""
from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from assistant.ports import SAMPLE_RATE
from tests.end_to_end.command_line import Answer, xiangyin

QUESTION = "今天天气怎么样"
NOW = ("--now", "2026-11-23T10:00")
PAUSE = np.zeros(SAMPLE_RATE // 2)
STARVED = {"XIANGYIN_MODELS": "/nonexistent/models"}


@pytest.fixture(scope="module")
def question(speak) -> np.ndarray:
    """The question as float samples at 16 kHz, with silence around it."""
    return np.concatenate((PAUSE, speak(QUESTION) / 32768.0, PAUSE))


def _at(samples: np.ndarray, rate: int) -> np.ndarray:
    return soxr.resample(samples, SAMPLE_RATE, rate)


def _with_gaps(samples: np.ndarray) -> np.ndarray:
    broken = samples.astype(np.float32)
    broken[::50] = np.nan
    return broken


ODD_BUT_AUDIBLE: dict[str, Callable[[Path, np.ndarray], None]] = {
    "8 kHz": lambda path, q: soundfile.write(path, _at(q, 8000), 8000),
    "48 kHz stereo": lambda path, q: soundfile.write(path, np.stack([_at(q, 48000)] * 2, 1), 48000),
    "192 kHz": lambda path, q: soundfile.write(path, _at(q, 192000), 192000),
    "eight channels": lambda path, q: soundfile.write(path, np.stack([q] * 8, 1), SAMPLE_RATE),
    "24 bits": lambda path, q: soundfile.write(path, _at(q, 44100), 44100, subtype="PCM_24"),
    "8 bits": lambda path, q: soundfile.write(path, q, SAMPLE_RATE, subtype="PCM_U8"),
    "floating point": lambda path, q: soundfile.write(path, q, SAMPLE_RATE, subtype="FLOAT"),
    "samples that are no numbers": lambda path, q: soundfile.write(path, _with_gaps(q), SAMPLE_RATE, subtype="FLOAT"),
    "clipped": lambda path, q: soundfile.write(path, np.clip(q * 20, -1, 1), SAMPLE_RATE),
    "faint": lambda path, q: soundfile.write(path, q / 30, SAMPLE_RATE),
    "cut off after the last word": lambda path, q: _truncated(path, q, len(q) - len(PAUSE)),
}
NOTHING_SAID: dict[str, np.ndarray] = {
    "silence": np.zeros(3 * SAMPLE_RATE),
    "one sample": np.array([0.5]),
    "a constant": np.full(2 * SAMPLE_RATE, 0.9),
    "loud noise": np.random.default_rng(1).normal(0, 0.3, 5 * SAMPLE_RATE),
    "full-scale square wave": np.tile(np.repeat([1.0, -1.0], 8), SAMPLE_RATE // 8),
}


def _truncated(path: Path, samples: np.ndarray, kept: int) -> None:
    """The header still promises all of it."""
    soundfile.write(path, samples, SAMPLE_RATE)
    path.write_bytes(path.read_bytes()[: 44 + 2 * kept])


def _unreadable(folder: Path, question: np.ndarray) -> dict[str, Path]:
    soundfile.write(folder / "whole.wav", question, SAMPLE_RATE)
    whole = (folder / "whole.wav").read_bytes()
    bodies = {
        "empty": b"", "header only": whole[:44], "half a header": whole[:30], "text": QUESTION.encode(),
        "random bytes": np.random.default_rng(2).bytes(50_000), "zeros": bytes(5000),
    }
    paths = {name: folder / f"{name}.wav" for name in (*bodies, "a folder", "missing")}
    for name, body in bodies.items():
        paths[name].write_bytes(body)
    paths["a folder"].mkdir()
    return paths


@pytest.fixture(scope="module")
def heard(question, tmp_path_factory) -> tuple[Answer, dict[str, dict], list[str]]:
    """One run of ``hear`` over every odd file there is: the answer, its row for each file, and the names in order."""
    folder = tmp_path_factory.mktemp("odd")
    paths: dict[str, Path] = {}
    for name, write in ODD_BUT_AUDIBLE.items():
        paths[name] = folder / f"{name}.wav"
        write(paths[name], question)
    for name, samples in NOTHING_SAID.items():
        paths[name] = folder / f"{name}.wav"
        soundfile.write(paths[name], samples, SAMPLE_RATE)
    paths |= _unreadable(folder, question)
    answer = xiangyin("hear", "--no-wake", "--json", *NOW, *paths.values())
    return answer, dict(zip(paths, answer.rows, strict=True)), [str(path) for path in paths.values()]


def test_every_file_has_its_row_in_order(heard):
    answer, rows, paths = heard
    assert answer.code == 0
    assert [row["wav"] for row in rows.values()] == paths


@pytest.mark.parametrize("name", ODD_BUT_AUDIBLE)
def test_whatever_the_format_the_question_is_understood(heard, name):
    row = heard[1][name]
    assert (row["heard"], row["intent"]) == (QUESTION, "weather.query")


@pytest.mark.parametrize("name", NOTHING_SAID)
def test_sound_without_words_is_no_intent(heard, name):
    row = heard[1][name]
    assert (row["heard"], row["intent"], row["slots"]) == ("", "none", {})


def test_what_cannot_be_read_is_named_in_one_line_each_and_counts_as_none(heard, tmp_path, question):
    answer, rows, _ = heard
    names = list(_unreadable(tmp_path, question))
    assert all(rows[name]["intent"] == "none" and rows[name]["confidence"] == 0.0 for name in names)
    notes = answer.notes.splitlines()
    assert len(notes) == len(names)
    assert all("[bad-audio]" in note and f"{name}.wav" in note for name, note in zip(names, notes, strict=True))


def test_only_unreadable_files_are_a_failure(tmp_path):
    answer = xiangyin("hear", "--no-wake", "--json", tmp_path / "missing.wav")
    assert answer.code == 1 and answer.rows[0]["intent"] == "none"


def test_ten_minutes_are_heard_to_the_end(question, tmp_path):
    """Nine minutes of silence before the one question; and nothing but silence."""
    long, silent = tmp_path / "long.wav", tmp_path / "silent.wav"
    samples = np.zeros(600 * SAMPLE_RATE)
    samples[-len(question):] = question
    soundfile.write(long, samples, SAMPLE_RATE)
    soundfile.write(silent, np.zeros(600 * SAMPLE_RATE), SAMPLE_RATE)
    answer = xiangyin("hear", "--no-wake", "--json", *NOW, long, silent)
    assert answer.code == 0
    assert [(row["intent"], row["heard"]) for row in answer.rows] == [("weather.query", QUESTION), ("none", "")]


def test_without_the_wake_phrase_nothing_is_heard(question, speak, tmp_path):
    alone, called = tmp_path / "alone.wav", tmp_path / "called.wav"
    soundfile.write(alone, question, SAMPLE_RATE)
    one_breath = np.concatenate((PAUSE, speak("小乡小乡" + QUESTION) / 32768.0, PAUSE, PAUSE, PAUSE))
    soundfile.write(called, one_breath, SAMPLE_RATE)
    answer = xiangyin("hear", "--json", *NOW, alone, called)
    assert [row["intent"] for row in answer.rows] == ["none", "weather.query"]


NONSENSE = (
    "好" * 5000, QUESTION * 714, "三点" * 2500, "123456789" * 555, "a" * 5000, "二零二六年" * 1000, "给" * 5000, "明天" * 2500,
    "😀🎉👨‍👩‍👧", "hello, what is the weather like", "{place}[x](a|b)", "'; DROP TABLE timers;--", "<speak>&amp;</speak>",
    "\x00\x01\x02\x1b[31m", "\t\u200b\ufeff", "？！。，", "𠮷𠮷", "ﷺ" * 100, "\u202e\u202d", "",
)


@pytest.fixture(scope="module")
def understood() -> Answer:
    return xiangyin("understand", "--json", *NOW, stdin=("\n".join(NONSENSE) + "\n").encode())


def test_every_odd_text_has_its_row_unchanged_and_in_order(understood):
    assert understood.code == 0 and not understood.notes
    assert [row["text"] for row in understood.rows] == list(NONSENSE)


def test_no_odd_text_is_taken_for_a_wish(understood):
    assert {row["text"][:20]: row["intent"] for row in understood.rows if row["intent"] != "none"} == {}


def test_a_wish_among_control_characters_and_emoji_is_still_a_wish():
    answer = xiangyin("understand", "--json", *NOW, stdin="\x1b今天\x00天气\u200b怎么样？😀\n今天　天气　怎么样\r\n".encode())
    assert [row["intent"] for row in answer.rows] == ["weather.query"] * 2


def test_bytes_that_are_no_text_are_understood_as_nothing():
    answer = xiangyin("understand", "--json", stdin=b"\xff\xfe\x00\n\x80\x81\n")
    assert answer.code == 0 and [row["intent"] for row in answer.rows] == ["none"] * 2


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict", "gb18030:strict"])
def test_a_terminal_of_another_alphabet_costs_letters_and_not_the_command(encoding):
    env = {"PYTHONIOENCODING": encoding}
    answer = xiangyin("understand", "--json", b"\xff\xfe", QUESTION, env=env, encoding=encoding.split(":")[0])
    assert answer.code == 0 and [row["intent"] for row in answer.rows] == ["none", "weather.query"]
    assert xiangyin("say", "-", stdin=b"\xff\xfe", env=env).is_one_line_error()


@pytest.mark.parametrize("command", [["settings"], ["understand", "--json", QUESTION], ["models", "list"]], ids=" ".join)
def test_output_that_cannot_be_written_is_one_line(command):
    """Be it less than Python keeps back until the end, or more."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-m", "assistant.cli", *command], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and done.stderr.startswith(b"xiangyin: [system]") and done.stderr.count(b"\n") == 1


def test_a_long_text_is_spoken_and_nothing_to_say_is_one_line(tmp_path):
    out = tmp_path / "said.wav"
    assert xiangyin("say", "--out", out, "测试😀 hello 24℃\x07\x1b[0m。" * 20).code == 0
    assert soundfile.info(out).duration > 20
    assert xiangyin("say", "--out", tmp_path / "none.wav", "😀。").is_one_line_error()
    assert xiangyin("say", "--out", tmp_path / "no" / "folder.wav", "您好").is_one_line_error()


@pytest.mark.parametrize("body", [
    "[box]\nplace = 3\n", "[bax]\n", "[audio]\nvolume = 400\n", "[voice]\nengine = 'gramophone'\n", "box = 1\n", "[[[", "\x00",
    "[listening]\nsilence_s = nan\n", "[listening]\nwindow_s = inf\n",
])
def test_wrong_settings_are_one_line_and_named(tmp_path, body):
    file = tmp_path / "settings.toml"
    file.write_text(body, encoding="utf-8")
    answer = xiangyin("--settings", file, "settings", "--check")
    assert answer.is_one_line_error() and str(file) in answer.notes and "[config]" in answer.notes


def test_settings_that_are_no_text_or_no_file_are_one_line(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xff\xfe\x00")
    assert xiangyin("--settings", file, "settings", "--check").is_one_line_error()
    assert xiangyin("--settings", tmp_path, "settings", "--check").is_one_line_error()
    assert xiangyin("--settings", tmp_path / "missing.toml", "run").is_one_line_error()


@pytest.mark.parametrize("phrase", ["hello", "", "小", "小乡\x00小乡", "😀😀😀", "好" * 5000])
def test_an_unfit_wake_phrase_is_refused_in_one_line(phrase):
    if "\x00" in phrase:
        phrase = phrase.replace("\x00", "\x01")  # no operating system passes a NUL in an argument
    answer = xiangyin("wake", "check", phrase)
    assert answer.code == 1 and answer.notes.count("\n") == 1


@pytest.mark.parametrize("arguments", [
    ("hear", "--no-wake", "x.wav"), ("run",), ("wake", "check", "小乡小乡"), ("models", "verify", "vosk-cn"),
    ("say", "--engine", "neural", "--out", "/tmp/never.wav", "您好"),
])
def test_without_models_every_command_says_so(arguments):
    answer = xiangyin(*arguments, env=STARVED)
    assert answer.code == 1 and not answer.out
    assert "[model-missing]" in answer.notes and "xiangyin models fetch" in answer.notes


def test_models_that_do_not_exist_are_one_line():
    assert xiangyin("models", "verify", "gramophone").is_one_line_error()


def test_doctor_goes_on_to_the_end_with_everything_wrong(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("[box]\nplace = '不存在的地方'\ndata_dir = '/proc/nowhere'\n[weather]\nopen_meteo_url = 'http://127.0.0.1:9'\n",
                    encoding="utf-8")
    answer = xiangyin("--settings", file, "doctor", "--json", env=STARVED)
    verdicts = {row["check"]: row["verdict"] for row in answer.rows}
    assert answer.code == 1
    assert [verdicts[name] for name in ("settings", "models", "disk")] == ["fault"] * 3
    assert verdicts["versions"] == "good" and "network" in verdicts
