"""A table that was read and waits to be taken: what it says, never the file itself, in which there may be identity numbers."""
from __future__ import annotations

import datetime as dt
import json

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hub.db.columns import new_id
from hub.db.tables import Upload
from hub.errors import NotFound
from hub.people.lines import Read, from_plain, to_plain

MEDIA_TYPE = "application/vnd.xiangyin.people+json"
LASTS = dt.timedelta(hours=1)


def keep(work: Session, village_id: str, read: Read, now: dt.datetime) -> str:
    """Under which identity; those whose hour is over go, of every village."""
    work.execute(delete(Upload).where(Upload.media_type == MEDIA_TYPE, Upload.created_at <= now - LASTS))
    kept = new_id(now)
    work.add(Upload(village_id=village_id, id=kept, media_type=MEDIA_TYPE, seconds=0, data=json.dumps(to_plain(read)).encode(), created_at=now))
    return kept


def kept(work: Session, village_id: str, upload_id: str, now: dt.datetime) -> Read:
    """Raises NotFound, also when its hour is over."""
    found = work.get(Upload, (village_id, upload_id))
    if found is None or found.media_type != MEDIA_TYPE or found.created_at <= now - LASTS:
        raise NotFound(f"no table {upload_id} waits in {village_id}")
    return from_plain(json.loads(found.data))


def drop(work: Session, village_id: str, upload_id: str) -> None:
    work.execute(delete(Upload).where(Upload.village_id == village_id, Upload.id == upload_id, Upload.media_type == MEDIA_TYPE))


def drop_all(work: Session, village_id: str) -> None:
    work.execute(delete(Upload).where(Upload.village_id == village_id, Upload.media_type == MEDIA_TYPE))
