"""Recordings and pictures that belong to notices, as the hub has made them from what was sent: in the database, which all processes share."""
from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from hub import pictures, recordings
from hub.db.columns import new_id
from hub.db.tables import Box, Notice, NoticeReceipt, Upload
from hub.errors import NotFound, Refused
from hub.notices.words import State, Words
from hub.pictures import Picture
from hub.recordings import Recording

KINDS = (recordings.MEDIA_TYPE, pictures.MEDIA_TYPE)
"""Other uploads wait there too, which are nobody's business but that of who brought them."""
LEFT_FOR = dt.timedelta(days=1)
"""What came with a form that has become no notice by then is forgotten."""


def keep(work: Session, village_id: str, made: Recording | Picture, now: dt.datetime) -> Upload:
    """A new one, which belongs to no notice yet; what has been left lying goes."""
    _forget(work, village_id, Upload.created_at <= now - LEFT_FOR)
    media_type, seconds = (recordings.MEDIA_TYPE, made.seconds) if isinstance(made, Recording) else (pictures.MEDIA_TYPE, 0.0)
    kept = Upload(village_id=village_id, id=new_id(now), media_type=media_type, seconds=seconds, data=made.data, created_at=now)
    work.add(kept)
    return kept


def hold(work: Session, village_id: str, words: Words) -> None:
    """Nobody erases what belongs to them until ``work`` is done. Raises Refused where it is not there any more."""
    for upload_id, media_type, wrong in ((words.audio_id, recordings.MEDIA_TYPE, "录音找不到了，请再录一遍"),
                                         (words.picture_id, pictures.MEDIA_TYPE, "图片找不到了，请再选一次")):
        held = select(Upload.id).where(Upload.village_id == village_id, Upload.id == upload_id, Upload.media_type == media_type)
        if upload_id is not None and work.scalar(held.with_for_update(read=True)) is None:
            raise Refused(wrong)


def forget_unused(work: Session, village_id: str, words: Words) -> None:
    """A notice says them no more: what belongs to them is erased, unless another holds it (what repeats goes out with the same)."""
    work.flush()
    _forget(work, village_id, Upload.id.in_([upload_id for upload_id in (words.audio_id, words.picture_id) if upload_id is not None]))


def _forget(work: Session, village_id: str, which: ColumnElement[bool]) -> None:
    used = [Upload.id.not_in(select(column).where(Notice.village_id == village_id, column.is_not(None)))
            for column in (Notice.audio_id, Notice.picture_id)]
    work.execute(delete(Upload).where(Upload.village_id == village_id, Upload.media_type.in_(KINDS), which, *used),
                 execution_options={"synchronize_session": False})


def one(work: Session, village_id: str, upload_id: str) -> Upload:
    """Raises NotFound."""
    return _found(work.get(Upload, (village_id, upload_id)), upload_id)


def of_box(work: Session, box: Box, upload_id: str) -> Upload:
    """If it belongs to a notice that this box was sent, and that still holds. Raises NotFound."""
    sent = and_(Notice.village_id == Upload.village_id, or_(Notice.audio_id == Upload.id, Notice.picture_id == Upload.id), Notice.state == State.SENT,
                NoticeReceipt.village_id == Notice.village_id, NoticeReceipt.notice_id == Notice.id, NoticeReceipt.box_id == box.id)
    return _found(work.scalar(select(Upload).where(Upload.village_id == box.village_id, Upload.id == upload_id, exists().where(sent))), upload_id)


def _found(upload: Upload | None, upload_id: str) -> Upload:
    if upload is None or upload.media_type not in KINDS:
        raise NotFound(f"no attachment {upload_id}")
    return upload


def signed(work: Session, notice: Notice) -> dict[str, object]:
    """What the message to a box says of them: where each is, and how it is known again."""
    said: dict[str, object] = {}
    for name, upload_id in (("audio", notice.audio_id), ("picture", notice.picture_id)):
        if upload_id is not None:
            upload = one(work, notice.village_id, upload_id)
            said |= {name: f"/link/{name}/{upload.id}", f"{name}_sha256": hashlib.sha256(upload.data).hexdigest()}
            if name == "audio":
                said["audio_s"] = round(upload.seconds, 2)
    return said
