"""Numbers to rows."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Row = tuple[str, str, str, str]
"""What, measured, bar, met."""


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Count, p50, p95 and the largest, rounded to 0.1; zeros when there are none."""
    if not values:
        return {"n": 0, "p50": 0.0, "p95": 0.0, "max": 0.0}
    p50, p95 = np.percentile(values, (50, 95))
    return {"n": len(values), "p50": round(float(p50), 1), "p95": round(float(p95), 1), "max": round(max(values), 1)}


def markdown(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def row(what: str, value: float, unit: str, bar: float, at_most: bool = True) -> Row:
    """A figure with its bar."""
    good = value <= bar if at_most else value >= bar
    sign = "≤" if at_most else "≥"
    return what, f"{value:g} {unit}".strip(), f"{sign} {bar:g} {unit}".strip(), "yes" if good else "NO"
