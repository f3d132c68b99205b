"""``xiangyin`` as a user starts it: a process of its own, its answer, its notes and its exit code."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LONGEST_S = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command gave. ``out`` is standard output, ``notes`` is standard error without the libraries' own chatter."""

    code: int
    out: str
    notes: str

    @property
    def rows(self) -> list[dict]:
        """Standard output as JSON, one object a line. Lines end at a line feed only, as they do for jq."""
        return [json.loads(line) for line in self.out.removesuffix("\n").split("\n")]

    def is_one_line_error(self) -> bool:
        return self.code != 0 and not self.out and self.notes.count("\n") == 1


def xiangyin(*arguments: str | bytes | Path, stdin: bytes = b"", env: dict[str, str] | None = None,
             encoding: str = "utf-8", longest_s: float = LONGEST_S) -> Answer:
    """Run one command to its end. Raises TimeoutExpired when it is stuck, AssertionError on a traceback."""
    done = subprocess.run([sys.executable, "-m", "assistant.cli", *arguments], input=stdin, capture_output=True,
                          timeout=longest_s, env={**os.environ, **(env or {})})
    notes = "".join(line for line in done.stderr.decode(encoding, "replace").splitlines(keepends=True)
                    if "XNNPACK" not in line)
    assert "Traceback" not in notes, notes
    return Answer(done.returncode, done.stdout.decode(encoding), notes)
