"""Private sound servers whose devices exist only in memory: PulseAudio, and the PipeWire of this system.

Neither touches a sound card, the server of whoever is logged in, or the settings of either.
"""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

_COMES_UP_WITHIN_S = 20.0
_TOOLS = ("pactl", "parec", "pacat", "paplay")
_CHANNELS = {1: "channels=1 channel_map=mono", 2: "channels=2 channel_map=front-left,front-right"}
_FOREIGN = ("PULSE_", "PIPEWIRE_", "WIREPLUMBER_", "XDG_")


class PrivateServer(ABC):
    """Understands PulseAudio's protocol at ``socket``, whichever server it is."""

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    """Programs, beside the tools of the package pulseaudio-utils."""
    _sink_options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, folder: Path, realtime: bool = False) -> None:
        """``folder`` is its own: all that it reads, keeps and writes. ``realtime``: whether it may go before everything else on this
        machine; PipeWire does as its settings say."""
        self.folder = folder
        self._realtime = realtime
        self.socket = folder / "native"
        self._log = folder / "server.log"
        self._process: subprocess.Popen | None = None

    @classmethod
    def there(cls) -> bool:
        """Whether what it takes is installed."""
        return all(shutil.which(program) for program in (*cls.needs, *_TOOLS))

    @property
    def env(self) -> dict[str, str]:
        """Of a process that uses it."""
        return {**os.environ, "PULSE_SERVER": f"unix:{self.socket}", "PULSE_RUNTIME_PATH": str(self.folder / "run"),
                "PULSE_COOKIE": str(self.folder / "cookie"), "XDG_RUNTIME_DIR": str(self.folder), "PIPEWIRE_RUNTIME_DIR": str(self.folder)}

    @property
    def pid(self) -> int:
        """Of the process whose children are all others of the server."""
        assert self._process is not None, "it has been started"
        return self._process.pid

    def start(self) -> None:
        """Raises RuntimeError with its log when it does not come up."""
        (self.folder / "run").mkdir(exist_ok=True)
        env = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
        env |= {"HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
        with open(self._log, "wb") as out:
            self._process = subprocess.Popen(self._prepared(env), env=env, stdout=subprocess.DEVNULL, stderr=out, start_new_session=True)
        self.until(lambda: self.ask("info", check=False).returncode == 0)

    @abstractmethod
    def _prepared(self, env: dict[str, str]) -> list[str]:
        """The command that starts it, what that reads having been written; ``env`` is what it is started with, and may be added to."""

    def stop(self) -> None:
        """Idempotent."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(10)

    def log(self) -> str:
        """What it has complained about."""
        return self._log.read_text(errors="replace")

    def ask(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        """pactl. Raises CalledProcessError unless ``check`` is false."""
        return subprocess.run(["pactl", *words], env=self.env, capture_output=True, text=True, check=check)

    def load(self, module: str, *arguments: str) -> str:
        """Load a module; the number by which it is unloaded. Raises CalledProcessError."""
        return self.ask("load-module", module, *arguments).stdout.strip()

    def add_sink(self, name: str, channels: int = 1, *options: str) -> None:
        """16 kHz, so that nothing that the box plays or hears has to be resampled by the device."""
        self.load("module-null-sink", f"sink_name={name}", "rate=16000", "format=s16le", *_CHANNELS[channels].split(), *self._sink_options,
                  *options)

    def make_default(self, kind: str, name: str) -> None:
        """``kind``: sink or source. Raises RuntimeError if it will not."""
        self.until(lambda: self.ask(f"set-default-{kind}", name, check=False).returncode == 0
                    and self.ask(f"get-default-{kind}").stdout.strip() == name)

    def until(self, done: Callable[[], bool]) -> None:
        """Asks until it is. Raises RuntimeError with its log if that takes too long."""
        end = time.monotonic() + _COMES_UP_WITHIN_S
        while not done():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not do as it is told: {self.log()}")


class PulseAudio(PrivateServer):
    name = "PulseAudio"
    needs = ("pulseaudio",)
    _sink_options = ("norewinds=1",)
    """With rewinds a null sink delivers late."""

    def _prepared(self, env: dict[str, str]) -> list[str]:
        env |= {"PULSE_RUNTIME_PATH": str(self.folder / "run"), "PULSE_STATE_PATH": str(self.folder / "run"),
                "PULSE_COOKIE": str(self.folder / "cookie")}
        return ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit=yes",
                f"--realtime={'yes' if self._realtime else 'no'}", "--log-target=stderr", "--log-level=notice",
                "-L", f"module-native-protocol-unix socket={self.socket} auth-anonymous=1"]


_DAEMON = """
context.exec = [
    {{ path = "wireplumber" args = "" }}
    {{ path = "pipewire" args = "-c {pulse}" }}
]
"""
"""Beside what this system's own pipewire.conf says; the session manager and PulseAudio's protocol are processes of their own."""
_PULSE = """
context.spa-libs = {{
    audio.convert.* = audioconvert/libspa-audioconvert
    support.*       = support/libspa-support
}}
context.modules = [
    {{ name = libpipewire-module-rt args = {{ nice.level = -11 }} flags = [ ifexists nofail ] }}
    {{ name = libpipewire-module-protocol-native }}
    {{ name = libpipewire-module-client-node }}
    {{ name = libpipewire-module-adapter }}
    {{ name = libpipewire-module-metadata }}
    {{ name = libpipewire-module-protocol-pulse }}
]
pulse.cmd = [ {{ cmd = "load-module" args = "module-always-sink" flags = [ ] }} ]
pulse.properties = {{ server.address = [ "unix:{socket}" ] }}
"""
"""As Debian's pipewire-pulse.conf, which comes with a package that would take the place of PulseAudio for people who log in."""
_WITHOUT_CARDS = {
    "wireplumber/main.lua.d/51-in-memory.lua":
        "alsa_monitor.enabled = false\nv4l2_monitor.enabled = false\nlibcamera_monitor.enabled = false\n"
        'default_access.properties["enable-flatpak-portal"] = false\n',
    "wireplumber/bluetooth.lua.d/51-in-memory.lua": "bluez_monitor.enabled = false\n",
    "wireplumber/wireplumber.conf.d/51-in-memory.conf":
        "wireplumber.profiles = { main = { hardware.audio = disabled hardware.bluetooth = disabled hardware.video-capture = disabled } }\n",
}
"""WirePlumber before 0.5 reads the first two, later ones the third."""


class PipeWire(PrivateServer):
    """Three processes, as everywhere, but without D-Bus, a login session, or a sound card."""

    name = "PipeWire"
    needs = ("pipewire", "wireplumber")

    def _prepared(self, env: dict[str, str]) -> list[str]:
        config, pulse = self.folder / "config", self.folder / "pulse.conf"
        pulse.write_text(_PULSE.format(socket=self.socket))
        for name, text in {**_WITHOUT_CARDS, "pipewire/pipewire.conf.d/51-in-memory.conf": _DAEMON.format(pulse=pulse)}.items():
            (config / name).parent.mkdir(parents=True, exist_ok=True)
            (config / name).write_text(text)
        env |= {"XDG_CONFIG_HOME": str(config), "XDG_STATE_HOME": str(self.folder / "state"), "PIPEWIRE_RUNTIME_DIR": str(self.folder)}
        return ["pipewire"]
