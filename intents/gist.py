"""What an utterance speaks of as a whole: a second opinion beside the sentences of the book.

The book holds what was thought of; people say the rest (别唱了俺听够了, 吵死了快把这歌关了). So a linear model, multinomial logistic
regression over sounds, says for each intent how likely it is that these words ask for it, and how likely that they ask
for nothing. It sees the syllables without tones, alone and in twos and threes, and what kinds of names stand among them. It
reads no slots; that stays with :mod:`intents.search`. Trained by ``script/train``, which tells how sure it may be.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intents.model import NONE
from intents.normalize import Utterance
from intents.pinyin import readings
from intents.slots.span import Span

GIST_FILE = Path(__file__).with_name("gist.npz")
LONGEST_RUN = 3
"""Syllables that are looked at together."""
NAMED = (
    "date", "time", "in_minutes", "repeat", "weekday", "level", "contact", "title", "genre", "artist", "kind", "place",
    "activity", "festival", "term", "category", "repair_thing", "aspect",
)
"""Template slots whose names are told apart by kind."""
NAME_COST = 0.25
"""Distance in sound up to which something counts as a name of its kind."""
_START, _END, _FOREIGN = "^", "$", "?"
SENTENCE, GIST, BOTH, EXACT = 0.36, 1.25, 0.7, 2.5
"""Log odds that a reading is right: what those of the sentence, those of the gist, being found at all, and being said to the
letter add to them: a logistic regression over readings of sayings that neither the book nor the gist had seen."""
SENTENCE_BOUND, GIST_BOUND = 0.03, 0.003
"""Neither is ever surer than that it is right, or wrong."""
NAT = 0.3
"""Log odds that a reading loses for each nat by which it is less likely than the likeliest: a grammar makes commands of anything."""
FEW = 4
"""Characters. So few sound like too many other words: there the gist may only turn down what the sentence says."""


def features(utterance: Utterance, spans: Mapping[str, Sequence[Span]]) -> set[str]:
    """What the model sees: runs of syllables, and each kind of name with the syllables around it."""
    sounds = [_START, *map(_sound, utterance.chars), _END]
    found = {
        " ".join(sounds[at : at + length]) for length in range(1, LONGEST_RUN + 1) for at in range(len(sounds) - length + 1)
    }
    for kind in NAMED:
        for start, end in {(span.start, span.end) for span in spans.get(kind, ()) if span.cost <= NAME_COST}:
            name, before, after = f"<{kind}>", sounds[start], sounds[end + 1]
            found |= {name, f"{before} {name}", f"{name} {after}", f"{before} {name} {after}"}
    return found


def _sound(char: str) -> str:
    sounds = readings(char)
    return f"{sounds[0].initial}{sounds[0].final}" if sounds else _FOREIGN


def key(feature: str) -> int:
    """The number under which a feature is kept; two features sharing one do no harm."""
    return zlib.crc32(feature.encode())


class Gist:
    """The trained model. :meth:`of` is pure."""

    def __init__(
        self, keys: NDArray[np.uint32], rarity: NDArray[np.float16], weights: NDArray[np.int8], scale: NDArray[np.float32],
        bias: NDArray[np.float32], labels: Sequence[str],
    ) -> None:
        """``keys`` sorted, ``rarity`` the weight of each in an utterance; ``weights`` features by labels, in units of ``scale``."""
        self._keys, self._rarity, self._scale, self._bias = keys, rarity, scale, bias
        self.labels = tuple(labels)
        places = np.flatnonzero(weights)
        self._first = np.append(np.int32(0), np.cumsum(np.count_nonzero(weights, axis=1), dtype=np.int32))
        self._label, self._weight = (places % weights.shape[1]).astype(np.uint8), weights.ravel()[places]
        """Row by row the weights that are not 0, a tenth of them: 5 MB less."""

    @classmethod
    def load(cls, file: Path = GIST_FILE) -> Gist:
        with np.load(file, allow_pickle=False) as data:
            return cls(*(data[name] for name in ("keys", "rarity", "weights", "scale", "bias")), data["labels"].tolist())

    def save(self, file: Path) -> None:
        np.savez_compressed(
            file, keys=self._keys, rarity=self._rarity, weights=self._dense(), scale=self._scale, bias=self._bias,
            labels=np.array(self.labels),
        )

    def _dense(self) -> NDArray[np.int8]:
        weights = np.zeros((len(self._keys), len(self.labels)), np.int8)
        weights[np.repeat(np.arange(len(self._keys)), np.diff(self._first)), self._label] = self._weight
        return weights

    def of(self, utterance: Utterance, spans: Mapping[str, Sequence[Span]]) -> dict[str, float]:
        """Probability of each intent and of ``none``; they add up to one."""
        return self.judge(features(utterance, spans))

    def judge(self, found: Collection[str]) -> dict[str, float]:
        """The same for these features. Where there is no word at all, nothing is asked for."""
        if not any(feature[0].isalpha() for feature in found):
            return {label: float(label == NONE) for label in self.labels}
        wanted = np.array([key(feature) for feature in found], np.uint32)
        at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        at = at[self._keys[at] == wanted]
        values = self._rarity[at].astype(np.float32)
        values /= np.sqrt((values * values).sum()) or 1.0
        count = self._first[at + 1] - self._first[at]
        places = np.repeat(self._first[at + 1] - np.cumsum(count), count) + np.arange(count.sum())
        weighted = np.repeat(values, count) * self._weight[places]
        scores = np.bincount(self._label[places], weighted, len(self.labels)) * self._scale + self._bias
        odds = np.exp(scores - scores.max())
        return dict(zip(self.labels, (odds / odds.sum()).tolist(), strict=True))


def weigh(sentence: float, gist: float, length: int, exact: bool, behind: float = 0.0) -> float:
    """How sure both together are of a reading, 0..1: of ``length`` characters, ``exact`` when they are those of the sentence,
    ``behind`` nats less likely than the likeliest."""
    odds = SENTENCE * _log_odds(sentence, SENTENCE_BOUND) + GIST * _log_odds(gist, GIST_BOUND) + BOTH + EXACT * exact - NAT * behind
    both = 1 / (1 + math.exp(-odds))
    if length > FEW:
        return both
    return sentence if exact else min(sentence, both)


def _log_odds(sure: float, bound: float) -> float:
    sure = min(max(sure, bound), 1 - bound)
    return math.log(sure / (1 - sure))
