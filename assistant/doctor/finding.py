"""What one check found."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How bad it is; the value is the mark in front of the line."""

    GOOD = "✓"
    WARNING = "！"
    FAULT = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: which part, how it is, and what to do (empty when all is well)."""

    check: str
    verdict: Verdict
    detail: str
    fix: str = ""

    def line(self) -> str:
        fix = f"　→ {self.fix}" if self.fix else ""
        return f"{self.verdict.value} {self.detail}{fix}"

    def as_dict(self) -> dict[str, str]:
        return {"check": self.check, "verdict": self.verdict.name.lower(), "detail": self.detail, "fix": self.fix}


def good(check: str, detail: str) -> Finding:
    return Finding(check, Verdict.GOOD, detail)


def warning(check: str, detail: str, fix: str) -> Finding:
    return Finding(check, Verdict.WARNING, detail, fix)


def fault(check: str, detail: str, fix: str) -> Finding:
    return Finding(check, Verdict.FAULT, detail, fix)


Check = Callable[[], Finding]
