"""``xiangyin media``: what is there to be played, and playing it."""
from __future__ import annotations

import argparse
import json
import queue
import sys
from collections import Counter
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import MediaUnreadable, PlayerFailed, StationsError, StreamUnreachable, maintainer_line
from assistant.events import Event, MediaEnded, MediaFailed, MediaStarted, PlayerLost, StreamLost
from assistant.feed import is_address
from assistant.settings import Settings, load_settings
from skills.api import Programme

if TYPE_CHECKING:
    from assistant.library.scan import Catalogue
    from assistant.ports import MediaPlayer

_SILENT_S = 2.0
"""What takes longer shows how far it is."""
_ABOUT = """\
The operas, songs, dances and stories on this box, and the radio stations and podcasts of `stations.tsv` in the data folder
(docs/media.md). Put files into one of the folders of [media] folders (`xiangyin settings`), into `media` in the data folder, or plug
in a stick; name them as you like, for example

  豫剧/常香玉/花木兰.mp3      吕剧《李二嫂改嫁》选段.mp4      评书/单田芳/白眉大侠/001.mp3

Tags, folders and names say what a file is. A running box notices new files by itself within [media] rescan_minutes."""
_SCAN = """\
Looks for media files, looks into those that are new or have changed, and prints how many there are of each kind; files that
cannot be played are named with the reason. Nothing is changed on the disks. It may run beside the box, as often as you like."""
_LIST = """\
One line a file: kind, genre, artist, title, part, length, path, separated by tabs. WORD keeps those that have it in title,
genre, artist, kind or path; several words must all be there. Shows what the last scan found (`xiangyin media scan`), then the
stations and podcasts of `stations.tsv`, of these the episodes that the running box has fetched."""
_PLAY = """\
Plays what `xiangyin media list WORD…` shows, or the file of this path, one after the other, until Ctrl-C; a radio station if
only stations are shown. It sounds where the box's own programmes would."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("media", help="what there is to be played", description=_ABOUT,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(func=lambda args: parser.print_help(sys.stderr) or 2)
    nested = parser.add_subparsers(dest="media_command", metavar="COMMAND")
    scan = _add(nested, "scan", "look for files", _SCAN)
    scan.set_defaults(func=run_scan)
    listing = _add(nested, "list", "what was found", _LIST)
    listing.add_argument("words", nargs="*", metavar="WORD")
    listing.add_argument("--broken", action="store_true", help="those that cannot be played, with the reason")
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    listing.set_defaults(func=run_list)
    play = _add(nested, "play", "play it", _PLAY)
    play.add_argument("words", nargs="+", metavar="WORD")
    play.add_argument("--speed", type=float, default=1.0, help="0.5 to 1.5 of the file's own; the pitch stays (default: 1)")
    play.add_argument("--start", type=float, default=0.0, metavar="SECONDS", help="begin the first file there (default: 0)")
    play.set_defaults(func=run_play)


def _add(nested: argparse._SubParsersAction, name: str, short: str, about: str) -> argparse.ArgumentParser:
    return nested.add_parser(name, help=short, description=about, formatter_class=argparse.RawDescriptionHelpFormatter)


def _found(settings: Settings) -> Catalogue:
    """What is on the disks, and behind it what comes over the network. Raises StoreError."""
    from assistant.library.scan import remembered
    from assistant.sources.broadcasts import remembered_broadcasts

    found = remembered(settings.media_folders, settings.media_index)
    try:
        found = replace(found, programmes=(*found.programmes, *remembered_broadcasts(settings.data_dir).programmes))
    except StationsError as error:
        print(f"xiangyin: {maintainer_line(error)}", file=sys.stderr)
    if not found.programmes:
        print("xiangyin: nothing is known that could be played; `xiangyin media scan` looks for it", file=sys.stderr)
    return found


def run_scan(args: argparse.Namespace) -> int:
    from tqdm import tqdm

    from assistant.library.index import Index
    from assistant.library.scan import scan

    settings = load_settings(args.settings)
    with closing(Index(settings.media_index)) as index, tqdm(unit=" files", file=sys.stderr, delay=_SILENT_S, leave=False,
                                                             disable=not sys.stderr.isatty()) as bar:
        def progress(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        found = scan(settings.media_folders, index, progress)
    for kind, number in Counter(programme.kind or "other" for programme in found.programmes).most_common():
        print(f"{kind}\t{number}")
    for file, reason in found.broken:
        print(f"! {legible(file)}: {reason}", file=sys.stderr)
    if not found.programmes:
        there = "\n".join(f"  {folder}" + ("" if folder.is_dir() else "   (not there)") for folder in settings.media_folders)
        print(f"xiangyin: nothing to be played was found in\n{there}", file=sys.stderr)
    return 0


def run_list(args: argparse.Namespace) -> int:
    found = _found(load_settings(args.settings))
    if args.broken:
        for file, reason in found.broken:
            _print({"file": legible(file), "reason": reason}, args.json)
        return 0
    for programme in _chosen(found.programmes, args.words):
        _print(asdict(programme) | {"file": legible(programme.file)} if args.json else _row(programme), args.json)
    return 0


def run_play(args: argparse.Namespace) -> int:
    from audio.mpv import MpvPlayer

    settings = load_settings(args.settings)
    chosen = [Programme(args.words[0], "")] if len(args.words) == 1 and Path(args.words[0]).is_file() else []
    chosen = chosen or _chosen(_found(settings).programmes, args.words)
    if not chosen:
        raise MediaUnreadable(f"nothing that was found has {' and '.join(args.words)} in it; `xiangyin media scan` looks again")
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    player = MpvPlayer(settings.media.device)
    player.start(events.put)
    try:
        player.set_volume(settings.audio.volume)
        _begin(player, chosen, args)
        return _follow(events)
    finally:
        player.close()


def _begin(player: MediaPlayer, chosen: list[Programme], args: argparse.Namespace) -> None:
    """What has an end is played, one after the other; where nothing has, the first station."""
    with_an_end = [programme.file for programme in chosen if not programme.is_live]
    if not with_an_end:
        player.tune(tuple(programme.file for programme in chosen))
        return
    player.play(tuple(file if is_address(file) else str(Path(file).absolute()) for file in with_an_end), args.start)
    player.set_speed(args.speed)


def _follow(events: queue.SimpleQueue[Event]) -> int:
    """Raises MediaUnreadable, StreamUnreachable, PlayerFailed."""
    while True:
        match events.get():
            case MediaStarted(file=file):
                print(legible(file), flush=True)
            case MediaEnded():
                return 0
            case MediaFailed(file=file, reason=reason) | StreamLost(file=file, reason=reason) if is_address(file):
                raise StreamUnreachable(f"{file}: {reason}")
            case MediaFailed(file=file, reason=reason):
                raise MediaUnreadable(f"{legible(file)}: {reason}")
            case PlayerLost(reason=reason):
                raise PlayerFailed(reason)


def legible(file: str) -> str:
    """A path that any terminal can show, also where its bytes are no Unicode."""
    return file.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _chosen(programmes: tuple[Programme, ...], words: list[str]) -> list[Programme]:
    def text(programme: Programme) -> str:
        return "\t".join((programme.title, programme.genre, programme.artist, programme.kind, programme.file)).lower()

    return [programme for programme in programmes if all(word.lower() in text(programme) for word in words)]


def _row(programme: Programme) -> dict[str, str]:
    minutes, seconds = divmod(round(programme.duration_s), 60)
    length = f"{minutes}:{seconds:02d}" if programme.duration_s else ""
    return {"kind": programme.kind, "genre": programme.genre, "artist": programme.artist, "title": programme.title,
            "part": str(programme.part or ""), "length": length, "file": legible(programme.file)}


def _print(row: dict, as_json: bool) -> None:
    print(json.dumps(row, ensure_ascii=False) if as_json else "\t".join(str(value) for value in row.values()))
