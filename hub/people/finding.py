"""Homes as the list shows them, found by whatever one remembers of them or of those who live there."""
from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import ColumnElement, Text, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.db.tables import Box, Grid, Household, Resident
from hub.people.names import is_found, words

PAGE = 60
"""Homes shown at once."""
NO_GRID = "-"
"""In place of a grid's identity: homes that belong to none."""
_MOST_NAMED = 4_000
"""Homes that one word may name: six words of so many are as much as a statement holds in SQLite."""


@dataclass(frozen=True, slots=True)
class Found:
    """``count`` are all that fit, of which this page shows some."""

    homes: Sequence[Household]
    count: int
    people: int
    residents: dict[str, list[Resident]] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)


def find(work: Session, village_id: str, typed: str = "", grid_id: str = "", page: int = 1) -> Found:
    """Homes that fit every word of what was typed, by themselves or by somebody who lives there, in the order of the register."""
    fitting = [Household.village_id == village_id, *(_fits(work, village_id, word) for word in words(typed))]
    if grid_id:
        fitting.append(Household.grid_id.is_(None) if grid_id == NO_GRID else Household.grid_id == grid_id)
    count = work.scalar(select(func.count(Household.id)).where(*fitting))
    people = work.scalar(select(func.count(Resident.id)).join(Household, _lives_in()).where(*fitting))
    homes = work.scalars(select(Household).where(*fitting).order_by(Household.id).limit(PAGE).offset(PAGE * (page - 1))).all()
    shown = [home.id for home in homes]
    living: dict[str, list[Resident]] = defaultdict(list)
    for resident in work.scalars(select(Resident).where(Resident.village_id == village_id, Resident.household_id.in_(shown)).order_by(Resident.id)):
        living[resident.household_id].append(resident)
    boxes = work.scalars(select(Box).where(Box.village_id == village_id, Box.household_id.in_(shown), Box.revoked_at.is_(None)).order_by(Box.id))
    return Found(homes, count, people, dict(living), {box.household_id: box for box in boxes})


def _lives_in() -> ColumnElement[bool]:
    return (Resident.village_id == Household.village_id) & (Resident.household_id == Household.id)


def _fits(work: Session, village_id: str, word: str) -> ColumnElement[bool]:
    of_home: list[ColumnElement[bool]] = [_contains(Household.name, word), _contains(Household.address, word),
                                          Household.id.in_(_sounding(work, Household, village_id, word)),
                                          Household.grid_id.in_(_sounding(work, Grid, village_id, word))]
    # tags are kept as JSON, in which every character beyond ASCII is written by its number
    of_person = [Resident.sought.contains(f" {word}", autoescape=True), _contains(cast(Resident.tags, Text), json.dumps(word)[1:-1])]
    digits = re.sub(r"[+-]", "", word)
    if digits.isascii() and digits.isdigit():
        of_home.append(_digits(Household.phone).contains(digits))
        of_person.append(_digits(Resident.phone).contains(digits))
    return or_(*of_home, exists().where(_lives_in(), or_(*of_person)).correlate(Household))


def _contains(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return func.lower(column).contains(word, autoescape=True)


def _digits(column: ColumnElement[str]) -> ColumnElement[str]:
    return func.replace(func.replace(column, "-", ""), "+", "")


def _sounding(work: Session, table: type[Household] | type[Grid], village_id: str, word: str) -> list[str]:
    """Which of a village's homes, or grids, are called so: no column holds their pinyin, and there are few enough to try each. Whoever
    types jia means somebody called 贾, not the 家 behind every home."""
    named = work.execute(select(table.id, table.name).where(table.village_id == village_id).order_by(table.id))
    return list(islice((one for one, name in named if is_found(name.removesuffix("家").removesuffix("网格"), word)), _MOST_NAMED))
