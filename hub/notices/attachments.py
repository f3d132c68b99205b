"""Recordings that belong to notices, as the hub has made them from what was sent: in the database, which all processes share."""
from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import ColumnElement, and_, delete, exists, select
from sqlalchemy.orm import Session

from hub import recordings
from hub.db.columns import new_id
from hub.db.tables import Box, Notice, NoticeReceipt, Upload
from hub.errors import NotFound, Refused
from hub.notices.words import State
from hub.recordings import Recording

KINDS = (recordings.MEDIA_TYPE,)
"""Other uploads wait there too, which are nobody's business but that of who brought them."""
LEFT_FOR = dt.timedelta(days=1)
"""What came with a form that has become no notice by then is forgotten."""


def keep(work: Session, village_id: str, recording: Recording, now: dt.datetime) -> Upload:
    """A new one, which belongs to no notice yet; what has been left lying goes."""
    _forget(work, village_id, Upload.created_at <= now - LEFT_FOR)
    kept = Upload(village_id=village_id, id=new_id(now), media_type=recordings.MEDIA_TYPE, seconds=recording.seconds, data=recording.data,
                  created_at=now)
    work.add(kept)
    return kept


def hold(work: Session, village_id: str, upload_id: str | None) -> None:
    """Nobody erases it until ``work`` is done. Raises Refused where it is not there any more."""
    if upload_id is None:
        return
    held = select(Upload.id).where(Upload.village_id == village_id, Upload.id == upload_id, Upload.media_type.in_(KINDS)).with_for_update(read=True)
    if work.scalar(held) is None:
        raise Refused("录音找不到了，请再录一遍")


def forget_unused(work: Session, village_id: str, upload_id: str | None) -> None:
    """A notice has let go of it: unless another holds it (what repeats goes out with the same), it is erased."""
    if upload_id is not None:
        work.flush()
        _forget(work, village_id, Upload.id == upload_id)


def _forget(work: Session, village_id: str, *which: ColumnElement[bool]) -> None:
    used = select(Notice.audio_id).where(Notice.village_id == village_id, Notice.audio_id.is_not(None))
    work.execute(delete(Upload).where(Upload.village_id == village_id, Upload.media_type.in_(KINDS), Upload.id.not_in(used), *which),
                 execution_options={"synchronize_session": False})


def one(work: Session, village_id: str, upload_id: str) -> Upload:
    """Raises NotFound."""
    return _found(work.get(Upload, (village_id, upload_id)), upload_id)


def of_box(work: Session, box: Box, upload_id: str) -> Upload:
    """If it belongs to a notice that this box was sent, and that still holds. Raises NotFound."""
    sent = and_(Notice.village_id == Upload.village_id, Notice.audio_id == Upload.id, Notice.state == State.SENT,
                NoticeReceipt.village_id == Notice.village_id, NoticeReceipt.notice_id == Notice.id, NoticeReceipt.box_id == box.id)
    return _found(work.scalar(select(Upload).where(Upload.village_id == box.village_id, Upload.id == upload_id, exists().where(sent))), upload_id)


def _found(upload: Upload | None, upload_id: str) -> Upload:
    if upload is None or upload.media_type not in KINDS:
        raise NotFound(f"no attachment {upload_id}")
    return upload


def signed(work: Session, notice: Notice) -> dict[str, object]:
    """What the message to a box says of it: where it is, and how it is known again."""
    if notice.audio_id is None:
        return {}
    recording = one(work, notice.village_id, notice.audio_id)
    sha256 = hashlib.sha256(recording.data).hexdigest()
    return {"audio": f"/link/audio/{recording.id}", "audio_sha256": sha256, "audio_s": round(recording.seconds, 2)}
