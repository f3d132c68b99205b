"""A real HTTP server that serves feeds, files and a live station, or fails the way the test says."""
from __future__ import annotations

import io
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import soundfile

from assistant.ports import SAMPLE_RATE

BURST_S = 2.0
"""As much of it comes at once at the beginning, as from a real station."""
PACE_S = 0.1


@dataclass(frozen=True)
class Tone:
    """A sound as MP3, and how many bytes of it are a second."""

    data: bytes
    rate: int


def make_tone(seconds: float, hz: int = 5000) -> Tone:
    """One steady tone, of the band that the tests listen to."""
    file, times = io.BytesIO(), np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    soundfile.write(file, (0.3 * np.sin(2 * np.pi * hz * times)).astype(np.float32), SAMPLE_RATE, format="MP3", bitrate_mode="CONSTANT")
    return Tone(file.getvalue(), int(len(file.getvalue()) / seconds))


class StreamServer:
    """``pages`` maps a path to its body, ``redirects`` to where it leads. ``stations`` map a path to one round of sound that
    goes on for ever. ``headers`` are sent with a page; one with an ``ETag`` is not sent again to whoever knows it. With ``tls``
    it is a server for https."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.pages: dict[str, bytes] = {}
        self.changing: dict[str, Callable[[], bytes]] = {}
        """Pages that are made anew whenever they are asked for."""
        self.redirects: dict[str, str] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.stations: dict[str, Tone] = {}
        self.hanging: set[str] = set()
        """These paths are connected to and then never hear anything."""
        self.trickling: set[str] = set()
        """From these comes a byte now and then, for ever."""
        self.halves: set[str] = set()
        """Of these pages the first half is sent, and then nothing more comes."""
        self.requests: list[tuple[str, int]] = []
        """Path and status of each answer."""
        self.asked = threading.Condition()
        self._cut = threading.Event()
        self._silence = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    def __enter__(self) -> StreamServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Begin to answer, after a stop at the same address as before."""
        self._cut = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), type("Handler", (_Handler,), {"outer": self}))
        self._server.daemon_threads = True
        if self._tls is not None:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuse new connections, break off all that there are."""
        self._cut.set()
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
            self._thread.join(5)

    def break_off(self) -> None:
        """End what is being sent; new connections are served as before."""
        cut, self._cut = self._cut, threading.Event()
        cut.set()

    def fall_silent(self) -> None:
        """Send nothing more to those who listen now, and do not tell them; new connections are served as before."""
        silence, self._silence = self._silence, threading.Event()
        silence.set()

    def wait_for_request(self, path: str, count: int = 1, timeout_s: float = 20.0) -> None:
        """Until this path has been asked for so often."""
        with self.asked:
            assert self.asked.wait_for(lambda: self.count(path) >= count, timeout_s), self.requests

    def count(self, path: str) -> int:
        return sum(1 for asked, _ in self.requests if asked == path)

    def _note(self, path: str, status: int) -> None:
        with self.asked:
            self.requests.append((path, status))
            self.asked.notify_all()


class _Handler(BaseHTTPRequestHandler):
    outer: StreamServer

    def do_GET(self) -> None:
        try:
            self._answer(self.path.partition("?")[0])
        except OSError:
            """Whoever asked has gone."""

    def _answer(self, path: str) -> None:
        if path in self.outer.hanging:
            self.outer._note(path, 0)
            self.outer._cut.wait()
        elif path in self.outer.trickling:
            self.outer._note(path, 0)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not self.outer._cut.wait(PACE_S):
                self.wfile.write(b"a")
        elif path in self.outer.redirects:
            self._begin(path, 302, {"Location": self.outer.redirects[path], "Content-Length": "0"})
        elif path in self.outer.stations:
            self._begin(path, 200, {"Content-Type": "audio/mpeg"})
            self._play(self.outer.stations[path], self.outer._cut, self.outer._silence)
        elif path in self.outer.pages or path in self.outer.changing:
            self._page(path)
        else:
            self._begin(path, 404, {"Content-Length": "0"})

    def _page(self, path: str) -> None:
        headers = self.outer.headers.get(path, {})
        body = self.outer.changing[path]() if path in self.outer.changing else self.outer.pages[path]
        if "ETag" in headers and self.headers.get("If-None-Match") == headers["ETag"]:
            self._begin(path, 304, headers)
            return
        since, size = self.headers.get("Range", ""), len(body)
        first = int(since.removeprefix("bytes=").partition("-")[0]) if since else 0
        more = {"Content-Range": f"bytes {first}-{size - 1}/{size}"} if since else {}
        self._begin(path, 206 if since else 200, {"Accept-Ranges": "bytes", "Content-Length": str(size - first), **headers, **more})
        if path in self.outer.halves and first < size // 2:
            self.wfile.write(body[first : size // 2])
            self.wfile.flush()
            self.outer._cut.wait()
            return
        self.wfile.write(body[first:])

    def _begin(self, path: str, status: int, headers: dict[str, str]) -> None:
        self.outer._note(path, status)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _play(self, tone: Tone, cut: threading.Event, silence: threading.Event) -> None:
        sound, at, step = tone.data, 0, int(tone.rate * BURST_S)
        while True:
            self.wfile.write((sound[at:] + sound)[:step])
            at, step = (at + step) % len(sound), int(tone.rate * PACE_S)
            if cut.wait(PACE_S) or (silence.is_set() and cut.wait()):
                return

    def log_message(self, *_: object) -> None:
        """Quiet: pytest shows what matters."""
