"""One sentence said under one condition, what was heard, and what each way of understanding makes of it."""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.understanding_bench import NOW, Case
from intents.model import NONE, Hypothesis, Intent, Source, Understander

Accepted = tuple[str, ...]
BINS = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """``accept``: the intents that are right (``none`` alone: not for the box); ``slots`` are checked only where given."""

    condition: str
    text: str
    accept: Accepted
    slots: dict
    heard: tuple[Hypothesis, ...]

    @property
    def is_command(self) -> bool:
        return self.accept != (NONE,)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A trial and the intent that was made of it."""

    trial: Trial
    got: Intent

    @property
    def right(self) -> bool:
        return self.got.name in self.trial.accept

    @property
    def full(self) -> bool:
        return self.right and all(str(self.got.slots.get(key)) == str(value) for key, value in self.trial.slots.items())


def typed(condition: str, cases: Iterable[Case], garble: Callable[[str], str] = str) -> list[Trial]:
    """The cases as text, ``garble`` applied."""
    return [Trial(condition, case.text, (case.intent,), case.slots, (Hypothesis(garble(case.text)),)) for case in cases]


def judge(trials: Iterable[Trial], understander: Understander) -> list[Verdict]:
    """What our understanding makes of them."""
    return [Verdict(trial, understander.understand(trial.heard, NOW).intent) for trial in trials]


def judge_text(trials: Iterable[Trial], intent_of: Callable[[str], str]) -> list[Verdict]:
    """What a baseline makes of the best reading alone."""
    best = [(trial, trial.heard[0].text if trial.heard else "") for trial in trials]
    return [Verdict(trial, Intent(intent_of(text) if text else NONE, heard=text)) for trial, text in best]


def summary(verdicts: Sequence[Verdict]) -> dict[str, object]:
    """Shares (0..1) of right intents, of right intents with all slots, and of false triggers."""
    commands = [verdict for verdict in verdicts if verdict.trial.is_command]
    others = [verdict for verdict in verdicts if not verdict.trial.is_command]
    return {
        "commands": len(commands), "intent": _share(verdict.right for verdict in commands),
        "intent_and_slots": _share(verdict.full for verdict in commands),
        "not_for_the_box": len(others), "false_triggers": _share(not verdict.right for verdict in others),
    }


def _share(found: Iterable[bool]) -> float:
    values = list(found)
    return round(sum(values) / len(values), 4) if values else 0.0


def confusions(verdicts: Iterable[Verdict]) -> dict[str, dict[str, int]]:
    """Right intent -> what it was taken for -> how often, the wrong ones only."""
    found: dict[str, Counter] = {}
    for verdict in verdicts:
        if not verdict.right:
            found.setdefault("/".join(verdict.trial.accept), Counter())[verdict.got.name] += 1
    return {intent: dict(taken.most_common()) for intent, taken in sorted(found.items())}


def reliability(verdicts: Iterable[Verdict]) -> dict[str, object]:
    """Expected calibration error (Naeini et al., AAAI 2015) of the confidence in the intent, over ten bins of equal
    width; and each bin's count, mean confidence and share of right answers."""
    bins: list[list[Verdict]] = [[] for _ in range(BINS)]
    total = 0
    for verdict in verdicts:
        bins[min(BINS - 1, int(verdict.got.confidence * BINS))].append(verdict)
        total += 1
    rows, error = [], 0.0
    for verdict_bin in bins:
        if verdict_bin:
            mean = sum(verdict.got.confidence for verdict in verdict_bin) / len(verdict_bin)
            right = sum(verdict.right for verdict in verdict_bin) / len(verdict_bin)
            error += len(verdict_bin) / total * abs(mean - right)
            rows.append({"n": len(verdict_bin), "confidence": round(mean, 3), "right": round(right, 3)})
    return {"ece": round(error, 4), "bins": rows}


def errors(verdicts: Iterable[Verdict]) -> list[str]:
    """One line for each command with a wrong intent or slot, and for each false trigger."""
    return [
        f"[{v.trial.condition}] {v.trial.text} ({'/'.join(v.trial.accept)} {v.trial.slots or ''}) "
        f"heard {' | '.join(h.text for h in v.trial.heard[:2] + v.trial.heard[-1:])} -> {v.got.name} {dict(v.got.slots) or ''} {v.got.confidence:.2f}"
        for v in verdicts if not v.full
    ]


def save(trials: Iterable[Trial], path: Path) -> None:
    """Keep what was heard, so that understanding can be measured again without hearing again."""
    with path.open("w", encoding="utf-8") as file:
        for trial in trials:
            heard = [[h.text, round(h.confidence, 4), h.source.value, h.score] for h in trial.heard]
            row = {"condition": trial.condition, "text": trial.text, "accept": trial.accept, "slots": trial.slots, "heard": heard}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def restore(path: Path) -> list[Trial]:
    """What :func:`save` kept."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Trial(row["condition"], row["text"], tuple(row["accept"]), row["slots"], tuple(map(_reading, row["heard"]))) for row in rows]


def _reading(kept: Sequence) -> Hypothesis:
    text, sure, source, score = kept
    return Hypothesis(text, sure, Source(source), score=score)
