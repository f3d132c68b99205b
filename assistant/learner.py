"""Understands with what this box has learnt, and learns more."""
from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Collection, Sequence

from assistant.commands import Attune, Learn, Lesson, NoteMiss, Unlearn
from assistant.lesson_store import LessonKeeper
from intents.accent_evidence import AccentEvidence, evidence_of
from intents.matcher import Matcher
from intents.model import Fragment, Hypothesis, Understanding

log = logging.getLogger(__name__)


class Learner:
    """An :class:`intents.model.Understander` that changes while the box runs: its personal phrases, and the matcher below them.

    :meth:`understand` and :meth:`rebase` may be called from any thread: each utterance is understood by one matcher or the
    next, each whole. The rest belongs to the loop's thread.
    """

    def __init__(self, store: LessonKeeper, matcher: Matcher) -> None:
        self._store = store
        self._base = matcher
        self._tell: Callable[[Matcher], None] = lambda matcher: None
        self._tell_accent: Callable[[AccentEvidence], None] = lambda evidence: None
        self._swapping = threading.Lock()
        lessons = store.lessons()
        self._accent, self._phrases = lessons.accent, lessons.phrases
        self._matcher = self._with_phrases()

    @property
    def accent(self) -> AccentEvidence:
        """How this person's sounds have come to be heard so far."""
        return self._accent

    def follow(self, tell: Callable[[Matcher], None]) -> None:
        """``tell`` gets the matcher now and whenever it is another one: the ear must listen for its phrases. It must be quick."""
        with self._swapping:
            self._tell = tell
            tell(self._matcher)

    def follow_accent(self, tell: Callable[[AccentEvidence], None]) -> None:
        """``tell`` gets the evidence whenever there is more of it."""
        self._tell_accent = tell

    def rebase(self, matcher: Matcher) -> None:
        """From the next utterance on ``matcher``, which knows no personal phrases, is used with those of this box."""
        with self._swapping:
            self._base = matcher
            self._renew()

    def understand(self, hypotheses: Sequence[Hypothesis], now: dt.datetime, expects: Collection[str] = ()) -> Understanding:
        return self._matcher.understand(hypotheses, now, expects)

    def fragments(self, hypotheses: Sequence[Hypothesis], now: dt.datetime) -> tuple[Fragment, ...]:
        return self._matcher.fragments(hypotheses, now)

    def take(self, lesson: Lesson, now: dt.datetime) -> None:
        """Learn it, so that the next utterance is understood with it. Raises StoreError when it could not be written down."""
        match lesson:
            case NoteMiss(heard=heard, offered=offered):
                self._store.keep_miss(heard, offered, now)
            case Learn(heard=heard, intent=intent):
                phrase = self._base.learnable(heard, intent, now)
                if phrase is not None:
                    log.info("learnt: %s is %s", phrase.template, phrase.intent)
                    self._store.keep_phrase(phrase, now)
                    self._swap()
            case Unlearn(phrase=heard):
                log.info("unlearnt: %s", heard)
                self._store.drop_phrase(heard)
                self._swap()
            case Attune(heard=heard, meant=meant):
                self._store.keep_accent(self._accent.plus(evidence_of(heard, meant)))
                self._accent = self._store.lessons().accent  # none where nothing may be kept
                self._tell_accent(self._accent)

    def close(self) -> None:
        self._store.close()

    def _swap(self) -> None:
        phrases = self._store.lessons().phrases
        with self._swapping:
            before, self._phrases = self._phrases, phrases
            if phrases != before:
                self._renew()

    def _renew(self) -> None:
        """While holding the lock, so that the ear is told of the matchers in their order."""
        self._matcher = self._with_phrases()
        self._tell(self._matcher)

    def _with_phrases(self) -> Matcher:
        return self._base.with_personal(learnt.phrase for learnt in self._phrases)
