"""What is asked of the box, one thing after the other, and what is heard of it: first sounds, lowered music, an mpv that is killed."""
from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from bench.player import sound
from bench.player.box import PlayerBox
from bench.player.recording import Recording
from bench.player.sound import RATE
from bench.tables import percentiles

DUCK_DB = 15.0
FULL_S = (-2.6, -1.8)
"""When it is as loud as it is, to the moment at which the phrase is recognised: before anybody begins to say it."""
PLAYS_S = 0.8
"""As much is heard of what plays before it goes on."""
FULL_FOR_S = 0.6
"""As much before somebody calls."""
KILL_EVERY_S = 31.0
"""The box gives up on what dies three times a minute."""
MARGIN_S = 0.3
"""Before the end of a reply: a first sound that came there would be too early."""

TITLE, SORT, PERFORMER, PART, NEXT, PREVIOUS, RESTART, PAUSED, STOPPED = (
    "a title", "a sort", "a performer", "a part", "the next", "the one before", "anew", "on after a pause", "on after a stop")


@dataclass(frozen=True, slots=True)
class Request:
    """``first`` is asked before and only answered; ``called``: somebody says the wake phrase over the music first; ``killed``: mpv is, in
    the middle of what this has begun."""

    kind: str
    text: str
    first: str = ""
    called: bool = False
    killed: bool = False


def _of(kind: str, *texts: str, first: str = "") -> tuple[Request, ...]:
    return tuple(Request(kind, text, first) for text in texts)


_PLAIN = (
    *_of(TITLE, "来段吕剧李二嫂改嫁", "我想听花木兰", "放小苹果"), *_of(RESTART, "从头放"), *_of(PAUSED, "接着放", first="停一停"),
    *_of(SORT, "来段豫剧"), *_of(NEXT, "换一个"), *_of(PREVIOUS, "上一个"), *_of(STOPPED, "接着放", first="关了吧不听了"),
    *_of(PERFORMER, "听单田芳的评书"), *_of(NEXT, "下一集", "下一集"), *_of(PART, "白眉大侠第五回"), *_of(PREVIOUS, "上一集"),
    *_of(TITLE, "放穆桂英挂帅", "播放甜蜜蜜", "我想听朝阳沟"), *_of(STOPPED, "接着放", first="关了吧不听了"),
    *_of(SORT, "跳广场舞", "放首歌听听"), *_of(RESTART, "再放一遍"), *_of(PERFORMER, "听邓丽君的歌", "我想听郭德纲的相声"),
    *_of(PAUSED, "接着放", first="先停一下"), *_of(TITLE, "来段黄梅戏女驸马", "我想听沂蒙山小调", "放贵妃醉酒", "放天仙配"),
    *_of(NEXT, "换一段"), *_of(PREVIOUS, "上一个"), *_of(SORT, "来段吕剧", "来段评书", "听会儿京戏"), *_of(PART, "白眉大侠第二回"),
    *_of(NEXT, "下一集"), *_of(STOPPED, "接着放", first="停止播放"), *_of(TITLE, "我想听红楼梦", "放茉莉花", "放三滴血", "我想听姊妹易嫁"),
    *_of(RESTART, "从头放"), *_of(PAUSED, "接着唱", first="停一停"), *_of(TITLE, "放小姑贤", "放最炫民族风"),
)
CALLS, KILLS = 12, 5


def requests() -> list[Request]:
    """Of every kind; the calls and the kills lie evenly among them."""
    called = {round(number) for number in np.linspace(1, len(_PLAIN) - 1, CALLS)}
    killed = {round(number) for number in np.linspace(2, len(_PLAIN) - 2, KILLS)}
    return [Request(one.kind, one.text, one.first, number in called, number in killed) for number, one in enumerate(_PLAIN)]


@dataclass
class Heard:
    """Milliseconds to the first sound by kind; of each call how soon and by how much it was lowered; of each kill after how many seconds
    it was heard again, and how many seconds of the file further on."""

    first_ms: dict[str, list[float]] = field(default_factory=dict)
    lowered: list[sound.Lowering] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)
    moved_s: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    listened_s: float = 0.0
    gaps_ms: list[float] = field(default_factory=list)
    """What is missing in the middle of the first :data:`PLAYS_S` of each piece, of which ``listened_s`` were listened to."""


def listen(box: PlayerBox, heard: Recording, asked: Iterable[Request]) -> Heard:
    """Asks all of it, one after the other. What does not come is told in ``missed``."""
    found, killed_at = Heard(), 0.0
    for request in asked:
        try:
            if request.called:
                found.lowered.append(_called(box, heard))
                if found.lowered[-1].after_s is None:
                    found.missed.append(f"{request.text}: called, and it was not lowered")
            first = _first_sound(box, heard, request)
            found.gaps_ms += sound.gaps_ms(sound.parted(heard.stereo(len(heard) - round(PLAYS_S * RATE)))[1])
            found.listened_s += PLAYS_S
            found.first_ms.setdefault(request.kind, []).append(1000 * first)
            if request.killed:
                time.sleep(max(0.0, killed_at + KILL_EVERY_S - time.monotonic()))  # more often it would give up
                killed_at = time.monotonic()
                back_s, moved_s = _killed(box, heard)
                found.back_s.append(back_s)
                found.moved_s.append(moved_s)
        except (TimeoutError, LookupError, ValueError) as error:
            found.missed.append(f"{request.text}: {error}")
            print(f"{request}: {error}", file=sys.stderr)
    return found


def figures(found: Heard) -> dict[str, object]:
    every = [value for values in found.first_ms.values() for value in values]
    reached = [1000 * one.after_s for one in found.lowered if one.after_s is not None]
    return {
        "requests": len(_PLAIN), "missed": found.missed, "first_sound_ms": percentiles(every),
        "by_kind_ms": {kind: percentiles(values) for kind, values in found.first_ms.items()},
        "gaps": {"listened_s": round(found.listened_s), "ms": found.gaps_ms},
        "duck": {"calls": CALLS, "lowered": len(reached), "after_ms": percentiles(reached),
                 "least_db": round(min((one.by_db for one in found.lowered), default=0.0), 1)},
        "kill": {"kills": KILLS, "back": len(found.back_s), "back_s": round(max(found.back_s, default=0.0), 2),
                 "moved_s": [round(each, 2) for each in found.moved_s]},
    }


def _first_sound(box: PlayerBox, heard: Recording, request: Request) -> float:
    """Seconds from the last sample of the reply to the first of the music."""
    if request.first:
        box.ask(request.first)
    began = len(heard)
    box.ask(request.text)
    replied = len(heard)
    margin = round(MARGIN_S * RATE)

    def first(voice: sound.Sound, music: sound.Sound) -> int | None:
        over = sound.ends(voice, replied - began)
        begun = sound.begins(music, max(0, over - margin)) if over is not None else None
        return None if begun is None else begun - over

    seconds = heard.wait(first, began) / RATE
    heard.until(len(heard) + round(PLAYS_S * RATE))
    return seconds


def _called(box: PlayerBox, heard: Recording) -> sound.Lowering:
    heard.until(len(heard) + round(FULL_FOR_S * RATE))
    woken = heard.sample_at(box.call())
    heard.until(woken + RATE)
    since = woken - 4 * RATE
    _, music = sound.parted(heard.stereo(since)[: 5 * RATE])
    return sound.lowered(music, woken - since, FULL_S, DUCK_DB)


def _killed(box: PlayerBox, heard: Recording) -> tuple[float, float]:
    """Seconds from the kill to the first sound behind it, and by how many seconds of the file that lies behind the last before."""
    heard.until(len(heard) + 2 * RATE)
    since = len(heard) - RATE
    box.mpv().send_signal(signal.SIGKILL)
    killed = heard.sample_at(time.monotonic())

    def again(voice: sound.Sound, music: sound.Sound) -> tuple[int, float] | None:
        silent = sound.silence(music, killed - since)
        back = sound.begins(music, silent) if silent is not None else None
        if back is None or back + RATE > len(music):
            return None
        before = sound.place_s(music, silent - RATE // 2)
        return back + since, sound.place_s(music, back + RATE // 10) - before - (0.5 + 0.1)

    back, moved_s = heard.wait(again, since)
    return (back - killed) / RATE, moved_s
