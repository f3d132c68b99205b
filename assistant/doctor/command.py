"""``xiangyin doctor``: runs every check and prints one line each."""
from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
from collections.abc import Iterator

from assistant.doctor.finding import Check, Finding, Verdict, fault

log = logging.getLogger(__name__)

_ABOUT = """\
Looks at every part of the box and prints one plain line each, in Chinese, with the fix where something is wrong:
✓ good   ！ works, but could be better   ✗ does not work. Speak while the microphone is checked to see your level.
Exit code 0: no ✗; 1: at least one. With --json: {"check", "verdict", "detail", "fix"}, one object a line."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("doctor", help="what is wrong with this box, in plain words", description=_ABOUT,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object per check")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    verdicts = []
    for name, check in checks(args.settings):
        try:
            finding = check()
        except Exception as error:  # a check that breaks must not hide the findings of the others
            log.exception("check %s", name)
            finding = fault(name, f"检查“{name}”时出错：{error}", "把这一行告诉维护人员")
        print(json.dumps(finding.as_dict(), ensure_ascii=False) if args.json else finding.line(), flush=True)
        verdicts.append(finding.verdict)
    return 1 if Verdict.FAULT in verdicts else 0


def checks(settings_file: str | None) -> Iterator[tuple[str, Check]]:
    """The checks in order; later ones use default settings when the file is wrong."""
    from assistant.doctor import sound, system
    from assistant.doctor.sticks import check_sticks
    from assistant.doctor.village import check_village
    from assistant.errors import ConfigError
    from assistant.settings import Settings, load_settings

    try:
        settings = load_settings(settings_file)
    except ConfigError:
        settings = Settings()
    yield "settings", lambda: system.check_settings(settings_file)
    yield "versions", system.check_versions
    yield "models", system.check_models
    yield "devices", sound.check_devices
    yield "microphone", lambda: _microphone(settings)
    yield "loudspeaker", lambda: _loudspeaker(settings)
    yield "echo", lambda: _echo(settings)
    yield "voice", lambda: sound.check_voice(settings)
    yield "player", sound.check_player
    yield "disk", lambda: system.check_disk(settings)
    yield "store", lambda: system.check_store(settings)
    yield "names", lambda: system.check_names(settings)
    yield "library", lambda: system.check_library(settings)
    yield "sticks", lambda: check_sticks(settings)
    yield "stations", lambda: system.check_stations(settings)
    yield "village", lambda: check_village(settings)
    yield "memory", system.check_memory
    yield "clock", lambda: system.check_clock(dt.datetime.now())
    yield "network", lambda: system.check_network(settings)


def _microphone(settings) -> Finding:
    from assistant.doctor.sound import check_microphone
    from assistant.head_start import build_microphone

    return check_microphone(build_microphone(settings))


def _echo(settings) -> Finding:
    from assistant.doctor.echo import check_echo
    from assistant.wiring import build_loudspeaker

    return check_echo(settings, build_loudspeaker(settings))


def _loudspeaker(settings) -> Finding:
    from assistant.doctor.sound import check_loudspeaker
    from assistant.wiring import build_loudspeaker

    return check_loudspeaker(build_loudspeaker(settings))
