"""A second line to the player's mpv, which tells what mpv itself says. The player knows nothing of it."""
from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from audio.mpv_link import find_mpv
from bench.player.model import Mpv


class Witness:
    """Asks over ``socket_path``, on which an mpv started inside :func:`witnessed` listens."""

    def __init__(self, socket_path: Path) -> None:
        self._path = socket_path
        self._line: socket.socket | None = None
        self._lines = None
        self._asked = 0

    def look(self) -> Mpv | None:
        """What mpv says now; None when there is none that listens."""
        try:
            path, pause, speed, volume, place_s = map(self._ask, ("path", "pause", "speed", "volume", "time-pos"))
        except OSError:
            self.close()
            return None
        return Mpv(path, pause, speed, volume, place_s)

    def close(self) -> None:
        if self._line is not None:
            self._lines.close()
            self._line.close()
        self._line = self._lines = None

    def _ask(self, name: str) -> object:
        """The property, None while mpv has none of that name. Raises OSError."""
        if self._line is None:
            self._line = socket.socket(socket.AF_UNIX)
            self._line.settimeout(5.0)
            self._lines = self._line.makefile("rb")
            self._line.connect(str(self._path))
        self._asked += 1
        self._line.sendall(json.dumps({"command": ["get_property", name], "request_id": self._asked}).encode() + b"\n")
        for line in self._lines:
            message = json.loads(line.decode("utf-8", "surrogateescape"))
            if "event" not in message and message.get("request_id") == self._asked:
                return message.get("data")
        raise ConnectionResetError("mpv is gone")


@contextlib.contextmanager
def witnessed(folder: Path, *options: str) -> Iterator[Witness]:
    """Inside, every mpv that this process starts listens to the witness, too, and has these ``options``: in front of the real one on
    the PATH stands a script that adds them."""
    script, before = folder / "bin" / "mpv", os.environ["PATH"]
    script.parent.mkdir()
    added = " ".join((f"--input-ipc-server={folder / 'witness'}", *options))
    script.write_text(f'#!/bin/sh\nexec "{find_mpv()}" {added} "$@"\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    witness = Witness(folder / "witness")
    os.environ["PATH"] = f"{script.parent}{os.pathsep}{before}"
    try:
        yield witness
    finally:
        os.environ["PATH"] = before
        witness.close()
