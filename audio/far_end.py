"""What the loudspeaker plays, whoever plays it: the sound server hands it out again as the monitor of its default output.

``parec`` (package pulseaudio-utils) reads it, from PulseAudio and from PipeWire's PulseAudio layer alike. It is asked for by its name:
for ``@DEFAULT_MONITOR@`` PipeWire 0.3.65 gives the microphone, and the person would be cancelled. Its samples come a little
before they are heard; they wait here until the microphone's of the same moment have come.
"""
from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Sequence

import numpy as np

from assistant.ports import SAMPLE_RATE, Pcm
from audio.server_reader import ServerReader
from audio.sound_server import ANSWERS_WITHIN_S, Sight, look

log = logging.getLogger(__name__)

_LATENCY_MS = 20
STEADY = "node.lock-quantum=true"
"""Of PipeWire, which otherwise lets all sound devices work in larger or smaller portions whenever a program comes or goes; each time the echo
would come some milliseconds sooner or later, and have to be learnt anew."""
_BLOCK = SAMPLE_RATE // 100
MOST_WAITING = SAMPLE_RATE // 2
"""Samples of a reader or a microphone that has been held up."""
SLACK = 3 * SAMPLE_RATE // 100
"""So much is kept in hand, because the reader may be late on a busy machine. More would bring the far end behind its echo: the
microphone's samples come some 65 ms after the monitor's (measured with both on PulseAudio, sound card without a delay)."""
WATCHED_S = 3.0
"""What has lain unused all this time beyond the slack is an offset and thrown away."""
_MORE = SAMPLE_RATE // 100
MOST_IN_HAND = 5 * SAMPLE_RATE // 100
"""Both sides come in portions, and who begins when many have just come has too little in hand for the times between. Then it is made more
by a step, until seldom something is missing, or so much lies ready at the best of times."""


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
        self._watched, self._least, self._most = 0, len(self._waiting), 0
        self._short = self._in_a_row = 0
        """Samples that were taken in takes that found too few: of all, and of the latest without one that found enough."""

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
            self._most = max(self._most, len(self._waiting))
            given, self._waiting = self._waiting[:samples], self._waiting[samples:]
            missing = samples - len(given)
            self._owed += missing
            self._short += samples if missing else 0
            self._in_a_row = self._in_a_row + samples if missing else 0
            if max(self._owed, self._in_a_row) > MOST_WAITING:  # what is owed has been lost, and what comes would be thrown away in its stead
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
            elif self._short > self._watched / 5 and self._most - samples + _MORE <= MOST_IN_HAND:
                self._waiting = np.concatenate((np.zeros(_MORE, np.int16), self._waiting))
            self._waiting = self._waiting[max(0, self._least - SLACK) :]
            self._watch()


def delivers(sight: Sight) -> bool:
    """Whether the server hands out what is played, silence too. A monitor that does says so within a blink."""
    if not sight.played:
        return False
    with subprocess.Popen(_parec(sight.played), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        late = threading.Timer(ANSWERS_WITHIN_S, process.kill)
        late.start()
        came = bool(process.stdout.read(2 * _BLOCK))
        late.cancel()
        process.kill()
    return came


def _parec(source: str) -> list[str]:
    return ["parec", f"--device={source}", f"--rate={SAMPLE_RATE}", "--channels=1", "--format=s16le", f"--latency-msec={_LATENCY_MS}",
            "--client-name=xiangyin", f"--property={STEADY}"]


class MonitorFarEnd(ServerReader):
    """Reads the monitor. Silence where there is nothing.

    That there is no server at all is the usual thing on a machine without a desktop, and is told by ``xiangyin doctor``.
    """

    def __init__(self) -> None:
        super().__init__("far-end")
        self._queue = FarEndQueue()
        self._astray = False

    def take(self, samples: int) -> Pcm:
        """What was played in the same time as the microphone heard so many samples; mono int16, 16 kHz."""
        return self._queue.take(samples)

    def check(self, sight: Sight) -> None:
        """Begins anew if the server has sent the reader elsewhere: when its loudspeaker is pulled out, even to the microphone, and then
        the person would be cancelled."""
        with self._guard:
            source = sight.recording.get(self._process.pid) if self._process else None
            if source is not None and source != sight.played and not self._astray:
                log.info("what is played is no longer %s; listening to %s", source, sight.played)
                self._astray = True
                self._process.terminate()

    def _command(self) -> Sequence[str]:
        sight = look()
        return _parec(sight.played) if sight and sight.played else ()

    def _hear(self, process: subprocess.Popen) -> bool:
        came = False
        while len(block := process.stdout.read(2 * _BLOCK)) == 2 * _BLOCK:
            self._queue.put(np.frombuffer(block, np.int16))
            came = True
        return came

    def _over(self, came: bool) -> bool:
        self._queue.clear()
        with self._guard:
            astray, self._astray = self._astray, False
        if not astray and not self._stopping.is_set():
            log.log(logging.WARNING if came else logging.DEBUG, "nothing comes from the sound server's monitor; trying again")
        return astray
