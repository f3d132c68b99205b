"""What is known of one person: all of it to hand out, and all of it to forget (Personal Information Protection Law, articles 45 and 47)."""
from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.db.tables import Audit, Box, Grid, Household, Notice, NoticeReceipt, Resident, Staff
from hub.people import register, waiting

ERASED = "（已抹去）"
Facts = dict[str, object]
_TIMES = (("送到", "delivered_at"), ("开始念", "playing_at"), ("听完", "heard_at"), ("打断", "interrupted_at"), ("确认", "confirmed_at"),
          ("回答", "answered_at"))


@dataclass(frozen=True, slots=True)
class Known:
    """By the headings under which it is shown; moments are in UTC."""

    name: str
    person: Facts
    home: Facts
    boxes: tuple[Facts, ...]
    notices: tuple[Facts, ...]
    records: tuple[Facts, ...]


def known(work: Session, village_id: str, resident_id: str) -> Known:
    """Raises NotFound. What a box has heard is known of a home, not of one person: it is told to each who lives there."""
    one = register.resident(work, village_id, resident_id)
    home = register.home(work, village_id, one.household_id)
    grid = work.get(Grid, (village_id, home.grid_id)) if home.grid_id else None
    worker = work.get(Staff, grid.worker_id) if grid and grid.worker_id else None
    boxes = work.scalars(select(Box).where(Box.village_id == village_id, Box.household_id == home.id).order_by(Box.id)).all()
    others = [other.name for other in register.residents(work, village_id, home.id) if other.id != one.id]
    return Known(
        one.name,
        {"编号": one.id, "姓名": one.name, "检索": one.sought.strip(), "出生年": one.born, "电话": one.phone, "听力": one.hearing,
         "标签": list(one.tags), "备注": one.notes},
        {"编号": home.id, "户名": home.name, "地址": home.address, "网格": grid.name if grid else "", "网格员": worker.name if worker else "",
         "家里电话": home.phone, "备注": home.notes, "登记时间": home.created_at, "同住": others},
        tuple({"编号": box.id, "名字": box.name, "加入时间": box.joined_at, "解除时间": box.revoked_at, "最近在线": box.seen_at,
               "盒子报告的": box.facts, "设置": box.settings} for box in boxes),
        tuple(_notices(work, village_id, [box.id for box in boxes])),
        tuple({"时间": line.at, "谁": line.who, "做了什么": line.did, "对象": line.subject} for line in _records(work, village_id, one.name)))


def _notices(work: Session, village_id: str, boxes: list[str]) -> list[Facts]:
    rows = work.execute(select(NoticeReceipt, Notice.title)
                        .join(Notice, (Notice.village_id == NoticeReceipt.village_id) & (Notice.id == NoticeReceipt.notice_id))
                        .where(NoticeReceipt.village_id == village_id, NoticeReceipt.box_id.in_(boxes)).order_by(NoticeReceipt.notice_id))
    return [{"通知": title, "发出时间": receipt.queued_at, **{shown: getattr(receipt, name) for shown, name in _TIMES}, "回答的": receipt.answer}
            for receipt, title in rows]


def _records(work: Session, village_id: str, name: str) -> list[Audit]:
    """Lines that name them, and nobody whose longer name begins or ends so."""
    named = _Name(work, village_id, name)
    lines = work.scalars(select(Audit).where(Audit.village_id == village_id, Audit.subject.contains(name, autoescape=True)).order_by(Audit.id))
    return [line for line in lines if named.is_in(line.subject)]


class _Name:
    """A name in a text: 张三 is not in 张三丰, if the village has somebody of that name."""

    def __init__(self, work: Session, village_id: str, name: str) -> None:
        longer = work.scalars(select(Resident.name).where(Resident.village_id == village_id, Resident.name.contains(name, autoescape=True),
                                                          Resident.name != name).distinct())
        self._name = name
        self._any = re.compile("|".join(map(re.escape, (*sorted(longer, key=len, reverse=True), name))))

    def is_in(self, text: str) -> bool:
        return self._name in self._any.findall(text)

    def out_of(self, text: str, instead: str) -> str:
        return self._any.sub(lambda found: instead if found[0] == self._name else found[0], text)


def erase(work: Session, village_id: str, resident_id: str) -> None:
    """The person, and their name wherever it was written down: in the lines of who did what, which stay, in what their home and its boxes
    are called, and in tables that wait to be imported. A home in which nobody is left goes with them, unless a box still stands there.
    Raises NotFound."""
    register.alone(work, village_id)
    one = register.resident(work, village_id, resident_id)
    home = register.home(work, village_id, one.household_id)
    named = _Name(work, village_id, one.name)
    for line in _records(work, village_id, one.name):
        line.subject = named.out_of(line.subject, ERASED)[:Audit.subject.type.length]
    boxes = work.scalars(select(Box).where(Box.village_id == village_id, Box.household_id == home.id)).all()
    for box in boxes:
        box.name = _shortened(named, box.name)
    waiting.drop_all(work, village_id)  # they may be in a table that somebody has just read
    work.delete(one)
    work.flush()
    if not register.residents(work, village_id, home.id) and register.box_of(work, village_id, home.id) is None:
        register.delete_home(work, village_id, home.id)
    else:
        _forget_in(home, named)


def _forget_in(home: Household, named: _Name) -> None:
    home.name = _shortened(named, home.name)
    home.notes = named.out_of(home.notes, ERASED)


def _shortened(named: _Name, text: str) -> str:
    return named.out_of(text, ERASED)[:Household.name.type.length]
