"""A part of something that is held whole, as players ask for it to seek and boxes to go on where they were cut off (RFC 9110, 14)."""
from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi.responses import Response

_ASKED = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


def answer(data: bytes, media_type: str, asked: str | None, headers: Mapping[str, str]) -> Response:
    """``asked`` is the request's Range. What asks for several parts, or is none, gets all of it."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    match = _ASKED.fullmatch((asked or "").strip())
    if match is None or match[0] == "bytes=-":
        return Response(data, media_type=media_type, headers=headers)
    first, last = match.groups()
    begin = int(first) if first else max(0, len(data) - int(last))
    end = min(int(last) + 1 if first and last else len(data), len(data))
    if begin >= end:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{len(data)}"})
    return Response(data[begin:end], 206, media_type=media_type, headers=headers | {"Content-Range": f"bytes {begin}-{end - 1}/{len(data)}"})
