"""One mpv process and the line to it: JSON, one object a line, over a pair of sockets that nobody else can reach.

mpv ends by itself when the other end of the line is gone, however this process has ended.
"""
from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping

from assistant.errors import PlayerFailed, PlayerMissing

log = logging.getLogger(__name__)

GOES_WITHIN_S = 2.0
_OUTPUT = ("--ao=pulse,",)
"""Where there is no sound server, whatever else there is. Not PipeWire's own protocol, which mpv would take first: it answers there in a
thread without priority, and on a busy machine (PipeWire 0.3.65, mpv 0.35) pieces of what is played are missing from the monitor, which the
echo canceller needs; through PipeWire's PulseAudio layer none are."""
_BUFFERS = ("--audio-buffer=0.1", "--pulse-buffer=60")
"""Sound that is already on its way cannot be ducked: with mpv's own 0.2 s and 0.1 s half of the time allowed is gone."""
ALONE = ("--no-config", "--ytdl=no", "--load-scripts=no", "--osc=no", "--autoload-files=no",
          "--input-default-bindings=no", "--input-media-keys=no")
"""Nobody's settings, keys or neighbouring files decide what an elder's box does."""
_SERVING = ("--no-terminal", "--idle=yes")
_SOUND = ("--audio-pitch-correction=yes", "--audio-fallback-to-null=yes", "--audio-display=no", "--volume-max=100")
_WITHOUT_A_GAP = ("--gapless-audio=weak", "--prefetch-playlist=yes", "--audio-format=float")
"""From one file to the next. The device is opened anew only where rate or channels change: the other way, ``yes``, would have all files
sound like the first, which may be a poor recording. In floats nothing is cut that is made louder here and softer by the volume."""
_NETWORK = ("--network-timeout=8", "--tls-verify=yes", "--demuxer-max-bytes=16MiB", "--demuxer-max-back-bytes=4MiB", "--load-unsafe-playlists=no")
"""A server that falls silent is given up on before the person is; none may pass for another, which mpv itself would not notice; what is
fetched beforehand fits beside everything else in memory; and what a station sends as a list leads nowhere but into the network. Not
options of one file: what such a list leads to would not have them."""
_RESOLVER = {"RES_OPTIONS": "timeout:2 attempts:2"}
"""A name server that does not answer would hold mpv for half a minute."""
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def find_mpv() -> str:
    """Path of the program. Raises PlayerMissing."""
    found = shutil.which("mpv")
    if found is None:
        raise PlayerMissing("mpv is not on this machine's PATH")
    return found


class MpvLink:
    """``on_message`` gets every event and every reply from a thread of its own, and None once when mpv is gone."""

    def __init__(self, on_message: Callable[[Mapping | None], None], device: str = "") -> None:
        """Starts mpv. ``device`` is an audio device by mpv's name, empty for the system's. Raises PlayerMissing, PlayerFailed."""
        self._on_message = on_message
        program = find_mpv()
        self._line, theirs = socket.socketpair()
        with theirs:
            command = [program, *ALONE, *_SERVING, *_SOUND, *_WITHOUT_A_GAP, *_OUTPUT, *_BUFFERS, *_NETWORK, *_picture(),
                       f"--input-ipc-client=fd://{theirs.fileno()}"]
            if device:
                command.append(f"--audio-device={device}")
            try:
                self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                                env={**os.environ, **_RESOLVER}, process_group=0)  # Ctrl-C is for the box, which ends mpv itself
            except OSError as error:
                self._line.close()
                raise PlayerFailed(f"{program} cannot be started: {error.strerror}") from error
        self._reader = threading.Thread(target=self._read, name="media-link", daemon=True)
        self._reader.start()

    def tell(self, *command: object, request: int = 0) -> None:
        """Hand over one command; the reply comes as a message with this ``request_id``. Too late if mpv is gone: that is
        told by the message None, and once is enough."""
        self._send(command, request)

    def load(self, file: str, how: str, options: Mapping[str, str], request: int) -> None:
        """``loadfile`` by names: its places have changed from one mpv to the next. ``options`` are of this file alone."""
        self._send({"name": "loadfile", "url": file, "flags": how, "options": options}, request)

    def _send(self, command: object, request: int) -> None:
        line = json.dumps({"command": command, "request_id": request}, ensure_ascii=False)
        with contextlib.suppress(OSError):
            self._line.sendall(line.encode("utf-8", "surrogateescape") + b"\n")

    def close(self) -> None:
        """End mpv and wait for it; one that does not go by itself is killed. Idempotent."""
        self.tell("quit")
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
        try:
            self.process.wait(GOES_WITHIN_S)
        except subprocess.TimeoutExpired:
            log.warning("mpv did not end by itself within %.0f s and is killed", GOES_WITHIN_S)
            self.process.kill()
            self.process.wait()
        if self._reader is not threading.current_thread():
            self._reader.join(GOES_WITHIN_S)
        self._line.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._line.makefile("rb") as lines:
            for line in lines:
                try:
                    message = json.loads(line.decode("utf-8", "replace"))
                except ValueError:
                    log.warning("mpv said what is no JSON: %r", line[:200])
                    continue
                self._on_message(message)
        self._on_message(None)


def _picture() -> tuple[str, ...]:
    """Films fill the screen where there is one; elsewhere their sound is played."""
    return ("--fullscreen=yes",) if any(os.environ.get(name) for name in _SCREENS) else ("--vo=null",)
