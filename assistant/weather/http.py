"""One bounded HTTP request for JSON: size, time per read and time in all are limited, and every fault has one error."""
from __future__ import annotations

import json
import time
from collections.abc import Mapping

import requests
import urllib3

from assistant.errors import WeatherUnavailable

USER_AGENT = "xiangyin/0.1"
_MAX_BYTES = 1_000_000
_CHUNK = 16_384


def get_json(url: str, params: Mapping[str, object], deadline_s: float, contact: str = "") -> object:
    """The decoded JSON body of ``url``. ``contact`` (an address or a page) goes into the User-Agent.

    Raises WeatherUnavailable on any network fault, status other than 200, body over 1 MB or not JSON, and when the
    body has not arrived within ``deadline_s`` seconds. A server that trickles its *headers* can still hold the calling
    thread longer, so the caller waits with a deadline of its own (see ``chain.py``).
    """
    end = time.monotonic() + deadline_s
    headers = {"User-Agent": f"{USER_AGENT} {contact}".strip()}
    try:
        with requests.get(url, params=params, timeout=deadline_s, stream=True, headers=headers) as response:
            if response.status_code != requests.codes.ok:
                raise WeatherUnavailable(f"HTTP {response.status_code}")
            return json.loads(_body(response, end))
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise WeatherUnavailable(f"{type(error).__name__}: {_brief(error)}") from error
    except ValueError as error:
        raise WeatherUnavailable(f"not JSON: {_brief(error)}") from error


def _body(response: requests.Response, end: float) -> bytes:
    body = bytearray()
    while block := response.raw.read1(_CHUNK, decode_content=True):
        body += block
        if len(body) > _MAX_BYTES:
            raise WeatherUnavailable(f"answer longer than {_MAX_BYTES} bytes")
        if time.monotonic() > end:
            raise WeatherUnavailable(f"answer incomplete at the deadline ({len(body)} bytes)")
    expected = response.headers.get("Content-Length")
    if expected and not response.headers.get("Content-Encoding") and len(body) < int(expected):
        raise WeatherUnavailable(f"connection closed after {len(body)} of {expected} bytes")
    return bytes(body)


def _brief(error: Exception) -> str:
    return str(error).replace("\n", " ")[:160]
