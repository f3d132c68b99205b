"""What was played is remembered: which moments are written down, and that they are there after any end of the box."""
import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import textwrap

import pytest

from assistant import play_history
from assistant.errors import StoreError
from assistant.play_history import PlayHistory
from assistant.play_tracker import EVERY_S, PlayTracker
from assistant.ports import MediaState, MediaStatus
from skills.api import Hearing

NOON = dt.datetime(2026, 11, 23, 12, 0)
PLAYING, PAUSED, STOPPED = MediaState.PLAYING, MediaState.PAUSED, MediaState.STOPPED
STICK = os.fsdecode("/media/老歌/豫剧.mp3".encode("gbk"))


def at(seconds):
    return NOON + dt.timedelta(seconds=seconds)


class Watched(PlayHistory):
    """Counts how often the disk would be written to."""

    def __init__(self):
        super().__init__()
        self.writes = 0

    def keep(self, *hearings):
        self.writes += 1
        super().keep(*hearings)


@pytest.fixture
def history():
    return Watched()


def tracked(history, *moments):
    """``moments`` are (second, file, state, position), or (second, file) for a file that came to its end."""
    tracker = PlayTracker(history)
    for second, file, *rest in moments:
        if rest:
            tracker.observe(MediaStatus(file, 0, 1, rest[0], rest[1], 1.0), at(second))
        else:
            tracker.played_out(file, at(second))
    return [(one.file, one.position_s) for one in history.hearings]


@pytest.mark.parametrize(
    ("moments", "left"),
    [
        ([(0, "a", STOPPED, 0.0)], []),
        ([(0, "a", PLAYING, 0.0), (9, "a", PAUSED, 9.0)], [("a", 9.0)]),
        ([(0, "a", PLAYING, 0.0), (9, "a", STOPPED, 9.0)], [("a", 9.0)]),
        ([(0, "a", PLAYING, 0.0), (9, "a", PLAYING, 9.0)], [("a", 0.0)]),
        ([(0, "a", PLAYING, 0.0), (40, "a", PLAYING, 40.0)], [("a", 40.0)]),
        ([(0, "a", PLAYING, 500.0), (5, "a", PLAYING, 2.0)], [("a", 2.0)]),
        ([(0, "a", PLAYING, 0.0), (9, "a", PLAYING, 9.0), (10, "b", PLAYING, 0.0)], [("a", 9.0), ("b", 0.0)]),
        ([(0, "a", PLAYING, 0.0), (9, "a"), (10, "b", PLAYING, 0.0)], [("a", None), ("b", 0.0)]),
        ([(0, "a", PLAYING, 0.0), (9, "b", PLAYING, 0.0), (10, "a")], [("a", None), ("b", 0.0)]),
        ([(0, "a", PLAYING, 0.0), (9, "a"), (10, "a", STOPPED, 0.0)], [("a", None)]),
        ([(0, "a", PLAYING, 0.0), (9, "a", STOPPED, 0.0), (10, "a")], [("a", None)]),
        ([(0, "a", PLAYING, 0.0), (9, "a"), (10, "a", STOPPED, 0.0), (20, "a", PLAYING, 0.0), (25, "a", PAUSED, 5.0)], [("a", 5.0)]),
        ([(0, "a", PLAYING, 0.0), (9, "a", PAUSED, 9.0), (5000, "a", PAUSED, 9.0), (5001, "a", STOPPED, 9.0)], [("a", 9.0)]),
        ([(0, "never seen")], []),
    ],
)
def test_where_each_file_was_left(history, moments, left):
    assert sorted(tracked(history, *moments)) == left


def test_an_hour_of_listening_is_written_twice_a_minute_and_no_more(history):
    tracked(history, *((second, "a", PLAYING, float(second)) for second in range(3600)))
    assert 3600 / EVERY_S - 1 <= history.writes <= 3600 / EVERY_S + 1


def test_what_stands_still_is_not_written_again_and_its_time_stands_too(history):
    tracked(history, (0, "a", PLAYING, 0.0), *((second, "a", PAUSED, 9.0) for second in range(9, 900)))
    assert history.writes == 2 and history.hearings[0].at == at(9)


def test_the_same_file_is_one_hearing_a_day(history):
    day = 24 * 3600
    tracked(history, (0, "a", PLAYING, 0.0), (50, "a", STOPPED, 50.0), (900, "b", PLAYING, 0.0), (990, "a", PLAYING, 50.0),
            (999, "a", STOPPED, 59.0), (day, "a", PLAYING, 59.0))
    assert [(one.file, one.began) for one in history.hearings] == [("b", at(900)), ("a", at(0)), ("a", at(day))]


def test_an_evening_that_ends_after_midnight_is_one_hearing(history):
    late = 11 * 3600 + 3000
    tracked(history, (late, "a", PLAYING, 0.0), (late + 1800, "a", PLAYING, 1800.0))
    (one,) = history.hearings
    assert one.began.date() < one.at.date()


def test_switched_off_the_last_second_counts(history):
    tracker = PlayTracker(history)
    tracker.observe(MediaStatus("a", 0, 1, PLAYING, 0.0, 1.0), at(0))
    tracker.settle(MediaStatus("a", 0, 1, PLAYING, 7.0, 1.0), at(7))
    assert history.hearings[0].position_s == 7.0
    tracker.settle(MediaStatus("a", 0, 1, PLAYING, 7.0, 1.0), at(7))
    assert history.writes == 2


# -- the file ---------------------------------------------------------------------------------------------------------

def hearing(file, day, position_s=60.0):
    return Hearing(file, NOON + dt.timedelta(days=day), NOON + dt.timedelta(days=day, minutes=3), position_s)


def test_it_is_there_after_reopening_names_that_are_no_unicode_too(tmp_path):
    kept = (hearing("/豫剧/花木兰.mp3", 0, 1834.5), hearing(STICK, 1), hearing("/豫剧/花木兰.mp3", 2, None))
    PlayHistory(tmp_path).keep(*kept)
    assert PlayHistory(tmp_path).hearings == kept


def test_a_row_that_cannot_be_read_costs_that_row(tmp_path, caplog):
    PlayHistory(tmp_path).keep(hearing("a", 0), hearing("b", 1))
    file = tmp_path / play_history.FILE_NAME
    data = json.loads(file.read_bytes())
    data["hearings"]["1"]["hearings"][0]["at"] = "the day before yesterday"
    file.write_text(json.dumps(data), encoding="utf-8")
    assert [one.file for one in PlayHistory(tmp_path).hearings] == ["b"] and "forgotten" in caplog.text


def test_its_size_is_bounded_and_where_files_were_left_goes_last(monkeypatch):
    monkeypatch.setattr(play_history, "MOST", 5)
    history = PlayHistory()
    for day in range(4):
        history.keep(hearing("book", day), hearing(f"song {day}", day))
    assert {(one.file, one.began.day) for one in history.hearings} == {("book", 26), *((f"song {day}", 23 + day) for day in range(4))}
    history.keep(hearing("new", 9))
    assert len(history.hearings) == 5 and "song 0" not in {one.file for one in history.hearings}


def test_a_thousand_hearings_in_any_order_stay_in_order_and_bounded():
    chance, history = random.Random(3), PlayHistory()
    for _ in range(60):
        history.keep(*(hearing(f"{chance.randrange(400)}", chance.randrange(900)) for _ in range(20)))
    assert len(history.hearings) == play_history.MOST
    assert list(history.hearings) == sorted(history.hearings, key=lambda one: one.at)


def test_a_disk_that_refuses_is_told_and_memory_goes_on(tmp_path, monkeypatch):
    history = PlayHistory(tmp_path)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(StoreError, match="No space left"):
            history.keep(hearing("a", 0))
    assert [one.file for one in history.hearings] == ["a"]
    history.keep(hearing("b", 1))
    assert [one.file for one in PlayHistory(tmp_path).hearings] == ["a", "b"]


WRITER = textwrap.dedent("""
    import datetime as dt, sys
    from pathlib import Path
    from assistant.play_history import PlayHistory
    from skills.api import Hearing
    history, now, second = PlayHistory(Path(sys.argv[1])), dt.datetime(2026, 11, 23), 0
    while True:
        second += 1
        history.keep(Hearing("a", now, now, float(second)), Hearing(str(second), now, now, None))
        print(second, flush=True)
""")


def test_killed_with_9_while_writing_loses_nothing_that_was_written(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    for _ in range(20):
        written = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    written = int((process.stdout.read().split() or [written])[-1])
    process.stdout.close()
    process.wait()
    history = PlayHistory(tmp_path)
    assert not history.recovered
    assert next(one.position_s for one in history.hearings if one.file == "a") >= written
