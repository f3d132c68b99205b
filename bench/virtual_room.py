"""A virtual sound card: a private PulseAudio with a microphone and a loudspeaker that exist only in memory.

What is played into the sink ``mic`` is what the box's microphone hears; ``speaker.monitor`` is what a person in the room
would hear. ``norewinds`` keeps the null sinks from delivering late.
"""
from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_ALSA = """
pcm.room_mic {{ type pulse server "unix:{socket}" device "mic.monitor" hint {{ show on description "room microphone" }} }}
pcm.room_speaker {{ type pulse server "unix:{socket}" device "speaker" hint {{ show on description "room loudspeaker" }} }}
pcm.!default {{ type asym playback.pcm "room_speaker" capture.pcm "room_mic" }}
ctl.!default {{ type pulse server "unix:{socket}" }}
"""
_SINK = "rate=16000 format=s16le norewinds=1"
_MONO, _STEREO = "channels=1 channel_map=mono", "channels=2 channel_map=front-left,front-right"
_COMES_UP_WITHIN_S = 20.0


class VirtualRoom:
    """Start with ``with VirtualRoom() as room``; ``room.env`` makes a child process use it."""

    def __init__(self, speaker_channels: int = 1) -> None:
        """``speaker_channels``: 1, or 2 so that what is in one channel only can be told from what is in both."""
        self._speaker = {1: _MONO, 2: _STEREO}[speaker_channels]
        self.folder = Path(tempfile.mkdtemp(prefix="room-"))
        self.socket = self.folder / "native"
        self._alsa = self.folder / "asound.conf"
        self._alsa.write_text(_ALSA.format(socket=self.socket))
        self._server: subprocess.Popen | None = None

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "PULSE_SERVER": f"unix:{self.socket}", "PULSE_RUNTIME_PATH": str(self.folder / "run"),
                "PULSE_COOKIE": str(self.folder / "cookie"), "XDG_RUNTIME_DIR": str(self.folder),
                "ALSA_CONFIG_PATH": str(self._alsa)}

    def __enter__(self) -> VirtualRoom:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the sound server. Raises RuntimeError with its log when it does not come up."""
        (self.folder / "run").mkdir(exist_ok=True)
        env = {k: v for k, v in self.env.items() if k != "PULSE_SERVER"}
        env |= {"HOME": str(self.folder), "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        log = self.folder / "pulse.log"
        modules = (f"module-native-protocol-unix socket={self.socket} auth-anonymous=1",
                   f"module-null-sink sink_name=mic {_SINK} {_MONO}", f"module-null-sink sink_name=speaker {_SINK} {self._speaker}")
        with open(log, "wb") as out:
            self._server = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit=yes",
                 "--realtime=no", "--log-target=stderr", "--log-level=notice", *(x for m in modules for x in ("-L", m))],
                env=env, stdout=subprocess.DEVNULL, stderr=out, start_new_session=True)
        end = time.monotonic() + _COMES_UP_WITHIN_S
        while subprocess.run(["pactl", "info"], env=self.env, capture_output=True).returncode:
            if self._server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"pulseaudio did not come up: {log.read_text()}")
        subprocess.run(["pactl", "set-default-sink", "speaker"], env=self.env, check=True)

    def stop(self) -> None:
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(10)

    def put_the_loudspeaker_beside_the_microphone(self) -> None:
        """From now on the microphone hears all that is played as loudly as it is played."""
        module = ("module-loopback", "source=speaker.monitor", "sink=mic", "latency_msec=30", "adjust_time=0")
        subprocess.run(["pactl", "load-module", *module], env=self.env, check=True, stdout=subprocess.DEVNULL)

    def say_into_microphone(self, wav: Path) -> None:
        """Another process plays the file to the microphone; returns when it has been played."""
        subprocess.run(["paplay", "--device=mic", "--client-name=person", str(wav)], env=self.env, check=True)

    @contextlib.contextmanager
    def recording(self, wav: Path) -> Iterator[None]:
        """Record the loudspeaker (16 kHz mono) while inside."""
        recorder = subprocess.Popen(
            ["parecord", "--device=speaker.monitor", "--rate=16000", "--channels=1", "--format=s16le",
             "--latency-msec=20", "--file-format=wav", str(wav)], env=self.env)
        try:
            yield
        finally:
            recorder.send_signal(signal.SIGINT)
            recorder.wait(10)
