"""Fetching against a real HTTP server on this machine: what breaks off is resumed, what is wrong is never used."""
from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import shutil
import signal
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tqdm import tqdm

from assistant.errors import DownloadFailed, ModelCorrupt, ModelError, ModelMissing, NoSpace
from models import download
from models import fetch as fetch_module
from models.catalogue import Archive, Model, PackageSource, Patch, UrlSource
from models.fetch import bytes_needed, fetch
from models.manifest import MANIFEST
from models.paths import installed_folder
from models.verify import verify

FILES = {"am/final.mdl": os.urandom(150_000), "conf/empty.conf": b"", "README": "模型\n".encode()}


def zip_of(files: dict[str, bytes], root: str = "tiny-1") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, data in files.items():
            packed.writestr(f"{root}/{name}", data)
    return buffer.getvalue()


@dataclass
class Server:
    """Serves `content`; `cuts` lists after how many bytes successive answers break off."""

    content: bytes
    cuts: list[int] = field(default_factory=list)
    status: int = 200
    honours_ranges: bool = True
    hold: threading.Event | None = None
    ranges: list[str | None] = field(default_factory=list)
    sent: int = 0
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        self.ranges.append(asked)
        if self.hold:
            assert self.hold.wait(10)
        if self.status != 200:
            handler.send_error(self.status)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.honours_ranges else 0
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        handler.send_header("Content-Length", str(len(self.content) - start))
        handler.end_headers()
        body = self.content[start:]
        body = body[:self.cuts.pop(0)] if self.cuts else body
        handler.wfile.write(body)
        self.sent += len(body)
        handler.close_connection = True


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server(zip_of(FILES))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{httpd.server_port}/tiny.zip"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    httpd.shutdown()
    thread.join(5)
    httpd.server_close()


@pytest.fixture
def model(server: Server) -> Model:
    return Model(
        name="tiny", version="1", kind="recogniser", title="a tiny model", licence="MIT", licence_source="",
        unpacked_bytes=sum(map(len, FILES.values())), root="tiny-1",
        archive=Archive("tiny.zip", hashlib.sha256(server.content).hexdigest(), len(server.content)),
        sources=(UrlSource(server.url),),
    )


def part_of(home: Path) -> Path:
    return home / "downloads" / "tiny.zip.part"


def begin(home: Path, data: bytes) -> None:
    part_of(home).parent.mkdir(parents=True)
    part_of(home).write_bytes(data)


def leftovers(home: Path) -> set[str]:
    return {p.name for p in home.iterdir()} - {"tiny-1", "downloads", ".fetch.lock"} | {
        p.name for p in (home / "downloads").iterdir()}


def test_installs_every_file_and_leaves_nothing_else(server: Server, model: Model, tmp_path: Path) -> None:
    folder = fetch(model, tmp_path)
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == {*FILES, MANIFEST}
    assert all((folder / name).read_bytes() == data for name, data in FILES.items())
    assert leftovers(tmp_path) == set()
    assert installed_folder(model, tmp_path) == folder
    assert set(verify(model, tmp_path).files) == set(FILES)


def test_nothing_is_downloaded_twice(server: Server, model: Model, tmp_path: Path) -> None:
    fetch(model, tmp_path)
    fetch(model, tmp_path)
    assert len(server.ranges) == 1


def test_a_connection_that_breaks_off_is_resumed_at_once(server: Server, model: Model, tmp_path: Path) -> None:
    server.cuts = [70_000, 30_000]
    fetch(model, tmp_path)
    assert server.ranges == [None, "bytes=70000-", "bytes=100000-"]
    assert server.sent == len(server.content)


def test_a_download_of_an_earlier_run_is_resumed(server: Server, model: Model, tmp_path: Path) -> None:
    begin(tmp_path, server.content[:1000])
    fetch(model, tmp_path)
    assert server.ranges == ["bytes=1000-"]


def test_a_server_without_ranges_is_read_from_the_start(server: Server, model: Model, tmp_path: Path) -> None:
    server.honours_ranges = False
    begin(tmp_path, server.content[:1000])
    fetch(model, tmp_path)
    assert server.sent == len(server.content)


def test_a_damaged_part_is_thrown_away_and_fetched_again(server: Server, model: Model, tmp_path: Path) -> None:
    begin(tmp_path, bytes(1000))
    fetch(model, tmp_path)
    assert server.ranges == ["bytes=1000-", None]


@pytest.mark.parametrize("grown", [b"", b"more"])
def test_a_complete_archive_left_by_a_killed_run_needs_no_network(
    server: Server, model: Model, tmp_path: Path, grown: bytes,
) -> None:
    begin(tmp_path, server.content + grown)
    fetch(model, tmp_path)
    assert len(server.ranges) == (1 if grown else 0)


def test_truncated_at_the_source_names_file_and_bytes_and_keeps_the_part(
    server: Server, model: Model, tmp_path: Path,
) -> None:
    server.cuts = [5000, 0]
    with pytest.raises(DownloadFailed, match=rf"tiny\.zip: http.*5000 of {model.archive.bytes} bytes"):
        fetch(model, tmp_path)
    assert part_of(tmp_path).stat().st_size == 5000
    with pytest.raises(ModelMissing):
        installed_folder(model, tmp_path)


def test_a_shorter_file_than_the_catalogue_says(server: Server, model: Model, tmp_path: Path) -> None:
    server.content = server.content[:-10]
    with pytest.raises(DownloadFailed, match="tiny.zip"):
        fetch(model, tmp_path)


@pytest.mark.parametrize("change", [lambda c: bytes(len(c)), lambda c: c + b"x" * 100_000])
def test_wrong_content_is_never_used_and_not_kept(server: Server, model: Model, tmp_path: Path, change) -> None:
    server.content = change(server.content)
    with pytest.raises(ModelCorrupt, match=r"tiny\.zip.*(wrong SHA-256|more than the expected)"):
        fetch(model, tmp_path)
    assert not part_of(tmp_path).exists()
    assert not (tmp_path / "tiny-1").exists()


def test_http_500_is_named(server: Server, model: Model, tmp_path: Path) -> None:
    server.status = 500
    with pytest.raises(DownloadFailed, match=r"tiny\.zip.*HTTP 500"):
        fetch(model, tmp_path)


def test_no_network_says_so_for_each_source(model: Model, tmp_path: Path) -> None:
    nowhere = replace(model, sources=(UrlSource("http://127.0.0.1:9/a.zip"), UrlSource("http://name.invalid/b.zip")))
    with pytest.raises(DownloadFailed, match=r"a\.zip: cannot be reached.*b\.zip: cannot be reached"):
        fetch(nowhere, tmp_path)


def test_a_server_that_falls_silent_is_given_up(
    server: Server, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(download, "READ_TIMEOUT_S", 0.1)
    server.hold = threading.Event()
    try:
        with pytest.raises(DownloadFailed, match=r"tiny\.zip.*nothing received"):
            fetch(model, tmp_path)
    finally:
        server.hold.set()


def test_the_next_source_goes_on_where_the_first_stopped(
    server: Server, model: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture,
) -> None:
    begin(tmp_path, server.content[:2000])
    fetch(replace(model, sources=(UrlSource("http://127.0.0.1:9/a.zip"), UrlSource(server.url))), tmp_path)
    assert server.ranges == ["bytes=2000-"]
    assert f"now trying {server.url}" in caplog.text


def test_a_full_disk_is_found_before_the_download(
    server: Server, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    needed = bytes_needed(model, 0) + fetch_module.RESERVE_BYTES
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(fetch_module.shutil, "disk_usage", lambda _: usage._replace(free=needed - 1))
    with pytest.raises(NoSpace, match=r"tiny\.zip: needs \d+ MB"):
        fetch(model, tmp_path)
    assert server.ranges == []
    monkeypatch.setattr(fetch_module.shutil, "disk_usage", lambda _: usage._replace(free=needed))
    fetch(model, tmp_path)


def test_a_disk_that_fills_up_during_the_download(server: Server, model: Model, tmp_path: Path) -> None:
    part_of(tmp_path).parent.mkdir(parents=True)
    part_of(tmp_path).symlink_to("/dev/full")
    with pytest.raises(NoSpace, match=r"tiny\.zip: the disk of .* filled up"):
        fetch(model, tmp_path)


def test_a_home_that_is_a_file_is_named(model: Model, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(ModelError, match="home: cannot be written"):
        fetch(model, tmp_path / "home")


def test_two_fetches_at_once_download_once(server: Server, model: Model, tmp_path: Path) -> None:
    server.hold = threading.Event()
    results: Counter[Path] = Counter()
    threads = [threading.Thread(target=lambda: results.update([fetch(model, tmp_path)])) for _ in range(2)]
    for thread in threads:
        thread.start()
    server.hold.set()
    for thread in threads:
        thread.join(20)
    assert results == {tmp_path / "tiny-1": 2}
    assert len(server.ranges) == 1


def _fetch_and_die_before_install(model: Model, home: Path) -> None:
    def die(*_: object) -> Path:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")

    fetch_module.install = die
    fetch(model, home)


def _fetch_and_die_before_rename(model: Model, home: Path) -> None:
    from models import install

    install._put_in_place = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    fetch(model, home)


@pytest.mark.parametrize("death", [_fetch_and_die_before_install, _fetch_and_die_before_rename])
def test_killed_between_download_and_install(server: Server, model: Model, tmp_path: Path, death) -> None:
    process = multiprocessing.get_context("spawn").Process(target=death, args=(model, tmp_path))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    with pytest.raises(ModelMissing):
        installed_folder(model, tmp_path)
    fetch(model, tmp_path)
    assert len(server.ranges) == 1, "the archive that was already there must be used"
    assert leftovers(tmp_path) == set()
    verify(model, tmp_path)


def test_a_damaged_installation_is_named_and_replaced(server: Server, model: Model, tmp_path: Path) -> None:
    folder = fetch(model, tmp_path)
    *kept, last = FILES["am/final.mdl"]
    (folder / "am/final.mdl").write_bytes(bytes([*kept, last ^ 1]))
    (folder / "README").unlink()
    with pytest.raises(ModelCorrupt, match=r"README: missing; .*final\.mdl: wrong SHA-256|final\.mdl.*README"):
        verify(model, tmp_path)
    fetch(model, tmp_path)
    verify(model, tmp_path)
    assert leftovers(tmp_path) == set()


@pytest.mark.parametrize("text", ["", "[]", '{"name": 1}', '{"files": {"a": {"bytes": 1}}}'])
def test_a_torn_manifest_is_an_error_of_the_tree_and_is_replaced(
    server: Server, model: Model, tmp_path: Path, text: str,
) -> None:
    folder = fetch(model, tmp_path)
    (folder / MANIFEST).write_text(text)
    with pytest.raises(ModelCorrupt, match=MANIFEST):
        installed_folder(model, tmp_path)
    fetch(model, tmp_path)
    verify(model, tmp_path)


def test_another_archive_under_the_same_version_counts_as_missing(
    server: Server, model: Model, tmp_path: Path,
) -> None:
    fetch(model, tmp_path)
    with pytest.raises(ModelMissing):
        installed_folder(replace(model, archive=replace(model.archive, sha256="0" * 64)), tmp_path)


def test_an_archive_that_points_outside_is_refused(server: Server, model: Model, tmp_path: Path) -> None:
    server.content = zip_of({"../../evil": b"x"})
    evil = replace(model, archive=Archive("tiny.zip", hashlib.sha256(server.content).hexdigest(), len(server.content)))
    with pytest.raises(ModelCorrupt, match="refuses"):
        fetch(evil, tmp_path / "home")
    assert not list(tmp_path.rglob("evil"))


def test_a_missing_member_is_named(server: Server, model: Model, tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="lacks voice.tflite"):
        fetch(replace(model, members=("README", "voice.tflite")), tmp_path)


def test_a_patch_that_does_not_fit_the_file_is_refused(server: Server, model: Model, tmp_path: Path) -> None:
    patch = Patch("remove-random-dropout", "README", "README", "0" * 64)
    with pytest.raises(ModelCorrupt, match="acoustic model"):
        fetch(replace(model, patches=(patch,)), tmp_path)
    assert not (tmp_path / "tiny-1").exists()


def wheel_with(folder: Path, member: str, data: bytes) -> None:
    """A minimal wheel that the real pip accepts from a local folder."""
    info = "tinymodel-1.0.dist-info"
    with zipfile.ZipFile(folder / "tinymodel-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(member, data)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinymodel\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip configured, as a maintainer might, to know one folder of wheels and no index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_the_progress_of_pip_is_looked_at_while_it_moves_its_scratch_folders(tmp_path: Path) -> None:
    ended = threading.Event()

    def move_about() -> None:
        while not ended.is_set():
            (tmp_path / "unpack/wheel").mkdir(parents=True)
            (tmp_path / "unpack/wheel/part").write_bytes(bytes(7))
            shutil.rmtree(tmp_path / "unpack")

    thread = threading.Thread(target=move_about)
    thread.start()
    try:
        with tqdm(total=10, file=io.StringIO()) as bar:
            for _ in range(500):
                download._show_growth(tmp_path, bar)
                assert bar.n in (0, 7)
    finally:
        ended.set()
        thread.join(5)


def test_the_wheel_is_the_second_source(server: Server, model: Model, tmp_path: Path, index: Path) -> None:
    wheel_with(index, "data/tiny.zip", server.content)
    sources = (UrlSource("http://127.0.0.1:9/a.zip"), PackageSource("tinymodel", "1.0", "data/tiny.zip"))
    fetch(replace(model, sources=sources), tmp_path / "home")
    verify(model, tmp_path / "home")
    assert leftovers(tmp_path / "home") == set()


@pytest.mark.parametrize(("source", "error", "words"), [
    (PackageSource("tinymodel", "1.0", "data/other.zip"), ModelCorrupt, r"holds no data/other\.zip"),
    (PackageSource("tinymodel", "2.0", "data/tiny.zip"), DownloadFailed, r"pip: ERROR.*tinymodel==2\.0"),
])
def test_a_wheel_without_the_archive(
    server: Server, model: Model, tmp_path: Path, index: Path, source: PackageSource, error: type, words: str,
) -> None:
    wheel_with(index, "data/tiny.zip", server.content)
    with pytest.raises(error, match=words):
        fetch(replace(model, sources=(source,)), tmp_path / "home")
    assert leftovers(tmp_path / "home") == set()
