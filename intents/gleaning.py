"""Slots that were said beside the words that were matched.

Where only part of an utterance is a sentence of the book, the rest may still hold its day, its person or its name: 明儿 in
明儿星期几孩子上学不, 孙子 in 俺都半年没见着孙子了给他打个视频.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from intents.contract import load_contract
from intents.model import SlotValue
from intents.slots.span import Span

EXACT = 0.1
"""Greatest distance in sound of what is picked up."""
LEAST = 2
"""Tokens: a single one is said for many things."""
LISTS_OF = {
    "weather.query": ("date", "place", "aspect"),
    "media.play": ("title", "artist", "genre", "kind"),
    "media.list": ("genre", "kind"),
    "volume.set": ("level",),
    "notices.read": ("category", "date"),
    "call.request": ("contact",),
    "message.send": ("contact",),
    "message.play": ("contact",),
    "reminder.create": ("in_minutes", "date", "time", "repeat", "weekday"),
    "timer.create": ("in_minutes",),
    "clock.date": ("date",),
    "calendar.lunar": ("date",),
    "calendar.market": ("date",),
    "calendar.festival": ("festival",),
    "calendar.term": ("term",),
    "repair.report": ("repair_thing",),
    "repair.status": ("repair_thing",),
    "activity.join": ("activity",),
    "activity.cancel": ("activity",),
}
"""Template slots that an intent takes its slots from, the one that says most first."""
APART = ({"title", "artist", "genre", "kind"}, {"in_minutes", "time"}, {"in_minutes", "date"}, {"in_minutes", "repeat"})
"""Intent slots of which one is enough, or would contradict the other."""


def gleaned(
    intent: str, slots: Mapping[str, SlotValue], spans: Mapping[str, Sequence[Span]], taken: Collection[tuple[int, int]]
) -> dict[str, SlotValue]:
    """What ``slots`` lack, from exact spans outside the token ranges that are ``taken``."""
    carried = load_contract().slots[intent]
    found: dict[str, SlotValue] = {}
    used = list(taken)
    for name in LISTS_OF.get(intent, ()):
        slot = _slot_of(name, carried)
        has = {*slots, *found}
        if slot in has or any(slot in group and group & has for group in APART):
            continue
        once = slot == "date" and "weekday" in has and "repeat" not in has  # 礼拜天叫我: this coming one, and none after it
        fitting = [span for span in spans.get(name, ()) if _fits(span, () if once else used)]
        if fitting:
            best = max(fitting, key=lambda span: (span.end - span.start, -span.cost, -span.start))
            found[slot] = best.slots[0][1]
            used.append((best.start, best.end))
    return found


def _slot_of(name: str, carried: Collection[str]) -> str:
    """The intent slot that names of this list go into."""
    return name if name in carried else "what" if name == "repair_thing" else "name"


def _fits(span: Span, used: Collection[tuple[int, int]]) -> bool:
    apart = all(span.end <= start or span.start >= end for start, end in used)
    return apart and bool(span.slots) and span.cost <= EXACT and span.end - span.start >= LEAST
