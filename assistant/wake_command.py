"""``xiangyin wake check PHRASE``: would this wake phrase be safe?"""
from __future__ import annotations

import argparse
import sys

_ABOUT = """\
Judges a wake phrase before it is put into the settings: whether the speech model knows its characters, and which of the
box's own sentences sound so much like it that they could wake it. Exit code 0: safe; 1: not."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("wake", help="judge a wake phrase")
    check = parser.add_subparsers(dest="wake_command", metavar="check", required=True).add_parser(
        "check", help="which sentences collide with PHRASE", description=_ABOUT)
    check.add_argument("phrase", metavar="PHRASE", help="three to six Chinese characters, such as 小乡小乡")
    check.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    from assistant.wiring import check_wake_phrase

    collisions = check_wake_phrase(args.phrase, args.settings)
    for collision in collisions:
        print(f"{collision.sentence}  ({collision.part}, {collision.distance:.2f})")
    verdict = f"{len(collisions)} sentences sound like it" if collisions else "safe: no sentence sounds like it"
    print(f"{args.phrase}: {verdict}", file=sys.stderr)
    return 1 if collisions else 0
