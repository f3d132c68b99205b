"""The one door to PortAudio: imported late, and started afresh only when nobody in this process is using it.

PortAudio lists devices once, at initialisation, so a device plugged in later appears only after a new start; and a new
start kills every open stream. Whoever opens a stream holds :func:`in_use` meanwhile.
"""
from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from assistant.errors import AudioError

_lock = threading.Lock()
_users = 0


def portaudio() -> ModuleType:
    """The sounddevice module. Raises AudioError where PortAudio itself is not installed."""
    try:
        return importlib.import_module("sounddevice")
    except OSError as error:
        raise AudioError(f"{error}; install it with `apt-get install libportaudio2`") from error


@contextmanager
def in_use() -> Iterator[ModuleType]:
    """Hold PortAudio as it is while a stream is open."""
    global _users
    sd = portaudio()
    with _lock:
        _users += 1
    try:
        yield sd
    finally:
        with _lock:
            _users -= 1


def refresh_devices() -> bool:
    """Look for devices again; False when a stream is open and it could not be done now. Raises AudioError."""
    sd = portaudio()
    with _lock:
        if _users:
            return False
        try:
            sd._terminate()
            sd._initialize()
        except sd.PortAudioError as error:
            raise AudioError(f"PortAudio cannot be started: {error}") from error
        return True


def list_loudspeakers() -> list[tuple[int, str]]:
    """Number and name of every device that can play. Raises AudioError where PortAudio does not answer."""
    sd = portaudio()
    try:
        entries = sd.query_devices()
    except sd.PortAudioError as error:
        raise AudioError(f"PortAudio cannot list devices: {error}") from error
    return [(number, entry["name"]) for number, entry in enumerate(entries) if entry["max_output_channels"] > 0]
