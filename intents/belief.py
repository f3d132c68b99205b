"""How far to believe a reading of an utterance, and what a sentence found in it is then worth.

A recogniser's alternatives carry scores on one scale, those of free speech and those of the grammar, so what else may have
been said is among them already. Two things follow. Talk that is not for the box gives itself away, because free speech
explains it better than the grammar. And sounding alike counts for less than in typed words: had 满意 been 慢一点, then 慢一点
would be an alternative nearly as likely.

The figures were chosen with ``script/bench elders`` and ``script/bench front-end``: commands in rooms and noise against other
people's talk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intents.model import Hypothesis

BASE, EACH = 0.3, 0.2
"""A cost of BASE + EACH * evidence halves the confidence."""
ALIKE = 2.0
"""The weight of a reading's distance from the sentence, where a recogniser has heard it..."""
NAT = 0.07
"""...and what each nat costs by which it is less likely than the likeliest."""
SHORT = 3
"""Characters. A word or two sound like too many other words (忧郁, 有雨; 观赏, 关上): there..."""
SHORT_ALIKE, SHORT_NAT = 4.0, 0.2
"""...both weigh more."""
FURTHEST = 14.0
"""Nats behind the likeliest. What is less likely is not looked at."""
UNSURE = 0.7
"""Trust in a reading without a score of which the recogniser is not sure at all."""
ONE_WORD = 2
"""Characters. Where there are no scores a single word must be heard to the letter."""
TO_THE_LETTER = 0.95
"""Confidence of a reading that differs by no more than a tone or a particle."""
EXACT = 0.99
"""The same where sentences are longer."""
HARDLY = 0.55
"""What is left of the confidence in a single word that was not."""


def confidence(cost: float, evidence: float) -> float:
    """0..1: 1 for a perfect reading, 0.5 where the errors are as likely as the sentence."""
    ratio = cost / (BASE + EACH * evidence)
    return 1.0 / (1.0 + ratio * ratio)


@dataclass(frozen=True, slots=True)
class Belief:
    """A reading, and how many nats it is behind the likeliest one; None where it has no score."""

    hypothesis: Hypothesis
    behind: float | None

    def confidence(self, cost: float, evidence: float, expected: bool = False) -> float:
        """In a sentence that the matcher has found in it at this cost; ``expected``: the box has just asked for it."""
        short = not expected and len(self.hypothesis.text) <= SHORT
        if self.behind is not None:
            alike, nat = (SHORT_ALIKE, SHORT_NAT) if short else (ALIKE, NAT)
            return confidence(alike * cost + nat * self.behind, evidence)
        sure = confidence(cost, evidence)
        if not expected and len(self.hypothesis.text) <= ONE_WORD and sure < TO_THE_LETTER:
            sure *= HARDLY
        return sure * (UNSURE + (1 - UNSURE) * max(0.0, min(1.0, self.hypothesis.confidence)))

    def is_exact(self, cost: float, evidence: float) -> bool:
        """Whether the words are those of the sentence and nothing else is nearly as likely to have been said."""
        apart = cost if self.behind is None else ALIKE * cost + NAT * self.behind
        return confidence(apart, evidence) >= EXACT

    @property
    def at_best(self) -> float:
        """No sentence in it is surer."""
        return self.confidence(0.0, len(self.hypothesis.text), expected=True)


def beliefs(hypotheses: Sequence[Hypothesis]) -> list[Belief]:
    """Those worth looking at, the most credible first."""
    top = max((hypothesis.score for hypothesis in hypotheses if hypothesis.score is not None), default=0.0)
    found = [Belief(each, None if each.score is None else top - each.score) for each in hypotheses]
    near = [belief for belief in found if belief.behind is None or belief.behind <= FURTHEST]
    return sorted(near, key=lambda belief: -belief.at_best)
