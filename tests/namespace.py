"""A mount namespace of the tests' own: what is mounted in it is seen by nobody else, and gone with it."""
from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

ENTERED = ("unshare", "--map-root-user", "--mount", "--propagation", "private")
"""In front of a command: it runs in a namespace of its own, as its root. No privilege is needed, but a machine may forbid it."""


@cache
def can_mount() -> bool:
    """Whether this machine lets us; many containers do not."""
    tried = subprocess.run([*ENTERED, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True)
    return tried.returncode == 0


def run_inside(pid: int, *command: str | os.PathLike[str]) -> None:
    """In the namespace of that process."""
    within = ("nsenter", f"--target={pid}", "--user", "--mount", "--preserve-credentials")
    subprocess.run([*within, *command], check=True, capture_output=True)


def plug_in(pid: int, content: Path, place: Path) -> None:
    """Mount ``content`` at ``place``, whole at once, as a stick would be."""
    place.mkdir(parents=True, exist_ok=True)
    run_inside(pid, "mount", "--bind", content, place)


def pull_out(pid: int, place: Path) -> None:
    """Also if somebody reads from it."""
    run_inside(pid, "umount", "--lazy", place)
