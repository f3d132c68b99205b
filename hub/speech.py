"""A notice in the box's own voice, for whoever writes it: the box's own command is run, where it and its models are on this machine."""
from __future__ import annotations

import datetime as dt
import logging
import shutil
import subprocess
import tempfile
import threading
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Sequence
from pathlib import Path

import av

from hub.errors import NoVoice, TooMany

log = logging.getLogger(__name__)

PACE = 0.9
"""As boxes read notices, a share of their ordinary speed (a test compares it with the box's own)."""
LONGEST_S = 180
"""The longest notice takes a minute on a PC; a machine that needs longer than this is too slow for it."""
WAITS_S = 2.0
"""For somebody else's; more would keep a thread of the hub waiting."""
MOST_OF_PERSON, WITHIN = 12, dt.timedelta(minutes=5)
KEPT_BYTES = 16_000_000
MEDIA_TYPE = "audio/mpeg"
"""Every browser plays it, also old telephones'."""
_BIT_RATE = 64_000
_END = ("。", "！", "？", "；", ".", "!", "?")


def as_read(title: str, text: str) -> str:
    """The words as a box says them: a title that the text begins with is not said twice."""
    parts = (text,) if text.startswith(title) else (title, text)
    return "".join(part if part.endswith(_END) else f"{part}。" for part in parts if part)


class Speech:
    """Of one hub process: one at a time, because the voice takes a whole core. Any thread may ask."""

    def __init__(self, box: Sequence[str], now: Callable[[], dt.datetime]) -> None:
        """``box`` is the command that starts the box's command line; empty: there is none."""
        self._box = tuple(box)
        self._now = now
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._asked: defaultdict[str, deque[dt.datetime]] = defaultdict(deque)
        self._process: subprocess.Popen | None = None

    def say(self, text: str, who: str) -> bytes:
        """Sound as of ``MEDIA_TYPE``; ``who`` asks for it. Raises NoVoice, TooMany."""
        if not self._box:
            raise NoVoice("this hub knows of no box's program")
        with self._lock:
            if text in self._kept:
                self._kept.move_to_end(text)
                return self._kept[text]
        if not self._turn.acquire(timeout=WAITS_S):
            raise TooMany("somebody else is listening to a notice", 15)
        try:
            self._count(who)
            with tempfile.TemporaryDirectory(prefix="xiangyin-say-") as folder:
                sound = _encoded(self._spoken(text, Path(folder) / "said.wav"))
        finally:
            self._turn.release()
        self._keep(text, sound)
        return sound

    def close(self) -> None:
        """Nobody waits for it any more."""
        process = self._process
        if process is not None:
            process.kill()

    def _count(self, who: str) -> None:
        """Raises TooMany."""
        now, asked = self._now(), self._asked[who]
        while asked and asked[0] <= now - WITHIN:
            asked.popleft()
        if len(asked) >= MOST_OF_PERSON:
            raise TooMany(f"{who} has listened to {len(asked)} notices", max(1, int((asked[0] + WITHIN - now).total_seconds())))
        asked.append(now)

    def _spoken(self, text: str, file: Path) -> Path:
        """Raises NoVoice."""
        gently = ("nice", "-n", "10") if shutil.which("nice") else ()  # a box on this machine must not stumble over it
        command = (*gently, *self._box, "say", "-", "--out", str(file), "--engine", "neural", "--pace", str(PACE))
        try:
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as self._process:
                try:
                    _, told = self._process.communicate(text, timeout=LONGEST_S)
                except subprocess.TimeoutExpired as error:
                    self._process.kill()
                    raise NoVoice(f"not spoken within {LONGEST_S} s: this machine is too slow for so long a text") from error
        except OSError as error:
            raise NoVoice(f"{command[0]}: {error.strerror}") from error
        finally:
            self._process = None
        if not file.exists():
            raise NoVoice(told.strip().rpartition("\n")[2] or "the box's program says nothing")
        return file

    def _keep(self, text: str, sound: bytes) -> None:
        with self._lock:
            self._kept[text] = sound
            while sum(map(len, self._kept.values())) > KEPT_BYTES:
                self._kept.popitem(last=False)


def _encoded(file: Path) -> bytes:
    """A minute of it is half a megabyte, where the file has three."""
    out = file.with_suffix(".mp3")
    with av.open(str(file)) as source, av.open(str(out), "w", format="mp3") as target:
        spoken = source.streams.audio[0]
        stream = target.add_stream("libmp3lame", rate=spoken.rate, layout="mono")
        stream.bit_rate = _BIT_RATE
        resampler = av.AudioResampler(stream.format, "mono", spoken.rate)
        for frame in source.decode(spoken):
            for part in resampler.resample(frame):
                target.mux(stream.encode(part))
        target.mux(stream.encode(None))
    return out.read_bytes()
