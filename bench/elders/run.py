"""Everything about understanding in one run, beside the baselines: text, mis-heard text, accents, speech in rooms."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from bench.elders import trial
from bench.elders.acoustics import load
from bench.elders.baselines import Hassil, by_keywords
from bench.elders.hearing import hear, hear_files
from bench.elders.mishear import accented, every_third
from bench.elders.trial import Trial
from bench.understanding_bench import Case
from intents.accent import accents
from intents.model import NONE, Hypothesis, Source, Understander

SEEDS = (0, 1, 2)
SENTENCES = "sentences alone"
UNSEEN = Path(__file__).with_name("unseen.tsv")
"""Sentences by a writer (a language model) that knew the skills and the intents, and none of our sentences. Nothing may be
learnt from them."""


def none_cases(root: Path) -> list[Case]:
    """Our own sentences that are not for the box."""
    rows = yaml.safe_load((root / "intents" / "none_cases.yaml").read_text(encoding="utf-8"))["cases"]
    return [Case(row["text"], NONE, {}) for row in rows]


def corpus(path: Path) -> list[Trial]:
    """Lines of ``{"text", "accept": [intents]}``; the label, where there is one, becomes the condition."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Trial(row.get("label", "/".join(row["accept"])), row["text"], tuple(row["accept"]), {}, (Hypothesis(row["text"]),)) for row in rows
    ]


class Run:
    """The parts that the measurements share."""

    def __init__(self, matcher, voice, listener: Callable, progress: Callable) -> None:
        self._matcher, self._voice, self._listener, self._progress = matcher, voice, listener, progress
        self._hassil = Hassil(matcher.vocabulary)
        self.verdicts: list[trial.Verdict] = []
        self.spoken: list[trial.Verdict] = []
        """Those of :meth:`speech`; ``verdicts`` holds all."""

    def beside(self, trials: Sequence[Trial]) -> dict[str, object]:
        """Ours and both baselines on the same words."""
        ours = trial.judge(trials, self._matcher)
        self.verdicts += ours
        return {
            "ours": trial.summary(ours), "hassil": trial.summary(trial.judge_text(trials, self._hassil.intent)),
            "keywords": trial.summary(trial.judge_text(trials, by_keywords)),
        }

    def text(self, cases: Sequence[Case], name: str = "") -> dict[str, object]:
        """As written, and with every third syllable a near-homophone; ``name`` goes before each row."""
        wrong = [t for seed in SEEDS for t in trial.typed("every third", cases, lambda text, seed=seed: every_third(text, seed))]
        rows = {"as written": trial.typed("as written", cases), "every third syllable wrong": wrong}
        return {f"{name}{how}": {**self.beside(said), SENTENCES: self._by_sentences(said)} for how, said in rows.items()}

    def _by_sentences(self, trials: Sequence[Trial]) -> dict[str, object]:
        return trial.summary(trial.judge(trials, self._matcher.without_gist()))

    def accents(self, cases: Sequence[Case], matcher_of: Callable[[str], Understander]) -> dict[str, dict[str, float]]:
        """Each region's way of speaking, written down by somebody who knows only the standard: intents right when the box
        expects the standard, and when it expects that region."""
        found = {}
        for accent in accents().values():
            if accent.initials:
                heard = trial.typed(accent.name, cases, lambda text, accent=accent: accented(text, accent))
                shares = [trial.summary(trial.judge(heard, matcher_of(name)))["intent"] for name in ("standard", accent.name)]
                found[accent.title] = dict(zip(("standard", "accent"), shares, strict=True))
        return found

    def speech(self, cases: Sequence[Case], acoustics: Path | None, kept: Path | None) -> dict[str, object]:
        """Under every condition; ``kept`` holds what was heard, from an earlier run or for a later one."""
        if kept and kept.exists():
            trials = trial.restore(kept)
        else:
            trials = hear(cases, self._voice, self._listener(), load(acoustics), self._progress)
            if kept:
                trial.save(trials, kept)
        self.spoken = trial.judge(trials, self._matcher)
        names = dict.fromkeys(t.condition for t in trials)
        return {name: self._with_and_without([t for t in trials if t.condition == name]) for name in names}

    def _with_and_without(self, trials: Sequence[Trial]) -> dict[str, object]:
        """Beside the baselines, and beside ourselves if there were no grammar."""
        free = [replace(t, heard=tuple(reading for reading in t.heard if reading.source is Source.FREE_FORM)) for t in trials]
        return {**self.beside(trials), SENTENCES: self._by_sentences(trials),
                "without grammar": trial.summary(trial.judge(free, self._matcher))}

    def accepted(self, trials: Iterable[Trial]) -> dict[str, dict[str, float]]:
        """Label of the corpus -> how many, and which share was accepted (of ``none``: not turned away)."""
        found: dict[str, list[bool]] = {}
        for verdict in trial.judge(trials, self._matcher):
            found.setdefault(verdict.trial.condition, []).append(verdict.right == verdict.trial.is_command)
        return {label: {"n": len(hits), "share": round(sum(hits) / len(hits), 4)} for label, hits in sorted(found.items())}

    def rejection(self, own: Sequence[Case], recordings: Path | None) -> dict[str, object]:
        """Share of other talk that is turned away, as text, and as recorded by others."""
        found = {"none cases as text": 1 - trial.summary(trial.judge(trial.typed("none", own), self._matcher))["false_triggers"]}
        if recordings:
            heard = hear_files(sorted(recordings.glob("*.wav")), self._listener(), self._progress)
            verdicts = trial.judge(heard, self._matcher)
            self.verdicts += verdicts
            found["recordings"] = 1 - trial.summary(verdicts)["false_triggers"]
        return found
