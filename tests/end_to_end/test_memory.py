"""The whole box stays small while people talk to it; an hour of it is ``script/bench memory``."""
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_MB = 400


def test_two_minutes_of_talk(tmp_path):
    out = tmp_path / "benchmarks.json"
    subprocess.run([sys.executable, "-m", "bench", "memory", "--minutes", "2", "--out", str(out)], cwd=ROOT, check=True, capture_output=True, timeout=300)
    found = json.loads(out.read_text(encoding="utf-8"))["memory"]
    assert found["exchanges"] == 12 and len(found["rss_mb"]) >= 10
    assert found["heard"] >= 9 and found["replies"] >= 9, "the box was really spoken to"
    assert found["most_mb"] <= MOST_MB
