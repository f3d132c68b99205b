"""What the loudspeaker plays, whoever plays it: the sound server hands it out again as the monitor of its default output.

``parec`` (package pulseaudio-utils) reads it, from PulseAudio and from PipeWire's PulseAudio layer alike. Its samples come a
little before they are heard; they wait here until the microphone's of the same moment have come.
"""
from __future__ import annotations

import logging
import os
import shutil
import subprocess
import threading

import numpy as np

from assistant.ports import SAMPLE_RATE, Pcm

log = logging.getLogger(__name__)

MONITOR = "@DEFAULT_MONITOR@"
_LATENCY_MS = 20
_BLOCK = SAMPLE_RATE // 100
MOST_WAITING = SAMPLE_RATE // 2
"""Samples of a reader or a microphone that has been held up."""
SLACK = 3 * SAMPLE_RATE // 100
"""So much is kept in hand, because the reader may be late on a busy machine. More would bring the far end behind its echo: the
microphone's samples come some 65 ms after the monitor's (measured with both on PulseAudio, sound card without a delay)."""
WATCHED_S = 3.0
"""What has lain unused all this time beyond the slack is an offset and thrown away."""
FIRST_BACKOFF_S, MOST_BACKOFF_S = 1.0, 60.0
_PROBE_S = 3.0


class FarEndQueue:
    """Samples on their way from one thread to another, which takes as many as its microphone has heard in the same time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """As after a start: the next samples that are taken are almost the newest."""
        with self._guard:
            self._waiting = np.zeros(0, np.int16)
            self._in_step = False
            self._owed = 0
            """Samples that came too late so far: silence was taken in their place, so they are thrown away when they come."""
            self._watch()

    def _watch(self) -> None:
        self._watched, self._least = 0, len(self._waiting)
        self._short = 0
        """Samples that were taken in takes that found too few."""

    def put(self, pcm: Pcm) -> None:
        with self._guard:
            late = min(self._owed, len(pcm))
            self._owed -= late
            self._waiting = np.concatenate((self._waiting, pcm[late:]))[-MOST_WAITING:]

    def take(self, samples: int) -> Pcm:
        """Exactly so many: those that have waited longest, then silence."""
        with self._guard:
            self._keep_in_step(samples)
            if not self._in_step:
                return np.zeros(samples, np.int16)
            given, self._waiting = self._waiting[:samples], self._waiting[samples:]
            missing = samples - len(given)
            self._owed += missing
            self._short += samples if missing else 0
            if self._owed > MOST_WAITING:
                self._in_step, self._owed = False, 0
            self._least = min(self._least, len(self._waiting))
            return np.concatenate((given, np.zeros(missing, np.int16)))

    def _keep_in_step(self, samples: int) -> None:
        if not self._in_step:
            self._waiting, self._in_step = self._waiting[-samples - SLACK :], len(self._waiting) >= samples + SLACK
            self._watch()
        self._watched += samples
        if self._watched >= WATCHED_S * SAMPLE_RATE:
            if self._short > self._watched / 2:  # two clocks that have drifted apart: what is owed will never come
                self._in_step, self._owed = False, 0
            self._waiting = self._waiting[max(0, self._least - SLACK) :]
            self._watch()


def server_name() -> str | None:
    """The sound server that answers, as it calls itself; None where there is none or its tools are not installed."""
    if not (shutil.which("pactl") and shutil.which("parec")):
        return None
    try:
        told = subprocess.run(["pactl", "info"], capture_output=True, text=True, timeout=_PROBE_S, env={**os.environ, "LC_ALL": "C"})
    except (OSError, subprocess.TimeoutExpired):
        return None
    return next((line.partition(": ")[2] for line in told.stdout.splitlines() if line.startswith("Server Name: ")), None)


def delivers(source: str = MONITOR) -> bool:
    """Whether the server hands out what is played, silence too. A monitor that does says so within a blink."""
    with subprocess.Popen(_command(source), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        late = threading.Timer(_PROBE_S, process.kill)
        late.start()
        came = bool(process.stdout.read(2 * _BLOCK))
        late.cancel()
        process.kill()
    return came


def _command(source: str) -> list[str]:
    return ["parec", f"--device={source}", f"--rate={SAMPLE_RATE}", "--channels=1", "--format=s16le", f"--latency-msec={_LATENCY_MS}",
            "--client-name=xiangyin"]


class MonitorFarEnd:
    """Reads the monitor in a thread of its own, and again when the server has been away. Silence where there is nothing.

    That there is no server at all is the usual thing on a machine without a desktop, and is told by ``xiangyin doctor``.
    """

    def __init__(self, source: str = MONITOR) -> None:
        """``source``: the sound server's name of it."""
        self._command = _command(source)
        self._queue = FarEndQueue()
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Returns at once."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="far-end", daemon=True)
        self._thread.start()

    def take(self, samples: int) -> Pcm:
        """What was played in the same time as the microphone heard so many samples; mono int16, 16 kHz."""
        return self._queue.take(samples)

    def stop(self) -> None:
        """End and join; idempotent."""
        self._stopping.set()
        with self._guard:
            if self._process:
                self._process.terminate()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(5.0)

    def _run(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        while not self._stopping.is_set():
            delivered = self._read()
            self._queue.clear()
            if self._stopping.is_set():
                return
            backoff_s = FIRST_BACKOFF_S if delivered else min(MOST_BACKOFF_S, 2 * backoff_s)
            log.log(logging.WARNING if delivered else logging.DEBUG, "nothing comes from the sound server's monitor; trying again")
            self._stopping.wait(backoff_s)

    def _read(self) -> bool:
        """Until it ends; whether anything came."""
        with self._guard:
            if self._stopping.is_set():
                return False
            try:
                process = self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                           stderr=subprocess.DEVNULL, process_group=0)
            except OSError as error:
                log.debug("parec cannot be started: %s", error)
                return False
        delivered = False
        with process:
            while len(block := process.stdout.read(2 * _BLOCK)) == 2 * _BLOCK:
                self._queue.put(np.frombuffer(block, np.int16))
                delivered = True
            process.terminate()
        with self._guard:
            self._process = None
        return delivered
