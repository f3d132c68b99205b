"""Where models live on disk, and the one question the rest of the box asks: where is model X?"""
from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

from assistant.errors import ModelMissing
from models.catalogue import Model, find_model
from models.manifest import MANIFEST, read_manifest

HOME_VARIABLE = "XIANGYIN_MODELS"


def models_home() -> Path:
    """The folder that holds all models: ``$XIANGYIN_MODELS``, else the user's cache (shared by every checkout)."""
    chosen = os.environ.get(HOME_VARIABLE, "").strip()
    return Path(chosen).expanduser().absolute() if chosen else user_cache_path("xiangyin") / "models"


def model_path(name: str, home: Path | None = None) -> Path:
    """Folder of the installed model ``name``.

    Raises ModelMissing when it, or this version of it, is not installed; ModelCorrupt when its manifest is damaged.

    Cheap (one small file is read): the files themselves are checked by ``models.verify``.
    """
    model = find_model(name)
    folder = (home or models_home()) / model.folder
    if not is_installed(model, folder):
        raise ModelMissing(f"model {name} {model.version} is not installed in {folder}")
    return folder


def is_installed(model: Model, folder: Path) -> bool:
    """True when ``folder`` was installed completely from the archive that the catalogue names."""
    if not (folder / MANIFEST).is_file():
        return False
    return read_manifest(folder).archive_sha256 == model.archive.sha256
