"""Every page there is."""
from __future__ import annotations

from hub.pages import (
    alerts,
    attachments,
    audit,
    boxes,
    entry,
    me,
    notice_writing,
    notices,
    people,
    programs,
    staff,
    villages,
    welcome,
)

ROUTERS = tuple(pages.router for pages in (entry, welcome, me, attachments, notice_writing, notices, people, boxes, staff, alerts, programs,
                                           villages, audit))
