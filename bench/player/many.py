"""Twenty thousand media files, as they lie on the disk of somebody who has collected for years; made in seconds.

Three quarters are small MP3 files with tags of their own, the others links to one file of each other format.
"""
from __future__ import annotations

import itertools
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.elders.titles import simulated_titles
from bench.player.media import FORMATS, make_original
from intents.wordlists import VOCABULARY_DIR, load_list

PARTS = 100
"""Of a book."""
BOOKS_SHARE = 0.25
"""Of all files."""
_OTHERS = tuple(suffix for suffix in FORMATS if suffix != ".mp3")
_AD = "更多下载请到www.example.com"


def make_many(folder: Path, count: int, seed: int = 5) -> None:
    """``count`` files below ``folder``, no two of the same name."""
    with tempfile.TemporaryDirectory(prefix="xiangyin-media-", dir=folder.parent) as made:
        originals = {suffix: make_original(Path(made), suffix, 1) for suffix in FORMATS}
        sound = originals[".mp3"].read_bytes()
        for number, (name, tag) in enumerate(itertools.islice(_named(count, random.Random(seed)), count)):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if number % 4:
                file.with_name(f"{file.name}.mp3").write_bytes(tag + sound)
            else:
                suffix = _OTHERS[number // 4 % len(_OTHERS)]
                os.link(originals[suffix], file.with_name(file.name + suffix))


def _named(count: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Names without suffix, and a tag; books and single pieces by turns, as many as are wanted and more."""
    genres = [entry.canonical for entry in load_list(VOCABULARY_DIR / "genres.tsv")]
    artists = [entry.canonical for entry in load_list(VOCABULARY_DIR / "artists.tsv")]
    titles = simulated_titles(count)
    books = round(count * BOOKS_SHARE / PARTS)
    for title in titles[:books]:
        artist = chance.choice(artists)
        for part in range(1, PARTS + 1):
            yield f"评书/{artist}/{title}/{part:03d}", id3(f"{title}第{part}回", artist, "评书", chance.random() < 0.2)
    for number, title in enumerate(titles[books:]):
        genre, artist = chance.choice(genres), chance.choice(artists)
        name = (f"{genre}/{artist}/{title}", f"{artist}/{number % 99:02d} {title}", f"下载/{genre}《{title}》选段",
                f"歌曲/{artist} - {title}")[number % 4]
        yield name, id3(_AD if number % 9 == 0 else title, artist, genre, chance.random() < 0.2)


def id3(title: str, artist: str, genre: str, as_gbk: bool) -> bytes:
    """An ID3v2.3 tag; ``as_gbk``: as old Chinese programs wrote it, where the format has Latin-1."""
    body = b"".join(_frame(name, text, as_gbk) for name, text in ((b"TIT2", title), (b"TPE1", artist), (b"TCON", genre)))
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + body


def _frame(name: bytes, text: str, as_gbk: bool) -> bytes:
    content = b"\x00" + text.encode("gbk", "replace") if as_gbk else b"\x01" + text.encode("utf-16")
    return name + len(content).to_bytes(4, "big") + b"\x00\x00" + content
