"""Links with which somebody of the staff sets a password: nobody else ever knows it."""
from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.auth.passwords import hashed
from hub.auth.sign_in import digest, sign_out_everywhere
from hub.db.tables import Invitation, Staff
from hub.errors import Refused

LASTS = dt.timedelta(days=3)
OVER = "这个链接用过了，或者过期了。请找管理员再要一个"


def invite(work: Session, staff_id: str, now: dt.datetime) -> str:
    """What the new link ends with; one from before opens nothing any more."""
    token = secrets.token_urlsafe(24)
    work.execute(delete(Invitation).where(Invitation.staff_id == staff_id))
    work.add(Invitation(staff_id=staff_id, key=digest(token), expires_at=now + LASTS))
    return token


def invited(work: Session, token: str, now: dt.datetime) -> Staff:
    """Whose link this is. Raises Refused where it is nobody's any more."""
    staff = work.scalar(select(Staff).join(Invitation, Invitation.staff_id == Staff.id)
                        .where(Invitation.key == digest(token), Invitation.expires_at > now, Staff.left_at.is_(None)))
    if staff is None:
        raise Refused(OVER)
    return staff


def accept(work: Session, token: str, password: str, now: dt.datetime) -> Staff:
    """The password is set, the link is used up, also where it is used twice at the same moment. Raises Refused."""
    staff = invited(work, token, now)
    secret = hashed(password, staff.login)
    if work.execute(delete(Invitation).where(Invitation.key == digest(token))).rowcount != 1:
        raise Refused(OVER)
    staff.password = secret
    sign_out_everywhere(work, staff.id)
    return staff


def take_back(work: Session, staff_id: str) -> None:
    work.execute(delete(Invitation).where(Invitation.staff_id == staff_id))
