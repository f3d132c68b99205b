"""``xiangyin run``: the box itself."""
from __future__ import annotations

import argparse
import contextlib
import signal
import sys

from assistant.errors import ModelError, maintainer_line
from assistant.events import StopRequested
from assistant.own_hub import HERE, beside

_ABOUT = """\
Starts the box: it waits for the wake phrase (小乡小乡), hears, understands, answers. Without a microphone it says so and
keeps looking for one; without a loudspeaker it shows what it would say. Type a sentence and press Enter to try it
without speaking. Ctrl-C ends it; nothing is lost. With --hub the village hub of this machine runs beside it, as long as the box
does; a hub that cannot start (its port is taken) says so, and the box goes on without it."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("run", help="start the box", description=_ABOUT,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hub", nargs="?", const="", metavar="HOST:PORT",
                        help=f"start the village hub beside the box (at {HERE} unless told otherwise; 0.0.0.0:8730: for the whole network)")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    from assistant.head_start import begin
    from assistant.settings import load_settings

    before = ("--log", args.log, *(("--settings", args.settings) if args.settings else ()))
    settings, own_hub = beside(load_settings(args.settings), args.hub, before, _tell)
    _tell("正在启动，几秒钟就好……")
    begun = begin(settings)

    from assistant.terminal import TerminalScreen, read_keyboard
    from assistant.wiring import build_box

    try:
        box = build_box(settings, TerminalScreen(), begun)
    except ModelError as error:
        print(f"xiangyin: {maintainer_line(error)}\n听写文字、看别的毛病：xiangyin understand 今天天气怎么样；xiangyin doctor",
              file=sys.stderr)
        if own_hub is not None:  # it is what is left
            with own_hub:
                own_hub.wait()
        return 1
    post = box.parts.mailbox.post
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: post(StopRequested()))
    if sys.stdin is not None and not sys.stdin.closed:
        read_keyboard(post)
        _tell("也可以打字：写一句话，按回车。Ctrl-C 结束。")
    with own_hub or contextlib.nullcontext():  # behind the box, which somebody may be waiting for
        box.run()
    return 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
