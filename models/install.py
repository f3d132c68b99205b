"""Turns a verified archive into an installed model: all of it, or nothing."""
from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from assistant.errors import ModelCorrupt, ModelError
from models.catalogue import Model, Patch
from models.manifest import sha256_of, write_manifest

STAGING_PREFIX = ".staging-"
_RECIPES = ("remove-random-dropout",)


def install(model: Model, archive: Path, home: Path) -> Path:
    """Unpack, patch, record and rename into place; returns the model's folder.

    A run that dies half-way leaves only a staging folder, which `sweep` removes. Raises ModelCorrupt.
    """
    staging = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=home))
    try:
        staging.chmod(0o755)  # mkdtemp's 0700 would hide the model from the service's own user
        _unpack(model, archive, staging)
        for patch in model.patches:
            _apply(patch, staging)
        write_manifest(staging, model.name, model.version, model.archive.sha256)
        _flush(staging)
        return _put_in_place(staging, home / model.folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def sweep(home: Path) -> None:
    """Remove what killed runs left behind. Call it only while holding the lock."""
    for leftover in (*home.glob(f"{STAGING_PREFIX}*"), *(home / "downloads").glob("pip-*")):
        shutil.rmtree(leftover, ignore_errors=True)


def _unpack(model: Model, archive: Path, target: Path) -> None:
    prefix = f"{model.root}/"
    try:
        with zipfile.ZipFile(archive) as packed:
            wanted = [i for i in packed.infolist() if i.filename.startswith(prefix) and not i.is_dir()]
            if model.members:
                wanted = [i for i in wanted if i.filename.removeprefix(prefix) in model.members]
            absent = set(model.members) - {i.filename.removeprefix(prefix) for i in wanted}
            if absent or not wanted:
                raise ModelCorrupt(f"{archive.name}: lacks {', '.join(sorted(absent)) or prefix}")
            for info in wanted:
                place = target / _safe(info.filename.removeprefix(prefix), archive)
                place.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(info) as source, place.open("wb") as file:
                    shutil.copyfileobj(source, file, 1 << 20)
    except zipfile.BadZipFile as error:
        raise ModelCorrupt(f"{archive.name}: not a readable zip archive ({error})") from error


def _safe(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ModelCorrupt(f"{archive.name}: refuses to unpack {name!r} outside the model's folder")
    return path


def _recipe(name: str) -> Callable[[bytes], bytes]:
    if name not in _RECIPES:
        raise ModelError(f"the catalogue names an unknown recipe {name!r}; known: {', '.join(_RECIPES)}")
    # Imported here because it pulls in the TFLite runtime, which listing or verifying models does not need.
    from models.voice_patch import remove_random_dropout

    return remove_random_dropout


def _apply(patch: Patch, folder: Path) -> None:
    source, target = folder / patch.input, folder / patch.output
    target.write_bytes(_recipe(patch.recipe)(source.read_bytes()))
    if source != target:
        source.unlink()
    if (found := sha256_of(target)) != patch.sha256:
        raise ModelCorrupt(f"{patch.output}: the recipe {patch.recipe} made {found}, expected {patch.sha256}")


def _flush(folder: Path) -> None:
    """A power cut right after the rename must not leave empty files behind the right names."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _put_in_place(staging: Path, final: Path) -> Path:
    if final.exists():
        broken = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=final.parent))
        os.replace(final, broken / final.name)
        os.replace(staging, final)
        shutil.rmtree(broken, ignore_errors=True)
    else:
        os.replace(staging, final)
    return final
