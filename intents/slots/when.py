"""Any natural combination of repeat, date, time and delay: 每天早上八点, 明天下午三点, 晚上八点每周三, 二十分钟后."""

from __future__ import annotations

from collections.abc import Sequence

from intents.slots.span import Span

CONNECTORS = ("", "的", "在", "都", "到", "的时候", "早上的")
MAX_PARTS = 3


def combine(text: str, parts: Sequence[Span], delays: Sequence[Span]) -> list[Span]:
    """Chains of up to three ``parts`` that carry different slots, and each of ``delays`` alone."""
    best: dict[tuple[int, int, tuple[str, ...]], Span] = {}
    starting: dict[int, list[Span]] = {}
    for part in parts:
        starting.setdefault(part.start, []).append(part)
    frontier = list(parts)
    for _ in range(MAX_PARTS):
        grown = []
        for span in frontier:
            key = (span.start, span.end, tuple(sorted(name for name, _ in span.slots)))
            if key not in best or span.cost < best[key].cost:
                best[key] = span
                grown.extend(_extend(text, span, starting))
        frontier = grown
    return [*best.values(), *delays]


def _extend(text: str, span: Span, starting: dict[int, list[Span]]) -> list[Span]:
    said = {name for name, _ in span.slots}
    out = []
    for connector in CONNECTORS:
        if not text.startswith(connector, span.end):
            continue
        for part in starting.get(span.end + len(connector), ()):
            if said.isdisjoint(name for name, _ in part.slots):
                cost = span.cost + part.cost + 0.01 * bool(connector)
                out.append(Span(span.start, part.end, (*span.slots, *part.slots), cost, span.weight + part.weight))
    return out
