"""Every page there is."""
from __future__ import annotations

from hub.pages import (
    alerts,
    attachments,
    audit,
    board,
    boxes,
    entry,
    me,
    notice_answers,
    notice_speech,
    notice_writing,
    notices,
    people,
    programs,
    staff,
    villages,
    welcome,
)

ROUTERS = tuple(pages.router for pages in (
    entry, welcome, me, attachments, notice_answers, notice_speech, notice_writing, notices, people, boxes, staff, board, alerts, programs,
    villages, audit))
