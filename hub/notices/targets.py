"""Whom a notice is meant for. Pure."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.errors import Refused

OLDEST = 130
MOST_NAMED = 30
"""Homes; nobody reads more names."""


class Scope(StrEnum):
    EVERYBODY = "everybody"
    SOME = "some"


@dataclass(frozen=True, slots=True)
class Targets:
    """With ``Scope.SOME``: homes of these grids in which somebody is of this age and has one of these tags, each where it is given; and the
    ``homes`` that are named besides. Ages in years, both ends count."""

    scope: Scope = Scope.EVERYBODY
    grids: frozenset[str] = frozenset()
    age_from: int | None = None
    age_to: int | None = None
    tags: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()

    @property
    def by_people(self) -> bool:
        """Whether it depends on who lives there."""
        return self.scope is Scope.SOME and (self.by_age or bool(self.tags))

    @property
    def by_age(self) -> bool:
        return self.age_from is not None or self.age_to is not None


@dataclass(frozen=True, slots=True)
class Person:
    """``born`` is the year; None where nobody wrote it down: such a one is of no age."""

    born: int | None
    tags: frozenset[str]


def meant(targets: Targets, home_id: str, grid_id: str | None, people: Iterable[Person], year: int) -> bool:
    """Whether this home is."""
    if targets.scope is Scope.EVERYBODY or home_id in targets.homes:
        return True
    if not targets.grids and not targets.by_people:
        return False
    if targets.grids and grid_id not in targets.grids:
        return False
    return not targets.by_people or any(_fits(targets, person, year) for person in people)


def _fits(targets: Targets, person: Person, year: int) -> bool:
    if targets.tags and not targets.tags & person.tags:
        return False
    if not targets.by_age:
        return True
    return person.born is not None and (targets.age_from or 0) <= year - person.born <= (OLDEST if targets.age_to is None else targets.age_to)


def check(targets: Targets) -> None:
    """Raises Refused."""
    if targets.scope is Scope.EVERYBODY:
        return
    if any(age is not None and not 0 <= age <= OLDEST for age in (targets.age_from, targets.age_to)):
        raise Refused(f"年龄要在0到{OLDEST}之间")
    if targets.age_from is not None and targets.age_to is not None and targets.age_from > targets.age_to:
        raise Refused("年龄写反了：“从”比“到”大")
    if not (targets.grids or targets.by_people or targets.homes):
        raise Refused("还没选发给谁")


def to_plain(targets: Targets) -> dict[str, object]:
    if targets.scope is Scope.EVERYBODY:
        return {"scope": targets.scope}
    return {"scope": targets.scope, "age_from": targets.age_from, "age_to": targets.age_to,
            "grids": sorted(targets.grids), "tags": sorted(targets.tags), "homes": sorted(targets.homes)}


def from_plain(plain: Mapping[str, object]) -> Targets:
    """What says nothing is for everybody."""
    return Targets(Scope(plain.get("scope", Scope.EVERYBODY)), frozenset(plain.get("grids", ())), plain.get("age_from"), plain.get("age_to"),
                   frozenset(plain.get("tags", ())), frozenset(plain.get("homes", ())))


def shown(targets: Targets, grids: Mapping[str, str], homes: Mapping[str, str]) -> str:
    """In words; ``grids`` and ``homes`` are names by identity."""
    if targets.scope is Scope.EVERYBODY:
        return "全村"
    parts = ["、".join(sorted(grids[grid] for grid in targets.grids if grid in grids))]
    if targets.by_age:
        parts.append(_age(targets.age_from, targets.age_to))
    parts.append("、".join(sorted(targets.tags)))
    rule = "，".join(filter(None, parts))
    chosen = sorted(homes[home] for home in targets.homes if home in homes)
    named = "、".join(chosen[:MOST_NAMED]) + (f"等{len(chosen)}户" if len(chosen) > MOST_NAMED else "")
    return "；另加".join(filter(None, (rule, named))) or "选的那些已经不在了"


def _age(lowest: int | None, highest: int | None) -> str:
    if highest is None:
        return f"{lowest}岁以上"
    return f"{highest}岁以下" if lowest is None else f"{lowest}到{highest}岁"
