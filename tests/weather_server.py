"""A real HTTP server that answers like Open-Meteo, or fails the way the test says."""
from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HIGH = 24.0


def payload(today: dt.date) -> dict:
    """A week of sunny days, 14 to 24 degrees."""
    days = [(today + dt.timedelta(days=n)).isoformat() for n in range(7)]
    return {
        "current": {"temperature_2m": 18.0},
        "daily": {
            "time": days, "weather_code": [0] * 7, "temperature_2m_max": [HIGH] * 7, "temperature_2m_min": [14.0] * 7,
            "precipitation_sum": [0.0] * 7, "precipitation_probability_max": [0] * 7, "wind_speed_10m_max": [3.0] * 7,
            "wind_direction_10m_dominant": [90] * 7, "sunrise": [f"{d}T06:50" for d in days],
            "sunset": [f"{d}T17:05" for d in days],
        },
    }


@contextmanager
def weather_server() -> Iterator[str]:
    """Yields the server's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(payload(dt.date.today())).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet: pytest shows what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
