"""Checks of the sound: microphone level and clipping, loudspeaker, both engines' readiness."""
from __future__ import annotations

import os
import queue
import subprocess
import time
from collections.abc import Iterator

import numpy as np

from assistant.doctor.finding import Finding, fault, good, warning
from assistant.errors import (
    AudioError,
    LoudspeakerUnavailable,
    MicrophoneUnavailable,
    ModelError,
    PlayerMissing,
    VoiceError,
)
from assistant.events import Ending, MicFailed
from assistant.ports import SAMPLE_RATE, Loudspeaker, Microphone, Pcm
from assistant.settings import Settings
from audio.sound_server import NOWHERE, playing_on

LISTEN_S = 2.0
CLIPPED_SHARE = 0.001
"""More full-scale samples than this is audible distortion."""
SILENT_DBFS = -85.0
"""A live converter is noisier than this; below it the microphone is muted or not connected."""
QUIET_DBFS = -60.0


def level_dbfs(pcm: Pcm) -> float:
    """Root-mean-square level of int16 samples relative to full scale; -inf dB is given as -120."""
    if not len(pcm):
        return -120.0
    rms = float(np.sqrt(np.mean(np.square(pcm.astype(np.float64)))))
    return max(-120.0, 20 * np.log10(max(rms, 1e-9) / 32768.0))


def check_microphone(microphone: Microphone, listen_s: float = LISTEN_S) -> Finding:
    """Listen for a moment and judge what comes."""
    chunks: queue.SimpleQueue[Pcm | MicFailed] = queue.SimpleQueue()
    try:
        microphone.start(chunks.put, lambda event: chunks.put(event) if isinstance(event, MicFailed) else None)
        heard = _collect(chunks, listen_s)
    except MicrophoneUnavailable as error:
        return fault("microphone", f"没有话筒：{error}", "插上话筒；或在设置 [audio] microphone 里写它的名字")
    finally:
        microphone.stop()
    return judge_recording(heard)


def _collect(chunks: queue.SimpleQueue, seconds: float) -> Pcm:
    wanted, got, end = int(seconds * SAMPLE_RATE), [], time.monotonic() + seconds + 3.0
    while sum(map(len, got)) < wanted:
        try:
            chunk = chunks.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            raise MicrophoneUnavailable("the device opened but delivers no sound") from None
        if isinstance(chunk, MicFailed):
            raise MicrophoneUnavailable(chunk.reason)
        got.append(chunk)
    return np.concatenate(got)


def judge_recording(pcm: Pcm) -> Finding:
    """What two seconds of the microphone say about it."""
    level = level_dbfs(pcm)
    clipped = float(np.mean(np.abs(pcm.astype(np.int32)) >= 32700))
    if clipped > CLIPPED_SHARE:
        return warning("microphone", f"话筒声音太大，破音了（{clipped:.1%} 的样本到顶）", "用 alsamixer 把录音音量调小")
    if level <= SILENT_DBFS:
        return fault("microphone", f"话筒一点声音也没有（{level:.0f} dBFS）", "看看话筒是不是静音、没插牢，或选错了设备")
    if level < QUIET_DBFS:
        return good("microphone", f"话筒有声音，环境安静（{level:.0f} dBFS）；对着它说话再试一次可看音量")
    return good("microphone", f"话筒正常（{level:.0f} dBFS，没有破音）")


def check_loudspeaker(loudspeaker: Loudspeaker, process: int | None = None) -> Finding:
    """Play a short, soft tone, and see where it goes; ``process`` is the one that plays it, this one if not given."""
    sinks: list[str | None] = []
    try:
        ending = loudspeaker.play(_tone(sinks, process or os.getpid()), SAMPLE_RATE)
    except LoudspeakerUnavailable as error:
        return fault("loudspeaker", f"没有喇叭：{error}", "插上喇叭；或在设置 [audio] loudspeaker 里写它的名字")
    if ending is not Ending.FINISHED:
        return fault("loudspeaker", "喇叭没有放完试音", "看看声音服务是否正常：docs/audio.md")
    if NOWHERE in sinks:
        return fault("loudspeaker", "没有喇叭：声音服务眼下没有可用的输出，放的声音谁也听不见",
                     "插上喇叭，打开电视；pactl list short sinks 看得到有什么")
    return good("loudspeaker", "喇叭正常，刚才“嘟”了一声")


def _tone(sinks: list[str | None], process: int) -> Iterator[Pcm]:
    """The silence behind it is asked for while it is played."""
    time_axis = np.arange(int(0.4 * SAMPLE_RATE)) / SAMPLE_RATE
    yield (4000 * np.sin(2 * np.pi * 880 * time_axis) * np.hanning(len(time_axis))).astype(np.int16)
    sinks.append(playing_on(process))
    yield np.zeros(SAMPLE_RATE // 10, np.int16)


def check_voice(settings: Settings) -> Finding:
    """Which voice would speak, and how fast it works."""
    from assistant.wiring import build_voice

    try:
        voice = build_voice(settings)
    except (VoiceError, ModelError) as error:
        return fault("voice", f"不会说话：{error}", "运行 xiangyin models fetch，或装上 espeak-ng")
    if settings.voice.engine == "auto" and not voice.name.startswith("neural"):
        return warning("voice", f"用的是备用嗓子（{voice.name}）", "运行 xiangyin models fetch；机器太慢时这是正常的")
    return good("voice", f"嗓子：{voice.name}")


def check_player() -> Finding:
    """What plays operas and songs. Without it the box still talks."""
    from audio.mpv_link import find_mpv

    remedy = "运行 script/setup，或 sudo apt-get install --no-install-recommends mpv"
    try:
        program = find_mpv()
    except PlayerMissing:
        return fault("player", "没有装放节目的 mpv，戏和歌放不了，别的照常", remedy)
    try:
        told = subprocess.run([program, "--no-config", "--version"], capture_output=True, text=True, timeout=10, errors="replace")
    except (OSError, subprocess.TimeoutExpired) as error:
        return fault("player", f"放节目的 mpv 起不来：{error}", remedy)
    if told.returncode:
        return fault("player", f"放节目的 mpv 起不来（{told.returncode}）：{told.stderr.strip()[:200]}", remedy)
    return good("player", f"放节目用 {' '.join(told.stdout.split()[:2])}")


def check_devices() -> Finding:
    """Name the sound devices, so that the settings can be written."""
    from audio.capture import list_devices
    from audio.portaudio import list_loudspeakers

    try:
        microphones, loudspeakers = list_devices(), list_loudspeakers()
    except AudioError as error:
        return fault("devices", f"声音设备列不出来：{error}", "安装 libportaudio2：运行 script/setup")
    if not microphones and not loudspeakers:
        return fault("devices", "这台机器上没有声音设备", "插上声卡或 USB 话筒；没有也能用打字：xiangyin run")
    inputs = "；".join(f"{d.index} {d.name}" for d in microphones) or "没有"
    outputs = "；".join(f"{number} {name}" for number, name in loudspeakers) or "没有"
    return good("devices", f"能录音的：{inputs}。能放音的：{outputs}")
