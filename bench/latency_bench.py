"""How soon the box answers, in real time, against the naive way of doing it, side by side in one run."""
from __future__ import annotations

import dataclasses
import itertools
import tempfile
import time
from pathlib import Path

import numpy as np

from assistant.ports import SAMPLE_RATE, Pcm, SpeechStyle, Synthesizer
from assistant.settings import Settings
from assistant.simulated_room import SimulatedRoom, build_room
from audio.recognizer import SpeechModel, VoskRecognizer
from audio.wav import resample
from bench.tables import percentiles
from models.paths import model_path

COMMANDS = (
    "今天天气怎么样", "明天下雨吗", "后天冷不冷", "现在几点了", "今天几号", "今天星期几", "今天农历初几", "什么时候赶集", "什么时候冬至",
    "离过年还有多少天", "今天什么节气", "声音大一点", "声音小一点", "音量调到五十", "说慢一点", "说快一点", "你会干什么", "谢谢你", "你好",
    "北京明天天气怎么样", "青岛后天多少度", "明天刮风吗", "出门要不要带伞", "今天穿什么衣服", "明天星期几", "中秋节是哪天", "什么时候立春",
    "倒计时十分钟", "明天有集吗", "后天是几号", "泰安今天热不热", "再说一遍", "上海明天下雨吗", "现在什么时间了", "今天阴历多少",
    "离春节还有几天", "端午节是哪天", "明天多少度", "大后天天气怎么样", "潍坊今天天气怎么样", "烟台明天冷不冷", "下一个集是哪天",
)
STYLES = ((1.0, 1.0), (0.9, 0.92), (1.1, 1.08))


def measure(settings: Settings, progress) -> dict[str, object]:
    """Latencies in ms from the last voiced sample to the first sample of the reply, minus the silence that was in force; the
    wake phrase's until the acknowledgement; and the naive baseline's for the same sound."""
    ours, wakes, missed, naive = [], [], [], []
    styles = itertools.cycle(SpeechStyle(rate, pitch) for rate, pitch in STYLES)
    with tempfile.TemporaryDirectory(prefix="xiangyin-bench-") as folder:
        box = dataclasses.replace(settings.box, market_cycle="农历二七", data_dir=folder)
        settings = dataclasses.replace(settings, box=box)
        with build_room(settings) as room:
            baseline = NaiveBox(model_path("vosk-cn"), room.person)
            for command, style in progress(list(zip(COMMANDS, styles, strict=False))):
                try:
                    wakes.append(1000 * room.call(settings.listening.wake_phrase, style))
                    exchange = room.ask(command, style)
                except TimeoutError as error:
                    missed.append(f"{command}: {error}")
                    continue
                ours.append(1000 * exchange.latency_s)
                naive.append(1000 * baseline.answer(_sound(room, command, style)))
    return {
        "commands": len(COMMANDS), "unanswered": missed, "reply_ms": percentiles(ours), "wake_ms": percentiles(wakes),
        "naive_reply_ms": percentiles(naive),
    }


def _sound(room: SimulatedRoom, text: str, style: SpeechStyle) -> Pcm:
    pcm = np.concatenate(list(room.person.synthesize(text, style)))
    return resample(pcm, room.person.sample_rate, SAMPLE_RATE)


class NaiveBox:
    """What a first attempt does: when the silence has passed, a new free-form recogniser decodes the utterance, keywords
    choose the answer, the whole answer is synthesised, and then it is played."""

    KEYWORDS = {"天气": "今天晴，二十四到三十五度，出门不用带伞。", "几点": "现在是上午十点整。", "几号": "今天是十一月二十三号，星期一。",
                "声音": "好，声音大一点了。"}
    OTHERWISE = "对不起，我没有听懂您说的话，请再说一遍。"

    def __init__(self, model_dir: Path, voice: Synthesizer) -> None:
        self._model = SpeechModel(model_dir)
        self._voice = voice

    def answer(self, pcm: Pcm) -> float:
        """Seconds from the end of the silence to the first sample of the reply."""
        began = time.monotonic()
        recognizer = VoskRecognizer(self._model, n_best=1)
        recognizer.accept(pcm)
        readings = recognizer.finish()
        text = readings[0].text if readings else ""
        reply = next((reply for word, reply in self.KEYWORDS.items() if word in text), self.OTHERWISE)
        list(self._voice.synthesize(reply, SpeechStyle()))
        return time.monotonic() - began
