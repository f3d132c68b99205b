"""The compiled sentences on disk, so that only the first start after a change has to compile them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs

from intents import network as network_module
from intents import normalize as normalize_module
from intents.network import Network

log = logging.getLogger(__name__)


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
    finals = [(state, meaning) for state, meanings in network.finals.items() for meaning in meanings]
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
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
    os.replace(file.name, path)
    for old in sorted(path.parent.glob("*.npz"), key=lambda p: p.stat().st_mtime)[:-4]:
        old.unlink(missing_ok=True)
