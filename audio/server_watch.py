"""What the sound server does of its own accord, noticed while it happens: it sends streams elsewhere when a device comes or goes."""
from __future__ import annotations

import logging
import os
import re
import subprocess
from collections.abc import Callable, Sequence

from audio.server_reader import ServerReader
from audio.sound_server import Hears, Sight, hears, look

log = logging.getLogger(__name__)

_MATTERS = re.compile(rb"on (server|source-output)|'(new|remove)' on (sink|source) ")
"""What is played, and who asks the server what, are no news here."""


class ServerWatch(ServerReader):
    """Listens to ``pactl subscribe``; looks at the server when something has changed, and at first."""

    def __init__(self, on_sight: Callable[[Sight], None] = lambda sight: None) -> None:
        """``on_sight`` is called in the thread, with what was seen."""
        super().__init__("sound-server")
        self._on_sight = on_sight
        self.hears = Hears.MICROPHONE
        """What this process records, as last seen."""

    def _command(self) -> Sequence[str]:
        return "pactl", "subscribe"

    def _hear(self, process: subprocess.Popen) -> bool:
        answered = self._look()
        while told := os.read(process.stdout.fileno(), 65536):  # all that has happened meanwhile is one reason to look
            if _MATTERS.search(told):
                answered = self._look() or answered
        return answered

    def _over(self, came: bool) -> bool:
        self.hears = Hears.MICROPHONE
        return False

    def _look(self) -> bool:
        sight = look()
        before, self.hears = self.hears, hears(sight, os.getpid(), self.hears)
        if self.hears is not before:
            log.info("the sound server gives: %s", self.hears.value)
        if sight is not None:
            self._on_sight(sight)
        return sight is not None
