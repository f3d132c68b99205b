"""How much is understood, as text and as clean synthetic speech: our own cases, or a file of the same form."""
from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from assistant.ports import SAMPLE_RATE, SpeechStyle, Synthesizer
from audio.replay import Listener
from audio.wav import resample
from intents.model import NONE, Hypothesis, Intent, Understander

NOW = dt.datetime(2026, 11, 23, 10, 0)
STYLES = (SpeechStyle(1.0, 1.0), SpeechStyle(0.9, 0.92), SpeechStyle(1.1, 1.08))


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence and what it means; slots may use ``+N`` (days from NOW) and ``sun`` (the coming Sunday) as dates."""

    text: str
    intent: str
    slots: dict


def own_cases(root: Path) -> list[Case]:
    """Every skill's cases and the sentences that are not for the box."""
    cases = []
    for file in sorted((root / "skills").glob("*/cases.yaml")):
        for row in yaml.safe_load(file.read_text(encoding="utf-8"))["cases"]:
            if "now" not in row:
                cases.append(Case(row["text"], row["intent"], row.get("slots") or {}))
    return cases


def read_tsv(path: Path) -> list[Case]:
    """Lines of ``text<TAB>intent<TAB>slots as JSON``."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            text, intent, slots = line.split("\t")
            cases.append(Case(text, intent, {k: _date(v) if k == "date" else v for k, v in json.loads(slots).items()}))
    return cases


def _date(value: str) -> str:
    if value.startswith("+"):
        return (NOW.date() + dt.timedelta(days=int(value[1:]))).isoformat()
    if value == "sun":
        return (NOW.date() + dt.timedelta(days=6 - NOW.weekday())).isoformat()
    return value


def measure_text(understander: Understander, cases: Sequence[Case]) -> dict[str, object]:
    """Shares of right intents and of right intents with all slots; false triggers of the others."""
    return score((case, understander.understand((Hypothesis(case.text),), NOW).intent) for case in cases)


def measure_speech(
    understander: Understander, listener: Listener, voice: Synthesizer, cases: Sequence[Case], progress,
) -> dict[str, object]:
    """The same, spoken by the project's own voice at several speeds and pitches and heard through the streaming ear."""
    answers = []
    for number, case in enumerate(progress(cases)):
        pcm = np.concatenate(list(voice.synthesize(case.text, STYLES[number % len(STYLES)])))
        hypotheses = listener.hear([resample(pcm, voice.sample_rate, SAMPLE_RATE)])
        answers.append((case, understander.understand(hypotheses, NOW).intent))
    return score(answers)


def score(answers: Iterable[tuple[Case, Intent]]) -> dict[str, object]:
    counts: Counter = Counter()
    errors = []
    for case, got in answers:
        if case.intent == NONE:
            counts["others"] += 1
            counts["fired"] += got.name != NONE
        else:
            counts["commands"] += 1
            counts["intent"] += got.name == case.intent
            counts["full"] += got.name == case.intent and all(str(got.slots.get(k)) == str(v) for k, v in case.slots.items())
        if got.name != case.intent:
            errors.append(f"{case.text} ({case.intent}) heard “{got.heard}” -> {got.name}")
    commands, others = max(counts["commands"], 1), max(counts["others"], 1)
    return {
        "commands": counts["commands"], "intent": round(counts["intent"] / commands, 4),
        "intent_and_slots": round(counts["full"] / commands, 4), "not_for_the_box": counts["others"],
        "false_triggers": round(counts["fired"] / others, 4), "errors": errors,
    }
