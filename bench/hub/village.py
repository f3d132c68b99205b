"""A simulated village: homes with a box each, and a clerk who has signed in."""
from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import insert

from bench.hub.crowd import SimulatedBox
from hub.auth.roles import Role
from hub.auth.sign_in import begin, digest
from hub.db.columns import new_id
from hub.db.engine import Database
from hub.db.tables import Box, Household, Staff, Village


@dataclass(frozen=True, slots=True)
class SimulatedVillage:
    id: str
    boxes: list[SimulatedBox]
    session: str
    """What the clerk's browser holds."""


def settle(database: Database, homes: int) -> SimulatedVillage:
    """Into an empty database."""
    database.migrate()
    now, village = dt.datetime.now(dt.UTC), new_id()
    boxes = [SimulatedBox(new_id(), secrets.token_urlsafe(32)) for _ in range(homes)]
    with database.write() as work:
        work.add(Village(id=village, name="东山村", county="章丘区", zone="Asia/Shanghai", created_at=now))
        work.flush()
        clerk = Staff(id=new_id(), village_id=village, login="clerk", name="王会计", phone="", role=Role.ADMIN, password="", totp="", created_at=now)
        work.add(clerk)
        work.flush()
        session = begin(work, clerk, now)
        work.execute(insert(Household), [{"village_id": village, "id": box.id, "name": f"{number}号", "address": "", "phone": "", "notes": "",
                                          "created_at": now} for number, box in enumerate(boxes)])
        work.execute(insert(Box), [{"village_id": village, "id": box.id, "household_id": box.id, "name": f"{number}号", "key": digest(box.key),
                                    "joined_at": now, "facts": {}, "settings": {}} for number, box in enumerate(boxes)])
    return SimulatedVillage(village, boxes, session)
