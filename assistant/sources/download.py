"""One feed as bytes, from wherever it leads. Bounded in size; bounded in time and memory by whoever calls it."""
from __future__ import annotations

from dataclasses import dataclass

import requests
import urllib3

from assistant.errors import FeedUnavailable
from assistant.sources.address import led_to

LARGEST = 8_000_000
"""Bytes, unpacked. Feeds with every episode of ten years are about half of it."""
MOST_REDIRECTS = 5
TIMEOUTS_S = (10.0, 15.0)
"""To connect, and between one byte and the next."""
_CHUNK = 65_536
_HEADERS = {"User-Agent": "xiangyin/0.1", "Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"}


@dataclass(frozen=True, slots=True)
class Download:
    """``address`` is where it was in the end."""

    address: str
    body: bytes
    content_type: str
    etag: str
    modified: str


def download(address: str, etag: str = "", modified: str = "") -> Download | None:
    """None when it is as it was when the server said ``etag`` and ``modified`` of it. Raises FeedUnavailable."""
    conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {**_HEADERS, **{name: value for name, value in conditions.items() if value}}
    try:
        for _ in range(MOST_REDIRECTS + 1):
            with requests.get(address, headers=headers, timeout=TIMEOUTS_S, stream=True, allow_redirects=False) as response:
                if not response.is_redirect:
                    return _taken(address, response)
                link = response.headers["Location"]
            if not (target := led_to(address, link)):
                raise FeedUnavailable(f"{address} leads to {link[:200]!r}, which is not followed")
            address = target
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise FeedUnavailable(f"{address}: {type(error).__name__}: {str(error)[:160]}") from error
    raise FeedUnavailable(f"{address}: led on more than {MOST_REDIRECTS} times")


def _taken(address: str, response: requests.Response) -> Download | None:
    if response.status_code == requests.codes.not_modified:
        return None
    if response.status_code != requests.codes.ok:
        raise FeedUnavailable(f"{address}: HTTP {response.status_code}")
    said = response.headers
    return Download(address, _body(address, response), said.get("Content-Type", ""), said.get("ETag", ""), said.get("Last-Modified", ""))


def _body(address: str, response: requests.Response) -> bytes:
    body = bytearray()
    while block := response.raw.read1(_CHUNK, decode_content=True):
        body += block
        if len(body) > LARGEST:
            raise FeedUnavailable(f"{address}: longer than {LARGEST} bytes")
    expected = response.headers.get("Content-Length", "")
    if expected.isdecimal() and not response.headers.get("Content-Encoding") and len(body) < int(expected):
        raise FeedUnavailable(f"{address}: the connection was closed after {len(body)} of {expected} bytes")
    return bytes(body)
