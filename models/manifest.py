"""The list of files written beside an installed model: what was put there, how large, with which hash."""
from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.errors import ModelCorrupt

MANIFEST = "manifest.json"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One installed file: size in bytes and SHA-256 in hex."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``files`` maps paths relative to the model's folder (with ``/``) to what they must be."""

    name: str
    version: str
    archive_sha256: str
    files: Mapping[str, Entry]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def write_manifest(folder: Path, name: str, version: str, archive_sha256: str) -> Manifest:
    """Hash everything in ``folder`` and record it, flushed to the disk."""
    files = {
        path.relative_to(folder).as_posix(): Entry(path.stat().st_size, sha256_of(path))
        for path in sorted(folder.rglob("*")) if path.is_file()
    }
    manifest = Manifest(name, version, archive_sha256, files)
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Raises ModelCorrupt naming the file when it cannot be understood."""
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_text("utf-8"))
        return Manifest(**{**raw, "files": {name: Entry(**entry) for name, entry in raw["files"].items()}})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelCorrupt(f"{path}: unreadable list of installed files ({error})") from error
