"""What is measured: one function a section, each run in a process of its own so that memory and CPU are its own."""
from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from assistant.ports import SAMPLE_RATE, Pcm, SpeechStyle, Synthesizer
from assistant.settings import Settings
from assistant.wiring import (
    build_ear,
    build_understander,
    build_voice,
    grammar_phrases,
)
from audio.ears import Ears
from audio.recognizer import SpeechModel, VoskRecognizer
from audio.replay import Listener
from audio.wav import resample
from bench import ear_bench, latency_bench, memory_bench, start_bench, understanding_bench, voice_bench
from bench.elders import titles, trial, ways
from bench.elders.acoustics import load
from bench.elders.run import UNSEEN, Run, corpus, none_cases
from bench.playback import measure as playback_bench
from bench.player import measure as player_bench
from intents.model import NONE, Understander
from models.paths import model_path

ROOT = Path(__file__).parent.parent
SETTINGS = Settings()

PLAYBACK_EVERY = 4
"""Each of these is heard with every canceller in ``playback``: so many times fewer than elsewhere."""


def _progress(items: Iterable, **options):
    return tqdm(items, file=sys.stderr, **options)


def _say(voice: Synthesizer, text: str, rate: float, pitch: float) -> Pcm:
    return resample(np.concatenate(list(voice.synthesize(text, SpeechStyle(rate, pitch)))), voice.sample_rate, SAMPLE_RATE)


@cache
def _parts():
    matcher, voice = build_understander(SETTINGS), build_voice(SETTINGS)
    return matcher, voice


def _ear():
    matcher, voice = _parts()
    return build_ear(SETTINGS, matcher, voice), partial(_say, voice)


def _recognizers() -> tuple[VoskRecognizer, VoskRecognizer]:
    model = SpeechModel(model_path("vosk-cn"))
    return VoskRecognizer(model), VoskRecognizer(model, grammar_phrases(model, _parts()[0], SETTINGS))


def _listener() -> Listener:
    return Listener(Ears(*_recognizers()))


def _speaker(accent: str) -> Understander:
    return build_understander(replace(SETTINGS, listening=replace(SETTINGS.listening, accent=accent)))


def _path(name: str | None) -> Path | None:
    return Path(name) if name else None


def start(_: argparse.Namespace) -> dict[str, object]:
    """Cold start to ready."""
    return start_bench.measure()


def replies(_: argparse.Namespace) -> dict[str, object]:
    """End of speech to first sample of the reply; wake phrase to acknowledgement; the naive baseline in the same run."""
    return latency_bench.measure(SETTINGS, _progress)


def wake(_: argparse.Namespace) -> dict[str, object]:
    """Wake phrase at three rates and three pitches, clean and with noise."""
    return ear_bench.wake_table(*_ear())


def talk(args: argparse.Namespace) -> dict[str, object]:
    """An hour of other Mandarin speech: false wakes, and the CPU that listening to it takes."""
    core, say = _ear()
    found = ear_bench.false_wakes(core, ear_bench.talk(say, args.minutes))
    found["lookalikes"] = ear_bench.lookalikes(core, say)
    if args.recordings:
        found["recordings"] = ear_bench.false_wakes(core, ear_bench.recordings(Path(args.recordings)))
    return found


def silence(_: argparse.Namespace) -> dict[str, object]:
    """CPU while nothing is said."""
    core, _say_ = _ear()
    return {"cpu_share": ear_bench.silence_cpu(core)}


def memory(args: argparse.Namespace) -> dict[str, object]:
    """Resident memory of the whole box over an hour of simulated talk."""
    commands = [case for case in understanding_bench.own_cases(ROOT) if case.intent != NONE]
    random.Random(3).shuffle(commands)  # else all of one skill come one after the other
    return memory_bench.measure(SETTINGS, commands, args.minutes, _progress)


def voice(_: argparse.Namespace) -> dict[str, object]:
    """Intelligibility of the box's voice to its own recogniser, and time to its first sound."""
    style = SpeechStyle(SETTINGS.voice.rate, SETTINGS.voice.pitch)
    return voice_bench.measure(_parts()[1], voice_bench.Listener(model_path("vosk-cn")), style)


def understanding(args: argparse.Namespace) -> dict[str, object]:
    """Our own cases (and, with --commands, another file) as text and as clean synthetic speech."""
    matcher, synthesizer = _parts()
    listener = _listener()
    own = understanding_bench.own_cases(ROOT)
    speech = partial(understanding_bench.measure_speech, matcher, listener, synthesizer, progress=_progress)
    result = {"own_text": understanding_bench.measure_text(matcher, own), "own_speech": speech(own[:: args.every])}
    if args.commands:
        cases = understanding_bench.read_tsv(Path(args.commands))
        result["commands_text"] = understanding_bench.measure_text(matcher, cases)
        result["commands_speech"] = speech(cases)
        for part in (result["commands_text"], result["commands_speech"]):
            _tell(part.pop("errors"))
    return result


def _tell(errors: Iterable[str]) -> None:
    """Sentences of a file given by path are somebody else's: they are shown, not kept."""
    for line in errors:
        print(line, file=sys.stderr)


def elders(args: argparse.Namespace) -> dict[str, object]:
    """Understanding of elders: in rooms and noise, mis-heard, beside hassil and keywords."""
    run = Run(_parts()[0], _parts()[1], _listener, _progress)
    cases = understanding_bench.read_tsv(Path(args.commands)) if args.commands else understanding_bench.own_cases(ROOT)
    unseen = understanding_bench.read_tsv(UNSEEN)
    spoken = cases if args.commands else [*unseen[:: args.every], *none_cases(ROOT)[:: args.every]]
    result = {"commands": {**run.text(cases), **run.text(unseen, "never seen, ")}}
    result["speech"] = run.speech(spoken, _path(args.acoustics), _path(args.heard))
    result["accents"] = run.accents(cases, cache(_speaker))
    result["confusions"] = trial.confusions(run.spoken)
    if args.commands:
        _tell(trial.errors(run.spoken))
    else:
        result["errors"] = trial.errors(run.spoken)
    result["rejection"] = run.rejection(none_cases(ROOT), _path(args.recordings))
    result["reliability"] = trial.reliability(run.verdicts)
    if args.corpus:
        result["corpus"] = run.accepted(corpus(Path(args.corpus)))
    return result


def by_title(args: argparse.Namespace) -> dict[str, object]:
    """20,000 titles asked for by their sound, and how long a sentence takes beside them."""
    return titles.measure(understanding_bench.read_tsv(Path(args.commands)) if args.commands else understanding_bench.own_cases(ROOT))


def front_end(args: argparse.Namespace) -> dict[str, object]:
    """What dereverberation, noise suppression, gain and band-pass are worth in rooms and noise, and what they cost."""
    matcher, synthesizer = _parts()
    cases = understanding_bench.read_tsv(Path(args.commands)) if args.commands else understanding_bench.own_cases(ROOT)[:: args.every]
    said = [*cases, *none_cases(ROOT)[:: args.every]]
    return ways.measure(said, synthesizer, _recognizers(), matcher, load(_path(args.acoustics)), _progress)


def playback(args: argparse.Namespace) -> dict[str, object]:
    """Wake phrase over the box's own voice and music, commands over softer music: with every canceller and with none."""
    core, say = _ear()
    cases = [case for case in understanding_bench.own_cases(ROOT) if case.intent != NONE][:: PLAYBACK_EVERY * args.every]
    return playback_bench.over_playback(core, _parts()[0], cache(say), SETTINGS.voice.rate, SETTINGS.listening.wake_phrase, cases, _progress)


def server_modules(_: argparse.Namespace) -> dict[str, object]:
    """The echo cancellers of PulseAudio and of PipeWire beside the box's, on the same sounds in real time; eight minutes."""
    core, say = _ear()
    return playback_bench.beside_the_servers(core, cache(say), SETTINGS.voice.rate, SETTINGS.listening.wake_phrase, _progress)


def self_wakes(args: argparse.Namespace) -> dict[str, object]:
    """How often the box wakes or stops by its own voice and by what it plays, nobody being there; faster than real time."""
    core, say = _ear()
    return playback_bench.over_hours(core, say, SETTINGS.voice.rate, SETTINGS.listening.wake_phrase, args.minutes, ROOT)


def player(_: argparse.Namespace) -> dict[str, object]:
    """The media player with a real mpv: first sound, ducking, a killed mpv, 20,000 files, a thousand orders; seven minutes."""
    return player_bench.measure(SETTINGS, _progress)


def hub(_: argparse.Namespace) -> dict[str, object]:
    """Click to sound; one notice to ten thousand simulated boxes, on both databases; hubs and boxes killed, the network cut; 18 minutes."""
    from bench.hub import measure  # what it needs would count as the box's in the section ``memory``

    return measure.measure(_progress)


SECTIONS: dict[str, Callable[[argparse.Namespace], dict[str, object]]] = {
    "start": start, "replies": replies, "wake": wake, "talk": talk, "silence": silence, "memory": memory, "voice": voice,
    "understanding": understanding, "elders": elders, "titles": by_title, "front-end": front_end,
    "playback": playback, "server-modules": server_modules, "self-wakes": self_wakes, "player": player, "hub": hub,
}
