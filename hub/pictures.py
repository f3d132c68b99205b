"""A picture that goes with a notice: whatever a telephone or a PC made it, it is written anew, small, and with nothing in it but what is seen."""
from __future__ import annotations

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps

from hub.errors import Refused

MEDIA_TYPE = "image/jpeg"
LONGEST_SIDE = 1280
"""Pixels: as many as the screen of a box has."""
QUALITY = 82
_FORMATS = {"JPEG": (b"\xff\xd8\xff", 60_000_000), "PNG": (b"\x89PNG\r\n\x1a\n", 25_000_000), "WEBP": (b"RIFF", 25_000_000)}
"""First bytes, and how many pixels it may have: what is no JPEG is unpacked whole, four bytes each. No other of Pillow's readers is ever asked."""

Image.MAX_IMAGE_PIXELS = None  # it would warn of what is refused here


@dataclass(frozen=True, slots=True)
class Picture:
    """``data`` is a JPEG file."""

    data: bytes
    width: int
    height: int


def prepared(data: bytes) -> Picture:
    """What screens are to show. Where it was taken, and by whom, is left out. Raises Refused, in words for the person who sent it."""
    name, most = next(((name, most) for name, (first, most) in _FORMATS.items() if data.startswith(first)), (None, 0))
    if name is None:
        raise Refused("这不是图片，或者是这里打不开的格式。可以用 jpg、png、webp")
    try:
        with Image.open(io.BytesIO(data), formats=[name]) as opened:
            if opened.width * opened.height > most:
                raise Refused("图片太大了，请压小一点再传")
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is not even unpacked whole
            small = opened.convert("RGBA") if opened.mode in ("1", "P", "PA") else opened
            small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            seen = _flat(ImageOps.exif_transpose(small))
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error) as error:
        raise Refused("图片坏了，打不开，请换一张") from error
    file = io.BytesIO()
    seen.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(file.getvalue(), *seen.size)


def _flat(image: Image.Image) -> Image.Image:
    """In plain colours, on white where it lets something through; a copy of the pixels alone."""
    if image.mode in ("RGBA", "LA") or "transparency" in image.info:
        above = image.convert("RGBA")
        below = Image.new("RGBA", above.size, "white")
        return Image.alpha_composite(below, above).convert("RGB")
    flat = Image.new("RGB", image.size)
    flat.paste(image.convert("RGB"))
    return flat
