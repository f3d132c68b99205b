"""The box as a user starts it: `xiangyin run` in a process of its own, its transcript read line by line."""
from __future__ import annotations

import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


def without_sound_devices(settings: Path, folder: Path) -> Path:
    """The same settings with sound devices that do not exist: as deaf and mute as a machine without a sound card."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "deaf.toml"
    text = re.sub(r'(microphone|loudspeaker) = "\w+"', r'\1 = "not plugged in"', settings.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    return file


class BoxProcess:
    """``lines`` carries every line of its transcript and of its log, in the order they came."""

    def __init__(self, env: dict[str, str], settings: Path, data: Path, within: tuple[str, ...] = (), options: tuple[str, ...] = ()) -> None:
        """``within`` is a command that becomes the box after it has prepared something for it; ``options`` are those of ``run``."""
        self._env = {**env, "XIANGYIN_DATA": str(data), "PYTHONUNBUFFERED": "1"}
        self._command = [*within, sys.executable, "-m", "assistant.cli", "--settings", str(settings), "--log", "debug", "run", *options]
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.seen: list[str] = []

    def __enter__(self) -> BoxProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGTERM)

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True)
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self, stream) -> None:
        for line in stream:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def end(self, number: signal.Signals) -> int:
        """Send the signal and wait; returns the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        code = self._process.wait(30)
        self._reader.join(5)
        self._process.stdin.close()
        self._process.stdout.close()
        return code

    def type(self, text: str) -> None:
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def wait_until_all(self, *parts: str, timeout_s: float = 40.0) -> None:
        """Until there has been a line with each of these, in whatever order: what comes from several threads has none."""
        for part in parts:
            if not any(part in line for line in self.seen):
                self.wait_for(part, timeout_s=timeout_s)

    def wait_for(self, *parts: str, timeout_s: float = 40.0) -> str:
        """The next line that contains all parts. Raises AssertionError with what came instead."""
        end, before = time.monotonic() + timeout_s, len(self.seen)
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line with {parts}; saw: " + "\n".join(self.seen[before:][-40:])) from None
            if line is None:
                raise AssertionError(f"the box ended before a line with {parts}; saw: " + "\n".join(self.seen[before:][-40:]))
            self.seen.append(line)
            if all(part in line for part in parts):
                return line
