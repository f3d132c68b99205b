"""Check of the echo: who takes the box's own sound out of the microphone's, and whether it is the sound that is played."""
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.doctor.finding import Finding, good, warning
from assistant.errors import LoudspeakerUnavailable
from assistant.ports import SAMPLE_RATE, Loudspeaker, Pcm
from assistant.settings import Settings
from audio.far_end import delivers
from audio.sound_server import Sight, look, playing_on

SERVICE = Path("/etc/systemd/system/xiangyin-sound.service")
"""There if deploy/install.sh has installed the box's own sound server."""


def check_echo(settings: Settings, loudspeaker: Loudspeaker, service: Path = SERVICE, process: int | None = None) -> Finding:
    """What takes the box's own sound out of the microphone's, or why nothing does. The loudspeaker is given silence, to see where it goes;
    ``process`` is the one that plays it, this one if not given."""
    if settings.audio.echo_cancellation == "off":
        return warning("echo", "回声消除关着：放戏的时候不容易叫应它", '在设置 [audio] 里写 echo_cancellation = "auto"')
    sink = _where_it_plays(loudspeaker, process or os.getpid())
    sight = look()
    if sight is None:
        return _without_server(service)
    if not delivers(sight):
        return warning("echo", f"声音服务 {sight.server} 不给听它放出来的声音，消不掉回声", "运行 pactl info，看看有没有默认的输出")
    default = sight.device(sight.source)
    if default and default.without_echo:
        return good("echo", f"声音服务 {sight.server} 自己消回声（{default.name}），盒子不再消")
    return _misplaced(settings, sight, sink) or good("echo", f"回声消除开着：从 {sight.server} 的 {sight.sink} 取放出来的声音，自己消")


def _without_server(service: Path) -> Finding:
    if service.exists():
        return warning("echo", "盒子的声音服务没有应答，消不掉自己的回声：放戏的时候不容易叫应它",
                       "运行 sudo systemctl restart xiangyin-sound，再看 journalctl -u xiangyin-sound；"
                       "体检要照 docs/audio.md 的 As a service 一节运行")
    return warning("echo", "没有声音服务，消不掉自己的回声：放戏的时候不容易叫应它",
                   "没有桌面的机器运行 sudo deploy/install.sh，会装好声音服务；或用自带回声消除的会议话筒：docs/audio.md 的 Echo 一节")


def _misplaced(settings: Settings, sight: Sight, sink: str | None) -> Finding | None:
    """What the box plays elsewhere than on the default output, the only one that is listened to."""
    if sink == "":
        return warning("echo", f"盒子的声音没有经过声音服务 {sight.server}，消不掉",
                       "把 /etc/asound.conf 挪开；[audio] loudspeaker 空着，或写声音服务里的名字")
    if sink is not None and sink != sight.sink:
        return warning("echo", f"盒子在 {sink} 上说话，取的却是默认输出 {sight.sink} 的声音，消不掉", f"运行 pactl set-default-sink {sink}")
    if settings.media.device not in ("", "auto", "pulse", f"pulse/{sight.sink}"):
        return warning("echo", f"戏和歌在 {settings.media.device} 上放，取的却是默认输出 {sight.sink} 的声音，消不掉", "把 [media] device 空着")
    return None


def _where_it_plays(loudspeaker: Loudspeaker, process: int) -> str | None:
    """The server's name of the output; empty if it is none of the server's, None if nothing can be played."""
    seen: list[str] = []
    try:
        loudspeaker.play(_silence(seen, process), SAMPLE_RATE)
    except LoudspeakerUnavailable:  # told by another check
        return None
    return seen[0] if seen else None


def _silence(seen: list[str], process: int) -> Iterator[Pcm]:
    """The second half is asked for while the first is played."""
    yield np.zeros(SAMPLE_RATE // 4, np.int16)
    seen.append(playing_on(process) or "")
    yield np.zeros(SAMPLE_RATE // 4, np.int16)
