"""``xiangyin village``: which village the box is one of, and how it leaves it."""
from __future__ import annotations

import argparse

from assistant.settings import Settings, load_settings

_ABOUT = """\
A box that has joined a village trusts that village's hub alone, for ever: nobody else can take it over.

  xiangyin village show      of which village it is one, and in whose home
  xiangyin village leave     it is no village's any more, and may join another one, or the same anew"""

_LEAVE = """\
The hub is told, if it can be reached, what it did not know yet, and that the box is gone; else the office turns it away under 盒子. All
that the village had sent is removed from the disk. The box must not be running. If [hub] url is still there, the box says six digits at
its next start, as a new one does; take it out if it is not to join any village."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    plain = argparse.RawDescriptionHelpFormatter
    parser = subparsers.add_parser("village", help="of which village the box is one; leave it", description=_ABOUT, formatter_class=plain)
    actions = parser.add_subparsers(dest="village_command", metavar="show|leave", required=True)
    actions.add_parser("show", help="which village it is", description="Prints village and home; may be run while the box runs.").set_defaults(
        func=run_show)
    actions.add_parser("leave", help="be no village's any more", description=_LEAVE, formatter_class=plain).set_defaults(func=run_leave)


def run_show(args: argparse.Namespace) -> int:
    from assistant.hub.leaving import joined

    membership = joined(load_settings(args.settings).data_dir)
    print(f"{membership.village}　{membership.name}")
    return 0


def run_leave(args: argparse.Namespace) -> int:
    from assistant.hub.leaving import leave

    settings: Settings = load_settings(args.settings)
    village, is_told = leave(settings.hub.url, settings.data_dir)
    print(f"已经退出{village}。" + ("村务台已经知道了。" if is_told else "这会儿没能告诉村务台，请村委会在“盒子”页把它停用。"))
    return 0
