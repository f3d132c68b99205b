"""``xiangyin demo``: a scripted day through the real pipeline, with a transcript, latencies and a verdict."""
from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import itertools
import logging
import sys
import tempfile
from importlib import resources
from statistics import median

import yaml

_ABOUT = """\
A synthetic elder talks to the box: her voice goes into a simulated microphone, through voice activity detection, the
wake phrase, Vosk, understanding, the skills and the box's own voice. Only the microphone, the loudspeaker and the weather
are simulated. Needs no sound hardware and no network; takes about three minutes, because people speak in real time.
Exit code 0 only if every turn was understood and answered."""

STYLES = ((0.9, 1.0), (1.0, 0.9), (0.85, 1.1))
"""Rate and pitch of the three people who take turns speaking."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One turn of the script."""

    scene: str
    way: str
    say: str
    intent: str
    slots: dict


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser("demo", help="a day with the box, without hardware", description=_ABOUT,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(func=run)


def load_script() -> list[Line]:
    """The turns of ``demo.yaml`` in order."""
    tree = yaml.safe_load(resources.files("assistant").joinpath("demo.yaml").read_text(encoding="utf-8"))
    return [Line(scene["title"], turn["way"], turn["say"], turn["intent"], turn.get("slots", {}))
            for scene in tree["scenes"] for turn in scene["turns"]]


def run(args: argparse.Namespace) -> int:
    from assistant.settings import load_settings

    settings = load_settings(args.settings)
    box = dataclasses.replace(settings.box, market_cycle=settings.box.market_cycle or "农历二七")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="xiangyin-demo-") as folder:
        media = dataclasses.replace(settings.media, folders=())  # nobody's music is looked through for a demonstration
        settings = dataclasses.replace(settings, box=dataclasses.replace(box, data_dir=folder), media=media)
        return _play(settings)


def _play(settings) -> int:
    from assistant.ports import SpeechStyle
    from assistant.simulated_room import build_room

    print("正在准备（话筒、喇叭和天气是模拟的，其余都是真的）……", file=sys.stderr, flush=True)
    results: list[bool] = []
    latencies: list[float] = []
    with build_room(settings) as room:
        styles = itertools.cycle(SpeechStyle(rate, pitch) for rate, pitch in STYLES)
        scene = ""
        for line in load_script():
            if line.scene != scene:
                scene = line.scene
                print(f"\n【{scene}】")
            exchange = _turn(room, line, next(styles), settings.listening.wake_phrase)
            good = _judge(line, exchange)
            results.append(good)
            if exchange.latency_s == exchange.latency_s:
                latencies.append(exchange.latency_s)
            _print(line, exchange, good)
    return _sum_up(results, latencies)


def _turn(room, line: Line, style, wake_phrase: str):
    """Say the line the way the script wants it said; the box's own silence when it does not answer counts as a miss."""
    from assistant.simulated_room import Exchange
    from intents.model import Intent

    try:
        if line.way == "ring":
            print(f"　　小乡：{room.wait_for_ring(90)}")
        elif line.way == "call":
            room.call(wake_phrase, style)
        said = f"{wake_phrase}，{line.say}" if line.way == "breath" else line.say
        return room.ask(said, style)
    except TimeoutError as error:
        return Exchange(line.say, f"({error})", Intent("none"), "", float("nan"))


def _judge(line: Line, exchange) -> bool:
    """Understood as the script says, and answered."""
    wanted = {name: _resolved(value) for name, value in line.slots.items()}
    got = exchange.intent
    return got.name == line.intent and all(got.slots.get(k) == v for k, v in wanted.items()) and bool(exchange.reply)


def _resolved(value: object) -> object:
    if isinstance(value, str) and value.startswith("+"):
        return (dt.date.today() + dt.timedelta(days=int(value[1:]))).isoformat()
    return value


def _print(line: Line, exchange, good: bool) -> None:
    calls = {"breath": "（一口气叫它）", "call": "（先叫它）", "follow": "", "ring": ""}[line.way]
    slots = " ".join(f"{name}={value}" for name, value in exchange.intent.slots.items())
    late = "" if exchange.latency_s != exchange.latency_s else f"，{1000 * exchange.latency_s:.0f} ms"
    print(f"{'✓' if good else '✗'} 老人{calls}：{exchange.said}")
    print(f"　　听到：{exchange.heard} → {exchange.intent.name} {slots}".rstrip() + f"（{exchange.intent.confidence:.2f}{late}）")
    print(f"　　小乡：{exchange.reply}", flush=True)
    if not good:
        print(f"　　本来应该是：{line.intent} {line.slots}", flush=True)


def _sum_up(results: list[bool], latencies: list[float]) -> int:
    print(f"\n{sum(results)}/{len(results)} 句听懂并回答了。", end="")
    if latencies:
        ordered = sorted(latencies)
        p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        print(f"说完到回答第一声（不算规定的停顿）：中位 {1000 * median(latencies):.0f} ms，95% 在 {1000 * p95:.0f} ms 以内。")
    return 0 if results and all(results) else 1
