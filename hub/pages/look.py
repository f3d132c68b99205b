"""Templates and what all of them know."""
from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.auth.roles import May, Role
from hub.auth.sign_in import Visitor

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

_templates = Jinja2Templates(env=Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined,
                                             trim_blocks=True, lstrip_blocks=True))

MENU = (("/notices", "通知", May.LOOK), ("/people", "住户", May.LOOK), ("/boxes", "盒子", May.LOOK), ("/staff", "工作人员", May.STAFF),
        ("/board", "大屏", May.STAFF), ("/alerts", "提醒", May.STAFF), ("/programs", "接口", May.STAFF),
        ("/audit", "记录", May.STAFF), ("/villages", "村庄", May.VILLAGES))


def menu(visitor: Visitor) -> tuple[tuple[str, str, May], ...]:
    """What this visitor is offered."""
    return tuple(entry for entry in MENU if visitor.may(entry[2]))


_templates.env.globals |= {"May": May, "Role": Role, "menu": menu}


def page(request: Request, template: str, visitor: Visitor | None = None, status: int = 200, **values: object) -> HTMLResponse:
    """``visitor`` decides what the page's menu offers; None for those who have not signed in."""
    return _templates.TemplateResponse(request, template, {"visitor": visitor, **values}, status_code=status, headers={"Cache-Control": "no-store"})


def onward(request: Request, address: str) -> RedirectResponse:
    """After a form: so that going back or reloading does not send it again. For htmx the whole page goes there."""
    if "hx-request" in request.headers:
        return HTMLResponse(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def local(moment: dt.datetime | None, zone: str) -> dt.datetime | None:
    """By the village's clocks."""
    return moment and moment.astimezone(ZoneInfo(zone))


def written(moment: dt.datetime | None, zone: str, now: dt.datetime | None = None) -> str:
    """As a person would write it: without the year, and without the day, if they are those of ``now``."""
    if moment is None:
        return ""
    at, today = local(moment, zone), local(now, zone) if now else None
    if today and at.date() == today.date():
        return f"今天 {at:%H:%M}"
    if today and at.year == today.year:
        return f"{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


_templates.env.filters["written"] = written
