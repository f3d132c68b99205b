"""Check of the USB sticks: whether what is plugged in can be read, and whether anybody would mount what is plugged in later."""
from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.doctor.finding import Finding, good, warning
from assistant.library.volumes import MOUNTINFO, is_below, mounts
from assistant.settings import Settings

INSTALL = "运行 sudo deploy/install.sh，会装好自动挂载；docs/media.md 里有说明"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a Linux system keeps what is asked here."""

    blocks: Path = Path("/sys/class/block")
    udev: Path = Path("/run/udev/data")
    mountinfo: Path = MOUNTINFO
    mounters: tuple[Path, ...] = (Path("/etc/udev/rules.d/99-xiangyin-sticks.rules"), Path("/etc/systemd/system/display-manager.service"))
    """One of these is there: somebody mounts sticks."""


LINUX = Machine()


def check_sticks(settings: Settings, machine: Machine = LINUX) -> Finding:
    """Only what is wrong with the machine's own disks is not asked."""
    folders = tuple(map(str, settings.media_folders))
    table = machine.mountinfo.read_bytes() if machine.mountinfo.exists() else b""
    where: dict[str, list[str]] = {}
    for number, place in mounts(table):
        where.setdefault(number, []).append(place)
    read = []
    for name, number in _usb_filesystems(machine):
        places = where.get(number, [])
        if not places:
            return warning("sticks", f"优盘 {name} 插着，没有挂上，里面的戏听不了", f"{INSTALL}；装过的话看 journalctl -u 'xiangyin-stick@*'")
        found = [place for place in places if place in folders or is_below(folders, place)]
        if not found and is_below(("/media", "/run/media", "/mnt"), places[0]):
            return warning("sticks", f"优盘 {name} 挂在 {places[0]}，不在找戏的地方", f"在设置 [media] folders 里加上 {places[0]}")
        if found and not os.access(found[0], os.R_OK | os.X_OK):
            return warning("sticks", f"优盘挂在 {found[0]}，可是读不了", "换成运行乡音的用户能读的挂载方式：docs/media.md")
        read += found[:1]
    if read:
        return good("sticks", f"插着的优盘能读：{'，'.join(read)}")
    if any(os.path.lexists(mounter) for mounter in machine.mounters):
        return good("sticks", "没插优盘；插上就会自己读")
    return warning("sticks", "没插优盘；这台机器上插了也没人挂载", INSTALL)


def _usb_filesystems(machine: Machine) -> Iterator[tuple[str, str]]:
    """Name and number (major:minor) of what udev calls a file system on USB."""
    for block in sorted(machine.blocks.iterdir()) if machine.blocks.is_dir() else ():
        try:
            number = (block / "dev").read_text().strip()
            told = (machine.udev / f"b{number}").read_text(errors="replace").splitlines()
        except OSError:  # pulled out just now, or a system without udev
            continue
        if {"E:ID_BUS=usb", "E:ID_FS_USAGE=filesystem"} <= set(told):
            yield block.name, number
