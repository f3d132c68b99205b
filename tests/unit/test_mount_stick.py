"""What mounts a stick on a machine without a desktop: the script that the service starts, on a real file system where that is allowed."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy/mount-stick"
UUID = "12345678-1234-1234-1234-123456789abc"
SAFE = {"ro", "nosuid", "nodev", "noexec"}


def ran(*arguments: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, env={**os.environ, **env})


@pytest.mark.parametrize(("kind", "tried", "names"), [
    ("vfat", "vfat", "utf8=1"), ("exfat", "exfat", "iocharset=utf8"), ("ntfs", "ntfs3,ntfs", "iocharset=utf8"), ("ext4", "ext4", None),
    ("iso9660", "iso9660", None),
])
def test_nothing_on_a_stick_is_trusted_and_names_are_utf8(kind, tried, names):
    types, options = ran("--options", kind).stdout.split()
    assert types == tried and set(options.split(",")) >= SAFE
    assert names is None or {names, "umask=022"} <= set(options.split(","))


def test_other_file_systems_are_left_alone_and_the_rule_knows_the_same_ones():
    assert ran("--options", "btrfs").returncode
    rule = (ROOT / "deploy/99-xiangyin-sticks.rules").read_text("utf-8")
    kinds = rule.partition('ENV{ID_FS_TYPE}=="')[2].partition('"')[0].split("|")
    assert kinds and all(ran("--options", kind).returncode == 0 for kind in kinds)


def test_what_holds_no_file_system_does_no_harm(tmp_path):
    found = ran("/dev/null", XIANGYIN_STICKS=str(tmp_path))
    assert found.returncode == 0 and "no file system" in found.stderr and not list(tmp_path.iterdir())
    assert ran("--remove", "/dev/null", XIANGYIN_STICKS=str(tmp_path)).returncode == 0


def test_a_mistyped_option_does_nothing_but_say_so():
    assert ran("--mount").returncode == 1 and "--mount" in ran("--mount").stderr


MOUNTED = """\
set -e
loop=$(losetup --find --show "$1/stick.img")
trap 'losetup --detach "$loop"' EXIT
"$2" "$loop" && "$2" "$loop"
cat "$1"/media/usb-*/*.txt
findmnt --raw --noheadings --output TARGET,OPTIONS --source "$loop"
exec 9<"$(echo "$1"/media/usb-*/*.txt)"
"$2" --remove "$loop"
ls "$1/media"
"""


def _can_loop() -> bool:
    """Only the machine's own root may, and not in every container."""
    tried = subprocess.run(["unshare", "--mount", "losetup", "--find"], capture_output=True, text=True)
    return tried.returncode == 0 and os.access(tried.stdout.strip(), os.W_OK)


if _can_loop():
    def test_a_stick_is_mounted_once_and_let_go_of_while_somebody_reads(tmp_path):
        (tmp_path / "content").mkdir()
        (tmp_path / "content" / "戏.txt").write_text("花木兰\n")
        (tmp_path / "media").mkdir()
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-U", UUID, "-d", tmp_path / "content", tmp_path / "stick.img", "8M"], check=True)
        done = subprocess.run(["unshare", "--mount", "bash", "-c", MOUNTED, "bash", tmp_path, SCRIPT], check=True, capture_output=True,
                              text=True, env={**os.environ, "XIANGYIN_STICKS": str(tmp_path / "media")})
        content, mounted = done.stdout.splitlines()
        place, options = mounted.split()
        assert content == "花木兰" and place == f"{tmp_path}/media/usb-{UUID}" and set(options.split(",")) >= SAFE
        assert "left alone" in done.stderr and "no longer" in done.stderr
