"""The second engine: whatever voice the system has, through pyttsx3 (espeak-ng on Linux, SAPI5, NSSpeech).

pyttsx3 2.99 is reliable in one way only: one ``save_to_file`` at a time, on one engine, and the ``finished-utterance``
callback awaited, because ``runAndWait`` returns before the file is there. It also prints to stdout, which is muted.
"""
from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyttsx3

from assistant.errors import BadAudio, VoiceError
from assistant.ports import Pcm, SpeechStyle
from audio.clauses import LAST_PAUSE_S, Clause, clauses_of
from audio.spoken_text import spoken_sentences
from audio.wav import read_wav

_WORDS_PER_MINUTE = 190
_TARGET_RMS = 3000.0
_TIMEOUT_S = 30.0
_RATE_TRIES, _RATE_RETRY_S = 100, 0.01
_ESPEAK_MANDARIN = "sit/cmn"
_CHINESE_HINTS = ("zh-cn", "zh_cn", "zh-hans", "cmn", "chinese", "huihui", "tingting", "ting-ting", "kangkang")


class SystemVoice:
    """``Synthesizer`` port. Any thread may call it; one sentence is made at a time."""

    name = "system"
    sample_rate = 22_050

    def __init__(self) -> None:
        """Raises VoiceError when the system has no speech engine, or none that speaks Chinese."""
        self._lock = threading.Lock()
        self._done, self._never = threading.Event(), threading.Event()
        try:
            self._engine = pyttsx3.init()
            self._engine.connect("finished-utterance", lambda name=None, completed=True: self._done.set())
            self._engine.setProperty("voice", self._chinese_voice())
        except (ImportError, OSError, RuntimeError, ValueError, KeyError, AttributeError) as error:
            raise VoiceError(f"the system's speech engine cannot be used ({error})") from error

    def synthesize(self, text: str, style: SpeechStyle) -> Iterator[Pcm]:
        before: Clause | None = None
        for clause in clauses_of(spoken_sentences(text)):
            if not any("㐀" <= char <= "鿿" or char == "〇" for char in clause.text):
                continue
            if before is not None:
                yield self._pause(before.pause_s / style.rate)
            yield self._make(clause.text, style)
            before = clause
        if before is None:
            raise VoiceError(f"nothing in {text[:40]!r} can be spoken")
        yield self._pause(min(before.pause_s, LAST_PAUSE_S) / style.rate)

    def _pause(self, seconds: float) -> Pcm:
        return np.zeros(int(seconds * self.sample_rate), np.int16)

    def _make(self, words: str, style: SpeechStyle) -> Pcm:
        with self._lock, tempfile.TemporaryDirectory(prefix="xiangyin-voice-") as folder:
            path = Path(folder) / "clause.wav"
            self._done.clear()
            try:
                with _quiet_stdout():
                    self._set_rate(int(_WORDS_PER_MINUTE * style.rate))
                    self._engine.save_to_file(words, str(path))
                    self._engine.runAndWait()
                    finished = self._done.wait(_TIMEOUT_S)
                pcm = read_wav(path, self.sample_rate) if finished else None
            except (RuntimeError, OSError, AssertionError, BadAudio) as error:
                raise VoiceError(f"the system's voice failed on {words[:20]!r} ({error})") from error
        if pcm is None:
            raise VoiceError(f"the system's voice did not finish {words[:20]!r} in {_TIMEOUT_S:.0f} s")
        return _levelled(_trimmed(pcm))

    def _set_rate(self, words_per_minute: int) -> None:
        """Through pyttsx3's own binding where the engine is espeak: its ``setProperty`` (2.99) reaches espeak only after
        the utterance that it was meant for."""
        if sys.platform.startswith("linux"):
            from pyttsx3.drivers import _espeak

            # while espeak winds up the utterance before, it takes no parameter, and pyttsx3 cancels what is said next
            for _ in range(_RATE_TRIES):
                if not _espeak.IsPlaying():
                    _espeak.SetParameter(_espeak.RATE, words_per_minute, 0)
                    if _espeak.GetParameter(_espeak.RATE) == words_per_minute:
                        return
                self._never.wait(_RATE_RETRY_S)
            raise VoiceError(f"espeak does not take the rate {words_per_minute}")
        self._engine.setProperty("rate", words_per_minute)

    def _chinese_voice(self) -> str:
        if sys.platform.startswith("linux"):
            return _ESPEAK_MANDARIN  # the only id that the espeak driver is sure to accept; others are ignored silently
        for voice in self._engine.getProperty("voices"):
            described = f"{voice.id} {voice.name} {getattr(voice, 'languages', '')}".lower()
            if any(hint in described for hint in _CHINESE_HINTS):
                return str(voice.id)
        raise ValueError("no Chinese voice is installed")


def _quiet_stdout() -> contextlib.AbstractContextManager[object]:
    return contextlib.redirect_stdout(io.StringIO())


def _trimmed(pcm: Pcm) -> Pcm:
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > 200)
    return pcm[max(0, loud[0] - 400) : loud[-1] + 800] if len(loud) else pcm


def _levelled(pcm: Pcm) -> Pcm:
    level = float(np.sqrt(np.mean(pcm.astype(np.float64) ** 2))) if len(pcm) else 0.0
    gain = min(4.0, _TARGET_RMS / level) if level > 1 else 1.0
    return np.clip(pcm * gain, -32768, 32767).astype(np.int16)
