"""Who changes something."""
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.audit import note


@dataclass(frozen=True, slots=True)
class By:
    """``staff_id`` None: the hub itself, at the time that somebody had set. ``address`` is where they came from."""

    staff_id: str | None
    who: str
    address: str

    def note(self, work: Session, village_id: str, now: dt.datetime, did: str, subject: str) -> None:
        note(work, village_id, now, self.staff_id, self.who, did, subject, self.address)


HUB = By(None, "定时发送", "")
