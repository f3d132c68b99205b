"""A real server that answers as Open-Meteo does, or as the test says."""
from __future__ import annotations

import contextlib
import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


def forecast(first: dt.date, **changes: object) -> dict:
    days = [(first + dt.timedelta(days=number)).isoformat() for number in range(3)]
    return {"daily": {"time": days, "weather_code": [2, 61, 0], "temperature_2m_max": [11.6, 9.4, 12.0], "temperature_2m_min": [-2.4, 1.0, 0.0],
                      "precipitation_probability_max": [0, 80, None]} | changes}


class ForecastServer:
    """``answer`` is what comes next: a body, a status, or raw bytes for what no server should say. ``asked`` are the queries that came."""

    def __init__(self, answer: dict | int | bytes) -> None:
        self.answer = answer
        self.asked: list[dict[str, list[str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(parse_qs(urlsplit(self.path).query))
                if isinstance(server.answer, bytes):
                    with contextlib.suppress(OSError):  # whoever asked has had enough
                        self.wfile.write(server.answer)
                    return
                status, body = (200, server.answer) if isinstance(server.answer, dict) else (server.answer, {})
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: object) -> None:
                """Quiet: pytest shows what matters."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ForecastServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
