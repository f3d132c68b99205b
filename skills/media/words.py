"""What only the words of a wish say, because no slot of the contract carries it: 昨天那个, 从头, 第五回, 爱听的, 没跳过的. Pure."""
from __future__ import annotations

import re
from dataclasses import dataclass

from intents.model import Intent
from intents.slots.numbers import value

SORTS = (("戏", "opera"), ("歌", "song"), ("舞", "dance"), ("书", "story"), ("故事", "story"),
         ("收音机", "radio"), ("广播", "radio"), ("台", "radio"))
_DAYS_AGO = ((re.compile("前天|前日|前儿"), 2), (re.compile("昨|夜来|夜儿"), 1))
_LAST_TIME = re.compile("上次|上回|那天|上一次|上一回")
_FROM_THE_START = re.compile("从头|重头|打头|由头|从一开始|从开头|开头|重新")
_PART = re.compile(r"第\s*(\d{1,3}|[一二三四五六七八九十百零两]{1,5})\s*[回集章段节部讲]")
_FAVOURITE = re.compile("爱听|爱看|爱跳|喜欢|常听|老听|收藏")
_NOT_OFF = re.compile("(?:别|甭|不用|不要|别给我)关")
_AFTER_THIS = re.compile("完.{0,5}(?:就|再|你)(?:关|停|睡|歇|不)")
_GOES_ON = re.compile("接着|继续|接上|上回|上次|没听完")
_ANOTHER = re.compile("换")
_NEW = re.compile("新(?!闻|学|农)|没(?:听|跳|看|放|学|唱)过")


@dataclass(frozen=True, slots=True)
class Then:
    """A time in the past; without ``days_ago`` the last time."""

    days_ago: int | None = None


def then(intent: Intent) -> Then | None:
    """When what is meant was played, if the words say so."""
    text = _text(intent)
    for pattern, days_ago in _DAYS_AGO:
        if pattern.search(text):
            return Then(days_ago)
    return Then() if _LAST_TIME.search(text) else None


def sort(intent: Intent) -> dict[str, str]:
    """The slots of the sort that is meant; 都有啥戏 names one too, though as one of the sentence's own words."""
    slots = {slot: str(value) for slot, value in intent.slots.items() if slot in ("kind", "genre")}
    return slots or next(({"kind": kind} for word, kind in SORTS if word in intent.heard), {})


def from_the_start(intent: Intent) -> bool:
    return bool(_FROM_THE_START.search(_text(intent)))


def part(intent: Intent) -> int:
    """Number of the part that is asked for, 0 for none."""
    found = _PART.search(_text(intent))
    return (value(found[1]) or 0) if found else 0


def is_favourite(intent: Intent) -> bool:
    """What the person likes is asked for, not named."""
    return bool(_FAVOURITE.search(_text(intent)))


def is_kept_on(intent: Intent) -> bool:
    """It is not to be ended at the time that was set."""
    return bool(_NOT_OFF.search(_text(intent)))


def is_after_this(intent: Intent) -> bool:
    """What plays is to be heard to its end first."""
    return bool(_AFTER_THIS.search(_text(intent)))


def is_new(intent: Intent) -> bool:
    """Something that was not played before."""
    return bool(_NEW.search(_text(intent)))


def goes_on(intent: Intent) -> bool:
    """It is to be played from where it was left."""
    return bool(_GOES_ON.search(_text(intent)))


def is_another(intent: Intent) -> bool:
    """Something other than what plays."""
    return bool(_ANOTHER.search(_text(intent)))


def _text(intent: Intent) -> str:
    """As it was heard, and in standard words."""
    return f"{intent.heard}，{intent.meant}"
