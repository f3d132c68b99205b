"""A virtual sound card: a private PulseAudio with a microphone and a loudspeaker that exist only in memory.

What is played into the sink ``mic`` is what the box's microphone hears; ``speaker.monitor`` is what a person in the room
would hear.
"""
from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.sound_servers import PulseAudio

_ALSA = """
pcm.room_mic {{ type pulse server "unix:{socket}" device "mic.monitor" hint {{ show on description "room microphone" }} }}
pcm.room_speaker {{ type pulse server "unix:{socket}" device "speaker" hint {{ show on description "room loudspeaker" }} }}
pcm.!default {{ type asym playback.pcm "room_speaker" capture.pcm "room_mic" }}
ctl.!default {{ type pulse server "unix:{socket}" }}
"""


class VirtualRoom:
    """Start with ``with VirtualRoom() as room``; ``room.env`` makes a child process use it."""

    def __init__(self, speaker_channels: int = 1) -> None:
        """``speaker_channels``: 1, or 2 so that what is in one channel only can be told from what is in both."""
        self._speaker_channels = speaker_channels
        self.folder = Path(tempfile.mkdtemp(prefix="room-"))
        self.server = PulseAudio(self.folder)
        self._alsa = self.folder / "asound.conf"
        self._alsa.write_text(_ALSA.format(socket=self.server.socket))

    @property
    def env(self) -> dict[str, str]:
        return {**self.server.env, "ALSA_CONFIG_PATH": str(self._alsa)}

    def __enter__(self) -> VirtualRoom:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the sound server. Raises RuntimeError with its log when it does not come up."""
        self.server.start()
        self.server.add_sink("mic")
        self.server.add_sink("speaker", self._speaker_channels)
        self.server.make_default("sink", "speaker")

    def stop(self) -> None:
        self.server.stop()

    def put_the_loudspeaker_beside_the_microphone(self) -> None:
        """From now on the microphone hears all that is played as loudly as it is played."""
        self.server.load("module-loopback", "source=speaker.monitor", "sink=mic", "latency_msec=30", "adjust_time=0")

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
