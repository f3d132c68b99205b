"""The one thread that speaks. It owns the synthesizer and the loudspeaker; everybody else leaves orders in its slots.

There are three slots, so nothing can pile up: the next thing to say (a newer one replaces it), the next thing to
prepare (newest wins), and the fixed sentences still to be made ready. A preparation is broken off between two blocks as
soon as there is something to say; what it has made so far is kept, and a ``say`` of the same words goes on from there.
"""
from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from assistant.commands import Clip
from assistant.errors import BadAudio, LoudspeakerUnavailable, VoiceError
from assistant.events import Ending, SpeakerFailed, SpeechEnded
from assistant.ports import SAMPLE_RATE, Loudspeaker, Pcm, Post, SpeechStyle, Synthesizer
from audio.cues import TONES
from audio.memory import give_back
from audio.wav import Resampler, read_known, stream_sound

log = logging.getLogger(__name__)

_CACHE_SECONDS = 60
_MAX_WARM = 64
_JOIN_S = 5.0
_LONGEST_KEPT_CHARS = 400
_SLOWEST = 0.5


@dataclass
class _Order:
    turn: int
    text: str
    tone: str | None = None
    pace: float = 1.0
    clip: Clip | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)


class _Rendering:
    """Sound of one text, made as far as somebody has asked for, and kept. Used by the voice thread only."""

    def __init__(self, source: Iterator[Pcm]) -> None:
        self._source = source
        self._made: list[Pcm] = []
        self.complete = False

    def __iter__(self) -> Iterator[Pcm]:
        at = 0
        while True:
            while at < len(self._made):
                yield self._made[at]
                at += 1
            if not self.advance():
                return

    def advance(self) -> bool:
        """Make one more block; False when there is no more."""
        if self.complete:
            return False
        block = next(self._source, None)
        if block is None:
            self.complete = True
            return False
        self._made.append(block)
        return True

    @property
    def samples(self) -> int:
        return sum(map(len, self._made))


class Voice:
    """Speaks for the dialogue. All methods return at once and may be called from any thread."""

    def __init__(
        self, synthesizer: Synthesizer, loudspeaker: Loudspeaker, post: Post, style: SpeechStyle | None = None, *,
        on_started: Callable[[int], None] | None = None, on_audio: Callable[[Pcm], None] | None = None,
    ) -> None:
        """``on_started(turn)``: the first sample has been handed to the loudspeaker. ``on_audio(pcm)``: what is handed
        over, as 16 kHz mono (it may be ahead of what is heard). Both are called on the voice thread and must be quick.
        """
        self._synthesizer = synthesizer
        self._loudspeaker = loudspeaker
        self._post = post
        self._style = style or SpeechStyle()
        self._on_started = on_started or (lambda turn: None)
        self._on_audio = on_audio
        self._wake = threading.Condition()
        self._next: _Order | None = None
        self._current: _Order | None = None
        self._to_prepare: str | None = None
        self._fixed: tuple[str, ...] = ()
        self._to_warm: deque[str] = deque(maxlen=_MAX_WARM)
        self._closing = False
        self._cache: OrderedDict[tuple[str, SpeechStyle], _Rendering] = OrderedDict()
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def speaking(self) -> bool:
        """Something is being said, or is about to be."""
        with self._wake:
            return self._current is not None or self._next is not None

    def say(self, turn: int, text: str, tone: str | None = None, pace: float = 1.0, clip: Clip | None = None) -> None:
        """Say it, replacing whatever is being said; ``tone`` (a name in ``cues.TONES``) sounds first, ``clip`` behind it as it is. ``pace`` is a
        share of the set rate.

        Ends with exactly one ``SpeechEnded(turn, ...)``; with a clip that cannot be played it has failed.
        """
        with self._wake:
            dropped, self._next = self._next, _Order(turn, text, tone, pace, clip)
            self._to_prepare = None
            self._cancel_current()
            self._wake.notify()
        if dropped:
            self._post(SpeechEnded(dropped.turn, Ending.INTERRUPTED))

    def prepare(self, text: str) -> None:
        """This may have to be said soon: make its sound now if there is time. Very long texts are not kept ready."""
        if len(text) > _LONGEST_KEPT_CHARS:
            return
        with self._wake:
            self._to_prepare = text
            self._wake.notify()

    def warm(self, sentences: Iterable[str]) -> None:
        """Keep these fixed sentences ready, at every speech rate (they are made when there is nothing else to do)."""
        with self._wake:
            self._fixed = tuple(dict.fromkeys(s for s in sentences if len(s) <= _LONGEST_KEPT_CHARS))[:_MAX_WARM]
            self._to_warm = deque(self._fixed, maxlen=_MAX_WARM)
            self._wake.notify()

    def stop_speaking(self) -> None:
        """Be quiet; harmless when nothing is said."""
        with self._wake:
            dropped, self._next = self._next, None
            self._cancel_current()
        if dropped:
            self._post(SpeechEnded(dropped.turn, Ending.INTERRUPTED))

    def set_rate(self, rate: float) -> None:
        """Speed from the next sentence on, 0.5..1.3."""
        with self._wake:
            self._style = replace(self._style, rate=max(_SLOWEST, min(1.3, rate)))
            self._to_warm = deque(self._fixed, maxlen=_MAX_WARM)
            self._wake.notify()

    def close(self) -> None:
        """Stop speaking and end the thread; idempotent."""
        self.stop_speaking()
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)
            if self._thread.is_alive():
                log.error("the voice thread did not end within %.0f s", _JOIN_S)

    def _cancel_current(self) -> None:
        """The mark is set before the loudspeaker is stopped: a ``play`` that is only beginning then finds no block."""
        if self._current:
            self._current.cancelled.set()
            self._loudspeaker.stop()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._closing or self._next or self._to_prepare or self._to_warm)
                if self._closing:
                    return
                order, self._next = self._next, None
                self._current = order
                text = None
                if order is None:
                    text = self._to_prepare or self._to_warm.popleft()
                    self._to_prepare = None
            if order:
                self._carry_out(order)
            elif text is not None:
                self._make_ready(text)

    def _carry_out(self, order: _Order) -> None:
        ending = Ending.FAILED
        try:
            ending = self._loudspeaker.play(self._blocks(order), self._synthesizer.sample_rate)
        except LoudspeakerUnavailable as error:
            log.warning("loudspeaker: %s", error)
            self._post(SpeakerFailed(str(error)))
        except VoiceError as error:
            log.error("voice: %s", error)
            self._forget(order.text)
        except BadAudio as error:
            log.error("%s", error)
        finally:
            with self._wake:
                self._current = None
            self._post(SpeechEnded(order.turn, Ending.INTERRUPTED if order.cancelled.is_set() else ending))
            if not self._interrupted():
                give_back()  # speech is made of large pieces: 10 MB that nobody needs until the next reply

    def _blocks(self, order: _Order) -> Iterator[Pcm]:
        resampler = Resampler(self._synthesizer.sample_rate, SAMPLE_RATE) if self._on_audio else None
        started = False
        for block in self._sound(order):
            if order.cancelled.is_set():
                return
            if not started:
                started = True
                self._on_started(order.turn)
            if resampler and self._on_audio:
                self._on_audio(resampler.feed(block))
            yield block
        if resampler and self._on_audio:
            self._on_audio(resampler.flush())

    def _sound(self, order: _Order) -> Iterator[Pcm]:
        clip = read_known(order.clip.file, order.clip.sha256) if order.clip else b""  # before a word: a title alone would be no notice
        if order.tone:
            yield TONES[order.tone](self._synthesizer.sample_rate)
        style = replace(self._style, rate=max(_SLOWEST, self._style.rate * order.pace))
        if len(order.text) > _LONGEST_KEPT_CHARS:
            yield from self._synthesizer.synthesize(order.text, style)
        else:
            yield from self._rendering(order.text, style)
        if order.clip:
            yield from stream_sound(clip, order.clip.file, self._synthesizer.sample_rate)

    def _make_ready(self, text: str) -> None:
        rendering = self._rendering(text, self._style)
        try:
            while not self._interrupted() and rendering.advance():
                pass
        except VoiceError as error:
            log.error("voice: %s", error)
            self._forget(text)
            return
        if not rendering.complete and text in self._fixed:
            with self._wake:
                self._to_warm.append(text)

    def _interrupted(self) -> bool:
        with self._wake:
            return self._closing or self._next is not None or self._to_prepare is not None

    def _rendering(self, text: str, style: SpeechStyle) -> _Rendering:
        key = (text, style)
        rendering = self._cache.pop(key, None) or _Rendering(iter(self._synthesizer.synthesize(text, style)))
        self._cache[key] = rendering
        self._trim()
        return rendering

    def _forget(self, text: str) -> None:
        for key in [key for key in self._cache if key[0] == text]:
            del self._cache[key]

    def _trim(self) -> None:
        """Oldest first, but never a fixed sentence at the present style, nor the one in use (it is the newest)."""
        budget = _CACHE_SECONDS * self._synthesizer.sample_rate
        held = sum(rendering.samples for rendering in self._cache.values())
        for key in list(self._cache)[:-1]:
            if held <= budget:
                return
            if key[0] in self._fixed and key[1] == self._style:
                continue
            held -= self._cache.pop(key).samples
