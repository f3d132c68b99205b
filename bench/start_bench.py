"""Cold start: from starting the process to the box saying that it is ready."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time


def measure(runs: int = 3) -> dict[str, object]:
    """Seconds for ``xiangyin run`` without sound hardware until its first words, best, median and worst of ``runs``."""
    times = sorted(_start() for _ in range(runs))
    return {"runs": runs, "best_s": round(times[0], 2), "median_s": round(times[runs // 2], 2), "worst_s": round(times[-1], 2)}


def _start() -> float:
    with tempfile.TemporaryDirectory(prefix="xiangyin-start-") as folder:
        env = {**os.environ, "XIANGYIN_DATA": folder, "PYTHONUNBUFFERED": "1"}
        began = time.monotonic()
        process = subprocess.Popen([sys.executable, "-m", "assistant.cli", "run"], env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = None
        for line in process.stdout:
            if "我准备好了" in line:
                ready = time.monotonic() - began
                break
        process.terminate()
        process.stdout.close()
        process.wait(30)
    if ready is None:
        raise RuntimeError("the box ended before it was ready")
    return ready
