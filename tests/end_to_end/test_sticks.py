"""The whole box and a stick: plugged in, told, played from, pulled out. The stick is a mount in a namespace of the box's own; on a
machine that forbids that it is a folder which appears, as when somebody copies files."""
from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from bench.virtual_room import VirtualRoom
from tests.end_to_end.box_process import BoxProcess
from tests.end_to_end.tone_listener import ToneListener, write_rising_tone
from tests.namespace import ENTERED, can_mount, plug_in, pull_out, run_inside

TOLD_WITHIN_S = 8.0
"""From the mount to the first word."""
SILENT_WITHIN_S = 1.0
GONE_DB = -38.0
"""Softer than the tone when it is only lowered (-31 dB), louder than what a voice has in its band."""
LOOK_S = 60.0


@pytest.fixture(scope="module")
def room():
    with VirtualRoom() as room:
        yield room


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sticks")
    write_rising_tone(folder / "stick/豫剧/花木兰.wav", 60)
    write_rising_tone(folder / "stick/广场舞/小苹果.wav", 10)
    write_rising_tone(folder / "copied/吕剧/李二嫂改嫁.wav", 10)
    (folder / "media").mkdir()
    (folder / "settings.toml").write_text(
        f'[box]\ndata_dir = "{folder}/data"\n[weather]\nopen_meteo_url = "http://127.0.0.1:9"\nmet_norway_url = "http://127.0.0.1:9"\n'
        '[audio]\nmicrophone = "room_mic"\nloudspeaker = "room_speaker"\nvolume = 100\n[listening]\nfollow_up_s = 0.0\nwindow_s = 3.0\n'
        f'[media]\nfolders = ["{folder}/media", "/media"]\nrescan_minutes = 1\ndevice = "pulse/speaker"\neven_loudness = false\n'
        "night_from = 0\nnight_until = 0\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def box(room, folder):
    with BoxProcess(room.env, folder / "settings.toml", folder / "data", ENTERED if can_mount() else ()) as box:
        box.wait_for("小乡：我准备好了", timeout_s=120.0)
        box.wait_for("-> asleep")
        yield box
        assert box.end(signal.SIGTERM) == 0
    assert not any("Traceback" in line for line in box.seen)


def _plugged_in_and_pulled_out(box: BoxProcess, room: VirtualRoom, folder: Path) -> None:
    place = folder / "media" / "优 盘"
    plugged = time.monotonic()
    plug_in(box.pid, folder / "stick", place)
    said = box.wait_for("小乡：优盘")
    told_s = time.monotonic() - plugged
    assert told_s < TOLD_WITHIN_S
    assert "里面有两段，有" in said and "豫剧" in said and "广场舞" in said and "花木兰" not in said
    box.wait_for("-> asleep")
    with ToneListener(room) as listener:
        began = time.monotonic()
        box.type("放花木兰")
        box.wait_for("小乡：", "花木兰")
        listener.wait_for(lambda level, where: level > -16, began, lasting_s=0.5)
        pulled = time.monotonic()
        pull_out(box.pid, place)
        silent = listener.wait_for(lambda level, where: level < GONE_DB, pulled, lasting_s=0.3)
        assert silent - pulled < SILENT_WITHIN_S
        print(f"\ntold {told_s:.1f} s after it was plugged in, silent {1000 * (silent - pulled):.0f} ms after it was pulled out")
    box.wait_for("小乡：优盘拔下来了")
    box.wait_for("-> asleep")
    box.type("放花木兰")
    assert "还没有能放的节目" in box.wait_for("小乡：")
    box.wait_for("-> asleep")
    assert not any("goes on at" in line or "[player]" in line or "[bad-media]" in line for line in box.seen)


def _copied(box: BoxProcess, room: VirtualRoom, folder: Path) -> None:
    run_inside(box.pid, "mount", "-t", "tmpfs", "none", "/media")
    run_inside(box.pid, "cp", "-r", folder / "copied", "/media/优盘")
    assert "里面有一段，有吕剧" in box.wait_for("小乡：优盘", timeout_s=LOOK_S + 20.0)
    box.wait_for("-> asleep")


def _appears(box: BoxProcess, room: VirtualRoom, folder: Path) -> None:
    (folder / "stick").rename(folder / "media" / "优 盘")
    box.wait_for("2 titles of this box", timeout_s=LOOK_S + 20.0)
    box.type("放花木兰")
    assert "花木兰" in box.wait_for("小乡：")
    box.wait_for("-> asleep")


if can_mount():
    test_a_stick_is_read_and_told_and_missed_when_it_is_pulled_out = _plugged_in_and_pulled_out
    test_a_folder_that_is_copied_to_where_sticks_are_is_told_at_the_next_look = _copied
else:
    test_a_folder_that_appears_is_offered_at_the_next_look = _appears
