"""The installed box's own sound server, as its unit starts it: the same command line and settings, with devices that exist only in memory."""
from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SINK = "rate=16000 channels=1 channel_map=mono format=s16le norewinds=1"
_HARDWARE = "--load=module-udev-detect"
_COMES_UP_WITHIN_S = 20.0


def units(folder: Path) -> dict[str, dict[str, list[str]]]:
    """What deploy/install.sh would install: by name of the unit, the values of each of its keys."""
    subprocess.run([ROOT / "deploy/install.sh"], env={**os.environ, "DESTDIR": str(folder)}, check=True)
    found = {}
    for file in (folder / "etc/systemd/system").glob("*.service"):
        keys = found[file.stem] = {}
        for line in file.read_text("utf-8").splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                keys.setdefault(key, []).append(value)
    return found


class OwnServer:
    """A room with a loudspeaker ``speaker`` and a USB microphone that hears what is played into the sink ``air``."""

    def __init__(self, user: int | None = None) -> None:
        """``user``: number of the one it runs as; as this process if not given."""
        self.folder = Path(tempfile.mkdtemp(prefix="own-server-"))
        self._user = user
        self._units = units(self.folder / "dest")
        for place in ("run", "state", "state/sound"):
            (self.folder / place).mkdir()
        if user is not None:
            for place in (self.folder, *self.folder.rglob("*")):
                os.chown(place, user, user)
        self.process: subprocess.Popen | None = None
        self._plugged: list[str] = []

    def _here(self, text: str) -> str:
        return text.replace("/run/xiangyin-sound", f"{self.folder}/run").replace("/var/lib/xiangyin", f"{self.folder}/state")

    def _environment(self, unit: str) -> dict[str, str]:
        told = [word for line in self._units[unit]["Environment"] for word in shlex.split(self._here(line))]
        return {**{key: value for key, value in os.environ.items() if not key.startswith(("PULSE_", "ALSA_"))},
                **dict(word.split("=", 1) for word in told)}

    @property
    def env(self) -> dict[str, str]:
        """The box's, but for its models, which are those of the tests."""
        mine = {key: os.environ[key] for key in ("HOME", "XIANGYIN_MODELS") if key in os.environ}
        return {key: value for key, value in self._environment("xiangyin").items() if key != "XIANGYIN_MODELS"} | mine

    def __enter__(self) -> OwnServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Returns when it has told systemd that it is ready. Raises RuntimeError with its log when it does not come up."""
        command = shlex.split(self._here(self._units["xiangyin-sound"]["ExecStart"][0]))
        assert command[-1] == _HARDWARE
        command[-1:] = [f"--load=module-null-sink sink_name=speaker {_SINK} sink_properties='device.class=sound'",
                        f"--load=module-null-sink sink_name=air {_SINK}"]
        log, ready = self.folder / "log", self.folder / "ready"
        ready.unlink(missing_ok=True)
        with open(log, "ab") as out, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(str(ready))
            ready.chmod(0o777)
            systemd.settimeout(_COMES_UP_WITHIN_S)
            self.process = subprocess.Popen(command, env={**self._environment("xiangyin-sound"), "NOTIFY_SOCKET": str(ready)}, stdout=out,
                                            stderr=out, user=self._user, group=self._user, extra_groups=None if self._user is None else [],
                                            start_new_session=True)
            try:
                while b"READY=1" not in systemd.recv(4096):
                    pass
            except TimeoutError:
                self.stop()
                raise RuntimeError(f"the sound server did not come up: {log.read_text()}") from None
        self.plug()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)

    def ask(self, *words: str, check: bool = True, user: int | None = None) -> subprocess.CompletedProcess:
        """pactl, as the user of the server."""
        user = self._user if user is None else user
        return subprocess.run(["pactl", *words], env={**self._environment("xiangyin"), "HOME": str(self.folder / "state")}, capture_output=True,
                              text=True, check=check, user=user, group=user)

    def plug(self) -> None:
        """The microphone is plugged in."""
        told = self.ask("load-module", "module-remap-source", "master=air.monitor", "source_name=usb_microphone",
                        "source_properties='device.class=sound device.bus=usb device.description=\"USB PnP\"'")
        self._plugged = [told.stdout.strip()]

    def unplug(self) -> None:
        for module in self._plugged:
            self.ask("unload-module", module)

    def put_the_loudspeaker_beside_the_microphone(self) -> None:
        """From now on the microphone hears all that is played as loudly as it is played."""
        self.ask("load-module", "module-loopback", "source=speaker.monitor", "sink=air", "latency_msec=30", "adjust_time=0",
                 "source_dont_move=yes", "sink_dont_move=yes")

    def say_into_microphone(self, wav: Path) -> None:
        """Another process plays the file to the microphone; returns when it has been played."""
        subprocess.run(["paplay", "--device=air", "--client-name=person", str(wav)], env=self.env, check=True)
