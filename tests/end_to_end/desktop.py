"""A machine whose sound is PipeWire's, as a Raspberry Pi's with a desktop, with devices that exist only in memory."""
from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.sound_servers import PipeWire

_MONO = ("rate=16000", "channels=1", "channel_map=mono")


class Desktop:
    """A room with a loudspeaker ``speaker`` and a USB microphone that hears what is played into the sink ``air``; as :class:`OwnServer`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="desktop-"))
        self._server = PipeWire(self.folder)
        self.ask = self._server.ask
        self._plugged: list[str] = []

    @property
    def env(self) -> dict[str, str]:
        return {key: value for key, value in self._server.env.items() if not key.startswith("ALSA_")}

    def __enter__(self) -> Desktop:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Raises RuntimeError with its log when it does not come up."""
        self._server.start()
        self._server.add_sink("air")
        self._server.add_sink("speaker", 1, "sink_properties=priority.session=1000")  # as a sound card's, before what is no device
        self._server.make_default("sink", "speaker")
        self.plug()

    def stop(self) -> None:
        self._server.stop()

    def plug(self) -> None:
        """The microphone is plugged in."""
        self._plugged = [self._server.load("module-null-sink", "sink_name=usb_microphone", "media.class=Audio/Source/Virtual", *_MONO,
                                           "sink_properties='device.bus=usb device.description=\"USB PnP\"'")]
        self._server.until(lambda: subprocess.run(["pw-link", "air:monitor_MONO", "usb_microphone:input_MONO"], env=self.env,
                                                  stderr=subprocess.DEVNULL).returncode == 0)
        self._server.make_default("source", "usb_microphone")

    def unplug(self) -> None:
        for module in self._plugged:
            self.ask("unload-module", module)

    def put_the_loudspeaker_beside_the_microphone(self) -> None:
        """From now on the microphone hears all that is played as loudly as it is played."""
        self._server.load("module-loopback", "source=speaker.monitor", "sink=air", "latency_msec=60", "channels=1", "channel_map=mono")

    def say_into_microphone(self, wav: Path) -> None:
        """Another process plays the file to the microphone; returns when it has been played."""
        subprocess.run(["paplay", "--device=air", "--client-name=person", str(wav)], env=self.env, check=True)
