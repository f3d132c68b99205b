"""What alerts say. Pure."""
from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

MOST_NAMED = 20


class AlertKind(StrEnum):
    SILENT = "silent"
    """A box has not been heard of for long."""
    UNHEARD = "unheard"
    """An urgent notice that homes have not heard."""
    TEST = "test"

    @property
    def shown(self) -> str:
        return _SHOWN[self]


_SHOWN = {AlertKind.SILENT: "盒子没消息", AlertKind.UNHEARD: "紧急通知没人听到", AlertKind.TEST: "试一试"}


def silent(village: str, homes: Sequence[str], hours: int) -> str:
    return f"【{village}】{_named(homes)}的盒子超过{hours}小时没有消息了，请去看看是停电、断网，还是人有事。"


def unheard(village: str, title: str, homes: Sequence[str], minutes: int) -> str:
    return f"【{village}】紧急通知“{title}”发出{minutes}分钟了，还有{len(homes)}家没有听到：{_named(homes)}。请上门告诉一声。"


def test(village: str, who: str) -> str:
    return f"【{village}】这是{who}发来的试验消息，收到就是通了。"


def _named(homes: Sequence[str]) -> str:
    more = f"等{len(homes)}家" if len(homes) > MOST_NAMED else ""
    return "、".join(homes[:MOST_NAMED]) + more
