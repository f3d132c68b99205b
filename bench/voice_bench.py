"""How well and how soon the box speaks: errors of its own recogniser on 50 replies, and the time to the first sound.

The voice has been looked at through those 50, so the errors are counted on others too: what the skills answered to their
own cases on many days of the year, each reply of another wording than those before.

Errors are counted twice: in characters, and in syllables without tones. The second leaves out what no voice can help,
the recogniser's choice among words that sound alike (再/在, 十七/时期).
"""
from __future__ import annotations

import json
import queue
import re
import statistics
import time
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from assistant.ports import Pcm, SpeechStyle, Synthesizer
from audio.fakes_out import Playback, RecordingLoudspeaker
from audio.spoken_text import spoken_text
from audio.voice import Voice
from audio.wav import resample
from models.hanzi import Style, pinyin_of

_NOT_WORDS = re.compile(r"[^一-鿿〇]+")
_PATIENCE_S = 60
_NOTICE_OF_END = np.zeros(8000, np.int16)


def replies(file: str = "voice_replies.txt") -> list[str]:
    """What is said, one a line: the 50 replies that are measured, or those of another file beside this one."""
    return resources.files("bench").joinpath(file).read_text(encoding="utf-8").split()


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[-1]


class Listener:
    """The box's own free-form recogniser, kept and reused as in the product."""

    def __init__(self, model_dir: Path) -> None:
        import vosk

        vosk.SetLogLevel(-1)
        self._decoder = vosk.KaldiRecognizer(vosk.Model(str(model_dir)), 16_000)

    def hear(self, pcm: Pcm) -> str:
        """The words in 16 kHz sound, without spaces."""
        self._decoder.AcceptWaveform(np.concatenate([_NOTICE_OF_END // 4, pcm, _NOTICE_OF_END]).tobytes())
        return json.loads(self._decoder.FinalResult())["text"].replace(" ", "")


def measure(voice: Synthesizer, listener: Listener, style: SpeechStyle | None = None) -> dict[str, object]:
    """Figures over the 50 replies: ``cer`` and ``syllable_errors`` (0..1), ``first_sound_ms`` and ``prepared_ms`` (the
    first block of a reply that was made before) p50/p95/max, ``rtf``, and the misheard ones; ``skills``: the errors of
    the skills' replies.

    The synthesizer must be warm: the box warms it before it says that it is ready.
    """
    style = style or SpeechStyle()
    said = [_render(voice, text, style) for text in replies()]
    seconds = sum(len(pcm) for pcm, _, _ in said) / voice.sample_rate
    return {
        "voice": voice.name, **_errors(voice, listener, zip(replies(), (pcm for pcm, _, _ in said), strict=True)),
        "skills": _errors(voice, listener, ((text, _render(voice, text, style)[0]) for text in replies("voice_skill_replies.txt"))),
        "first_sound_ms": _spread([first * 1000 for _, first, _ in said]), "prepared_ms": _spread(prepared_ms(voice, style)),
        "rtf": round(sum(spent for _, _, spent in said) / seconds, 3),
    }


def _errors(voice: Synthesizer, listener: Listener, spoken: Iterable[tuple[str, Pcm]]) -> dict[str, object]:
    errors = syllable_errors = total = count = 0
    misheard: list[tuple[str, str]] = []
    for text, pcm in spoken:
        said = _NOT_WORDS.sub("", spoken_text(text))
        heard = _NOT_WORDS.sub("", listener.hear(resample(pcm, voice.sample_rate, 16_000)))
        distance = edit_distance(said, heard)
        count, errors, total = count + 1, errors + distance, total + len(said)
        syllable_errors += edit_distance(pinyin_of(said, Style.NORMAL), pinyin_of(heard, Style.NORMAL))
        if distance:
            misheard.append((said, heard))
    return {"replies": count, "characters": total, "cer": round(errors / total, 4),
            "syllable_errors": round(syllable_errors / total, 4), "misheard": misheard}


def prepared_ms(synthesizer: Synthesizer, style: SpeechStyle) -> list[float]:
    """Milliseconds from ``say`` to the first block at the loudspeaker, for replies that the voice already holds."""
    first_sample: queue.Queue[Playback] = queue.Queue()
    ended: queue.Queue[object] = queue.Queue()
    voice = Voice(synthesizer, RecordingLoudspeaker(on_first_sample=first_sample.put), ended.put, style)
    voice.start()
    delays = []
    try:
        for turn, text in enumerate(replies()):
            for attempt in ("made", "prepared"):
                asked = time.monotonic()
                voice.say(turn, text)
                at = first_sample.get(timeout=_PATIENCE_S).first_sample_at or 0.0
                ended.get(timeout=_PATIENCE_S)
                if attempt == "prepared":
                    delays.append((at - asked) * 1000)
    finally:
        voice.close()
    return delays


def _spread(milliseconds: list[float]) -> dict[str, float]:
    return {"p50": round(statistics.median(milliseconds), 1),
            "p95": round(float(np.percentile(milliseconds, 95)), 1), "max": round(max(milliseconds), 1)}


def _render(voice: Synthesizer, text: str, style: SpeechStyle) -> tuple[Pcm, float, float]:
    begun = time.perf_counter()
    blocks = voice.synthesize(text, style)
    parts = [next(blocks)]
    first = time.perf_counter() - begun
    parts += blocks
    return np.concatenate(parts), first, time.perf_counter() - begun
