"""``xiangyin settings``: where the settings file is, what may stand in it, and writing a first one."""
from __future__ import annotations

import argparse
import sys

from assistant.errors import ConfigError
from assistant.settings import load_settings, settings_path, template

_ABOUT = """\
Prints the settings file with every default and its documentation. `--write` puts it where the box looks for it (and never
overwrites one); `--check` reads the file and names the first mistake."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("settings", help="show, write or check the settings file", description=_ABOUT)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", dest="action", action="store_const", const="write", help="write a first settings file")
    action.add_argument("--check", dest="action", action="store_const", const="check", help="check the settings file")
    parser.set_defaults(func=run, action="show")


def run(args: argparse.Namespace) -> int:
    path = settings_path(args.settings)
    if args.action == "check":
        load_settings(args.settings)
        print(f"{path}: {'good' if path.exists() else 'absent, the defaults are used'}", file=sys.stderr)
    elif args.action == "write":
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "x", encoding="utf-8") as file:
                file.write(template())
        except FileExistsError:
            raise ConfigError(f"{path} exists already; edit it") from None
        except OSError as error:
            raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error
        print(f"wrote {path}", file=sys.stderr)
    else:
        print(template(), end="")
    return 0
