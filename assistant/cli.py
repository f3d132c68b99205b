"""``xiangyin``: one command line for the person who installs the box, and a way into the pipeline at every stage."""
from __future__ import annotations

import argparse
import importlib.metadata
import io
import logging
import os
import sys
from importlib import import_module
from typing import TextIO

from assistant.errors import XiangyinError, maintainer_line

log = logging.getLogger(__name__)

STANDARD_ERROR = 2

_ABOUT = """\
乡音: a voice box that old people in Chinese villages can simply talk to, with no internet.

  xiangyin run                       start the box (microphone and loudspeaker; typed text works too)
  xiangyin demo                      a day with the box, through the real pipeline, no sound hardware needed
  xiangyin doctor                    what is wrong with this box, in plain words
  xiangyin understand 今天天气怎么样    text -> intent
  xiangyin hear --no-wake FILE.wav   sound -> text -> intent
  xiangyin say 您好                   text -> sound
  xiangyin models fetch              get the speech models
  xiangyin media scan                what there is to be played
  xiangyin hub                       the village hub: pages for the office, the line to the boxes
  xiangyin village show              of which village the box is one; leave it
  xiangyin lessons list              what it did not understand, and what it has learnt
"""

_COMMANDS = (
    "assistant.run_command", "assistant.hear_command", "assistant.understand_command", "audio.say_command",
    "models.commands", "assistant.doctor.command", "assistant.demo_command", "assistant.wake_command",
    "assistant.settings_command", "assistant.media_command", "assistant.lessons_command", "assistant.village_command", "hub.command",
)
"""Modules that each add a subcommand. They import the heavy parts only when they run."""


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(prog="xiangyin", description=_ABOUT,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"xiangyin {importlib.metadata.version('xiangyin')}")
    parser.add_argument("--settings", metavar="FILE", help="settings file (see `xiangyin settings`)")
    parser.add_argument("--log", default="warning", choices=("debug", "info", "warning", "error"),
                        help="how much to tell on stderr (default: warning)")
    parser.set_defaults(func=lambda args: _teach(parser))
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for module in _COMMANDS:
        import_module(module).add_parser(subparsers)
    return parser


def _teach(parser: argparse.ArgumentParser) -> int:
    parser.print_help(sys.stderr)
    return 2


def _log_stream() -> TextIO:
    """Standard error by a descriptor of its own: sounddevice points the usual one at /dev/null while PortAudio looks for
    devices, and what another thread logs in that moment would be lost (seen: what was just learnt)."""
    try:
        if sys.stderr.fileno() != STANDARD_ERROR:
            return sys.stderr
        return open(os.dup(STANDARD_ERROR), "w", buffering=1, encoding=sys.stderr.encoding, errors=sys.stderr.errors)  # noqa: SIM115
    except (OSError, ValueError):  # closed, or no file at all
        return sys.stderr


def main(arguments: list[str] | None = None) -> int:
    """Run one command; every error of our own becomes one line on stderr and exit code 1."""
    _never_stumble_over_letters()
    args = build_parser().parse_args(arguments)
    logging.basicConfig(level=args.log.upper(), stream=_log_stream(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        code = args.func(args)
        sys.stdout.flush()  # a full disk is noticed here, not after the last line of this program
        return code
    except XiangyinError as error:
        print(f"xiangyin: {maintainer_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader (head, less) has gone: nothing more can be told
        _forget_output()
        return 1
    except OSError as error:  # the machine refuses (a full disk behind `> file`): no bug, so no traceback
        log.debug("refused", exc_info=True)
        _forget_output()
        print(f"xiangyin: [system] {error} -> {XiangyinError.fix}", file=sys.stderr)
        return 1


def _forget_output() -> None:
    """What could not be written must not be tried again when Python flushes at exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except io.UnsupportedOperation:  # standard output is no file, as where a test captures it
        log.debug("standard output is not a file")


def _never_stumble_over_letters() -> None:
    """A terminal of another alphabet, or bytes that are no text, must cost some letters and not the command."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


if __name__ == "__main__":
    sys.exit(main())
