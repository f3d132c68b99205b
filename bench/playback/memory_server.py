"""A private sound server with a loudspeaker and an air that exist only in memory, for what has to run in real time."""
from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil

from audio.far_end import STEADY
from bench.sound_servers import PrivateServer

SPEAKER, AIR = "speaker", "air"
_AS_HERE = ("--rate=16000", "--channels=1", "--format=s16le")


class MemoryServer:
    """A context manager; ``AIR.monitor`` is a microphone that hears what is played into ``AIR``."""

    def __init__(self, kind: type[PrivateServer]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bench-sound-"))
        self._server = kind(self._folder, realtime=True)
        self.load, self.log = self._server.load, self._server.log

    def __enter__(self) -> MemoryServer:
        """Raises RuntimeError with its log when it does not come up."""
        self._server.start()
        for sink in (AIR, SPEAKER):
            self._server.add_sink(sink)
        self._server.make_default("sink", SPEAKER)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def cpu_s(self) -> float:
        """What all its processes have spent so far."""
        first = psutil.Process(self._server.pid)
        return sum(sum(process.cpu_times()[:2]) for process in (first, *first.children(recursive=True)))

    def recorder(self, source: str) -> subprocess.Popen:
        """Its standard output is what the source gives: 16 kHz, mono, int16. As the box reads it."""
        return subprocess.Popen(["parec", f"--device={source}", *_AS_HERE, "--latency-msec=20", f"--property={STEADY}"],
                                env=self._server.env, stdout=subprocess.PIPE)

    def player(self, sink: str, latency_ms: int) -> subprocess.Popen:
        """What goes to its standard input is played; so much of it is kept ready beforehand."""
        return subprocess.Popen(["pacat", f"--device={sink}", *_AS_HERE, f"--latency-msec={latency_ms}"], env=self._server.env,
                                stdin=subprocess.PIPE)
