"""How often: daily, weekly (with the weekday), workdays, monthly and yearly (with the next date)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from intents.slots import dates, lunar
from intents.slots.dates import weekday_number
from intents.slots.span import WHEN_EVIDENCE, Slots, Span

_EVERY = "每(?:一)?个?"
_DAILY = re.compile(f"{_EVERY}(?:天|日)|天天|日日|每(?=早|晚|夜|中午|上午|下午|傍晚)|成天|见天|日复一日")
_WEEKDAY = re.compile(f"(?:{_EVERY}|逢)(?:周|星期|礼拜)(?:的)?(?:周|星期|礼拜)?(?P<day>[一二三四五六日天末])")
_SEVERAL_DAYS = re.compile(f"{_EVERY}(?:周|星期|礼拜)[一二三四五六](?:(?:周|星期|礼拜|和|、)*[一二三四五六日天])+")
"""More than one weekday: weekly, and the days are left to be asked for."""
_WEEKLY = re.compile(f"{_EVERY}(?:周|星期|礼拜)(?![一二三四五六日天末到至])")
_WORKDAYS = re.compile(
    f"(?:(?:{_EVERY})?(?:周|星期|礼拜)一(?:到|至)(?:周|星期|礼拜)?五|(?:{_EVERY})?工作日|(?:{_EVERY})?上班的?(?:日子|时候)?)(?:每天)?"
)
_MONTHLY = re.compile(f"{_EVERY}月(?:的)?")
_EVERY_SO_OFTEN = re.compile(
    "(?:每隔|隔|每过)(?:[一二两三四五六七八九十]+|半)个?(?:天|日|小时|钟头|分钟|周|星期|礼拜|月)|每(?:[二两三四五六七八九十]+|半)个?(?:天|日|小时|钟头|分钟|周|星期|礼拜|月)|隔三差五"
)
"""Other intervals than those that a reminder can have: heard, and left to be asked for."""
_BARE_DAY = re.compile("(?:二十|三十|十)[一二三四五六七八九]?(?![一二三四五六七八九十点号日时分])")
_YEARLY = re.compile("每(?:一)?年(?:的)?|年年")


def read(text: str, now: dt.datetime) -> list[Span]:
    """All repetitions as spans with ``repeat`` and, where said, ``weekday`` or the next ``date``."""
    spans = [_span(found, (("repeat", "daily"),)) for found in _DAILY.finditer(text)]
    spans += [_span(found, (("repeat", "workdays"),)) for found in _WORKDAYS.finditer(text)]
    spans += [_span(found, (("repeat", "weekly"),)) for found in _WEEKLY.finditer(text)]
    spans += [_span(found, (("repeat", "weekly"),)) for found in _SEVERAL_DAYS.finditer(text)]
    spans += [_span(found, ()) for found in _EVERY_SO_OFTEN.finditer(text)]
    for found in _WEEKDAY.finditer(text):
        day = 6 if found["day"] == "末" else weekday_number(found["day"])
        spans.append(_span(found, (("repeat", "weekly"), ("weekday", day))))
    for pattern, repeat in ((_MONTHLY, "monthly"), (_YEARLY, "yearly")):
        for found in pattern.finditer(text):
            spans.append(_span(found, (("repeat", repeat),)))
            spans.extend(_with_date(text, found, repeat, now))
    return spans


def _span(found: re.Match[str], slots: Slots) -> Span:
    return Span(found.start(), found.end(), slots, 0.0, WHEN_EVIDENCE)


def _with_date(text: str, found: re.Match[str], repeat: str, now: dt.datetime) -> list[Span]:
    rest = text[found.end() :]
    following = [span for span in dates.read(rest, now) if span.start == 0 and span.slots]
    if repeat == "monthly" and (bare := _BARE_DAY.match(rest)):
        named = dates.read(f"{bare.group()}号", now)
        following += [replace(span, end=bare.end()) for span in named if span.start == 0 and span.slots]
        return [_dated(found, repeat, span) for span in following]
    if repeat == "monthly":
        following = [
            span
            for span in following
            if text[found.end() + span.end - 1] in "号日"
            or lunar.value(text[found.end() : found.end() + span.end].removeprefix("初"))
        ]
    return [_dated(found, repeat, span) for span in following]


def _dated(found: re.Match[str], repeat: str, span: Span) -> Span:
    return Span(found.start(), found.end() + span.end, (("repeat", repeat), *span.slots), span.cost, WHEN_EVIDENCE)
