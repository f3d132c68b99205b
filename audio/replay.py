"""Sound that does not come from a microphone, through the same streaming path: files, tests, the demo."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from assistant.events import Event
from assistant.ports import Pcm
from audio.ear import EarCore
from audio.ears import Ears
from audio.segment import Mark, Segmenter, SegmentSettings
from audio.timeline import Timeline, samples
from audio.upkeep import Upkeep, Warming
from audio.vad import WINDOW, WINDOW_S, SileroVad
from intents.model import Hypothesis, Source

CLOSING_SILENCE_S = 3.0
"""Appended to a file, so that the longest patience has passed when it is over."""
JOINED_S = 15.0
"""Longest stretch decoded in one go; a longer file is heard stretch by stretch and the readings joined."""

JOIN_GAP_S = 1.5
"""Shorter pauses are decoded together with the speech around them."""


GROWTH_MB = 40.0
"""Borne twice (see ``audio/upkeep.py``) before the decoders' caches are thrown away. Nobody waits for a file, but new
decoders are slow at first."""


class _Stretch(NamedTuple):
    """A run of speech: short pauses stay inside, silence around it goes. Bounds in the timeline, in samples."""

    begin: int
    end: int
    silence_follows: bool


class Listener:
    """Hears whole clips with the models kept loaded. Memory does not grow with the length or the number of the clips."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._upkeep = Upkeep(Warming(()), GROWTH_MB)

    def hear(self, blocks: Iterable[Pcm]) -> tuple[Hypothesis, ...]:
        """What is said in 16 kHz blocks of any length: free-form readings best first, then the grammar's; empty when
        nobody speaks."""
        return join(list(self.utterances(blocks)))

    def hear_pcm(self, pcm: Pcm) -> tuple[Hypothesis, ...]:
        """The same for sound that is all there."""
        return self.hear((pcm,))

    def utterances(self, blocks: Iterable[Pcm]) -> Iterator[tuple[Hypothesis, ...]]:
        """The same between one pause of ``JOIN_GAP_S`` or more and the next, as it comes; none is empty."""
        pieces: list[tuple[Hypothesis, ...]] = []
        for timeline, stretch in self._stretches(blocks):
            pieces.append(self._decode(timeline.slice(stretch.begin, stretch.end)))
            if stretch.silence_follows and (utterance := join(pieces)):
                yield utterance
            if stretch.silence_follows:
                pieces = []
        if utterance := join(pieces):
            yield utterance

    def _decode(self, pcm: Pcm) -> tuple[Hypothesis, ...]:
        self._ears.accept(pcm)
        heard = self._ears.finish()
        self._upkeep.after_turn()
        self._upkeep.between_turns(self._ears.decoders)
        return heard

    def _stretches(self, blocks: Iterable[Pcm]) -> Iterator[tuple[Timeline, _Stretch]]:
        vad, timeline = SileroVad(), Timeline()
        segmenter = Segmenter(SegmentSettings(patience_s=JOIN_GAP_S, cap_s=JOINED_S))
        begin: int | None = None
        for window in windows(blocks, closing_s=CLOSING_SILENCE_S):
            timeline.append(window, vad.probability(window))
            mark = segmenter.process(WINDOW_S, timeline.probability(timeline.windows - 1))
            if mark is Mark.BEGAN:
                start = samples(segmenter.start_s)
                begin = start if begin is None or start - begin > samples(JOIN_GAP_S) else begin
            elif mark is Mark.ENDED and begin is not None:
                silent = segmenter.silence_s > JOIN_GAP_S / 2
                end = samples(segmenter.voiced_s + 0.4) if silent else timeline.now
                yield timeline, _Stretch(begin, end, silent)
                # a stretch cut by the cap goes on without a gap
                begin = None if silent else end


def windows(blocks: Iterable[Pcm], closing_s: float = 0.0) -> Iterator[Pcm]:
    """Blocks of any length as whole windows; the last one is filled up, and silence follows."""
    rest = np.zeros(0, dtype=np.int16)
    for block in blocks:
        rest = np.concatenate((rest, block)) if len(rest) else block
        whole = len(rest) - len(rest) % WINDOW
        for start in range(0, whole, WINDOW):
            yield rest[start : start + WINDOW]
        rest = rest[whole:]
    tail = np.zeros(-(-(len(rest) + samples(closing_s)) // WINDOW) * WINDOW, dtype=np.int16)
    tail[: len(rest)] = rest
    for start in range(0, len(tail), WINDOW):
        yield tail[start : start + WINDOW]


def join(stretches: list[tuple[Hypothesis, ...]]) -> tuple[Hypothesis, ...]:
    """One utterance from several: for each source the best readings in a row; n-best only of a single stretch."""
    heard = [stretch for stretch in stretches if stretch]
    if len(heard) <= 1:
        return heard[0] if heard else ()
    joined = []
    for source in (Source.FREE_FORM, Source.GRAMMAR):
        best = [next((reading for reading in stretch if reading.source is source), None) for stretch in heard]
        found = [reading for reading in best if reading is not None]
        if found:
            text = "".join(reading.text for reading in found)
            confidence = sum(len(reading.text) * reading.confidence for reading in found) / len(text)
            # a stretch in which this source read nothing speaks neither for nor against it
            scores = [(reading or stretch[0]).score or 0.0 for reading, stretch in zip(best, heard, strict=True)]
            joined.append(Hypothesis(text, confidence, source, score=sum(scores)))
    return tuple(joined)


def hear_with_wake(core: EarCore, blocks: Iterable[Pcm]) -> Iterator[Event]:
    """Facts as the box would find them: the wake phrase must come first. The core is left ready for the next file.

    A command after a pause is heard only if the consumer orders ``core.obey(Listen(...))`` on WakeHeard, as the
    dialogue does.
    """
    for window in windows(blocks, closing_s=CLOSING_SILENCE_S):
        yield from core.feed(window)
