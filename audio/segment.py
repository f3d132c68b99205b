"""Where a turn begins, pauses and ends. Pure: fed with (seconds, speech probability), knows no clock and no sound.

In the manner of Home Assistant's ``assist_pipeline/vad.py``: small state, time as an argument, decisions as values.
"""
from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import Enum


class Mark(Enum):
    """What a step of the segmenter found out."""

    NOTHING = "nothing"
    BEGAN = "began"
    PAUSED = "paused"
    RESUMED = "resumed"
    ENDED = "ended"


class Phase(Enum):
    QUIET = "quiet"
    MAYBE = "maybe"
    SPEECH = "speech"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """All lengths in seconds of audio."""

    start_probability: float = 0.5
    """A window at least this much like speech can begin an utterance."""
    stop_probability: float = 0.35
    """Below this a window is silence; between the two it is what the window before was."""
    min_speech_s: float = 0.15
    """Less voice than this is a click, not an utterance."""
    min_resume_s: float = 0.09
    """Less voice than this inside a pause does not end the pause."""
    pre_roll_s: float = 0.4
    """Sound before the first voiced window that belongs to the utterance: soft first consonants."""
    short_pause_s: float = 0.3
    """Silence after which it is worth guessing what was said."""
    patience_s: float = 1.0
    """Silence that ends the turn."""
    hangover_s: float = 0.045
    """How long the probability stays high after the last voiced sample: it counts as silence already. Set from forty
    clean synthetic commands (``bench/ear_bench.turn_end``: 70 ms late at the median without it, half a window of that
    being the window itself); not checked on real voices or in rooms, where reverberation lengthens it."""
    cap_s: float = 15.0
    """An utterance is never longer than this, whatever the noise."""


class NoiseFloor:
    """The speech probability that never goes away, over the last six seconds: steady noise, not a person.

    People breathe: in six seconds of talk the probability falls at least once. What stays is subtracted by raising
    the thresholds, but never so far that clear speech (probability above 0.9) would not count.
    """

    SPAN_S = 6.0
    BIN_S = 1.0

    def __init__(self) -> None:
        self._bins: deque[float] = deque(maxlen=int(self.SPAN_S / self.BIN_S))
        self._lowest = 1.0
        self._filled_s = 0.0

    def add(self, seconds: float, probability: float) -> None:
        self._lowest = min(self._lowest, probability)
        self._filled_s += seconds
        if self._filled_s >= self.BIN_S:
            self._bins.append(self._lowest)
            self._lowest, self._filled_s = 1.0, 0.0

    @property
    def level(self) -> float:
        """0.0 until a whole span has been heard."""
        return min(self._bins) if len(self._bins) == self._bins.maxlen else 0.0

    def raised(self, threshold: float) -> float:
        """The threshold lifted above the floor by a tenth, at most to 0.9."""
        return max(threshold, min(0.9, self.level + 0.1))


class Segmenter:
    """Finds one utterance after another.

    Positions are seconds of audio since construction. ``start_s`` (with pre-roll), ``voiced_s`` (end of the last
    voiced window) and ``longest_pause_s`` (of those that were marked) speak of the utterance that began last.
    """

    def __init__(self, settings: SegmentSettings | None = None) -> None:
        self.settings = settings or SegmentSettings()
        self.phase = Phase.QUIET
        self.position_s = 0.0
        self.start_s = 0.0
        self.voiced_s = 0.0
        self.longest_pause_s = 0.0
        self._first_s = 0.0
        self._voice_s = 0.0
        self._was_voiced = False
        self._floor = NoiseFloor()

    def set_patience(self, patience_s: float) -> None:
        """Takes effect at once, also inside an utterance."""
        self.settings = replace(self.settings, patience_s=patience_s)

    @property
    def quiet(self) -> bool:
        """Nobody is speaking, not even perhaps."""
        return self.phase is Phase.QUIET

    @property
    def silence_s(self) -> float:
        """Silence since the last voiced sample, 0.0 inside speech."""
        since = self.position_s - self.voiced_s
        return since + self.settings.hangover_s if since > 1e-6 else 0.0

    @property
    def returning(self) -> bool:
        """Inside a pause: the newest window is voiced, too short as yet to end the pause."""
        return self.phase is Phase.PAUSE and self._voice_s > 0

    def restart(self) -> None:
        """Forget the utterance in hand; the noise floor is kept."""
        self.phase = Phase.QUIET
        self._voice_s = 0.0
        self._was_voiced = False

    def process(self, seconds: float, probability: float) -> Mark:
        """One more piece of sound of this length and this likeness to speech (0..1)."""
        self._floor.add(seconds, probability)
        voiced = self._voiced(probability)
        began_at = self.position_s
        self.position_s += seconds
        match self.phase:
            case Phase.QUIET | Phase.MAYBE:
                return self._before(seconds, voiced, began_at)
            case Phase.SPEECH:
                return self._inside(voiced)
            case Phase.PAUSE:
                return self._pausing(seconds, voiced)

    def _voiced(self, probability: float) -> bool:
        if probability >= self._floor.raised(self.settings.start_probability):
            self._was_voiced = True
        elif probability < self._floor.raised(self.settings.stop_probability):
            self._was_voiced = False
        return self._was_voiced

    def _before(self, seconds: float, voiced: bool, began_at: float) -> Mark:
        if voiced:
            if self.phase is Phase.QUIET:
                self.phase, self._first_s, self._voice_s = Phase.MAYBE, began_at, 0.0
            self._voice_s += seconds
            self.voiced_s = self.position_s
            if self._voice_s >= self.settings.min_speech_s:
                self.phase, self.longest_pause_s = Phase.SPEECH, 0.0
                self.start_s = max(0.0, self._first_s - self.settings.pre_roll_s)
                return Mark.BEGAN
        elif self.phase is Phase.MAYBE and self.silence_s >= self.settings.short_pause_s:
            self.phase = Phase.QUIET
        return Mark.NOTHING

    def _inside(self, voiced: bool) -> Mark:
        if self._capped():
            return self._end()
        if voiced:
            self.voiced_s = self.position_s
            return Mark.NOTHING
        if self._reached(self.settings.patience_s):
            return self._end()
        if self._reached(self.settings.short_pause_s):
            self.phase, self._voice_s = Phase.PAUSE, 0.0
            return Mark.PAUSED
        return Mark.NOTHING

    def _pausing(self, seconds: float, voiced: bool) -> Mark:
        self._voice_s = self._voice_s + seconds if voiced else 0.0
        if self._voice_s >= self.settings.min_resume_s:
            self.longest_pause_s = max(self.longest_pause_s, self.silence_s - self._voice_s)
            self.voiced_s = self.position_s
            self.phase = Phase.SPEECH
            return Mark.RESUMED
        if self._reached(self.settings.patience_s + self._voice_s) or self._capped():
            return self._end()
        return Mark.NOTHING

    def _reached(self, length_s: float) -> bool:
        return self.silence_s >= length_s - 1e-6

    def _capped(self) -> bool:
        return self.position_s - self._first_s >= self.settings.cap_s - 1e-6

    def _end(self) -> Mark:
        self.restart()
        return Mark.ENDED


class PatienceLearner:
    """How long to wait for one person, learnt from the pauses inside their own utterances.

    The longest inner pause of each of the last twenty turns is kept. Patience is 1.4 times the ninetieth percentile
    plus a quarter second (a choice, not a measurement), inside 0.8..2.5 s; it does not go below ``default_s``
    before fifteen turns have been heard. A turn without pauses counts as a pause of nothing.
    """

    LEAST_S, DEFAULT_S, MOST_S = 0.8, 1.0, 2.5
    TURNS_BEFORE_SHORTER = 15
    STEP_S = 0.05
    """Finer differences are nothing to a person and would be written to the disk after every turn."""

    def __init__(self, default_s: float = DEFAULT_S) -> None:
        self._default_s = default_s
        self._pauses: deque[float] = deque(maxlen=20)

    def observe(self, longest_pause_s: float) -> None:
        """A turn is over; this was the longest silence inside it."""
        self._pauses.append(longest_pause_s)

    @property
    def patience_s(self) -> float:
        if not self._pauses:
            return self._default_s
        ordered = sorted(self._pauses)
        ninetieth = ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))]
        wanted = 1.4 * ninetieth + 0.25
        least = self.LEAST_S if len(ordered) >= self.TURNS_BEFORE_SHORTER else self._default_s
        return round(min(self.MOST_S, max(least, wanted)) / self.STEP_S) * self.STEP_S
