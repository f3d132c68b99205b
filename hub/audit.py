"""Who did what: written in the same transaction as what was done."""
from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.db.columns import new_id
from hub.db.tables import Audit

_MOST = Audit.subject.type.length


def note(work: Session, village_id: str, now: dt.datetime, staff_id: str | None, who: str, did: str, subject: str, address: str) -> None:
    """``did`` in a word or two, as the page shows it; ``subject`` is what it was done to."""
    work.add(Audit(village_id=village_id, id=new_id(now), at=now, staff_id=staff_id, who=who, did=did, subject=subject[:_MOST], address=address))
