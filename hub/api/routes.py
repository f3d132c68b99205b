"""Version 1 of the API, as an application of its own: it is described by itself at /api/v1/openapi.json."""
from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import or_, select

from hub.api.tokens import Scope, must, token_of
from hub.db.tables import ApiToken, Household, Notice
from hub.errors import NotFound, NotSignedIn, Refused
from hub.notices import drafts, following, sending, targets
from hub.notices.by import By
from hub.notices.drafts import Draft
from hub.notices.schedule import Repeat
from hub.notices.targets import Targets
from hub.notices.words import YES_OR_NO, Category, Priority, State, words
from hub.parts import Parts

MOST_HOMES = 500
ABOUT = """\
For other systems of the village. A token is made by an administrator on the page 接口 and sent as `Authorization: Bearer xy_…`.
Errors are `{"code", "message"}`; the message is Chinese and can be shown. Where the token has a webhook, what becomes of its
notices is posted to it as `notice.heard`, `notice.confirmed`, `notice.answered` (https://www.standardwebhooks.com), at least once each."""
ID = "^[0-9a-z]{18}$"
_bearer = HTTPBearer(auto_error=False)


class NewNotice(BaseModel):
    """A notice, or a question, to one home or a few. ``choices`` default to 是 and 否 where there is a question."""

    title: str = Field(max_length=200)
    text: str = Field(max_length=5000)
    category: Category = Category.OTHER
    priority: Priority = Priority.ORDINARY
    question: str = Field("", max_length=500)
    choices: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=10)
    homes: list[Annotated[str, Field(pattern=ID)]] = Field(min_length=1, max_length=MOST_HOMES)
    expires_at: AwareDatetime | None = None


class Sent(BaseModel):
    id: str
    boxes: int
    """It is on its way to so many."""
    without_box: list[str]
    """Homes where nobody can hear it."""


class Home(BaseModel):
    id: str
    name: str
    address: str


class HomeStanding(BaseModel):
    """Moments are null until it has come so far."""

    home: str
    name: str
    delivered_at: dt.datetime | None
    heard_at: dt.datetime | None
    confirmed_at: dt.datetime | None
    answered_at: dt.datetime | None
    answer: str | None


class NoticeStanding(BaseModel):
    id: str
    title: str
    state: State
    sent_at: dt.datetime | None
    homes: list[HomeStanding]


def create_api(parts: Parts) -> FastAPI:
    api = FastAPI(title="乡音", version="1", description=ABOUT, docs_url=None, redoc_url=None)
    api.state.parts = parts
    api.get("/homes", response_model=list[Home], summary="Homes by a part of their name or address")(homes)
    api.post("/notices", response_model=Sent, status_code=201, summary="Send a notice or a question")(send)
    api.get("/notices/{notice_id}", response_model=NoticeStanding, summary="What has become of one that this token has sent")(one)
    return api


def program_of(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> ApiToken:
    """Raises NotSignedIn."""
    if given is None:
        raise NotSignedIn("no token")
    with request.app.state.parts.database.read() as work:
        return token_of(work, given.credentials)


Program = Annotated[ApiToken, Depends(program_of)]


def homes(request: Request, token: Program, search: Annotated[str, Query(max_length=80)] = "") -> list[Home]:
    must(token, Scope.HOMES)
    if "\0" in search:
        raise Refused("查找的字里有看不懂的符号")
    with request.app.state.parts.database.read() as work:
        found = work.scalars(select(Household).where(Household.village_id == token.village_id, or_(
            Household.name.contains(search, autoescape=True), Household.address.contains(search, autoescape=True)))
            .order_by(Household.name, Household.id).limit(MOST_HOMES))
        return [Home(id=home.id, name=home.name, address=home.address) for home in found]


def send(request: Request, token: Program, new: NewNotice) -> Sent:
    must(token, Scope.SEND)
    parts: Parts = request.app.state.parts
    now, meant = parts.now(), Targets(targets.Scope.SOME, homes=frozenset(new.homes))
    said = words(new.title, new.text, new.category, new.priority, new.question, new.choices or YES_OR_NO)
    by = By(token.made_by, token.name, request.client.host)
    with parts.database.write() as work:
        known = set(work.scalars(select(Household.id).where(Household.village_id == token.village_id, Household.id.in_(new.homes))))
        if missing := sorted(set(new.homes) - known):
            raise Refused(f"村里没有这些住户：{'、'.join(missing[:5])}")
        notice = drafts.begin(work, token.village_id, Draft(said, meant, None, Repeat.NEVER, new.expires_at), by, now)
        notice.token_id = token.id
        work.flush()
        sending.release(work, parts.bell, notice, by, now)
        found = following.standings(work, notice, now)
        return Sent(id=notice.id, boxes=sum(home.boxes for home in found), without_box=[home.home_id for home in found if not home.boxes])


def one(request: Request, token: Program, notice_id: Annotated[str, Path(pattern=ID)]) -> NoticeStanding:
    must(token, Scope.READ)
    parts: Parts = request.app.state.parts
    with parts.database.read() as work:
        notice = work.get(Notice, (token.village_id, notice_id))
        if notice is None or notice.token_id != token.id:
            raise NotFound(f"no notice {notice_id} of this token")
        found = following.standings(work, notice, parts.now())
    rows = [HomeStanding(home=home.home_id, name=home.name, delivered_at=home.delivered_at, heard_at=home.heard_at,
                         confirmed_at=home.confirmed_at, answered_at=home.answered_at, answer=home.answer or None) for home in found]
    return NoticeStanding(id=notice.id, title=notice.title, state=State(notice.state), sent_at=notice.sent_at, homes=rows)
