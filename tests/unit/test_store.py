import datetime as dt
import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from assistant.errors import StoreError
from assistant.forecast import Day, Forecast
from assistant.store import Store
from skills.api import Timer

NOON = dt.datetime(2026, 11, 23, 12, 0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "box.json"


def test_what_was_stored_is_there_after_reopening(path):
    store = Store(path)
    store.set_preference("volume", 70)
    store.set_preference("volume", 75)
    store.add_timer(Timer("t2", NOON + dt.timedelta(hours=1), "面条"))
    store.add_timer(Timer("t1", NOON, "鸡蛋"))
    store.close()
    again = Store(path)
    assert again.preference("volume", 60) == 75
    assert again.preference("speech_rate", 0.85) == 0.85
    assert [timer.label for timer in again.timers()] == ["鸡蛋", "面条"]
    again.remove_timer("t1")
    assert [timer.timer_id for timer in Store(path).timers()] == ["t2"]


def test_a_forecast_comes_back_as_it_was(path):
    day = Day(NOON.date(), "rain", 3.2, 11.5, 80, 4.2, 3.0, 45, "06:50", "17:01")
    forecast = Forecast("济南", (day,), NOON, "open-meteo", 7.5)
    store = Store(path)
    store.keep_forecast(forecast)
    assert Store(path).forecasts() == {"济南": forecast}


@pytest.mark.parametrize("damage", [b"", b"{\"prefer", b"\x00" * 200, b"[1, 2]", b"\xff\xfe"])
def test_a_damaged_file_is_set_aside_and_the_previous_generation_used(path, damage):
    store = Store(path)
    store.set_preference("volume", 70)
    store.set_preference("volume", 80)
    path.write_bytes(damage)
    again = Store(path)
    assert again.preference("volume", 60) == 70
    assert "damaged" in again.recovered
    kept = list(path.parent.glob("box.json.corrupt-*"))
    assert [file.read_bytes() for file in kept] == [damage]


def test_both_generations_damaged_starts_empty_but_keeps_the_evidence(path):
    store = Store(path)
    store.set_preference("volume", 70)
    store.set_preference("volume", 80)
    for file in (path, path.with_name("box.json.1")):
        file.write_text("broken")
    again = Store(path)
    assert again.preference("volume", 60) == 60
    assert len(list(path.parent.glob("*.corrupt-*"))) == 2
    again.set_preference("volume", 50)
    assert Store(path).preference("volume", 60) == 50


def test_killed_between_keeping_the_generation_and_the_rename(path):
    store = Store(path)
    store.set_preference("volume", 70)
    os.replace(path, path.with_name("box.json.1"))
    again = Store(path)
    assert again.preference("volume", 60) == 70
    assert "previous generation" in again.recovered


def test_a_disk_that_refuses_is_reported_and_loses_nothing(path, monkeypatch):
    store = Store(path)
    store.set_preference("volume", 70)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(StoreError, match="No space left"):
            store.set_preference("speech_rate", 0.7)
    assert Store(path).preference("volume", 60) == 70
    store.set_preference("volume", 65)
    assert Store(path).preference("speech_rate", 1.0) == 0.7


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="cannot be created"):
        Store(tmp_path / "file" / "box.json")


WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from assistant.store import Store
    store = Store(Path(sys.argv[1]))
    number = store.preference("number", 0)
    while True:
        number += 1
        store.set_preference("number", number)
        print(number, flush=True)
""")


def test_killed_with_9_while_writing_loses_nothing_that_was_confirmed(path):
    confirmed = 0
    for round_number in range(8):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3 + 5 * round_number):
            confirmed = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        process.stdout.close()
        process.wait()
        confirmed = int(rest[-1]) if rest else confirmed
        stored = Store(path)
        assert stored.preference("number", 0) >= confirmed
        assert not stored.recovered
        json.loads(path.read_text())
