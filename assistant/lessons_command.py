"""``xiangyin lessons``: what the box did not understand and what it has learnt, to look at, to hand over, to forget."""
from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from assistant.errors import ConfigError
from assistant.lesson_store import Learnt, Lessons, LessonStore, Miss, read_lessons
from assistant.settings import load_settings
from assistant.wording import Wording
from intents.accent_evidence import rate, shown
from intents.model import Intent

_ABOUT = """\
The box learns from its own failures, without any cloud. What it did not understand is kept as text: what the recogniser
made of it, when, and what the box offered instead. What a person confirmed (对, 第二个) becomes a phrase of this box's own and
is understood at once the next time. Sound is never kept, and nothing is ever sent.

  xiangyin lessons list              the misses and the phrases, each with its number
  xiangyin lessons export FILE       the same as JSON lines, for the maintainer; only when you run it
  xiangyin lessons forget 12         the lesson of that number; --all: everything

To keep nothing at all, set  keep = false  under [lessons] in the settings (see `xiangyin settings`)."""

_LIST = """\
Prints what was not understood and what was learnt, oldest first, and the sounds that this person's speech does not tell apart.
May be run while the box runs. --json prints one object a line."""

_EXPORT = """\
Writes JSON lines: one object for each miss, each phrase, and the counts of confused sounds. Look at the file before you pass it on:
it holds words that were said in somebody's home, names among them. It holds no sound. FILE may be - for standard output."""

_FORGET = """\
Removes the lessons of these numbers from the disk, or with --all every miss, phrase and count. The box must not be running,
because the file is its own as long as it runs; you are told how to stop it. A phrase is also forgotten when somebody says 不是 to
what the box made of it."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    plain = argparse.RawDescriptionHelpFormatter
    parser = subparsers.add_parser("lessons", help="what it did not understand and what it has learnt", description=_ABOUT,
                                   formatter_class=plain)
    actions = parser.add_subparsers(dest="lessons_command", metavar="list|export|forget", required=True)
    listed = actions.add_parser("list", help="show them", description=_LIST, formatter_class=plain)
    listed.add_argument("--json", action="store_true", help="one JSON object a line")
    listed.set_defaults(func=run_list)
    export = actions.add_parser("export", help="write them as JSON lines", description=_EXPORT, formatter_class=plain)
    export.add_argument("file", metavar="FILE", help="where to; - is standard output")
    export.set_defaults(func=run_export)
    forget = actions.add_parser("forget", help="remove them", description=_FORGET, formatter_class=plain)
    which = forget.add_mutually_exclusive_group(required=True)
    which.add_argument("number", nargs="*", type=int, default=[], metavar="N", help="number in the list")
    which.add_argument("--all", action="store_true", help="everything")
    forget.set_defaults(func=run_forget)


def run_list(args: argparse.Namespace) -> int:
    lessons = read_lessons(load_settings(args.settings).data_dir)
    for line in _rows(lessons) if args.json else _tables(lessons, Wording.load()):
        print(line)
    return 0


def run_export(args: argparse.Namespace) -> int:
    """Nothing is written before everything could be read."""
    lessons = read_lessons(load_settings(args.settings).data_dir)
    text = "".join(f"{line}\n" for line in _rows(lessons))
    if args.file == "-":
        print(text, end="")
    else:
        try:
            Path(args.file).write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{args.file}: cannot be written: {error.strerror}") from error
    print(f"{len(lessons.misses)} misses and {len(lessons.phrases)} phrases, text only, no sound; "
          "they are words said in somebody's home: read them before you pass them on", file=sys.stderr)
    return 0


def run_forget(args: argparse.Namespace) -> int:
    folder = load_settings(args.settings).data_dir
    if not args.all:
        read_lessons(folder)  # a file that is absent or damaged is told of, not made or set aside
    store = LessonStore(folder)
    try:
        if args.all:
            store.forget_all()
        else:
            store.forget(args.number)
    finally:
        store.close()
    print("forgotten: everything" if args.all else f"forgotten: {' '.join(map(str, args.number))}", file=sys.stderr)
    return 0


# -- for machines -----------------------------------------------------------------------------------------------------

def _rows(lessons: Lessons) -> Iterator[str]:
    rows = (*map(_miss_row, lessons.misses), *map(_phrase_row, lessons.phrases), *_accent_rows(lessons))
    return (json.dumps(row, ensure_ascii=False) for row in rows)


def _miss_row(miss: Miss) -> dict:
    offered = [{"intent": one.name, "slots": dict(one.slots)} for one in miss.offered]
    return {"kind": "miss", "number": miss.number, "at": miss.at.isoformat(), "heard": list(miss.heard), "offered": offered}


def _phrase_row(learnt: Learnt) -> dict:
    phrase = learnt.phrase
    return {"kind": "phrase", "number": learnt.number, "at": learnt.at.isoformat(), "heard": phrase.heard,
            "template": phrase.template, "intent": phrase.intent, "slots": dict(phrase.slots)}


def _accent_rows(lessons: Lessons) -> Iterator[dict]:
    for name, count in lessons.accent.counts.items():
        yield {"kind": "accent", "class": name, "confused": count.confused, "total": count.total}


# -- for people -------------------------------------------------------------------------------------------------------

def _tables(lessons: Lessons, wording: Wording) -> Iterator[str]:
    yield f"没听懂的（{len(lessons.misses)} 条，只有文字，没有录音）"
    yield from _table(("编号", "时间", "听到的", "当时问的是"), (
        (str(miss.number), f"{miss.at:%Y-%m-%d %H:%M}", miss.heard[0] if miss.heard else "（没听清）",
         "；".join(_wish(wording, one) for one in miss.offered)) for miss in lessons.misses))
    yield ""
    yield f"学会的说法（{len(lessons.phrases)} 条）"
    yield from _table(("编号", "时间", "这么说", "就是要"), (
        (str(one.number), f"{one.at:%Y-%m-%d %H:%M}", one.phrase.heard,
         _wish(wording, Intent(one.phrase.intent, one.phrase.slots))) for one in lessons.phrases))
    yield ""
    names = sorted(shown(lessons.accent))
    yield "分不清的音：" + ("、".join(f"{name}（{rate(lessons.accent, name):.0%}）" for name in names) or "还看不出来")


def _wish(wording: Wording, intent: Intent) -> str:
    """As the box would say it; a phrase of an older version may mean what this one does not know."""
    return wording.describe(intent) if intent.name in wording.names() else intent.name


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    rows = list(rows)
    if not rows:
        return
    lines = [head, *rows]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        yield "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
