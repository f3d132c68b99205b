"""Text to intent: the shipped :class:`intents.model.Understander`.

All sentences of all skills are one automaton (:mod:`intents.network`); an utterance is aligned with it by sound
(:mod:`intents.search`). What the alignment costs, against how much of the sentence was really heard, is the confidence.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from intents import book as sentence_book
from intents.contract import load_contract
from intents.fragments import FragmentReader
from intents.model import NONE, Fragment, Hypothesis, Intent, SlotValue, Source, Understanding
from intents.network import Network
from intents.network_cache import cached_network, compile_apart
from intents.normalize import Utterance, normalize
from intents.personal import PersonalPhrase, PersonalPhrases, learnable, reread
from intents.readers import Readers
from intents.search import Path as Reading
from intents.search import Search
from intents.slots.span import Span
from intents.sound import STANDARD, Accent
from intents.wordlists import Entry, Vocabulary

ACCEPT = 0.6
"""Least confidence of an intent; below it the talk is taken as not meant for the box."""
ACCEPT_DEAR = {
    "sos.trigger": 0.75,
    "call.history": 0.65,
    "repair.report": 0.65,
    "activity.list": 0.65,
    "reminder.cancel": 0.65,
    "reminder.list": 0.65,
    "reminder.snooze": 0.75,
}
"""What must not be done on a hint; a weaker reading stays among the alternatives, to be asked about."""
ONE_WORD = 2
"""Characters. Two syllables alone sound like too many other words (忧郁, 有雨): they must be heard to the letter."""
TO_THE_LETTER = 0.95
"""Confidence of a reading that differs by no more than a tone or a particle."""
HARDLY = 0.55
"""What is left of the confidence in a single word that was not."""
ACCEPT_EXPECTED = 0.35
EXPECTED_BONUS = 0.12
LONGEST = 60
"""Tokens. Longer utterances are talk, not commands."""
LIMIT = 1.35
"""The dearest reading that is searched for."""
LEAST_EVIDENCE = 0.35
"""Nothing but fillers says nothing."""
KEPT = 8
MEDIA_SLOTS = ("kind", "genre", "title", "artist")
BASE, EACH = 0.3, 0.2
"""A cost of BASE + EACH * evidence halves the confidence."""
BEHIND = 10.0
"""Nats. A reading this far behind the likeliest one of the same sound, free or of the grammar, is believed by half."""
UNSURE = 0.7
"""Trust in a reading without a score of which the recogniser is not sure at all."""
HOPELESS = 0.3
"""Trust below which a reading is not looked at."""
NEARLY = 0.2
"""Alternatives this much less sure than the best are looked for: what was expected may be among them, or a cry for help."""


def confidence(cost: float, evidence: float) -> float:
    """0..1: 1 for a perfect reading, 0.5 where the errors are as likely as the sentence."""
    ratio = cost / (BASE + EACH * evidence)
    return 1.0 / (1.0 + ratio * ratio)


class Matcher:
    """See :class:`intents.model.Understander`. Stateless apart from caches; safe to share between threads for reading."""

    def __init__(
        self, network: Network, vocabulary: Vocabulary, home: str = "济南", wake_phrase: str = "小乡小乡",
        accent: Accent = STANDARD,
    ) -> None:
        self.network = network
        self.vocabulary = vocabulary
        self._search = Search(network, accent)
        self._readers = Readers(vocabulary, home, accent)
        self._elliptical = FragmentReader(self._readers, accent)
        self._wake_phrase = wake_phrase
        self._accent = accent
        self._personal = PersonalPhrases((), accent)

    @classmethod
    def load(
        cls,
        skills: Path = sentence_book.SKILLS_DIR,
        home: str = "济南",
        wake_phrase: str = "小乡小乡",
        contacts: Iterable[Entry] = (),
        titles: Iterable[Entry] = (),
        accent: Accent = STANDARD,
    ) -> Matcher:
        """Build from the skills' sentences and the vocabulary; ``contacts`` and ``titles`` are this box's own.

        The compiled sentences are kept in the user's cache directory. Raises SentenceError.
        """
        network = cached_network(sentence_book.digest(skills), lambda: compile_apart(skills))
        return cls(network, Vocabulary.load(contacts=contacts, titles=titles), home, wake_phrase, accent)

    def with_personal(self, phrases: Iterable[PersonalPhrase]) -> Matcher:
        """The same matcher with these personal phrases and no others; this one does not change."""
        other = copy.copy(self)
        other._personal = PersonalPhrases(phrases, self._accent)
        return other

    def personal_sentences(self) -> list[str]:
        """The personal phrases for the recogniser's grammar, slots as ``{slot}``."""
        return self._personal.sentences()

    def learnable(self, heard: str, intent: Intent, now: dt.datetime) -> PersonalPhrase | None:
        """The personal phrase by which ``heard`` will be understood as ``intent``; None when it is not worth learning."""
        utterance = normalize(heard, self._wake_phrase)
        if not utterance.tokens or len(utterance.tokens) > LONGEST:
            return None
        return learnable(utterance, intent, self._readers.read(utterance, now, self._search.wanted))

    def understand(
        self, hypotheses: Sequence[Hypothesis], now: dt.datetime, expects: Collection[str] = ()
    ) -> Understanding:
        """Score all hypotheses against all sentences; never raises on any text, no match is ``none``."""
        readings: dict[tuple[str, tuple[tuple[str, SlotValue], ...]], Intent] = {}
        best = 0.0
        for trust, hypothesis in _by_trust(hypotheses):
            if trust <= best - NEARLY:
                break  # no reading is surer than its words
            for intent in self._intents(hypothesis.text, now, expects):
                doubt = HARDLY if intent.name not in expects and _is_doubtful_word(intent, hypothesis, hypotheses) else 1.0
                weighed = replace(intent, confidence=round(intent.confidence * trust * doubt, 4))
                best = max(best, weighed.confidence)
                key = (intent.name, tuple(sorted(intent.slots.items(), key=lambda item: item[0])))
                if key not in readings or readings[key].confidence < weighed.confidence:
                    readings[key] = weighed
        ranked = sorted(
            readings.values(), key=lambda i: i.confidence + EXPECTED_BONUS * (i.name in expects), reverse=True
        )
        heard = hypotheses[0].text if hypotheses else ""
        if not ranked or ranked[0].confidence < _least(ranked[0], expects):
            doubt = 1.0 - ranked[0].confidence if ranked else 1.0
            return Understanding(Intent(NONE, confidence=round(doubt, 4), heard=heard), tuple(ranked[:3]))
        return Understanding(ranked[0], tuple(ranked[1:4]))

    def fragments(self, hypotheses: Sequence[Hypothesis], now: dt.datetime) -> tuple[Fragment, ...]:
        """The elliptical sentences that this may be, best first; they have no place among the intents. Never raises."""
        found: dict[tuple[object, ...], Fragment] = {}
        for trust, hypothesis in _by_trust(hypotheses):
            utterance = normalize(hypothesis.text[: LONGEST * 8], self._wake_phrase)
            if not 0 < len(utterance.tokens) <= LONGEST:
                continue
            for fragment, path in self._elliptical.read(utterance, now):
                slots = dict(fragment.slots)
                self._complete(MEDIA_SLOTS, slots)
                sure = round(confidence(path.cost, path.evidence) * trust, 4)
                key = (fragment.kind, fragment.after, fragment.becomes, fragment.drops, *sorted(slots.items()))
                if key not in found or found[key].confidence < sure:
                    found[key] = replace(fragment, slots=slots, confidence=sure)
        return tuple(sorted(found.values(), key=lambda fragment: fragment.confidence, reverse=True))

    def _intents(self, text: str, now: dt.datetime, expects: Collection[str]) -> list[Intent]:
        utterance = normalize(text[: LONGEST * 8], self._wake_phrase)
        if not utterance.tokens or len(utterance.tokens) > LONGEST:
            return []
        spans = self._readers.read(utterance, now, self._search.wanted)
        paths = self._search.paths(utterance, spans, LIMIT, KEPT)
        known = [self._intent(path, utterance) for path in paths if path.evidence >= LEAST_EVIDENCE]
        return [*known, *self._own(utterance, spans)]

    def _own(self, utterance: Utterance, spans: Mapping[str, list[Span]]) -> list[Intent]:
        return [
            Intent(
                phrase.intent,
                reread(phrase, path),
                confidence(path.cost, path.evidence),
                utterance.original,
                learnt=phrase.heard,
            )
            for phrase, path in self._personal.near(utterance, spans)
        ]

    def _intent(self, path: Reading, utterance: Utterance) -> Intent:
        name, fixed = self.network.meanings[path.meaning]
        carried = load_contract().slots[name]
        slots: dict[str, SlotValue] = dict(fixed)
        for key, value in path.slots:
            if key in carried:
                slots.setdefault(key, value)
        self._complete(carried, slots)
        return Intent(name, slots, confidence(path.cost, path.evidence), utterance.original, path.text)

    def _complete(self, carried: Collection[str], slots: dict[str, SlotValue]) -> None:
        """A known title brings its genre and kind, a genre its kind, unless something else was said."""
        for slot in ("title", "genre", "artist"):
            if slot not in slots:
                continue
            for extras in self.vocabulary.extras(slot, str(slots[slot])):
                fitting = {key: value for key, value in extras.items() if key in carried}
                if all(slots.get(key, value) == value for key, value in fitting.items()):
                    slots.update(fitting)
                    break


def _least(intent: Intent, expects: Collection[str]) -> float:
    """The confidence that this reading needs: less when it was asked for."""
    return ACCEPT_EXPECTED if intent.name in expects else ACCEPT_DEAR.get(intent.name, ACCEPT)


def _is_doubtful_word(intent: Intent, hypothesis: Hypothesis, others: Sequence[Hypothesis]) -> bool:
    """A single word that only sounds like one of the box's, or that only the grammar heard, which knows no other words."""
    if len(hypothesis.text) > ONE_WORD:
        return False
    free = [other.text for other in others if other.source is Source.FREE_FORM]
    forced = hypothesis.source is Source.GRAMMAR and bool(free) and hypothesis.text not in free
    return forced or intent.confidence < TO_THE_LETTER


def _by_trust(hypotheses: Sequence[Hypothesis]) -> list[tuple[float, Hypothesis]]:
    """How far to believe each, the most credible first. The scores of free speech and of the grammar are on one scale: where
    talk is not for the box, free speech explains it better."""
    top = max((hypothesis.score for hypothesis in hypotheses if hypothesis.score is not None), default=0.0)
    believed = []
    for hypothesis in hypotheses:
        if hypothesis.score is None:
            trust = UNSURE + (1 - UNSURE) * max(0.0, min(1.0, hypothesis.confidence))
        else:
            trust = 1.0 / (1.0 + ((top - hypothesis.score) / BEHIND) ** 2)
        if trust >= HOPELESS:
            believed.append((trust, hypothesis))
    return sorted(believed, key=lambda pair: -pair[0])
