"""The staff of a village: who belongs to it, and what each may do there."""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.auth.invitations import take_back
from hub.auth.roles import Role
from hub.auth.sign_in import Visitor, sign_out_everywhere
from hub.db.columns import new_id
from hub.db.tables import HubKey, Staff
from hub.errors import NotAllowed, NotFound, Refused

LEADING = (Role.ADMIN, Role.OPERATOR)
"""Without one of them nobody in a village could let anybody else in."""


@dataclass(frozen=True, slots=True)
class Person:
    """As it was typed."""

    login: str = ""
    name: str = ""
    phone: str = ""
    role: str = Role.CLERK


def one_after_the_other(work: Session) -> None:
    """Whatever changes the staff waits here for whoever else does, in the whole hub: two must not each end the other, nor both be first."""
    work.execute(select(HubKey.id).with_for_update())


def nobody_yet(work: Session) -> bool:
    """Whether this hub has still to be set up."""
    return work.scalar(select(Staff.id).limit(1)) is None


def roles_given_by(visitor: Visitor) -> tuple[Role, ...]:
    """What this visitor may make of somebody; the least of it first."""
    return tuple(role for role in reversed(Role) if role is not Role.OPERATOR or visitor.role is Role.OPERATOR)


def of_village(work: Session, village_id: str) -> Sequence[Staff]:
    """Those who have left come last."""
    return work.scalars(select(Staff).where(Staff.village_id == village_id).order_by(Staff.left_at.is_not(None), Staff.id)).all()


def found(work: Session, visitor: Visitor, staff_id: str) -> Staff:
    """Somebody whom the visitor may change. Raises NotFound; NotAllowed for an operator, who is above a village's administrator."""
    staff = work.scalar(select(Staff).where(Staff.id == staff_id, Staff.village_id == visitor.village_id, Staff.left_at.is_(None)))
    if staff is None:
        raise NotFound(f"nobody {staff_id} works in {visitor.village_id}")
    if Role(staff.role) not in roles_given_by(visitor):
        raise NotAllowed(f"{visitor.login} may not change {staff.login}, who is {staff.role}")
    return staff


def engage(work: Session, visitor: Visitor, village_id: str, person: Person, now: dt.datetime) -> Staff:
    """Somebody new, who has no password yet. Raises Refused, NotAllowed."""
    one_after_the_other(work)
    login = person.login.strip().lower()
    if not login or not person.name.strip():
        raise Refused("姓名和登录名都要填")
    if any(letter.isspace() for letter in login):
        raise Refused("登录名里不能有空格")
    if work.scalar(select(func.count()).where(Staff.login == login)):
        raise Refused(f"登录名“{login}”已经有人用了，请换一个")
    staff = Staff(id=new_id(now), village_id=village_id, login=login, name=person.name.strip(), phone=person.phone.strip(),
                  role=_role(visitor, person.role), password="", totp="", created_at=now)
    work.add(staff)
    work.flush()
    return staff


def change(work: Session, visitor: Visitor, staff_id: str, person: Person) -> Staff:
    """Name, telephone and role; the login stays. Another role counts from the next sign-in. Raises Refused, NotFound, NotAllowed."""
    one_after_the_other(work)
    staff, role = found(work, visitor, staff_id), _role(visitor, person.role)
    if not person.name.strip():
        raise Refused("姓名要填")
    if role != staff.role:
        if staff.id == visitor.staff_id:
            raise Refused("不能改自己的身份，请另一位管理员来改")
        if role not in LEADING:
            _not_the_last(work, staff)
        staff.role = role
        sign_out_everywhere(work, staff.id)
    staff.name, staff.phone = person.name.strip(), person.phone.strip()
    return staff


def end(work: Session, visitor: Visitor, staff_id: str, now: dt.datetime) -> Staff:
    """Signed out everywhere, at once. Raises Refused, NotFound, NotAllowed."""
    one_after_the_other(work)
    staff = found(work, visitor, staff_id)
    if staff.id == visitor.staff_id:
        raise Refused("不能停用自己，请另一位管理员来停用")
    _not_the_last(work, staff)
    staff.left_at = now
    take_back(work, staff.id)
    sign_out_everywhere(work, staff.id)
    return staff


def _role(visitor: Visitor, given: str) -> Role:
    if given not in list(Role):
        raise Refused("请选一个身份")
    if Role(given) not in roles_given_by(visitor):
        raise NotAllowed(f"{visitor.login} may not make anybody {given}")
    return Role(given)


def _not_the_last(work: Session, staff: Staff) -> None:
    others = select(func.count()).where(Staff.village_id == staff.village_id, Staff.id != staff.id, Staff.left_at.is_(None), Staff.role.in_(LEADING))
    if staff.role in LEADING and not work.scalar(others):
        raise Refused(f"{staff.name}是村里最后一位管理员，请先再设一位管理员")
