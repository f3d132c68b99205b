"""``xiangyin say``: text to the loudspeaker or into a WAV file."""
from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from assistant.errors import VoiceError, XiangyinError, maintainer_line
from assistant.ports import Pcm, SpeechStyle, Synthesizer
from assistant.settings import load_settings
from audio.player import SoundcardLoudspeaker
from audio.spoken_text import spoken_sentences
from audio.voice_choice import choose_voice
from audio.wav import stream_to_wav

_SILENT_S = 2.0
_SLOWEST = 0.5
_CHARACTERS_PER_SECOND = 3.2
"""Measured on the bench's replies at the default rate, pauses and punctuation included."""


def add_parser(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser("say", help="speak a text, or write it to a WAV file")
    parser.add_argument("text", help="what to say; '-' reads standard input")
    parser.add_argument("--out", type=Path, help="write this WAV instead of playing")
    parser.add_argument("--rate", type=_ratio(0.5, 1.3), help="0.5..1.3 of natural speed (default: the settings')")
    parser.add_argument("--pace", type=_ratio(0.5, 1.0), default=1.0, help="0.5..1 of that speed: the box reads notices with 0.9 (default: 1)")
    parser.add_argument("--pitch", type=_ratio(0.6, 1.5), help="0.6..1.5 of natural pitch (default: the settings')")
    parser.add_argument("--engine", choices=("auto", "neural", "system"), help="default: the settings")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    text = sys.stdin.read() if args.text == "-" else args.text
    try:
        _say(text, args)
    except XiangyinError as error:
        print(maintainer_line(error), file=sys.stderr)
        return 1
    return 0


def _say(text: str, args: argparse.Namespace) -> None:
    if not any(spoken_sentences(text)):
        raise VoiceError("there is nothing in this text that can be spoken")
    settings = load_settings(args.settings)
    voice = choose_voice(engine=args.engine or settings.voice.engine)
    rate = max(_SLOWEST, (args.rate or settings.voice.rate) * args.pace)
    style = SpeechStyle(rate, args.pitch or settings.voice.pitch)
    blocks = voice.synthesize(text, style)
    if args.out:
        _write(args.out, _shown(blocks, voice, text), voice)
    else:
        SoundcardLoudspeaker(settings.audio.loudspeaker or None, settings.audio.volume).play(blocks, voice.sample_rate)


def _shown(blocks: Iterator[Pcm], voice: Synthesizer, text: str) -> Iterator[Pcm]:
    """The same blocks; a bar on a terminal tells how far it is when it takes longer than ``_SILENT_S``.

    How long the sound will be is only known at the end, so the bar's end is a guess by the number of characters.
    """
    expected = sum(len(sentence) for sentence in spoken_sentences(text)) / _CHARACTERS_PER_SECOND
    with tqdm(total=round(expected), unit="s", desc=voice.name, file=sys.stderr, delay=_SILENT_S, leave=False,
              disable=not sys.stderr.isatty(), bar_format="{desc}: {percentage:3.0f}% |{bar}| {elapsed}") as bar:
        for block in blocks:
            bar.update(min(len(block) / voice.sample_rate, bar.total - bar.n))
            yield block


def _write(path: Path, blocks: Iterator[Pcm], voice: Synthesizer) -> None:
    begun = time.monotonic()
    seconds = stream_to_wav(path, blocks, voice.sample_rate) / voice.sample_rate
    print(f"{path}: {seconds:.1f} s of the {voice.name} voice in {time.monotonic() - begun:.1f} s", file=sys.stderr)


def _ratio(low: float, high: float):  # noqa: ANN202 - an argparse type
    def parse(words: str) -> float:
        value = float(words)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must lie between {low} and {high}")
        return value

    return parse
