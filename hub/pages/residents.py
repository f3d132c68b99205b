"""People: written down, corrected, taken out; and what is known of one, handed out or forgotten."""
from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel

from hub.auth.roles import May
from hub.auth.sign_in import Visitor
from hub.db.tables import Household, Resident
from hub.errors import NotFound, Refused
from hub.pages.given import Id, download, noted, picked
from hub.pages.look import local, onward, page, written
from hub.pages.visit import parts_of, visiting
from hub.people import facts, finding, personal, register
from hub.people.facts import PersonFacts

router = APIRouter(include_in_schema=False)
Changing = Annotated[Visitor, Depends(visiting(May.PEOPLE))]
LONGEST_SEARCH = 100


class PersonForm(BaseModel):
    """As it was typed."""

    name: str = ""
    born: str = ""
    phone: str = ""
    hearing: str = ""
    tags: str = ""
    notes: str = ""

    @classmethod
    def of(cls, one: Resident) -> PersonForm:
        return cls(name=one.name, born=str(one.born or ""), phone=one.phone, hearing=one.hearing, tags="、".join(one.tags), notes=one.notes)

    def read(self, this_year: int) -> PersonFacts:
        """Raises Refused."""
        return facts.person(self.name, self.born, self.phone, self.hearing, self.tags, self.notes, this_year)


def _this_year(request: Request, visitor: Visitor) -> int:
    return local(parts_of(request).now(), visitor.zone).year


@router.get("/people/homes/{home_id}/residents/new")
def blank_resident(request: Request, visitor: Changing, home_id: Id) -> Response:
    return _person_form(request, visitor, PersonForm(), home_id)


@router.post("/people/homes/{home_id}/residents/new")
def make_resident(request: Request, visitor: Changing, home_id: Id, given: Annotated[PersonForm, Form()]) -> Response:
    parts = parts_of(request)
    try:
        told = given.read(_this_year(request, visitor))
        with parts.database.write() as work:
            one = register.new_resident(work, visitor.village_id, home_id, told, parts.now())
            noted(work, request, visitor, "登记个人", _subject(one, register.home(work, visitor.village_id, home_id)))
    except Refused as refused:
        return _person_form(request, visitor, given, home_id, wrong=refused.shown)
    return onward(request, f"/people/homes/{home_id}")


@router.get("/people/residents/{resident_id}/edit")
def edit_resident(request: Request, visitor: Changing, resident_id: Id) -> Response:
    one, home = _both(request, visitor, resident_id)
    return _person_form(request, visitor, PersonForm.of(one), home.id, resident_id)


@router.post("/people/residents/{resident_id}/edit")
def change_resident(request: Request, visitor: Changing, resident_id: Id, given: Annotated[PersonForm, Form()]) -> Response:
    _, home = _both(request, visitor, resident_id)
    try:
        told = given.read(_this_year(request, visitor))
        with parts_of(request).database.write() as work:
            one = register.change_resident(work, visitor.village_id, resident_id, told)
            noted(work, request, visitor, "修改个人", _subject(one, home))
    except Refused as refused:
        return _person_form(request, visitor, given, home.id, resident_id, refused.shown)
    return onward(request, f"/people/homes/{home.id}")


@router.get("/people/residents/{resident_id}/delete")
def ask_about_resident(request: Request, visitor: Changing, resident_id: Id) -> Response:
    one, home = _both(request, visitor, resident_id)
    return page(request, "people/ask.html", visitor, question=f"把“{one.name}”从“{home.name}”删除？", action="删除这个人", blocked="",
                means="删了就找不回来了。以前的操作记录里还留着名字；本人要求一点不留的，请用“彻底抹去”。", back=f"/people/homes/{home.id}")


@router.post("/people/residents/{resident_id}/delete")
def delete_resident(request: Request, visitor: Changing, resident_id: Id) -> Response:
    with parts_of(request).database.write() as work:
        one = register.delete_resident(work, visitor.village_id, resident_id)
        noted(work, request, visitor, "删除个人", _subject(one, register.home(work, visitor.village_id, one.household_id)))
    return onward(request, f"/people/homes/{one.household_id}")


@router.get("/people/residents/{resident_id}/move")
def ask_where(request: Request, visitor: Changing, resident_id: Id, q: str = "") -> Response:
    return _moving(request, visitor, resident_id, q)


@router.post("/people/residents/{resident_id}/move")
def move(request: Request, visitor: Changing, resident_id: Id, home: Annotated[str, Form()] = "") -> Response:
    before = _both(request, visitor, resident_id)[1]
    try:
        with parts_of(request).database.write() as work:
            one = register.move_resident(work, visitor.village_id, resident_id, picked(home))
            noted(work, request, visitor, "搬家", f"{_subject(one, before)}→{register.home(work, visitor.village_id, one.household_id).name}")
    except NotFound:
        return _moving(request, visitor, resident_id, wrong="没有这一户，可能刚被删掉，请另选一户")
    except Refused as refused:
        return _moving(request, visitor, resident_id, wrong=refused.shown)
    return onward(request, f"/people/homes/{one.household_id}")


def _moving(request: Request, visitor: Visitor, resident_id: str, sought: str = "", wrong: str = "") -> Response:
    one, home = _both(request, visitor, resident_id)
    q = sought[:LONGEST_SEARCH]
    with parts_of(request).database.read() as work:
        found = finding.find(work, visitor.village_id, q)
    found = dataclasses.replace(found, homes=[other for other in found.homes if other.id != home.id])
    return page(request, "people/move.html", visitor, 400 if wrong else 200, one=one, home=home, q=q, found=found, wrong=wrong)


@router.get("/people/residents/{resident_id}/known")
def known(request: Request, visitor: Changing, resident_id: Id) -> Response:
    """All that is known of somebody, to be read out or printed."""
    with parts_of(request).database.read() as work:
        told = personal.known(work, visitor.village_id, resident_id)
        home = register.resident(work, visitor.village_id, resident_id).household_id
    shown = _timed(dataclasses.asdict(told), lambda at: written(at, visitor.zone))
    return page(request, "people/known.html", visitor, known=shown, resident_id=resident_id, home_id=home, at=parts_of(request).now())


@router.get("/people/residents/{resident_id}/known.json")
def known_file(request: Request, visitor: Changing, resident_id: Id) -> Response:
    """The same for a program."""
    with parts_of(request).database.write() as work:
        told = personal.known(work, visitor.village_id, resident_id)
        noted(work, request, visitor, "导出个人信息", told.name)
    plain = _timed(dataclasses.asdict(told), lambda at: local(at, visitor.zone).isoformat(timespec="seconds"))
    text = json.dumps(plain, ensure_ascii=False, indent=2)
    return download(text.encode(), "application/json", f"{told.name}.json")


def _timed(value: object, write: Callable[[dt.datetime], str]) -> object:
    """The same with its moments written out."""
    if isinstance(value, dict):
        return {name: _timed(one, write) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_timed(one, write) for one in value]
    return write(value) if isinstance(value, dt.datetime) else value


@router.get("/people/residents/{resident_id}/erase")
def ask_to_erase(request: Request, visitor: Changing, resident_id: Id) -> Response:
    one, home = _both(request, visitor, resident_id)
    return page(request, "people/ask.html", visitor, question=f"彻底抹去“{one.name}”？", action="彻底抹去", blocked="",
                back=f"/people/homes/{home.id}",
                means="这个人的一切都会删掉，操作记录、户名和盒子名里的名字也会换成“（已抹去）”。家里没有别人、也没有盒子的，这一户一起删掉。"
                      "已经发出的通知里写的字不会变。抹去以后找不回来。")


@router.post("/people/residents/{resident_id}/erase")
def erase(request: Request, visitor: Changing, resident_id: Id) -> Response:
    with parts_of(request).database.write() as work:
        personal.erase(work, visitor.village_id, resident_id)
        noted(work, request, visitor, "彻底抹去", personal.ERASED)
    return onward(request, "/people")


def _both(request: Request, visitor: Visitor, resident_id: str) -> tuple[Resident, Household]:
    """Raises NotFound."""
    with parts_of(request).database.read() as work:
        one = register.resident(work, visitor.village_id, resident_id)
        return one, register.home(work, visitor.village_id, one.household_id)


def _subject(one: Resident, home: Household) -> str:
    return f"{one.name}（{home.name}）"


def _person_form(request: Request, visitor: Visitor, given: PersonForm, home_id: str, resident_id: str = "", wrong: str = "") -> Response:
    with parts_of(request).database.read() as work:
        home = register.home(work, visitor.village_id, home_id)
    return page(request, "people/person_form.html", visitor, 400 if wrong else 200, given=given, home=home, resident_id=resident_id, wrong=wrong,
                hearing=facts.HEARING)
