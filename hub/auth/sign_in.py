"""Sessions of the staff's browsers."""
from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as Work

from hub.auth import throttle
from hub.auth.passwords import fits, totp_step
from hub.auth.roles import May, Role
from hub.db.engine import Database
from hub.db.tables import Session, Staff, Village
from hub.errors import NotAllowed, Refused

LASTS = dt.timedelta(hours=12)
"""A working day: on Monday one signs in anew."""
SEEN_EVERY = dt.timedelta(minutes=1)
WRONG = "名字、密码或验证码不对"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody of the staff, who looks at one village."""

    staff_id: str
    name: str
    login: str
    role: Role
    village_id: str
    village: str
    zone: str
    csrf: str
    session: str

    def may(self, what: May) -> bool:
        return what in self.role.may

    def must(self, what: May) -> None:
        """Raises NotAllowed."""
        if not self.may(what):
            raise NotAllowed(f"{self.login} is {self.role} and may not {what}")


@dataclass(frozen=True, slots=True)
class NeedsCode:
    """The password fits; the second factor is still to come."""


def sign_in(database: Database, login: str, password: str, code: str, address: str, now: dt.datetime) -> str | NeedsCode:
    """What the browser is to hold from now on. Raises Refused where anything is wrong, without saying what; TooMany."""
    login = login.strip().lower()
    with database.read() as work:
        throttle.check(work, now, login, address)
        staff = work.scalar(select(Staff).where(Staff.login == login, Staff.left_at.is_(None)))
    fit = fits(password, staff.password if staff else None)
    if fit and staff.totp and not code.strip():
        return NeedsCode()
    with database.write() as work:
        if fit and _code_fits(work, staff, code, now):
            throttle.succeeded(work, login)
            return begin(work, staff, now)
        throttle.failed(work, now, login, address)
    raise Refused(WRONG)


def _code_fits(work: Work, staff: Staff, code: str, now: dt.datetime) -> bool:
    """Each code once, also where two come at the same moment."""
    if not staff.totp:
        return True
    step = totp_step(staff.totp, code, now, staff.totp_used)
    if step is None:
        return False
    taken = work.execute(update(Staff).where(Staff.id == staff.id, Staff.totp_used < step).values(totp_used=step))
    return taken.rowcount == 1


def begin(work: Work, staff: Staff, now: dt.datetime) -> str:
    """A new session; those that are over go."""
    token = secrets.token_urlsafe(32)
    work.execute(delete(Session).where(Session.expires_at <= now))
    work.add(Session(id=digest(token), staff_id=staff.id, village_id=staff.village_id, csrf=secrets.token_urlsafe(24), seen_at=now,
                     expires_at=now + LASTS))
    return token


def visitor(database: Database, token: str, now: dt.datetime) -> Visitor | None:
    """Who holds this, if anybody does still."""
    with database.read() as work:
        row = work.execute(select(Session, Staff, Village).join(Staff, Staff.id == Session.staff_id)
                           .join(Village, Village.id == Session.village_id)
                           .where(Session.id == digest(token), Session.expires_at > now, Staff.left_at.is_(None))).one_or_none()
    if row is None:
        return None
    session, staff, village = row
    if now - session.seen_at > SEEN_EVERY:
        with database.write() as work:
            work.execute(update(Session).where(Session.id == session.id).values(seen_at=now))
    return Visitor(staff.id, staff.name, staff.login, Role(staff.role), village.id, village.name, village.zone, session.csrf, session.id)


def sign_out(work: Work, session: str) -> None:
    work.execute(delete(Session).where(Session.id == session))


def sign_out_everywhere(work: Work, staff_id: str) -> None:
    """After a new password, another role, or the end of it."""
    work.execute(delete(Session).where(Session.staff_id == staff_id))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
