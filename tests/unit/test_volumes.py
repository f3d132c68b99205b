"""What is mounted and when that changes: by the kernel's own table, in a mount namespace of the test, where the machine allows one."""
from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assistant.library.simulated_volumes import SimulatedVolumes
from assistant.library.volumes import MountTable, VolumeWatch, mounted_below
from tests.namespace import ENTERED, can_mount, plug_in, pull_out

FOLDERS = (Path("/media"), Path("/home/box/音乐"))
TABLE = """\
22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/root rw
31 22 8:1 / /media/usb-1234-ABCD ro,nosuid,nodev,noexec shared:9 - vfat /dev/sda1 ro
32 22 8:2 / /media/wang/MY\\040STICK rw - exfat /dev/sdb1 rw
33 22 8:3 / /mnt/other rw - ext4 /dev/sdc1 rw
34 22 0:40 / /media/later rw - autofs systemd-1 rw
35 22 8:4 / /home/box/\\351\\237\\263\\344\\271\\220 rw - ext4 /dev/sdd1 rw
36 22 8:5 / /mediation rw - ext4 /dev/sde1 rw
"""

WATCHER = """\
import json, sys
from pathlib import Path
from assistant.library.volumes import MountTable
table = MountTable([Path(sys.argv[1])])
print(json.dumps(sorted(table.now())), flush=True)
while table.changed(20.0):
    print(json.dumps(sorted(table.now())), flush=True)
"""


def test_what_is_mounted_below_the_folders_is_read_from_the_kernels_table():
    raw = TABLE.encode().replace("音乐".encode(), b"")
    assert mounted_below(FOLDERS, raw) == {"/media/usb-1234-ABCD", "/media/wang/MY STICK", "/home/box/音乐"}
    assert mounted_below(FOLDERS, b"") == frozenset()


def test_without_a_table_nothing_is_mounted_and_nothing_changes(tmp_path):
    table = MountTable(FOLDERS, tmp_path / "mountinfo")
    assert table.now() == frozenset() and not table.changed(0.01)
    table.close()


def test_whoever_waits_can_be_woken():
    table = MountTable([Path("/media")])
    table.now()
    waiting = threading.Thread(target=lambda: table.changed(None))
    waiting.start()
    table.wake()
    waiting.join(10)
    assert not waiting.is_alive()
    table.close()


def _mounts_really(tmp_path):
    content, place = tmp_path / "content", tmp_path / "media" / "优 盘"
    content.mkdir()
    with subprocess.Popen([*ENTERED, sys.executable, "-c", WATCHER, str(tmp_path / "media")], stdout=subprocess.PIPE, text=True) as watcher:
        assert json.loads(watcher.stdout.readline()) == []
        plug_in(watcher.pid, content, place)
        assert json.loads(watcher.stdout.readline()) == [str(place)]
        plug_in(watcher.pid, content, tmp_path / "elsewhere")
        assert json.loads(watcher.stdout.readline()) == [str(place)]
        pull_out(watcher.pid, place)
        assert json.loads(watcher.stdout.readline()) == []
        watcher.kill()


def _waits_in_vain(tmp_path):
    table = MountTable([tmp_path])
    assert table.now() == frozenset() and not table.changed(0.1)
    table.close()


test_a_mount_wakes_whoever_waits_for_it = _mounts_really if can_mount() else _waits_in_vain


@pytest.fixture
def watched():
    volumes, told = SimulatedVolumes("/media/there"), queue.SimpleQueue()
    watch = VolumeWatch(volumes, lambda gone: told.put(("gone", *sorted(gone))), lambda come: told.put(("come", *sorted(come))))
    watch.start()
    yield volumes, told
    watch.close()
    assert told.empty()


def test_what_is_there_at_the_start_is_not_told_and_partitions_come_together(watched):
    volumes, told = watched
    volumes.mount("/media/there", "/media/a")
    volumes.mount("/media/there", "/media/a", "/media/b")
    assert told.get(timeout=10) == ("come", "/media/a", "/media/b")
    volumes.mount("/media/b")
    assert told.get(timeout=10) == ("gone", "/media/a", "/media/there")


def test_what_is_pulled_out_before_it_was_told_has_not_come(watched):
    volumes, told = watched
    volumes.mount("/media/there", "/media/a", "/media/b")
    volumes.mount("/media/there", "/media/b")
    assert {told.get(timeout=10), told.get(timeout=10)} == {("gone", "/media/a"), ("come", "/media/b")}
