"""Figures of the ear: wake phrase, false wakes, end of turn, CPU, memory. Each function returns a dict for the table.

Speech is made by ``say(text, rate, pitch) -> 16 kHz int16``, so that the figures are those of the project's own voice.
"""
from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from assistant.commands import Listen, StopListening
from assistant.events import Guessed, Heard, SpeechBegan, WakeHeard
from assistant.ports import SAMPLE_RATE, Pcm
from audio.ear import EarCore, SpeakingBegan, SpeakingEnded
from audio.replay import windows
from audio.vad import WINDOW_S
from audio.wav import stream_wav

Say = Callable[[str, float, float], Pcm]

RATES = (0.8, 1.0, 1.25)
PITCHES = (0.85, 1.0, 1.2)
CARRIERS = ("", "哎", "好的", "你好")
LEADS_S = (0.3, 1.0)
NEAR = (
    "小巷", "想象", "小象", "想想", "乡下", "向往", "小小", "相声", "笑声", "消息", "详细", "相信", "校长", "效果",
    "销售", "橡皮", "飘香", "老乡", "同乡", "家乡", "湘江", "小强",
)
LOOKALIKES = {
    "the phrase in other tones": ("小象小巷", "小想小想", "小箱小箱子", "小香小香"),
    "its syllables in another order": ("小巷想象", "想象小象", "小香想想", "想想小乡", "想想想想", "小箱子小象", "小巷里想象", "我想想小乡的事"),
    "one syllable nearly the same": ("小强小强", "小江小江", "小商小商", "小蒋小蒋", "小桥小巷", "小巷小桥", "巧相巧相", "少想少想"),
    "names and words like it": ("小张小张", "小杨小杨", "小样小样", "想要想要", "小心小心", "小乡老乡", "家乡家乡", "老乡老乡", "消息消息", "小乡"),
}
"""How near is too near: the first are the phrase but for the tones, which no dialect shares with another, so they are bound
to wake the box; the last should not."""
PAUSES_S = (0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.7)
ACKNOWLEDGED_S = 0.9
"""How long the acknowledgement (哎，我在) sounds."""


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16)


def pink_noise(samples: int, seed: int) -> np.ndarray:
    """Noise whose power falls with frequency, as in rooms; unit RMS."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, samples)
    return noise / np.sqrt(np.mean(noise**2))


def babble(say: Say, seconds: float = 20.0) -> np.ndarray:
    """Six people talking at once, as a television or a full room; unit RMS."""
    crowd = np.zeros(round(seconds * SAMPLE_RATE))
    for person in range(6):
        speech = np.concatenate(list(talk(say, seconds / 60, seed=100 + person)))
        crowd += speech[: len(crowd)]
    return crowd / np.sqrt(np.mean(crowd**2))


def with_noise(clip: Pcm, speech: Pcm, snr_db: float, noise: np.ndarray) -> Pcm:
    """The clip with this noise (unit RMS) all through it, ``snr_db`` below the level of the speech in it."""
    level = np.sqrt(np.mean(speech.astype(np.float64) ** 2))
    noise = noise[: len(clip)] * level * 10 ** (-snr_db / 20)
    return np.clip(clip + noise, -32768, 32767).astype(np.int16)


def voiced_end(pcm: Pcm) -> int:
    """Index behind the last 10 ms frame within 35 dB of the loudest."""
    frames = pcm[: len(pcm) // 160 * 160].reshape(-1, 160).astype(np.float64)
    energy = np.sqrt(np.mean(frames**2, axis=1))
    return (int(np.flatnonzero(energy > energy.max() * 10 ** (-35 / 20))[-1]) + 1) * 160


def events_of(core: EarCore, pcm: Pcm) -> Iterator[tuple[object, int, float]]:
    """(event, sample position, seconds that the ear was late with it) of a clip played into the ear at a microphone's pace.
    Work is counted as CPU time, so that other load on the machine is not in it."""
    position = 0
    late_s = 0.0
    for window in windows((pcm,)):
        began = time.thread_time()
        events = core.feed(window)
        late_s = max(0.0, late_s - WINDOW_S) + time.thread_time() - began
        position += len(window)
        for event in events:
            yield event, position, late_s


def wake_table(core: EarCore, say: Say, phrase: str = "小乡小乡") -> dict[str, object]:
    """Share of wake phrases heard at 3 rates x 3 pitches with several lead-ins: clean, and 10 dB above two noises.

    ``heard`` counts those that were answered, or followed by a command, before the clip was over; ``noticed`` also those
    behind which other people's talk was taken for the beginning of a command.
    """
    cells: dict[str, list[bool]] = {}
    delays: list[float] = []
    delays_in_window: list[float] = []
    noticed: dict[str, list[bool]] = {}
    crowd = babble(say)
    for rate in RATES:
        for pitch in PITCHES:
            delays_in_window += called_in_window(core, say(phrase, rate, pitch))
            for number, (carrier, lead_s) in enumerate((c, s) for c in CARRIERS for s in LEADS_S):
                speech = say(phrase, rate, pitch)
                before = np.concatenate((say(carrier, rate, pitch), silence(0.4))) if carrier else silence(0)
                clip = np.concatenate((silence(lead_s), before, speech, silence(1.5)))
                end = len(clip) - len(silence(1.5)) - len(speech) + voiced_end(speech)
                sounds = {
                    "clean": clip, "10 dB": with_noise(clip, speech, 10, pink_noise(len(clip), number)),
                    "10 dB babble": with_noise(clip, speech, 10, np.roll(crowd, number * SAMPLE_RATE)),
                }
                for kind, sound in sounds.items():
                    confirmed = core.wake.proposed - core.wake.turned_away
                    events = list(events_of(core, sound))
                    noticed.setdefault(kind, []).append(core.wake.proposed - core.wake.turned_away > confirmed)
                    woken = [event for event, _, _ in events if isinstance(event, WakeHeard) or _after_wake(event)]
                    cells.setdefault(f"{kind} rate {rate} pitch {pitch}", []).append(bool(woken))
                    if kind == "clean":
                        delays += [(at - end) / SAMPLE_RATE + late for event, at, late in events if isinstance(event, WakeHeard)]
                    _part(core)
    shares = {
        kind: float(np.mean([hit for name, hits in cells.items() if name.startswith(f"{kind} rate") for hit in hits]))
        for kind in ("clean", "10 dB", "10 dB babble")
    }
    return {
        "heard": shares, "noticed": {kind: float(np.mean(each)) for kind, each in noticed.items()},
        "cells": {name: float(np.mean(hits)) for name, hits in cells.items()},
        "trials_per_cell": len(CARRIERS) * len(LEADS_S),
        "decision_s": {"p50": percentile(delays, 50), "p95": percentile(delays, 95)},
        "decision_in_window_s": {"p50": percentile(delays_in_window, 50), "p95": percentile(delays_in_window, 95)},
        "one_breath": one_breath(core, say, phrase), "after_pause": after_pause(core, say, phrase),
    }


def called_in_window(core: EarCore, speech: Pcm) -> list[float]:
    """Seconds from the phrase's end to the decision, when it is said while the box listens for a command anyway."""
    delays = []
    for lead_s in LEADS_S:
        core.obey(Listen(3000, 7.0))
        end = len(silence(lead_s)) + voiced_end(speech)
        clip = np.concatenate((silence(lead_s), speech, silence(1.5)))
        delays += [(at - end) / SAMPLE_RATE + late for event, at, late in events_of(core, clip) if isinstance(event, WakeHeard)]
        _part(core)
    return delays


def _after_wake(event: object) -> bool:
    """The noise behind the phrase was taken for a command: it was woken all the same."""
    return isinstance(event, Heard | Guessed) and event.after_wake


def _part(core: EarCore) -> None:
    """Nothing of one trial may reach into the next: a turn that noise has kept open would swallow it."""
    core.obey(StopListening())
    for window in windows((silence(2.0),)):
        core.feed(window)


def one_breath(core: EarCore, say: Say, phrase: str) -> dict[str, object]:
    """Commands behind the phrase and a comma, at six speeds: the share that the acknowledgement would have talked over,
    and the share that was heard at all."""
    over: dict[str, list[bool]] = {}
    heard: list[bool] = []
    for rate in (0.7, 0.8, 0.9, 1.0, 1.1, 1.25):
        for pitch in PITCHES:
            for command in ("今天天气怎么样", "明天下雨吗", "现在几点了", "倒计时十分钟", "声音大一点"):
                clip = np.concatenate((silence(0.5), say(f"{phrase}，{command}", rate, pitch), silence(2.5)))
                events = [event for event, _, _ in events_of(core, clip)]
                over.setdefault(f"rate {rate}", []).append(any(isinstance(event, WakeHeard) for event in events))
                heard.append(any(isinstance(event, Heard) for event in events))
    return {"trials": len(heard), "talked_over": {rate: float(np.mean(each)) for rate, each in over.items()},
            "heard": float(np.mean(heard))}


def after_pause(core: EarCore, say: Say, phrase: str) -> dict[str, dict[str, float]]:
    """Commands at given pauses behind the phrase, with orders as the loop gives them: the share that the acknowledgement
    began to talk over, and the share that was heard from its first syllable on."""
    shares = {}
    for pause_s in PAUSES_S:
        over, whole = [], []
        for rate, command in itertools.product(RATES, ("今天天气怎么样", "明天下雨吗", "现在几点了")):
            clip = np.concatenate((silence(0.5), trimmed(say(phrase, rate, 1.0)), silence(pause_s), trimmed(say(command, rate, 1.0)), silence(2.5)))
            events = list(obeyed(core, clip))
            over.append(any(isinstance(event, WakeHeard) for event in events))
            heard = next((event.hypotheses[0].text for event in events if isinstance(event, Heard) and event.hypotheses), "")
            whole.append(heard[:2] == command[:2])
            _part(core)
        shares[f"{pause_s:g} s"] = {"acknowledged": float(np.mean(over)), "heard": float(np.mean(whole))}
    return shares


def trimmed(pcm: Pcm) -> Pcm:
    """Without the silence around it."""
    return pcm[len(pcm) - voiced_end(pcm[::-1]) : voiced_end(pcm)]


def obeyed(core: EarCore, pcm: Pcm) -> Iterator[object]:
    """Events of a clip, with the orders that follow a wake phrase: the acknowledgement begins, is withdrawn when the person
    speaks, and when it is over the box listens. Its sound is not mixed in."""
    ends_at: float | None = None
    position = 0
    for window in windows((pcm,)):
        position += len(window)
        if ends_at is not None and position >= ends_at:
            ends_at = None
            core.obey(SpeakingEnded())
            core.obey(Listen(2000, 7.0))
        for event in core.feed(window):
            if isinstance(event, WakeHeard):
                core.obey(SpeakingBegan())
                ends_at = position + ACKNOWLEDGED_S * SAMPLE_RATE
            elif isinstance(event, SpeechBegan) and ends_at is not None:
                ends_at = position
            yield event


def percentile(values: list[float], share: float) -> float:
    return float(np.percentile(values, share)) if values else float("nan")


def talk_text(seed: int) -> Iterator[str]:
    """Endless varied Mandarin: common words of jieba's dictionary in random rows, one in seven with a near-miss of the
    wake phrase among them."""
    common = []
    package = find_spec("jieba")
    with (Path(package.origin).parent / "dict.txt").open(encoding="utf-8") as lines:  # importing it would hold 16 MB
        for line in lines:
            word, count, *_ = line.split()
            if 2 <= len(word) <= 4 and int(count) > 300 and all("\u4e00" <= char <= "\u9fff" for char in word):
                common.append(word)
    chance = random.Random(seed)
    while True:
        words = chance.choices(common, k=chance.randint(3, 8))
        if chance.random() < 0.15:
            words[chance.randrange(len(words))] = chance.choice(NEAR)
        yield "".join(words)


def talk(say: Say, minutes: float, seed: int = 7) -> Iterator[Pcm]:
    """That text read aloud at changing rates and pitches, with pauses from none to long."""
    chance = random.Random(seed)
    made = 0
    for text in talk_text(seed):
        if made >= minutes * 60 * SAMPLE_RATE:
            return
        block = np.concatenate(
            (say(text, chance.choice(RATES), chance.choice(PITCHES)), silence(chance.choice((0.05, 0.15, 0.4, 0.8))))
        )
        made += len(block)
        yield block


def recordings(directory: Path) -> Iterator[Pcm]:
    """Every sound file of a directory, with half a second between them."""
    for path in sorted(directory.glob("*.wav")):
        yield from stream_wav(path)
        yield silence(0.5)


def false_wakes(core: EarCore, sound: Iterable[Pcm]) -> dict[str, float]:
    """Wakes in talk that has no wake phrase, and what listening to it cost (the making of it is not counted)."""
    samples = 0
    cpu_s = 0.0
    proposed, turned_away = core.wake.proposed, core.wake.turned_away
    for block in sound:
        samples += len(block)
        began = time.process_time()
        core.feed(block)
        cpu_s += time.process_time() - began
    seconds = samples / SAMPLE_RATE
    proposed, turned_away = core.wake.proposed - proposed, core.wake.turned_away - turned_away
    return {
        "minutes": seconds / 60, "false_wakes": proposed - turned_away, "cpu_share": cpu_s / seconds if seconds else 0.0,
        "proposed": proposed, "turned_away": turned_away,
    }


def lookalikes(core: EarCore, say: Say) -> dict[str, dict[str, object]]:
    """For each kind of LOOKALIKES how often they were said (at RATES x PITCHES), taken for the phrase by the grammar, and
    woke the box all the same; and the share of wakes of each."""
    found = {}
    for kind, texts in LOOKALIKES.items():
        proposed, turned_away = core.wake.proposed, core.wake.turned_away
        woken: dict[str, list[bool]] = {text: [] for text in texts}
        for text, rate, pitch in itertools.product(texts, RATES, PITCHES):
            clip = np.concatenate((silence(0.5), say(text, rate, pitch), silence(2.0)))
            woken[text].append(any(isinstance(event, WakeHeard) or _after_wake(event) for event, _, _ in events_of(core, clip)))
            _part(core)
        proposed, turned_away = core.wake.proposed - proposed, core.wake.turned_away - turned_away
        found[kind] = {
            "said": sum(map(len, woken.values())), "proposed": proposed, "turned_away": turned_away,
            "woke": sum(map(sum, woken.values())), "share": {text: float(np.mean(each)) for text, each in woken.items()},
        }
    return found


def silence_cpu(core: EarCore, minutes: float = 5.0) -> float:
    """Share of a core used while nothing but faint room noise is heard."""
    noise = (pink_noise(SAMPLE_RATE * 60, 3) * 30).astype(np.int16)
    began = time.process_time()
    for _ in range(round(minutes)):
        for window in windows((noise,)):
            core.feed(window)
    return (time.process_time() - began) / (round(minutes) * 60)


def turn_end(core: EarCore, say: Say, commands: Iterable[str], window_s: float = 5.0) -> dict[str, float]:
    """Last voiced sample to ``Heard``, in audio time plus the work in that window, without the configured silence."""
    late: list[float] = []
    for turn, text in enumerate(commands, start=1000):
        speech = say(text, 1.0, 1.0)
        patience = core.learner.patience_s
        core.obey(Listen(turn, window_s))
        end = len(silence(0.5)) + voiced_end(speech)
        clip = np.concatenate((silence(0.5), speech, silence(3.0)))
        late += [(at - end) / SAMPLE_RATE + work - patience for event, at, work in events_of(core, clip)
                 if isinstance(event, Heard)]
    return {"turns": len(late), "p50_s": percentile(late, 50), "p95_s": percentile(late, 95)}
