"""Pictures as telephones and PCs make them, and what is none."""
from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from hub.errors import Refused
from hub.pictures import LONGEST_SIDE, prepared

ORIENTATION, GPS = 0x0112, 0x8825


def halves(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image.convert(mode)


def written(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def seen(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P"])
def test_whatever_made_it_screens_get_the_same(form, mode):
    mode = {"RGBA": "RGB", "P": "RGB"}.get(mode, mode) if form == "JPEG" else "RGB" if (form, mode) == ("WEBP", "P") else mode
    made = prepared(written(halves((400, 300), mode), form))
    image = seen(made.data)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (400, 300)) and (made.width, made.height) == image.size
    if mode != "L":
        assert image.getpixel((50, 150))[0] > 200 > 60 > image.getpixel((50, 150))[2]


def test_it_is_made_smaller_and_turned_upright_and_tells_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[2] = (36.0, 43.0, 12.0)
    data = written(halves((4000, 3000)), "JPEG", exif=exif, comment=b"secret", icc_profile=b"secret profile")
    assert b"Exif" in data and b"secret" in data
    made = prepared(data)
    assert (made.width, made.height) == (960, LONGEST_SIDE)
    assert b"Exif" not in made.data and b"secret" not in made.data and seen(made.data).getpixel((480, 100))[0] > 200, "red is above"


def test_what_lets_light_through_lies_on_white():
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    assert seen(prepared(written(image, "PNG")).data).getpixel((50, 50)) == (255, 255, 255)


HOSTILE = {
    "empty": b"", "text": b"hello", "page": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "sound": b"RIFF\x10\0\0\0WAVEfmt ",
    "jpeg alone": b"\xff\xd8\xff\xe0" + bytes(50), "png alone": b"\x89PNG\r\n\x1a\n" + bytes(50), "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n"}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(Refused, match="图片"):
        prepared(data)


def test_what_would_fill_the_memory_is_refused_before_it_is_unpacked():
    data = written(Image.new("1", (6000, 5000)), "PNG")
    assert len(data) < 10_000
    with pytest.raises(Refused, match="太大"):
        prepared(data)


@pytest.mark.parametrize("seed", range(30))
def test_garbled_ones_are_refused_or_used_but_do_no_harm(seed):
    chance = np.random.default_rng(seed)
    noise = Image.fromarray(chance.integers(0, 256, (60, 80, 3), np.uint8))
    data = bytearray(written(noise, ("JPEG", "PNG", "WEBP")[seed % 3]))
    for place in chance.integers(12, len(data), 20):
        data[place] = chance.integers(256)
    try:
        assert prepared(bytes(data)).width <= LONGEST_SIDE
    except Refused:
        """In words."""
