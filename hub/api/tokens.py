"""Programs of other systems: what each may do, and how it proves who it is."""
from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Iterable
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.auth.sign_in import digest
from hub.db.columns import new_id
from hub.db.tables import ApiToken
from hub.errors import NotAllowed, NotSignedIn, Refused

PREFIX = "xy_"
"""So that a secret that lies about is recognised as one."""


class Scope(StrEnum):
    SEND = "notices:send"
    READ = "notices:read"
    HOMES = "homes:read"

    @property
    def shown(self) -> str:
        return {Scope.SEND: "发通知、提问题", Scope.READ: "看谁听了、怎么答的", Scope.HOMES: "查住户"}[self]


def make(work: Session, village_id: str, staff_id: str, name: str, scopes: Iterable[str], webhook: str, now: dt.datetime) -> tuple[ApiToken, str]:
    """The token, and what the program is to hold: nobody can look it up later. Raises Refused."""
    name, webhook, chosen = name.strip(), webhook.strip(), sorted(set(scopes) & set(Scope))
    if not name:
        raise Refused("给它起个名字，比如“物业报修”")
    if not chosen:
        raise Refused("至少要准它做一件事")
    if webhook and (urlsplit(webhook).scheme not in ("http", "https") or not urlsplit(webhook).hostname):
        raise Refused("回传地址要以 http:// 或 https:// 开头")
    held = PREFIX + secrets.token_urlsafe(32)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode() if webhook else ""
    token = ApiToken(village_id=village_id, id=new_id(now), name=name, digest=digest(held), scopes=chosen, webhook=webhook, secret=secret,
                     made_by=staff_id, created_at=now)
    work.add(token)
    return token, held


def token_of(work: Session, held: str) -> ApiToken:
    """Raises NotSignedIn: also for one that has been taken back."""
    found = work.scalar(select(ApiToken).where(ApiToken.digest == digest(held), ApiToken.revoked_at.is_(None)))
    if found is None:
        raise NotSignedIn("no program of this hub holds that token")
    return found


def must(token: ApiToken, scope: Scope) -> None:
    """Raises NotAllowed."""
    if scope not in token.scopes:
        raise NotAllowed(f"the token {token.name} has {token.scopes} and not {scope}")
