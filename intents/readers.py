"""All slot readers behind one call: which spans of an utterance each template slot can take."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import replace

from intents.normalize import Utterance
from intents.slots import dates, durations, level, repeat, times
from intents.slots.names import FREE, NameIndex, catalogue, free_words
from intents.slots.pieces import Pieces
from intents.slots.span import Span
from intents.slots.taken import Taken
from intents.slots.when import combine
from intents.sound import STANDARD, Accent
from intents.wordlists import LISTS, Vocabulary

SLOT_OF = {
    "activity": "name",
    "festival": "name",
    "term": "name",
    "repair_thing": "what",
    "location": "place",
    "work": "title",
    "known_title": "title",
}
"""Template slots whose value goes into an intent slot of another name."""
TEMPLATE_SLOTS = frozenset(
    {"date", "time", "in_minutes", "repeat", "weekday", "when", "level", "place", "location", "what", "work", "known_title", *LISTS}
)
_WEEKDAY = re.compile(f"(?:周|星期|礼拜)([{dates.WEEKDAYS}])")


class Readers:
    """Holds the compiled catalogue; :meth:`read` is pure."""

    def __init__(self, vocabulary: Vocabulary, home: str, accent: Accent = STANDARD) -> None:
        self._names = NameIndex(catalogue(vocabulary, home), accent)
        self._pieces = Pieces(accent)

    def read(
        self, utterance: Utterance, now: dt.datetime, wanted: Collection[str] = TEMPLATE_SLOTS
    ) -> dict[str, list[Span]]:
        """Template slot -> spans, cheapest reading of each kind; only for the ``wanted`` ones."""
        found = self._names.find(utterance)
        when = _when(utterance.chars, now)
        for respelled in self._pieces.respell(utterance):
            for slot, spans in _when(respelled.chars, now).items():
                when[slot] = [*when[slot], *(respelled.priced(span) for span in spans)]
        found |= when
        taken = Taken.of(found, len(utterance.tokens))
        found["known_title"] = list(found.get("title", ()))
        found["what"] = [replace(span, slots=(("what", span.slots[0][1]),)) for span in found.get("errand", ())]
        for slot in FREE:
            if slot in wanted:
                found.setdefault(slot, []).extend(free_words(utterance, slot, taken.prices(slot)))
        return found


def _when(text: str, now: dt.datetime) -> dict[str, list[Span]]:
    """Spans of the exact readers: days, times, numbers."""
    day, time = dates.read(text, now), times.read(text, now)
    often, delay = repeat.read(text, now), durations.read(text, now)
    return {
        "date": day,
        "time": time,
        "repeat": often,
        "in_minutes": delay,
        "level": level.read(text, now),
        "weekday": [_weekday(match) for match in _WEEKDAY.finditer(text)],
        "when": combine(text, [*day, *time, *often], delay),
    }


def _weekday(match: re.Match[str]) -> Span:
    number = dates.weekday_number(match[1])
    return Span(match.start(), match.end(), (("weekday", number),), 0.0, 2.0)
