"""Notices that every village needs sooner or later, ready to be filled in: each asks something that a home answers by voice. Pure."""
from __future__ import annotations

from dataclasses import dataclass

from hub.notices.schedule import Repeat
from hub.notices.targets import Scope
from hub.notices.words import Category, Priority


@dataclass(frozen=True, slots=True)
class Starter:
    """``at`` is the hour and minute of its first time, tomorrow; empty: it goes out when it is told to. ``lasts_days`` is how long it holds,
    or, of one that repeats, comes again. What stands between 〔 and 〕 is to be filled in."""

    key: str
    name: str
    about: str
    title: str
    text: str
    category: Category
    priority: Priority
    question: str
    choices: tuple[str, ...]
    scope: Scope = Scope.EVERYBODY
    repeat: Repeat = Repeat.NEVER
    at: str = ""
    lasts_days: int = 7


STARTERS = (
    Starter("activity", "活动报名", "问各家来不来，回答马上就能数出来。", "活动报名",
            "〔周六上午九点〕在〔文化广场〕有〔太极拳课〕，请〔王老师〕来教，不收钱，穿平底鞋就行。", Category.ACTIVITY, Priority.ORDINARY,
            "您来不来？", ("我来", "不去", "再看看"), lasts_days=5),
    Starter("visitor", "门口有人找", "只发给一家：盒子马上问，门口等着看回答。", "门口有人找您",
            "〔燃气公司的师傅〕在大门口，要到您家〔查燃气表〕。", Category.OTHER, Priority.IMPORTANT,
            "让他进来吗？", ("让他进", "不认识", "等一会儿"), scope=Scope.SOME, lasts_days=1),
    Starter("poll", "满意不满意", "听听大家怎么说，每家一句话。", "村里问您一件事",
            "〔这个月垃圾清运〕您觉得怎么样，照实说就行。", Category.OTHER, Priority.ORDINARY,
            "您满意吗？", ("满意", "一般", "不满意"), lasts_days=7),
    Starter("care", "每天问一声身体", "每天早上问一遍，按天看谁家不舒服、谁家没有回答。", "早上好",
            "早上好，村里问候您。", Category.HEALTH, Priority.IMPORTANT,
            "今天身体怎么样？", ("挺好的", "不舒服", "想让人来看看"), repeat=Repeat.DAILY, at="08:30", lasts_days=30),
)


def starter(key: str) -> Starter | None:
    return next((one for one in STARTERS if one.key == key), None)
