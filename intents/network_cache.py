"""The compiled sentences on disk, so that only the first start after a change has to compile them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import platformdirs

from intents import network as network_module
from intents import normalize as normalize_module
from intents.book import load_book
from intents.network import Network, compile_book

log = logging.getLogger(__name__)

_PATIENCE_S = 900.0
"""Compiling took 57 s on two x86 cores that seven other programs shared."""


def cache_folder() -> Path:
    """Where compiled sentences are kept."""
    return Path(platformdirs.user_cache_dir("xiangyin")) / "sentences"


def _key(digest: str) -> str:
    sha = hashlib.sha256(digest.encode())
    for path in (network_module.__file__, normalize_module.__file__, normalize_module.LANGUAGE_FILE):
        sha.update(Path(str(path)).read_bytes())
    return sha.hexdigest()[:32]


def cached_network(digest: str, build: Callable[[], Network]) -> Network:
    """The network for the texts with this hash, from disk or built and then kept. A cache that fails is only slower."""
    path = cache_folder() / f"{_key(digest)}.npz"
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("compiled sentences in %s cannot be used: %s", path, error)
    network = build()
    try:
        _write(path, network)
    except OSError as error:
        log.warning("compiled sentences cannot be kept in %s: %s", path.parent, error)
    return network


def compile_apart(skills: Path) -> Network:
    """The network of these sentences, compiled by a process of its own.

    Compiling leaves 46 MB behind that the allocator does not give back (measured: 124 MB held, 78 when the network is read
    from a file). Where no process can be started it is done here. Raises SentenceError.
    """
    with tempfile.TemporaryDirectory(prefix="xiangyin-") as folder:
        file = Path(folder) / "network.npz"
        command = [sys.executable, "-m", __name__, str(skills.resolve()), str(file)]
        try:
            subprocess.run(command, check=True, cwd=Path(__file__).parents[1], capture_output=True, timeout=_PATIENCE_S)
            return _read(file)
        except (OSError, subprocess.SubprocessError) as error:
            log.info("sentences are compiled in this process: %s", error)  # if they are wrong, it says how
    return compile_book(load_book(skills))


def _read(path: Path) -> Network:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        finals: dict[int, tuple[int, ...]] = {}
        for state, meaning in data["finals"].tolist():
            finals[state] = (*finals.get(state, ()), meaning)
        return Network(
            data["source"],
            data["target"],
            data["label"],
            tuple(data["labels"].tolist()),
            finals,
            int(data["states"]),
            tuple((intent, tuple(tuple(slot) for slot in slots)) for intent, slots in _unpack(str(data["meanings"]))),
        )


def _unpack(text: str) -> list[tuple[str, list[list[str]]]]:
    return [(intent, slots) for intent, slots in json.loads(text)]


def _write(path: Path, network: Network) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        _save(file, network)
    os.replace(file.name, path)
    for old in sorted(path.parent.glob("*.npz"), key=lambda p: p.stat().st_mtime)[:-4]:
        old.unlink(missing_ok=True)


def _save(file: IO[bytes], network: Network) -> None:
    finals = [(state, meaning) for state, meanings in network.finals.items() for meaning in meanings]
    np.savez(
        file,
        source=network.source,
        target=network.target,
        label=network.label,
        labels=np.array(network.labels),
        finals=np.array(finals, np.int64).reshape(-1, 2),
        states=np.array(network.states),
        meanings=np.array(json.dumps(network.meanings, ensure_ascii=False)),
    )


if __name__ == "__main__":
    with Path(sys.argv[2]).open("wb") as target:
        _save(target, compile_book(load_book(Path(sys.argv[1]))))
