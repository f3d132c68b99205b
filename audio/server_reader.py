"""A program of the sound server's that goes on printing, read in a thread of its own, and begun again when the server has been away."""
from __future__ import annotations

import logging
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence

from audio.sound_server import environment

log = logging.getLogger(__name__)

FIRST_BACKOFF_S, MOST_BACKOFF_S = 1.0, 60.0


class ServerReader(ABC):
    """What is read is the business of :meth:`_hear`, what its end means that of :meth:`_over`; all of that runs in the thread."""

    def __init__(self, name: str) -> None:
        """``name``: the thread's."""
        self._name = name
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Returns at once."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End and join; idempotent."""
        self._stopping.set()
        with self._guard:
            if self._process:
                self._process.terminate()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(5.0)

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """The program with its arguments, asked for at every beginning; empty if there is nothing to be read now."""

    @abstractmethod
    def _hear(self, process: subprocess.Popen) -> bool:
        """Read until there is no more; whether the server was there."""

    @abstractmethod
    def _over(self, came: bool) -> bool:
        """The program has ended, or could not be started; ``came`` is what :meth:`_hear` said. Whether to begin again at once."""

    def _run(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        while not self._stopping.is_set():
            came = self._read()
            if not self._over(came):
                backoff_s = FIRST_BACKOFF_S if came else min(MOST_BACKOFF_S, 2 * backoff_s)
                self._stopping.wait(backoff_s)

    def _read(self) -> bool:
        command = self._command()
        with self._guard:
            if self._stopping.is_set() or not command:
                return False
            try:
                process = self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                           stderr=subprocess.DEVNULL, env=environment(), process_group=0)
            except OSError as error:
                log.debug("%s cannot be started: %s", command[0], error)
                return False
        with process:
            came = self._hear(process)
            process.terminate()
        with self._guard:
            self._process = None
        return came
