"""``xiangyin understand``: text in, intents out, one JSON line for each input line."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from assistant.errors import ConfigError
from intents.model import Hypothesis, Intent


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the subcommand; its ``func`` takes the parsed arguments and returns the exit status."""
    parser = subparsers.add_parser("understand", help="what would the box understand by these words?")
    parser.add_argument("text", nargs="*", help="sentences; without any, and without --file, lines from standard input")
    parser.add_argument("--file", type=Path, help="a UTF-8 text file, one sentence a line")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--now", type=dt.datetime.fromisoformat, help="local time that relative dates refer to (ISO 8601)"
    )
    parser.add_argument("--home", help="place whose neighbourhood is preferred among place names (default: the settings')")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Understand every line, in order, blank ones too. Raises ConfigError when the file cannot be read."""
    from assistant.settings import load_settings
    from assistant.wiring import build_own_understander

    now = (args.now or dt.datetime.now()).replace(tzinfo=None)
    settings = load_settings(args.settings)
    matcher = build_own_understander(settings, args.home or settings.box.place)
    for line in _lines(args):
        intent = matcher.understand([Hypothesis(line)], now).intent if line.strip() else Intent("none", confidence=1.0)
        print(_as_json(line, intent) if args.json else _as_text(line, intent), flush=sys.stdout.isatty())
    return 0


def _lines(args: argparse.Namespace) -> Iterator[str]:
    if args.text:
        yield from (text.replace("\n", " ") for text in args.text)
    elif args.file:
        try:
            data = args.file.read_bytes()
        except OSError as error:
            raise ConfigError(f"cannot read {args.file}: {error.strerror}") from error
        yield from _split(data.decode("utf-8", errors="replace"))
    else:
        yield from (_clean(line) for line in _decoded(sys.stdin.buffer))


def _decoded(stream: Iterable[bytes]) -> Iterator[str]:
    for line in stream:
        yield line.decode("utf-8", errors="replace")


def _split(text: str) -> list[str]:
    """Lines end at a line feed only: form feeds and other controls stay inside the sentence they came in."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [_clean(line) for line in lines]


def _clean(line: str) -> str:
    return line.rstrip("\r\n")


def _as_json(line: str, intent: Intent) -> str:
    return json.dumps(
        {
            "text": line,
            "heard": intent.heard,
            "intent": intent.name,
            "slots": dict(intent.slots),
            "confidence": intent.confidence,
        },
        ensure_ascii=False,
    )


def _as_text(line: str, intent: Intent) -> str:
    slots = " ".join(f"{name}={value}" for name, value in intent.slots.items())
    return f"{line}\t{intent.name}\t{slots}\t{intent.confidence:.2f}"
