"""``script/bench [SECTION …]``: measures, prints a table, writes JSON and docs/benchmarks.md."""
from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.elders import report as elders_report
from bench.report import rows, write_report
from bench.sections import ROOT, SECTIONS

_ABOUT = """\
Measures the box on this machine, without sound hardware. Sections: """ + ", ".join(SECTIONS) + """ (default: all, about three
hours on two cores). Prints a table, merges the figures into docs/benchmarks.json and writes docs/benchmarks.md from it; those of
elders, titles and front-end go to understanding.json and understanding.md beside it.
player hears a real mpv on a virtual sound card (pulseaudio). playback puts speexdsp and WebRTC beside the box's echo canceller where
the packages pyaec and pywebrtc-audio are installed. server-modules measures the sound servers that are installed (pulseaudio, wireplumber).
Figures of machines that are busy with other things say little: run it on an idle one."""


def main() -> int:
    args = _arguments()
    if args.only:
        print(json.dumps(SECTIONS[args.only](args), ensure_ascii=False))
        return 0
    out = Path(args.out)
    results = {}
    for name in args.section or list(SECTIONS):
        print(f"== {name}: {SECTIONS[name].__doc__}", file=sys.stderr, flush=True)
        figures = _measure(name)
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {dt.date.today()}"
        if name in elders_report.OWN_PAGE:
            _write_elders(name, {**figures, "machine": machine}, out.with_name("understanding.json"))
            continue
        # read again: another run may have written its sections meanwhile
        results = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
        results |= {name: figures, "machine": machine}
        out.write_text(json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        for row in rows({name: results[name]}):
            print(" | ".join(str(cell) for cell in row), flush=True)
    if results:
        write_report(results, out.with_suffix(".md"))
    return 0


def _write_elders(section: str, figures: dict, path: Path) -> None:
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    results = elders_report.merged(before, section, figures)
    path.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    elders_report.write(results, path.with_suffix(".md"))
    print(path.with_suffix(".md").read_text(encoding="utf-8"), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("section", nargs="*", choices=[*SECTIONS, []], metavar="SECTION")
    parser.add_argument("--out", default=str(ROOT / "docs" / "benchmarks.json"), help="JSON file to merge the figures into")
    parser.add_argument("--minutes", type=float, default=60.0, help="length of talk, memory and self-wakes (default: 60)")
    parser.add_argument("--every", type=int, default=5, help="speak every Nth of our own cases, and of those that are not for the box (default: 5)")
    parser.add_argument("--commands", metavar="FILE.tsv", help="more sentences: text<TAB>intent<TAB>slots as JSON")
    parser.add_argument("--recordings", metavar="DIR", help="WAV files of other people's talk, for false wakes")
    parser.add_argument("--acoustics", metavar="DIR",
                        help="room_*.wav (impulse responses) and other WAVs (noise) for elders and front-end (default: simulated)")
    parser.add_argument("--corpus", metavar="FILE.jsonl", help='more text for elders: {"text", "accept": [intents], "label"} a line')
    parser.add_argument("--heard", metavar="FILE.jsonl", help="keep what elders were heard to say, or use what was kept")
    parser.add_argument("--only", choices=list(SECTIONS), help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(name: str) -> dict[str, object]:
    """Run one section in a child process; its last line is its result. Raises CalledProcessError."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as captured:
        command = [sys.executable, "-m", "bench", *sys.argv[1:], "--only", name]
        subprocess.run(command, stdout=captured, check=True, cwd=ROOT)
        captured.seek(0)
        return json.loads(captured.read().splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
