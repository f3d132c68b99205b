"""Are the installed models still the files that were installed, and those the catalogue means?"""
from __future__ import annotations

from pathlib import Path

from assistant.errors import ModelCorrupt
from models.catalogue import Model
from models.manifest import Manifest, read_manifest, sha256_of
from models.paths import installed_folder, models_home


def verify(model: Model, home: Path | None = None) -> Manifest:
    """Hash every file of an installed model.

    Raises ModelMissing when it is not installed and ModelCorrupt naming every wrong file otherwise.
    """
    folder = installed_folder(model, home or models_home())
    manifest = read_manifest(folder)
    faults = [fault for name in sorted(manifest.files) if (fault := _fault(folder / name, manifest, name))]
    for patch in model.patches:
        entry = manifest.files.get(patch.output)
        if entry is None or entry.sha256 != patch.sha256:
            faults.append(f"{folder / patch.output}: is not the file that the recipe {patch.recipe} makes")
    if faults:
        raise ModelCorrupt("; ".join(faults))
    return manifest


def _fault(path: Path, manifest: Manifest, name: str) -> str | None:
    expected = manifest.files[name]
    if not path.is_file():
        return f"{path}: missing"
    size = path.stat().st_size
    if size != expected.bytes:
        return f"{path}: {size} bytes instead of {expected.bytes}"
    if sha256_of(path) != expected.sha256:
        return f"{path}: wrong SHA-256"
    return None
