"""What the hub tells things to: a telephone's service, or another system of the village."""
from __future__ import annotations

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class OtherSystem:
    """Takes what it is told, or refuses it with ``status``. ``with OtherSystem() as system:``"""

    def __init__(self) -> None:
        self.got: queue.SimpleQueue[tuple[dict, bytes]] = queue.SimpleQueue()
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if outer.status < 500:
                    outer.got.put((dict(self.headers), body))
                self.send_response(outer.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    @property
    def as_channel(self) -> str:
        """In Apprise's form."""
        return f"json://127.0.0.1:{self._server.server_port}"

    def said(self) -> dict:
        """The next that it has taken."""
        return json.loads(self.got.get(timeout=5)[1])

    def __enter__(self) -> OtherSystem:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
