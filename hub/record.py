"""Reading the record of who did what (``hub.audit`` writes it)."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from hub.db.tables import Audit

PAGE = 50
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be computed by a spreadsheet (OWASP: CSV injection)."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Empty means any."""

    staff_id: str = ""
    word: str = ""


def newest(work: Session, village_id: str, sought: Sought, before: str = "") -> tuple[Sequence[Audit], str]:
    """A page of it, and behind which entry the next page begins; empty at the end."""
    query = _chosen(village_id, sought)
    if before:
        query = query.where(Audit.id < before)
    rows = work.scalars(query.limit(PAGE + 1)).all()
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else ""


def everything(work: Session, village_id: str, sought: Sought) -> Iterator[Audit]:
    yield from work.scalars(_chosen(village_id, sought).execution_options(yield_per=1000))


def people(work: Session, village_id: str) -> Sequence[tuple[str, str]]:
    """Whoever is in it: identity and name."""
    return [tuple(row) for row in work.execute(
        select(Audit.staff_id, func.max(Audit.who)).where(Audit.village_id == village_id, Audit.staff_id.is_not(None)).group_by(Audit.staff_id)
        .order_by(func.max(Audit.who)))]


def line(cells: Sequence[str]) -> str:
    """Of a CSV file, as every spreadsheet reads it."""
    written = io.StringIO()
    csv.writer(written).writerow([f"'{cell}" if cell.startswith(_FORMULAS) else cell for cell in cells])
    return written.getvalue()


def _chosen(village_id: str, sought: Sought) -> Select:
    query = select(Audit).where(Audit.village_id == village_id).order_by(Audit.id.desc())
    if sought.staff_id:
        query = query.where(Audit.staff_id == sought.staff_id)
    if word := sought.word.strip():
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in (Audit.did, Audit.subject, Audit.who))))
    return query
