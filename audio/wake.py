"""The wake phrase and the stop words: what they are, what sounds like them, and the listener that waits for them.

A tiny grammar proposes; only its final results count (partial ones gave sixteen false wakes an hour in a published
test). Then ``audio/verify.py`` compares the phrase with everything else that could have been said in the same sound, so
that talk which the grammar forced into the phrase is turned away. The verdict is worked out in the silence behind the
phrase, which has to pass anyway to see whether a command follows in the same breath.
"""
from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from assistant.errors import ConfigError
from audio.recognizer import UNKNOWN, SpeechModel, VoskRecognizer
from audio.segment import Mark, Segmenter, SegmentSettings
from audio.sound_alike import nearest_part, syllables
from audio.spot import Spotter, Wanted
from audio.timeline import Timeline, samples
from audio.vad import WINDOW, WINDOW_S
from audio.verify import Verifier
from intents.model import Word

log = logging.getLogger(__name__)

DEFAULT_PHRASE = "小乡小乡"
STOP_WORDS = ("停", "停下", "停一下", "别说了", "别念了", "闭嘴")
FEWEST_SYLLABLES, MOST_SYLLABLES = 3, 6
STOP_TOLERANCE = 0.35
SHORT_STOP_TOLERANCE = 0.5
"""One syllable alone is hard to read (停 comes back as 平, 凭, 提醒): here the grammar's confidence counts more."""


@dataclass(frozen=True, slots=True)
class Collision:
    """One of our own sentences that could wake the box: ``part`` of it is ``distance`` (0..1) from the phrase."""

    sentence: str
    part: str
    distance: float


@dataclass(frozen=True, slots=True)
class WakeSettings:
    """Lengths in seconds."""

    pause_s: float = 0.22
    """Silence after which it is worked out whether the phrase was said."""
    look_s: float = 0.13
    """In a listening window it is worked out after so much already: the other recognisers are at work there too."""
    settle_s: float = 0.34
    """From the phrase's end (by the decoder's alignment, which noise does not move as it moves the VAD's) until silence
    means that the person waits for an answer. Speech before that is a command in the same breath: a comma's pause. With
    0.27 the acknowledgement talks over a fifth of those whom the bench has say both very slowly (rate 0.7), with 0.30
    over nobody."""
    settled_s: float = 0.6
    """Silence that means so in any case."""
    tolerance: float = 2.5
    """Nats a syllable by which anything else may explain the sound better than the phrase; see ``audio/verify.py``. Measured
    on what the grammar took for it: passes 37 of 37 true ones clean and in noise, 34 of 41 in simulated rooms (all seven
    lost ones are fast and 2 m or more away), 19 of 92 names and words like it; 3.5 would pass one more and 32, 2.0 one
    less and 10."""
    least_confidence: float = 0.5
    force_s: float = 0.7
    """After the phrase has shown up and talk goes on this long, the result is demanded without a pause."""
    cap_s: float = 12.0
    """Talk without a pause is examined in pieces of this length."""
    overlap_s: float = 1.6
    """...that overlap by this much, so that a phrase on the border is whole in one of them."""
    least_command_s: float = 0.2
    """Voice after the phrase that makes it a command in one breath."""
    opening_s: float = 3.0
    """In a listening window the phrase is looked for in so much of an utterance."""


def split_known(text: str, knows: Callable[[str], bool]) -> list[str]:
    """Longest known words first, single characters at worst. Raises ConfigError for a character nobody knows."""
    words: list[str] = []
    rest = "".join(text.split())
    while rest:
        length = next((n for n in range(len(rest), 0, -1) if knows(rest[:n])), 0)
        if not length:
            raise ConfigError(f"wake phrase or stop word {text!r}: the speech model does not know {rest[0]!r}")
        words.append(rest[:length])
        rest = rest[length:]
    return words


def check_phrase(phrase: str) -> None:
    """Raises ConfigError when the phrase is not Chinese, too short to be safe or too long to be called out."""
    if len("".join(phrase.split())) > MOST_SYLLABLES:
        raise ConfigError(f"wake phrase {phrase[:MOST_SYLLABLES]!r}... is too long: {MOST_SYLLABLES} syllables at most")
    if len(syllables(phrase)) != len("".join(phrase.split())):
        raise ConfigError(f"wake phrase {phrase!r} must be Chinese characters only")
    if len(syllables(phrase)) < FEWEST_SYLLABLES:
        raise ConfigError(f"wake phrase {phrase!r} is too short: {FEWEST_SYLLABLES} syllables at least, 4 are better")


def collisions(phrase: str, sentences: Iterable[str], tolerance: float = 0.35) -> list[Collision]:
    """Which sentences contain something that sounds like the phrase, most alike first.

    The default tolerance is wide: on paper it is about what the recogniser's free readings of the phrase itself reach in a
    reverberant room (0.42 at most of 140, one in twenty above 0.3).
    Raises ConfigError for a phrase that cannot be one.
    """
    check_phrase(phrase)
    wanted = syllables(phrase)
    found = []
    for sentence in sentences:
        characters = [character for character in sentence if syllables(character)]
        distance, start, end = nearest_part(wanted, syllables("".join(characters)))
        if distance <= tolerance:
            found.append(Collision(sentence, "".join(characters[start:end]), distance))
    return sorted(found, key=lambda collision: collision.distance)


class Kind(Enum):
    WAKE = "wake"
    STOP = "stop"


class Reason(Enum):
    """Why the grammar's result is asked for."""

    PAUSE = "pause"
    CAP = "cap"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A confirmed phrase. ``end`` is the absolute sample where it ends; ``command_follows`` tells of more speech."""

    kind: Kind
    end: int
    command_follows: bool = False


class WakeListener:
    """Waits for the phrase in a timeline; one call of :meth:`step` for each window appended to it.

    Sound without speech costs nothing but the VAD's probability. ``judge`` is a warm free-form recogniser that nobody
    else uses while this listener is stepped; it has a say in stop words.
    """

    def __init__(
        self, model: SpeechModel, judge: VoskRecognizer, timeline: Timeline, phrase: str = DEFAULT_PHRASE,
        settings: WakeSettings | None = None, stop_words: Sequence[str] = STOP_WORDS,
    ) -> None:
        check_phrase(phrase)
        self.settings = settings or WakeSettings()
        self._timeline = timeline
        self._judge = judge
        self._words = split_known(phrase, model.knows)
        self._wanted = Wanted(tuple(self._words), self.settings.least_confidence)
        self._verifier = Verifier(model, self._wanted.words, self.settings.tolerance)
        self._shown = " ".join(self._words)
        self._stops = {"".join(words): syllables("".join(words))
                       for words in (split_known(word, model.knows) for word in stop_words)}
        grammar = [self._words, *(split_known(word, model.knows) for word in stop_words)]
        self._grammar = VoskRecognizer(model, grammar, n_best=0)
        self._segmenter = Segmenter(
            SegmentSettings(
                patience_s=self.settings.settled_s, short_pause_s=self.settings.pause_s, cap_s=self.settings.cap_s,
            )
        )
        self._origin = 0
        self._begin: int | None = None
        self._candidate: int | None = None
        self._again_from: int | None = None
        self._held: Sighting | None = None
        self.proposed = 0
        """How often the grammar was sure of the phrase..."""
        self.turned_away = 0
        """...and how often something else explained the sound better."""

    @property
    def idle(self) -> bool:
        """Nobody is talking."""
        return self._begin is None

    def restart(self) -> None:
        """Forget what is being said; listen from now on."""
        if self._begin is not None:
            self._grammar.discard()
        self._begin = self._candidate = self._again_from = self._held = None
        self._segmenter.restart()
        self._origin = self._timeline.now - samples(self._segmenter.position_s)

    def spotter(self) -> Spotter:
        """Finds the phrase at the opening of an utterance while this listener rests: they share the grammar."""
        return Spotter(self._grammar, self._wanted, self._verifier, samples(self.settings.opening_s))

    def step(self) -> Sighting | None:
        """Look at the newest window of the timeline."""
        now = self._timeline.now
        mark = self._segmenter.process(WINDOW_S, self._timeline.probability(self._timeline.windows - 1))
        if self._begin is None:
            if mark is Mark.BEGAN:
                self._open(self._origin + samples(self._segmenter.start_s))
            return None
        if self._held is not None:
            return self._settle(self._held, mark)
        self._hear(now - WINDOW)
        if mark is Mark.PAUSED:
            return self._decide(Reason.PAUSE)
        if mark is Mark.ENDED:
            return self._decide(Reason.CAP)
        if self._candidate is not None and now - self._candidate >= samples(self.settings.force_s):
            return self._decide(Reason.OVERDUE)
        return None

    def _settle(self, held: Sighting, mark: Mark) -> Sighting | None:
        """The phrase has been found; does the person go on?"""
        if mark is Mark.RESUMED:
            self.restart()
            return replace(held, command_follows=True)
        waited = self._timeline.now - held.end >= samples(self.settings.settle_s)
        if mark is not Mark.ENDED and (not waited or self._segmenter.returning):
            return None
        self.restart()
        return held

    def _open(self, begin: int) -> None:
        if self._again_from is not None and begin - self._again_from < samples(2 * self.settings.overlap_s):
            begin = min(begin, self._again_from)
        self._again_from = None
        self._begin = max(begin, self._timeline.oldest)
        self._candidate = None
        self._hear(self._begin)

    def _hear(self, start: int) -> None:
        pcm = self._timeline.slice(start, self._timeline.now)
        if self._grammar.accept(pcm) and self._candidate is None and self._shown in self._grammar.partial():
            self._candidate = self._timeline.now

    def _decide(self, reason: Reason) -> Sighting | None:
        readings = self._grammar.finish()
        words = readings[0].words if readings else ()
        begin = self._begin or 0
        self._candidate = None
        sighting = self._wake(words, begin)
        if sighting is None and reason is Reason.PAUSE:
            sighting = self._stop(words, begin)
        if sighting is None:
            self._pass(words, begin, reason)
        elif sighting.kind is Kind.WAKE and reason is Reason.PAUSE and not sighting.command_follows:
            self._held = sighting
            return self._settle(sighting, Mark.PAUSED)
        else:
            self._begin = None
            self.restart()
        return sighting

    def _pass(self, words: Sequence[Word], begin: int, reason: Reason) -> None:
        """Nothing was found; what may be part of a phrase is heard again together with what follows."""
        self._begin = None
        if reason is not Reason.PAUSE:
            self._again_from = self._timeline.now - samples(self.settings.overlap_s)
            if reason is Reason.OVERDUE:
                self._open(self._timeline.now)
            return
        self._segmenter.restart()
        if _ends_inside(self._words, [word.text for word in words]):
            # slow speakers pause inside the phrase
            self._again_from = max(begin, self._timeline.now - samples(self.settings.overlap_s))

    def _wake(self, words: Sequence[Word], begin: int) -> Sighting | None:
        where = self._wanted.proposed(words)
        if where is None:
            return None
        self.proposed += 1
        start, end = (begin + samples(bound) for bound in where.judged)
        if not self._verifier.confirms(self._timeline.slice(start, end)):
            self.turned_away += 1
            return None
        end = begin + samples(where.end)
        return Sighting(Kind.WAKE, end, voice_after(self._timeline, end) >= self.settings.least_command_s)

    def _stop(self, words: Sequence[Word], begin: int) -> Sighting | None:
        """A stop word must stand alone: inside a sentence, the box's own too, the same syllables mean other things."""
        stop = _stop_text(words)
        wanted = self._stops.get(stop)
        if wanted is None:
            return None
        short = len(wanted) == 1
        if min(word.confidence for word in words[: len(words) - _tail(words)]) < (0.9 if short else 0.6):
            return None
        self._judge.accept(self._timeline.slice(begin, self._timeline.now))
        tolerance = SHORT_STOP_TOLERANCE if short else STOP_TOLERANCE
        for reading in self._judge.finish():
            heard = syllables(reading.text)
            if len(heard) <= len(wanted) + 1 and nearest_part(wanted, heard)[0] <= tolerance:
                return Sighting(Kind.STOP, self._timeline.now)
        return None


def voice_after(timeline: Timeline, position: int, end: int | None = None) -> float:
    """Seconds of voice between a position and another (or now)."""
    first, last = -(-position // WINDOW), timeline.windows if end is None else end // WINDOW
    return WINDOW_S * sum(timeline.probability(number) >= 0.5 for number in range(first, last))


def _ends_inside(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """The words end with a beginning of the wanted ones that is not all of them."""
    return any(list(words[-length:]) == list(wanted[:length]) for length in range(2, len(wanted)))


def _tail(words: Sequence[Word]) -> int:
    """1 when the last word is but the echo of the one before: short, and unsure or unknown."""
    last = words[-1] if len(words) > 1 else None
    return int(last is not None and last.end - last.start <= 0.25 and (last.text == UNKNOWN or last.confidence < 0.8))


def _stop_text(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words[: len(words) - _tail(words)])
