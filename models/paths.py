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
    return installed_folder(find_model(name), home or models_home())


def installed_folder(model: Model, home: Path) -> Path:
    """Folder of ``model`` below ``home``, installed completely from the archive that the catalogue names."""
    folder = home / model.folder
    if not (folder / MANIFEST).is_file():
        raise ModelMissing(f"model {model.name} {model.version} is not installed in {folder}")
    if read_manifest(folder).archive_sha256 != model.archive.sha256:
        raise ModelMissing(f"{folder} was installed from another archive than the catalogue's {model.archive.file}")
    return folder
