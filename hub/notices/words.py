"""What a notice says, and what it may not: checked before anything is kept. Pure."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hub.errors import Refused

MOST_OF_TITLE, MOST_OF_TEXT, MOST_OF_QUESTION, MOST_OF_CHOICE = 40, 1000, 100, 20
"""Characters. What is longer nobody listens to, and all is read twice."""
LEAST_CHOICES, MOST_CHOICES = 2, 4
"""More than four nobody keeps in mind who only hears them."""
YES_OR_NO = ("是", "否")
EXAMPLE = "〔"
"""Begins what a ready-made notice leaves to be filled in (hub/notices/starters.py)."""


class Category(StrEnum):
    """The name is what people see, and what a box is asked for."""

    POLICY = "政策"
    OUTAGE = "停水停电"
    HEALTH = "体检"
    WEATHER = "气象"
    ACTIVITY = "活动"
    MARKET = "赶集"
    OTHER = "其他"


class Priority(StrEnum):
    ORDINARY = "ordinary"
    IMPORTANT = "important"
    URGENT = "urgent"

    @property
    def shown(self) -> str:
        return _PRIORITIES[self][0]

    @property
    def promise(self) -> str:
        """What the box will do, for whoever has to choose."""
        return _PRIORITIES[self][1]


_PRIORITIES = {
    Priority.ORDINARY: ("普通", "等老人空下来，盒子响一声，说“村里有新通知”，再念两遍。"),
    Priority.IMPORTANT: ("重要", "盒子马上念两遍；夜里不吵人，天亮了再念。"),
    Priority.URGENT: ("紧急", "打断正在放的节目，夜里也念，一遍遍念到有人说“知道了”。"),
}


class State(StrEnum):
    """Where a notice stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    """Goes out at ``send_at``; one that repeats stays so until it is over."""
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    OVER = "over"
    """One that repeated, and has gone out for the last time."""
    MISSED = "missed"
    """The hub was off at its time, and when it was back it was too late."""

    @property
    def shown(self) -> str:
        return _STATES[self]


_STATES = {State.DRAFT: "草稿", State.SCHEDULED: "等着发", State.SENT: "已发出", State.WITHDRAWN: "已撤回", State.OVER: "重复完了",
           State.MISSED: "过期没发出"}


@dataclass(frozen=True, slots=True)
class Words:
    """``choices`` are the answers to ``question``; without a question there are none. ``audio_id`` is the recording of what somebody says in
    place of ``text``, which may then be empty; ``picture_id`` is a picture for the screen."""

    title: str
    text: str
    category: Category
    priority: Priority
    question: str = ""
    choices: tuple[str, ...] = ()
    audio_id: str | None = None
    picture_id: str | None = None


def words(title: str, text: str, category: str, priority: str, question: str = "", choices: Iterable[str] = (),
          audio_id: str | None = None, picture_id: str | None = None) -> Words:
    """What was typed, as it may go out. Raises Refused, which names what is to be mended."""
    if category not in set(Category):
        raise Refused("请选一个类别")
    if priority not in set(Priority):
        raise Refused("请选轻重缓急")
    title, text = _line(title, "标题", MOST_OF_TITLE), text if audio_id and not text.strip() else _clean(text, "内容", MOST_OF_TEXT)
    if EXAMPLE in title + text:
        raise Refused("〔 〕里的是例子：请换成这一回的，把〔 〕去掉")
    question = question and _line(question, "问题", MOST_OF_QUESTION)
    answers = tuple(_line(choice, "答案", MOST_OF_CHOICE) for choice in choices if choice.strip()) if question else ()
    if question and not LEAST_CHOICES <= len(answers) <= MOST_CHOICES:
        raise Refused(f"答案要写{LEAST_CHOICES}到{MOST_CHOICES}个")
    if len(set(answers)) < len(answers):
        raise Refused("有两个答案是一样的")
    return Words(title, text.strip(), Category(category), Priority(priority), question, answers, audio_id, picture_id)


def _line(given: str, name: str, most: int) -> str:
    cleaned = _clean(given, name, most)
    if "\n" in cleaned:
        raise Refused(f"{name}要写在一行里")
    return cleaned


def _clean(given: str, name: str, most: int) -> str:
    cleaned = given.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if not cleaned:
        raise Refused(f"{name}还没有写")
    if len(cleaned) > most:
        raise Refused(f"{name}太长了：最多{most}个字，现在有{len(cleaned)}个")
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n" for letter in cleaned):
        raise Refused(f"{name}里有念不出来的符号，请删掉重写")
    return cleaned
