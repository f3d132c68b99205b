"""How loud a file is, as ears have it (EBU R128), and how much louder or softer it is to be played.

mpv measures: its filter ``ebur128`` runs over a few minutes of the file, much faster than they last, and tells at the end. What plays
needs nothing but one number for it; a filter that evens while it plays costs a small machine more than decoding does.
"""
from __future__ import annotations

import contextlib
import math
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from assistant.errors import MediaUnreadable
from audio.mpv_link import ALONE, find_mpv

TARGET_LUFS = -18.0
"""Most songs of today are louder, most recordings of operas softer."""
SOFTEST_DB, LOUDEST_DB = -15.0, 9.0
OVER_PEAK_DB = 3.0
"""The crackle of an old record may be cut by so much: it is not what anybody listens to."""
EXCERPT_S = 180.0
"""As much of a file as is measured, a quarter into it: openings are unlike the rest."""
GIVEN_UP_S = 120.0
_POLL_S = 0.5
_SILENT_LUFS = -60.0
_LOUDNESS = re.compile(r"\bI:\s+(-?[\d.]+|-?inf|nan) LUFS")
_PEAK = re.compile(r"\bPeak:\s+(-?[\d.]+|-?inf|nan) dBFS")


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and the highest sample in dBFS."""

    lufs: float
    peak_db: float


def gain_db(loudness: Loudness) -> float:
    """What makes it as loud as all others, in dB."""
    wanted = min(TARGET_LUFS - loudness.lufs, max(0.0, OVER_PEAK_DB - loudness.peak_db))
    return round(min(LOUDEST_DB, max(SOFTEST_DB, wanted)), 1)


def measure(file: str, duration_s: float, stopping: Callable[[], bool] = lambda: False) -> Loudness | None:
    """Listens to ``file`` without a sound, at the lowest priority; ``duration_s`` is its length, 0 if that is not known. None when
    ``stopping`` said so meanwhile. Raises PlayerMissing, and MediaUnreadable when there is nothing to be heard in it."""
    start_s = duration_s / 4 if duration_s > 2 * EXCERPT_S else 0.0
    command = [find_mpv(), *ALONE, "--idle=no", "--no-video", "--ao=null", "--ao-null-untimed=yes", "--untimed", f"--start={start_s:.1f}",
               f"--length={EXCERPT_S:.1f}", "--terminal=yes", "--msg-level=all=no,ffmpeg=v",
               "--af=lavfi=[ebur128=framelog=verbose:peak=sample]", "--", file]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          process_group=0) as process:
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 19)
        said = _heard_out(process, stopping)
    return None if said is None else _read(file, said.decode("utf-8", "replace"))


def _heard_out(process: subprocess.Popen, stopping: Callable[[], bool]) -> bytes | None:
    """What it has said when it has ended by itself, all else too little; None when it was stopped."""
    for _ in range(round(GIVEN_UP_S / _POLL_S)):
        try:
            return process.communicate(timeout=_POLL_S)[0]
        except subprocess.TimeoutExpired:
            if stopping():
                process.kill()
                return None
    process.kill()
    return b""


def _read(file: str, said: str) -> Loudness:
    """mpv may make the filter several times; the last one has heard it."""
    lufs, peak_db = (float(found[-1]) if (found := pattern.findall(said)) else -math.inf for pattern in (_LOUDNESS, _PEAK))
    if not lufs > _SILENT_LUFS or not math.isfinite(peak_db):
        raise MediaUnreadable(f"{file}: there is nothing to be heard in it whose loudness could be measured")
    return Loudness(lufs, peak_db)
