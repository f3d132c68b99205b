"""What others would do with the same words: hassil alone on the same templates, and keywords."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from hassil import Intents, recognize_best
from hassil.expression import Sentence
from hassil.intents import Intent, IntentData, IntentsSettings, SlotList, TextSlotList, WildcardSlotList

from intents.book import Meaning, load_book
from intents.grammar import TYPICAL
from intents.model import NONE
from intents.readers import TEMPLATE_SLOTS
from intents.slots.places import spoken_places
from intents.wordlists import LISTS, Vocabulary


class Hassil:
    """hassil as it comes: the same templates and names, a wildcard where our readers take any words."""

    WILD = ("what", "location", "work")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    @cached_property
    def _intents(self) -> Intents:
        data: dict[str, list[IntentData]] = {}
        for meaning in load_book().meanings:
            data.setdefault(meaning.intent, []).extend(self._data(meaning))
        return Intents(
            language="zh", intents={name: Intent(name, blocks) for name, blocks in data.items()}, slot_lists={},
            expansion_rules={}, skip_words=[], settings=IntentsSettings(ignore_whitespace=True),
        )

    def _data(self, meaning: Meaning) -> Iterator[IntentData]:
        """A block for each file's rules: templates of one meaning all see the same."""
        rules = {name: Sentence(expression=rule) for name, rule in meaning.templates[0].rules.items()}
        yield IntentData([template.text.replace(" ", "") for template in meaning.templates], expansion_rules=rules,
                         wildcard_list_names=set(self.WILD))

    @cached_property
    def _lists(self) -> Mapping[str, SlotList]:
        lists: dict[str, SlotList] = {slot: WildcardSlotList(slot) for slot in TEMPLATE_SLOTS}
        for slot, phrases in TYPICAL.items():
            if slot not in self.WILD:
                lists[slot] = TextSlotList.from_strings(phrases, allow_template=False, name=slot)
        for slot in LISTS:
            spoken = dict.fromkeys(name for entry in self._vocabulary.entries.get(slot, ()) for name in entry.spoken)
            lists[slot] = TextSlotList.from_strings(spoken, allow_template=False, name=slot)
        lists["place"] = TextSlotList.from_strings(spoken_places(), allow_template=False, name="place")
        return lists

    def intent(self, text: str) -> str:
        """Name of the intent, or ``none``."""
        found = recognize_best(text, self._intents, slot_lists=dict(self._lists))
        return found.intent.name if found else NONE


KEYWORDS: Mapping[str, str] = {
    "sos.cancel": "没事了 别叫人", "sos.trigger": "救命 摔倒 胸口 快来人 叫救护车", "reminder.list": "有什么提醒 哪些提醒",
    "reminder.cancel": "取消提醒",
    "reminder.create": "提醒我 叫我", "timer.create": "倒计时 计时", "weather.query": "天气 下雨 下雪 刮风 冷不冷 热不热 多少度 带伞",
    "call.history": "谁给我打", "call.hangup": "挂了 挂电话", "call.decline": "不接", "call.accept": "接电话 接听", "message.send": "留言 捎个话",
    "message.play": "听留言", "call.request": "打电话 视频 通话", "notices.confirm": "知道了", "notices.read": "通知 广播",
    "repair.status": "修好了吗", "repair.report": "报修 坏了", "activity.cancel": "不去了 退出", "activity.join": "报名 参加",
    "activity.list": "活动", "calendar.lunar": "农历 阴历", "calendar.term": "节气 立春 冬至", "calendar.market": "集",
    "calendar.festival": "春节 中秋 端午 过年", "clock.date": "几号 星期几", "clock.time": "几点", "speech.slower": "说慢", "speech.faster": "说快",
    "volume.set": "音量调到", "volume.mute": "静音", "volume.up": "大声 大点声 声音大", "volume.down": "小声 小点声 声音小",
    "media.pause": "暂停 停一下", "media.stop": "停 别放", "media.next": "下一个 换一个", "media.previous": "上一个 刚才",
    "media.restart": "从头 再放一遍", "media.slower": "慢一点", "media.faster": "快一点", "media.normal_speed": "原速 正常速度",
    "media.resume": "继续", "media.what": "什么戏 什么歌", "media.list": "有什么 有哪些", "media.play": "听 放 唱 跳 来段 看",
    "dialog.thanks": "谢谢", "dialog.greeting": "你好", "dialog.help": "帮助 会干什么 能干什么", "dialog.repeat": "再说一遍",
    "dialog.cancel": "取消 算了",
    "dialog.yes": "是 对 好", "dialog.no": "不", "device.sleep": "休息 睡吧",
}
"""A keyword list as one writes it on the first day: the first line that has a word of what was said wins."""


def by_keywords(text: str) -> str:
    """Name of the intent, or ``none``."""
    return next((intent for intent, words in KEYWORDS.items() if any(word in text for word in words.split())), NONE)
