"""The whole register as a table, which can be imported again without changing anything."""
from __future__ import annotations

import csv
import io

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import sheets
from hub.db.tables import Grid, Household, Resident
from hub.people.columns import EXPORTED, Column
from hub.people.lines import defused

_WIDTHS = {Column.ADDRESS: 28, Column.PHONE: 18, Column.NOTES: 40, Column.HOME_NOTES: 30, Column.TAGS: 20}
_SHEET = "住户"


def table(work: Session, village_id: str) -> list[tuple[str, ...]]:
    """A line for each resident, and for each home without any; the first are the headings."""
    grids = dict(work.execute(select(Grid.id, Grid.name).where(Grid.village_id == village_id)).all())
    rows = work.execute(select(Household, Resident)
                        .outerjoin(Resident, (Resident.village_id == Household.village_id) & (Resident.household_id == Household.id))
                        .where(Household.village_id == village_id).order_by(Household.id, Resident.id))
    return [tuple(map(str, EXPORTED)), *(_line(home, one, grids) for home, one in rows)]


def _line(home: Household, one: Resident | None, grids: dict[str, str]) -> tuple[str, ...]:
    of_home = (home.name, home.address, grids.get(home.grid_id, ""), home.phone, home.notes)
    of_person = (one.name, str(one.born or ""), one.phone, one.hearing, "、".join(one.tags), one.notes) if one else ("",) * 6
    return tuple(map(defused, of_home + of_person))


def as_csv(rows: list[tuple[str, ...]]) -> bytes:
    """With the mark by which Excel knows UTF-8."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def as_workbook(rows: list[tuple[str, ...]]) -> bytes:
    return sheets.as_workbook(rows, _SHEET, [_WIDTHS.get(column, 14) for column in EXPORTED])
