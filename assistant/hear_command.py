"""``xiangyin hear``: sound files through the streaming ear and the understanding."""
from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from assistant.errors import BadAudio, maintainer_line
from assistant.ports import SAMPLE_RATE, Pcm

_SILENT_S = 2.0

_ABOUT = """\
Hears WAV (FLAC, OGG) files exactly as the box hears its microphone: chunk by chunk, voice activity, two recognisers,
understanding. The model is loaded once for the whole list. With --json one object a line, in the order of the files:
  {"wav": …, "heard": …, "intent": …, "slots": …, "confidence": …}     no intent is "none"

A file is one wish, however long it is and whatever pauses are in it: always one object a file. Where much is said, the
object tells what the box would have done first, and "heard" are the words of that:
  with the wake phrase   the first command behind it that is understood
  --no-wake              all that is said, if together it is a wish; else the first utterance (between pauses of 1.5 s)
                         that surely is one
If nothing in it is a wish, the intent is "none" and "heard" is all that was said (without --no-wake: after the first
wake phrase). To hear each of many commands in a recording, cut it at its pauses first.

A file that cannot be read is named on stderr and counts as "none"; the exit code is 1 only when none could be read."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("hear", help="sound files -> text -> intent", description=_ABOUT,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object per file")
    parser.add_argument("--no-wake", action="store_true", help="each file is a command; without this it must begin with the wake phrase")
    parser.add_argument("--now", type=dt.datetime.fromisoformat, metavar="ISO", help="what 'today' is (default: the clock)")
    parser.add_argument("--list", metavar="FILE", help="a file with one path a line (- for standard input)")
    parser.add_argument("wav", nargs="*", metavar="WAV")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    paths = list(args.wav) + (list(_listed(args.list)) if args.list else [])
    if not paths:
        print("xiangyin hear: no files; see `xiangyin hear --help`", file=sys.stderr)
        return 2
    from assistant.wiring import build_hearer
    from audio.wav import stream_wav

    hearer = build_hearer(args.settings, wake="needed" if not args.no_wake else "none")
    readable = 0
    with _Progress(paths) as progress:
        for path in paths:
            try:
                intent = hearer.hear(progress.follow(stream_wav(path)), args.now or dt.datetime.now())
                readable += 1
            except BadAudio as error:
                print(f"xiangyin hear: {maintainer_line(error)}", file=sys.stderr)
                intent = None
            progress.done(path)
            _print(path, intent, args.json)
    return 0 if readable else 1


def _print(path: str, intent, as_json: bool) -> None:
    heard, name, slots, confidence = "", "none", {}, 0.0
    if intent is not None:
        heard, name, slots, confidence = intent.heard, intent.name, dict(intent.slots), round(intent.confidence, 3)
    if as_json:
        row = {"wav": path, "heard": heard, "intent": name, "slots": slots, "confidence": confidence}
        print(json.dumps(row, ensure_ascii=False), flush=True)
    else:
        said = " ".join(f"{key}={value}" for key, value in slots.items())
        print(f"{path}: “{heard}” → {name} {said}".rstrip() + f" ({confidence:.2f})", flush=True)


def _listed(name: str) -> Iterator[str]:
    """Paths in a list file: as they are, or relative to the list's own folder."""
    try:
        lines = sys.stdin.read().splitlines() if name == "-" else Path(name).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadAudio(f"the list {name} cannot be read: {error}") from error
    for line in lines:
        if line.strip():
            beside = Path(name).parent / line.strip()
            yield line.strip() if Path(line.strip()).exists() or not beside.exists() else str(beside)


class _Progress:
    """On a terminal, when it takes longer than ``_SILENT_S``: how much of the files' sound has been heard."""

    def __init__(self, paths: list[str]) -> None:
        from tqdm import tqdm

        from audio.wav import duration_s

        shown = sys.stderr.isatty()
        self._ends = dict(zip(paths, accumulate(map(duration_s, paths)), strict=True)) if shown else {}
        self._bar = tqdm(total=max(self._ends.values(), default=0.0), unit="s", file=sys.stderr, delay=_SILENT_S, leave=False,
                         disable=not shown, bar_format="{percentage:3.0f}% |{bar}| {elapsed} < {remaining}")

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def follow(self, blocks: Iterator[Pcm]) -> Iterator[Pcm]:
        for block in blocks:
            yield block
            self._bar.update(len(block) / SAMPLE_RATE)

    def done(self, path: str) -> None:
        """The file is over, perhaps before its end."""
        self._bar.update(self._ends.get(path, 0.0) - self._bar.n)
        self._bar.clear()
