"""``xiangyin hub``: the village's service."""
from __future__ import annotations

import argparse
import sys

_ABOUT = """\
Starts the village hub: pages for the office, and the line to the boxes. Without --database everything is in one SQLite file in the
data folder, which is enough for some thousands of homes; a county gives a PostgreSQL address, and may start several of these
processes behind a proxy. The tables are made, and brought to this version, by themselves.

  xiangyin hub                                        on this machine alone: http://127.0.0.1:8730
  xiangyin hub --host 0.0.0.0 --public https://hub.example
  xiangyin hub --database postgresql://hub@db/hub --port 8731

The first visit asks for the village and for the first administrator: there is no password that was there before."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("hub", help="start the village hub", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://… (default: hub.sqlite in the data folder)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=int, default=8730, help="default: 8730; 0 takes any that is free")
    parser.add_argument("--public", default="", metavar="ADDRESS", help="the address it is reached by, where a proxy stands before it")
    parser.add_argument("--proxy", action="append", default=[], metavar="ADDRESS", help="whose X-Forwarded-For is believed (default: 127.0.0.1)")
    parser.add_argument("--weather", default="https://api.open-meteo.com", metavar="ADDRESS",
                        help="where boards have their weather from, as Open-Meteo answers; empty: none (default: %(default)s)")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input does: for a program that starts a hub of its own")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    from assistant.settings import load_settings
    from hub.settings import HubSettings, sqlite_url

    database = args.database or sqlite_url(load_settings(args.settings).data_dir)
    box = (sys.executable, "-m", "assistant.cli", *(("--settings", args.settings) if args.settings else ()))
    settings = HubSettings(database, args.host, args.port, args.public, tuple(args.proxy) or ("127.0.0.1",), args.weather, box)

    from hub.serve import serve

    return serve(settings, lambda line: print(line, file=sys.stderr, flush=True), sys.stdin.fileno() if args.until_eof else None)
