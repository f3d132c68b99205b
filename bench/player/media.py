"""The files that the box is to play: real ones, in the formats that are met with, made by libsndfile and by mpv's own encoders."""
from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import soundfile

from audio.mpv_link import ALONE, find_mpv
from bench.player.sound import SECONDS, rising_tone

_RATE = 44_100
_WRITTEN = {".wav": "PCM_16", ".flac": "PCM_16", ".mp3": "MPEG_LAYER_III"}
_ENCODED = {".m4a": ("--oac=aac",), ".wma": ("--oac=wmav2",), ".ogg": ("--oac=libvorbis",), ".opus": ("--oac=libopus",),
            ".mp4": ("--oac=aac", "--ovc=mpeg4", "--lavfi-complex=testsrc=size=320x240:rate=15[vo]")}
FORMATS = (*_WRITTEN, *_ENCODED)
"""The last is a film."""

COLLECTION = (
    "吕剧/李二嫂改嫁.mp3", "吕剧/姊妹易嫁.flac", "吕剧/小姑贤.m4a", "豫剧/常香玉/花木兰.ogg", "豫剧/穆桂英挂帅.opus", "豫剧/朝阳沟.wma",
    "黄梅戏/女驸马.mp3", "黄梅戏/天仙配.mp4", "京剧/梅兰芳/贵妃醉酒.flac", "越剧/红楼梦.wav", "秦腔/三滴血.mp3",
    *(f"评书/单田芳/白眉大侠/{part:03d}.mp3" for part in range(1, 9)),
    "相声/郭德纲/论相声五十年之现状.mp3", "广场舞/小苹果.mp4", "广场舞/最炫民族风.mp4", "歌曲/邓丽君/甜蜜蜜.m4a", "歌曲/沂蒙山小调.opus",
    "歌曲/茉莉花.ogg", "歌曲/在希望的田野上.mp3",
)


def make_collection(folder: Path, names: tuple[str, ...] = COLLECTION, seconds: int = SECONDS) -> list[Path]:
    """Files of ``seconds`` each, silent on the left and a tone on the right that tells the place; one of a format is made, the others
    are links to it."""
    with tempfile.TemporaryDirectory(prefix="xiangyin-media-", dir=folder.parent) as made:
        originals = {suffix: make_original(Path(made), suffix, seconds) for suffix in {Path(name).suffix for name in names}}
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.link(originals[Path(name).suffix], folder / name)
    return [folder / name for name in names]


def make_original(folder: Path, suffix: str, seconds: int) -> Path:
    """One file of this format. Raises CalledProcessError when mpv cannot make it."""
    file, wave = folder / f"made{suffix}", folder / "tone.wav"
    if suffix in _WRITTEN:
        soundfile.write(file, rising_tone(seconds, _RATE), _RATE, _WRITTEN[suffix])
        return file
    if not wave.exists():
        soundfile.write(wave, rising_tone(seconds, _RATE), _RATE)
    command = [find_mpv(), *ALONE, "--really-quiet", f"--length={seconds}", f"--o={file}", *_ENCODED[suffix], str(wave)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return file
