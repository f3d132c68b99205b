"""A private PulseAudio with a loudspeaker and an air that exist only in memory, for what has to run in real time."""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

SPEAKER, AIR = "speaker", "air"
_SINK = "rate=16000 channels=1 channel_map=mono format=s16le norewinds=1"
_COMES_UP_WITHIN_S = 20.0


def there() -> bool:
    """Whether PulseAudio and its tools are installed."""
    return all(shutil.which(program) for program in ("pulseaudio", "pactl", "parec", "pacat"))


class MemoryServer:
    """A context manager; ``AIR.monitor`` is a microphone that hears what is played into ``AIR``."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bench-sound-"))
        self.env = {**os.environ, "HOME": str(self._folder), "PULSE_SERVER": f"unix:{self._folder}/native", "PULSE_RUNTIME_PATH": str(self._folder),
                    "PULSE_STATE_PATH": str(self._folder), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}

    def __enter__(self) -> MemoryServer:
        """Raises RuntimeError with its log when it does not come up."""
        modules = ("module-native-protocol-unix auth-anonymous=1", f"module-null-sink sink_name={SPEAKER} {_SINK}",
                   f"module-null-sink sink_name={AIR} {_SINK}")
        with open(self._folder / "log", "wb") as out:
            self._process = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--log-target=stderr",
                 *(word for module in modules for word in ("-L", module))],
                env={key: value for key, value in self.env.items() if key != "PULSE_SERVER"}, stdout=subprocess.DEVNULL, stderr=out,
                start_new_session=True)
        end = time.monotonic() + _COMES_UP_WITHIN_S
        while subprocess.run(["pactl", "info"], env=self.env, capture_output=True).returncode:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"pulseaudio did not come up: {self.log()}")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        return self._process.pid

    def log(self) -> str:
        """What it has complained about."""
        return (self._folder / "log").read_text(errors="replace")

    def load(self, *module: str) -> None:
        """A module with its arguments. Raises CalledProcessError."""
        subprocess.run(["pactl", "load-module", *module], env=self.env, check=True, stdout=subprocess.DEVNULL)

    def recorder(self, source: str) -> subprocess.Popen:
        """Its standard output is what the source gives: 16 kHz, mono, int16."""
        return subprocess.Popen(["parec", f"--device={source}", *_AS_HERE, "--latency-msec=20"], env=self.env, stdout=subprocess.PIPE)

    def player(self, sink: str, latency_ms: int) -> subprocess.Popen:
        """What goes to its standard input is played; so much of it is kept ready beforehand."""
        return subprocess.Popen(["pacat", f"--device={sink}", *_AS_HERE, f"--latency-msec={latency_ms}"], env=self.env, stdin=subprocess.PIPE)


_AS_HERE = ("--rate=16000", "--channels=1", "--format=s16le")
