"""A simulated village: homes with a box each, and a clerk who has signed in. The boxes are simulated ones, or real ones with their disks."""
from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert

from assistant.hub.store import HubStore, Membership
from bench.hub.crowd import SimulatedBox
from hub.auth.roles import Role
from hub.auth.sign_in import begin, digest
from hub.db.columns import new_id
from hub.db.engine import Database
from hub.db.tables import Box, Household, Staff, Village
from hub.keys import public_text, signing_key

NAME = "东山村"


@dataclass(frozen=True, slots=True)
class SimulatedVillage:
    id: str
    boxes: list[SimulatedBox]
    session: str
    """What the clerk's browser holds."""


def fresh_keys(count: int) -> list[str]:
    return [secrets.token_urlsafe(32) for _ in range(count)]


def settle(database: Database, keys: Sequence[str]) -> SimulatedVillage:
    """Into an empty database: a home for each of these boxes' keys."""
    database.migrate()
    now, village = dt.datetime.now(dt.UTC), new_id()
    boxes = [SimulatedBox(new_id(), key) for key in keys]
    with database.write() as work:
        work.add(Village(id=village, name=NAME, county="章丘区", zone="Asia/Shanghai", created_at=now))
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


def settle_real(database: Database, folders: Sequence[Path]) -> SimulatedVillage:
    """The same for real boxes that keep what they must not forget in these folders: each is one of the village's already."""
    stores = [HubStore(folder) for folder in folders]
    village = settle(database, [store.key() for store in stores])
    hub_key = public_text(signing_key(database, dt.datetime.now(dt.UTC)))
    for number, (store, box) in enumerate(zip(stores, village.boxes, strict=True)):
        store.join(Membership(box.id, f"{number}号", NAME, hub_key))
    return village
