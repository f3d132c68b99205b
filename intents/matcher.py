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

import numpy as np

from intents import book as sentence_book
from intents.belief import Belief, beliefs
from intents.common_words import is_common_word
from intents.contract import load_contract
from intents.fragments import FragmentReader
from intents.gist import Gist, weigh
from intents.gleaning import gleaned
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
from intents.wordlists import LISTS, Entry, Vocabulary

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
ACCEPT_EXPECTED = 0.35
EXPECTED_BONUS, LEARNT_BONUS = 0.12, 0.3
LONGEST = 60
"""Tokens. Longer utterances are talk, not commands."""
LIMIT = 1.35
"""The dearest reading that is searched for."""
LEAST_EVIDENCE = 0.35
"""Nothing but fillers says nothing."""
KEPT = 8
SPOKEN_OF = 0.3
"""Probability from which a wish that no sentence is near to is looked for..."""
FOLLOWED = 4
"""...in so many of the likeliest readings..."""
LOOSE_LIMIT = 8.0
"""...at this cost at most..."""
FREE_NAME = 0.3
"""...with known names only: those of any words cost more."""
OF_CONSEQUENCE = frozenset({"call.request", "message.send", "activity.join", "activity.cancel", "reminder.cancel", "sos.cancel"})
"""What is a nuisance to others, or a loss, when it was not meant..."""
CERTAIN = 0.85
"""...is not certain as long as its sentence, with the names in it, is not this sure: it is asked about."""
ANOTHER_WORD = 0.55
"""Confidence at most of what is a common word by itself (干部, 关系, 重点) and only sounds like a sentence."""
CRY, CRY_ALONE = "sos.trigger", 0.6
"""What sounds like a cry is at least this much of one, whatever else the words speak of: enough to be asked about."""
MEDIA_SLOTS = ("kind", "genre", "title", "artist")
NEARLY = 0.2
"""Alternatives this much less sure than the best are looked for: what was expected may be among them, or a cry for help."""


class Matcher:
    """See :class:`intents.model.Understander`. Stateless apart from caches; safe to share between threads for reading."""

    def __init__(
        self, network: Network, vocabulary: Vocabulary, home: str = "济南", wake_phrase: str = "小乡小乡",
        accent: Accent = STANDARD,
    ) -> None:
        self.network = network
        self.vocabulary = vocabulary
        self._search = Search(network, accent)
        self._home = home
        self._readers = Readers(vocabulary, home, accent)
        self._elliptical = FragmentReader(self._readers, accent)
        self._wake_phrase = wake_phrase
        self._accent = accent
        self._personal = PersonalPhrases((), accent)
        self._gist: Gist | None = Gist.load()

    @classmethod
    def load(
        cls,
        skills: Path = sentence_book.SKILLS_DIR,
        home: str = "济南",
        wake_phrase: str = "小乡小乡",
        contacts: Iterable[Entry] = (),
        titles: Iterable[Entry] = (),
        accent: Accent = STANDARD,
        artists: Iterable[Entry] = (),
    ) -> Matcher:
        """Build from the skills' sentences and the vocabulary; ``contacts``, ``titles`` and ``artists`` are this box's own.

        The compiled sentences are kept in the user's cache directory. Raises SentenceError.
        """
        network = cached_network(sentence_book.digest(skills), lambda: compile_apart(skills))
        return cls(network, Vocabulary.load(contacts=contacts, titles=titles, artists=artists), home, wake_phrase, accent)

    def renewed(self, vocabulary: Vocabulary, accent: Accent) -> Matcher:
        """The same sentences with these names, heard in this accent, without personal phrases; this one does not change. What does not
        depend on them is shared: both are there at once for a while, and a second search would take 37 MB and three seconds."""
        other = copy.copy(self)
        other.vocabulary, other._accent = vocabulary, accent
        if accent != self._accent:
            other._search = Search(self.network, accent)
        other._readers = Readers(vocabulary, self._home, accent)
        other._elliptical = FragmentReader(other._readers, accent)
        other._personal = PersonalPhrases((), accent)
        return other

    def with_personal(self, phrases: Iterable[PersonalPhrase]) -> Matcher:
        """The same matcher with these personal phrases and no others; this one does not change."""
        other = copy.copy(self)
        other._personal = PersonalPhrases(phrases, self._accent)
        return other

    def without_gist(self) -> Matcher:
        """The same matcher by its sentences alone, to measure what the gist is worth; this one does not change."""
        other = copy.copy(self)
        other._gist = None
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
        for rank, belief in enumerate(beliefs(hypotheses)):
            if belief.at_best <= best - NEARLY:
                break  # no sentence is surer than its words
            for intent in self._intents(belief, now, expects, SPOKEN_OF if rank < FOLLOWED else np.inf):
                best = max(best, intent.confidence)
                key = (intent.name, tuple(sorted(intent.slots.items(), key=lambda item: item[0])))
                if key not in readings or readings[key].confidence < intent.confidence:
                    readings[key] = intent
        ranked = sorted(readings.values(), key=lambda i: _rank(i, expects), reverse=True)
        heard = hypotheses[0].text if hypotheses else ""
        if not ranked or ranked[0].confidence < _least(ranked[0], expects):
            doubt = 1.0 - ranked[0].confidence if ranked else 1.0
            return Understanding(Intent(NONE, confidence=round(doubt, 4), heard=heard), tuple(ranked[:3]))
        return Understanding(ranked[0], tuple(ranked[1:4]))

    def fragments(self, hypotheses: Sequence[Hypothesis], now: dt.datetime) -> tuple[Fragment, ...]:
        """The elliptical sentences that this may be, best first; they have no place among the intents. Never raises."""
        found: dict[tuple[object, ...], Fragment] = {}
        for belief in beliefs(hypotheses):
            utterance = self._normal(belief)
            if utterance is None:
                continue
            for fragment, path in self._elliptical.read(utterance, now):
                slots = dict(fragment.slots)
                self._complete(MEDIA_SLOTS, slots)
                sure = round(belief.confidence(path.cost, path.evidence, expected=True), 4)
                key = (fragment.kind, fragment.after, fragment.becomes, fragment.drops, *sorted(slots.items()))
                if key not in found or found[key].confidence < sure:
                    found[key] = replace(fragment, slots=slots, confidence=sure)
        return tuple(sorted(found.values(), key=lambda fragment: fragment.confidence, reverse=True))

    def _normal(self, belief: Belief) -> Utterance | None:
        utterance = normalize(belief.hypothesis.text[: LONGEST * 8], self._wake_phrase)
        return utterance if 0 < len(utterance.tokens) <= LONGEST else None

    def _intents(self, belief: Belief, now: dt.datetime, expects: Collection[str], spoken_of: float) -> list[Intent]:
        utterance = self._normal(belief)
        if utterance is None:
            return []
        spans = self._readers.read(utterance, now, self._search.wanted)
        gist = self._gist.of(utterance, spans) if self._gist else {}
        paths = [path for path in self._search.paths(utterance, spans, LIMIT, KEPT) if path.evidence >= LEAST_EVIDENCE]
        near = {NONE, *(self.network.meanings[path.meaning][0] for path in paths)}
        paths += self._loosely(utterance, spans, [name for name, sure in gist.items() if sure >= spoken_of and name not in near])
        known = [self._intent(path, utterance, belief, expects, gist, spans) for path in paths]
        return [*known, *self._own(utterance, spans, belief)]

    def _loosely(self, utterance: Utterance, spans: Mapping[str, list[Span]], wishes: Sequence[str]) -> list[Reading]:
        """The best sentence, however far, of each wish that the words speak of and no sentence is near to: for its slots."""
        named = {slot: [span for span in found if span.cost <= FREE_NAME or slot not in LISTS] for slot, found in spans.items()}
        return [path for name in wishes for path in self._search.paths(utterance, named, LOOSE_LIMIT, 1, name)]

    def _own(self, utterance: Utterance, spans: Mapping[str, list[Span]], belief: Belief) -> list[Intent]:
        return [
            Intent(
                phrase.intent,
                reread(phrase, path),
                round(belief.confidence(path.cost, path.evidence, expected=True), 4),
                utterance.original,
                learnt=phrase.heard,
            )
            for phrase, path in self._personal.near(utterance, spans)
        ]

    def _intent(
        self, path: Reading, utterance: Utterance, belief: Belief, expects: Collection[str], gist: Mapping[str, float],
        spans: Mapping[str, list[Span]],
    ) -> Intent:
        name, fixed = self.network.meanings[path.meaning]
        carried = load_contract().slots[name]
        slots: dict[str, SlotValue] = dict(fixed)
        for key, value in path.slots:
            if key in carried:
                slots.setdefault(key, value)
        slots |= gleaned(name, slots, spans, path.taken)
        self._complete(carried, slots)
        sure = belief.confidence(path.cost, path.evidence, name in expects)
        if name not in (*expects, CRY) and _is_another_word(utterance, path.text, belief):
            sure = min(sure, ANOTHER_WORD)
        if name in gist and name not in expects:
            exact = belief.is_exact(path.cost, path.evidence)
            both = weigh(sure, gist[name], len(utterance.tokens), exact, belief.behind or 0.0)
            sure = _bounded(name, sure, both)
        return Intent(name, slots, round(sure, 4), utterance.original, path.text)

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


def _is_another_word(utterance: Utterance, sentence: str, belief: Belief) -> bool:
    """Of the sentence a word may be left out (看到 of 看到了). What the grammar heard is no evidence: it knows commands only."""
    if belief.hypothesis.source is Source.GRAMMAR or not is_common_word(utterance.chars):
        return False
    rest = iter(sentence)
    return not all(char in rest for char in utterance.chars)


def _bounded(name: str, sentence: float, both: float) -> float:
    """How sure of an intent, where the gist alone may neither act nor lose a cry."""
    if name in OF_CONSEQUENCE and sentence < CERTAIN:
        return min(both, CERTAIN - 0.01)
    return max(both, min(sentence, CRY_ALONE)) if name == CRY else both


def _rank(intent: Intent, expects: Collection[str]) -> float:
    """What was asked for wins ties, and what this person has confirmed wins over what anybody might mean by it."""
    return intent.confidence + EXPECTED_BONUS * (intent.name in expects) + LEARNT_BONUS * bool(intent.learnt)


def _least(intent: Intent, expects: Collection[str]) -> float:
    """The confidence that this reading needs: less when it was asked for."""
    return ACCEPT_EXPECTED if intent.name in expects else ACCEPT_DEAR.get(intent.name, ACCEPT)
