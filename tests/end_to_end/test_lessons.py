"""Learning in a real process that is then killed: the repair of yesterday is understood at once today."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from assistant.lesson_store import read_lessons
from tests.end_to_end.box_process import BoxProcess, without_sound_devices

UNCLEAR = "明天老天爷咋摆弄"


def _lessons(settings: Path, data: Path, *words: str) -> subprocess.CompletedProcess:
    return _xiangyin(settings, data, "lessons", *words)


def _xiangyin(settings: Path, data: Path, *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "assistant.cli", "--settings", str(settings), *words]
    return subprocess.run(command, env={**os.environ, "XIANGYIN_DATA": str(data)}, capture_output=True, text=True, timeout=60)


def _deaf(folder: Path, more: str = "") -> Path:
    file = folder / "settings.toml"
    file.write_text('[weather]\nopen_meteo_url = "http://127.0.0.1:9"\nmet_norway_url = "http://127.0.0.1:9"\n'
                    f'[audio]\nmicrophone = "x"\nloudspeaker = "x"\n[media]\nfolders = []\n{more}', encoding="utf-8")
    return without_sound_devices(file, folder)


def _ask(box: BoxProcess, text: str) -> str:
    box.type(text)
    box.wait_for(f"您：{text}")
    return box.wait_for("小乡：")


def test_a_repair_survives_the_kill_and_the_file_belongs_to_the_running_box(tmp_path):
    settings, data = _deaf(tmp_path), tmp_path / "data"
    with BoxProcess(dict(os.environ), settings, data) as box:
        box.wait_for("小乡：", "听不见", timeout_s=120.0)
        assert "没弄明白" in _ask(box, UNCLEAR)
        box.type("第一个")
        box.wait_for("learnt:")  # before or after the answer, which may have to wait for a forecast
        shown = _lessons(settings, data, "list")
        assert shown.returncode == 0 and shown.stdout.count(UNCLEAR) == 2
        refused = _lessons(settings, data, "forget", "--all")
        assert refused.returncode == 1 and "store-in-use" in refused.stderr and "Traceback" not in refused.stderr
        understood = json.loads(_xiangyin(settings, data, "understand", "--json", UNCLEAR).stdout)
        assert understood["intent"] == read_lessons(data).phrases[0].phrase.intent
        assert box.end(signal.SIGKILL) == -signal.SIGKILL
    with BoxProcess(dict(os.environ), settings, data) as box:
        box.wait_for("小乡：", "听不见", timeout_s=120.0)
        assert "没弄明白" not in _ask(box, UNCLEAR.replace("明天", "后天"))
    assert [learnt.phrase.heard for learnt in read_lessons(data).phrases] == [UNCLEAR]
    assert _lessons(settings, data, "forget", "--all").returncode == 0
    assert json.loads(_xiangyin(settings, data, "understand", "--json", UNCLEAR).stdout)["intent"] == "none"
    assert UNCLEAR.encode() not in b"".join(file.read_bytes() for file in data.iterdir())


def test_a_box_that_was_told_to_keep_nothing_writes_nothing(tmp_path):
    settings, data = _deaf(tmp_path, "[lessons]\nkeep = false\n"), tmp_path / "data"
    with BoxProcess(dict(os.environ), settings, data) as box:
        box.wait_for("小乡：", "听不见", timeout_s=120.0)
        _ask(box, UNCLEAR)
        _ask(box, "第一个")
        assert "没弄明白" in _ask(box, UNCLEAR)
    assert not list(data.glob("lessons*"))
