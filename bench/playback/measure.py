"""The sections ``playback``, ``server-modules`` and ``self-wakes``: with every canceller, and with none beside it."""
from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from time import process_time

import numpy as np
import yaml

from assistant.ports import SAMPLE_RATE, EchoCanceller
from audio.ear import EarCore
from bench.ear_bench import Say
from bench.playback.acknowledged import heard_whole
from bench.playback.cancellers import NONE, PRODUCT, cancelled, cancellers
from bench.playback.commands import understood
from bench.playback.echo_path import room_noise, simulated_echo_paths, to_pcm
from bench.playback.self_wakes import self_wakes
from bench.playback.server_module import MODULES, compare
from bench.playback.wake import LEVELS_DB, OWN_VOICE, called, far_ends, stopped, wake_phrases
from bench.understanding_bench import Case
from intents.model import Understander

NEAR, AWAY = "1 m", "2 m"
STOPS = ("停", "别说了")
ALONE_DB = -60
"""An echo at this level is none: how many would be heard in the silence."""
WITHOUT_MINUTES = 20.0
"""With no canceller the box wakes itself soon enough."""


def over_playback(core: EarCore, understander: Understander, say: Say, rate: float, phrase: str, cases: Sequence[Case], progress
                  ) -> dict[str, object]:
    """Shares of wake phrases heard and of commands understood. ``rate`` is the speed at which the box speaks."""
    fars, phrases = {name: cache(far) for name, far in far_ends(say, rate).items()}, wake_phrases(say, phrase)
    wake: dict[str, dict] = {}
    trials = [(NEAR, name, db) for name in cancellers() for db in LEVELS_DB]
    trials += [(AWAY, PRODUCT, db) for db in LEVELS_DB]
    trials += [(seat, NONE, ALONE_DB) for seat in (NEAR, AWAY)]
    for seat, name, level_db in progress(trials):
        found = called(core, cancellers()[name], phrases, fars, simulated_echo_paths(seat), level_db)
        row = {"heard": _share([hit for hits in found.values() for hit in hits]), "by_far_end": {far: _share(hits) for far, hits in found.items()}}
        wake.setdefault(seat, {}).setdefault(name, {})[str(level_db)] = row
    own, stops = {OWN_VOICE: fars[OWN_VOICE]}, [clip for word in STOPS for clip in wake_phrases(say, word)]
    stop = {name: {str(db): _share(called(core, cancellers()[name], stops, own, simulated_echo_paths(NEAR), db, stopped)[OWN_VOICE])
                   for db in LEVELS_DB} for name in progress((NONE, PRODUCT))}
    commands = {name: _share(understood(core, understander, make, cases, say, fars, simulated_echo_paths(NEAR)))
                for name, make in progress(cancellers().items())}
    into = {name: heard_whole(core, cancellers()[name], say, rate, phrase, simulated_echo_paths(NEAR), 0) for name in progress((NONE, PRODUCT))}
    rooms = len(simulated_echo_paths(NEAR))
    return {"phrases": len(phrases) * len(fars) * rooms, "wake": wake, "stops": len(stops) * rooms, "stop": stop, "said": len(cases),
            "commands": commands, "into_acknowledgement": into, "erle": {name: _erle(make, fars) for name, make in cancellers().items()}}


def beside_the_servers(core: EarCore, say: Say, rate: float, phrase: str, progress) -> dict[str, object]:
    """Each sound server's own canceller and the box's, in real time: one room, voice and music. Servers that are not installed are left
    out."""
    fars = {name: cache(far) for name, far in itertools.islice(far_ends(say, rate).items(), 2)}
    return {module.kind.name: compare(module, core, wake_phrases(say, phrase), fars, simulated_echo_paths(NEAR)[0], progress)
            for module in MODULES if module.kind.there()}


def over_hours(core: EarCore, say: Say, rate: float, phrase: str, minutes: float, root: Path) -> dict[str, object]:
    """With the box's canceller for so many minutes, with none for WITHOUT_MINUTES at most."""
    paths, own = simulated_echo_paths(NEAR), naming_the_phrase(root, phrase)
    lengths = {PRODUCT: minutes, NONE: min(minutes, WITHOUT_MINUTES)}
    return {name: self_wakes(core, cancellers()[name](), say, length, rate, own, paths) for name, length in lengths.items()}


def naming_the_phrase(root: Path, phrase: str) -> list[str]:
    """Everything that the box says in which its own wake phrase comes."""
    found = []
    for file in (root / "assistant/wording.yaml", *sorted((root / "skills").glob("*/replies.yaml"))):
        _collect(yaml.safe_load(file.read_text(encoding="utf-8")), found)
    return [text.replace("{wake}", phrase) for text in found]


def _collect(node: object, found: list[str]) -> None:
    if isinstance(node, str):
        found += [node] if "{wake}" in node else []
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            _collect(child, found)


def _share(hits: Sequence[bool]) -> float:
    return round(float(np.mean(hits)), 4)


def _erle(make: Callable[[], EchoCanceller], fars: dict) -> dict[str, float]:
    """By how many dB the echo alone is lower after ten seconds (echo return loss enhancement), and CPU in ms a second."""
    found, spent = [], 0.0
    for far in fars.values():
        sound = far(20.0)
        echo = simulated_echo_paths(NEAR)[0].echo(sound)
        near = to_pcm(echo * np.float32(10 ** (-28 / 20) / np.sqrt(np.mean(echo**2))) + room_noise(len(echo)))
        began = process_time()
        rest = cancelled(make(), near, to_pcm(sound))
        spent += process_time() - began
        late = slice(10 * SAMPLE_RATE, len(rest))
        found.append(10 * np.log10(np.mean(near[late].astype(float) ** 2) / max(1e-9, np.mean(rest[late].astype(float) ** 2))))
    return {"db": round(float(np.mean(found)), 1), "cpu_ms_per_s": round(1000 * spent / (20.0 * len(fars)), 1)}
