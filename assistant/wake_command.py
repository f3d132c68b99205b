"""``xiangyin wake check PHRASE``: would this wake phrase be safe?"""
from __future__ import annotations

import argparse
import sys

_ABOUT = """\
Judges a wake phrase before it is put into the settings: whether the speech model knows its characters, which of the box's
own sentences sound like it, and which of the nearest twelve really wake an ear when the box's voice says them; also
whether the phrase itself is heard. Takes about ten seconds. Exit code 0: safe; 1: not."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("wake", help="judge a wake phrase")
    check = parser.add_subparsers(dest="wake_command", metavar="check", required=True).add_parser(
        "check", help="which sentences collide with PHRASE", description=_ABOUT)
    check.add_argument("phrase", metavar="PHRASE", help="three to six Chinese characters, such as 小乡小乡")
    check.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    from assistant.wiring import check_wake_phrase

    verdict = check_wake_phrase(args.phrase, args.settings)
    for collision in verdict.near:
        mark = "wakes it" if collision.sentence in verdict.woke else "only alike"
        print(f"{collision.sentence}  ({collision.part}, {collision.distance:.2f}, {mark})")
    print(f"{args.phrase}: heard {verdict.heard:.0%} of its own calls; {len(verdict.near)} sentences sound like it, "
          f"{len(verdict.woke)} of the nearest wake it: {'safe' if verdict.safe else 'choose another'}", file=sys.stderr)
    return 0 if verdict.safe else 1
