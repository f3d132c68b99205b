"""Freed memory goes back to the system."""
import json
import subprocess
import sys

import pytest

ROUNDS = """
import json, sys
import numpy as np
from audio.memory import keep_heaps_small, resident_mb
if sys.argv[1] == "small":
    keep_heaps_small()
for _ in range(3):
    np.ones(200_000)  # glibc learns from its being freed
before = resident_mb()
large, between = [], []
for _ in range(100):
    large.append(np.ones(100_000))
    between.append(np.ones(400))
most = resident_mb()
del large
print(json.dumps([most - before, resident_mb() - before]))
"""


def grown(heaps):
    done = subprocess.run([sys.executable, "-c", ROUNDS, heaps], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other allocators")
def test_large_arrays_leave_no_holes_among_small_ones():
    most, left = grown("small")
    assert most > 70
    assert left < 5


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other allocators")
def test_left_to_itself_glibc_keeps_them():
    """If this fails, :func:`audio.memory.keep_heaps_small` is no longer needed."""
    most, left = grown("as they are")
    assert left > most / 2
