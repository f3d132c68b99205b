"""One warm Vosk decoder, kept and reused: a new one for every utterance is seven times slower (its graph is composed
lazily and cached). The cache only grows, so :meth:`VoskRecognizer.renew` throws it away; the ear calls it when idle.

What vosk 0.3.45 returns (measured): with alternatives, unnormalised log scores, word times but no word confidences;
without alternatives, one reading with word times and confidences. Commands are heard with alternatives: the scores of a
grammar and of free speech are on one scale, which says whether the grammar fits. The few phrases that the box waits for
are heard without, for the sake of the words' confidences.
"""
from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import vosk

from assistant.errors import ModelCorrupt, ModelMissing
from assistant.ports import SAMPLE_RATE, Pcm
from intents.model import Hypothesis, Source, Word
from models.homophones import Homophones

Phrase = Sequence[str]
"""Words that the model knows, in order; see ``models/lexicon.py`` for the splitting."""

UNKNOWN = "[unk]"
FREE_READINGS, GRAMMAR_READINGS = 5, 10
"""Alternatives asked for. A grammar of words in a row leaves the sentences' form to be judged by the matcher."""
BLOCK = 2560
"""Samples handed to the decoder at once. Fixed and counted from the start of the utterance, so that the result does
not depend on how the sound was cut into chunks."""


class SpeechModel:
    """The acoustic model, shared by all recognisers of the process.

    Raises ModelMissing when ``directory`` is not there, ModelCorrupt when Vosk cannot load it.
    """

    def __init__(self, directory: Path) -> None:
        if not (directory / "am" / "final.mdl").is_file():
            raise ModelMissing(f"no Vosk model in {directory}")
        vosk.SetLogLevel(-1)
        try:
            self.handle = vosk.Model(str(directory))
        except Exception as error:  # vosk raises bare Exception, nothing narrower
            raise ModelCorrupt(f"Vosk cannot load {directory}: {error}") from error
        self.homophones = Homophones(self.knows)

    def knows(self, word: str) -> bool:
        """Whether a grammar may contain the word; unknown ones would be dropped silently."""
        return self.handle.vosk_model_find_word(word) >= 0


class VoskRecognizer:
    """Implements the port ``Recognizer``. Free-form without ``phrases``, else bound to them (and ``[unk]``); a phrase that
    is given more than once is taken as more likely. ``n_best`` 0: one reading, with the words' confidences."""

    def __init__(self, model: SpeechModel, phrases: Sequence[Phrase] | None = None, n_best: int | None = None) -> None:
        self._model = model
        self._phrases = None if phrases is None else [tuple(phrase) for phrase in phrases]
        self._n_best = n_best if n_best is not None else FREE_READINGS if phrases is None else GRAMMAR_READINGS
        self.utterances = 0
        """Finished since the decoder was made."""
        self._open()

    def _open(self) -> None:
        if self._phrases is None:
            self._decoder = vosk.KaldiRecognizer(self._model.handle, SAMPLE_RATE)
        else:
            self._decoder = vosk.KaldiRecognizer(self._model.handle, SAMPLE_RATE, self._grammar())
        self._decoder.SetMaxAlternatives(self._n_best)
        self._decoder.SetWords(True)
        self._pending = np.zeros(0, dtype=np.int16)
        self._utterance_samples = 0
        self._earlier_samples = 0
        self._discarded = False
        self.utterances = 0

    def _grammar(self) -> str:
        spoken = [" ".join(phrase) for phrase in self._phrases or () if phrase]
        return json.dumps([*spoken, UNKNOWN], ensure_ascii=False)

    def set_phrases(self, phrases: Sequence[Phrase]) -> None:
        """Replace the grammar; words that the model does not know are an error of the caller (ValueError).

        Only between utterances: what was accepted and not finished is lost. Not for a free-form recogniser.
        """
        if self._phrases is None:
            raise ValueError("a free-form recogniser has no grammar")
        words = {word for phrase in phrases for word in phrase}  # asked for once each: a grammar says the same words in many thousand phrases
        unknown = sorted(word for word in words if not self._model.knows(word))
        if unknown:
            raise ValueError(f"the speech model does not know: {' '.join(unknown[:20])}")
        self._phrases = [tuple(phrase) for phrase in phrases]
        self.discard()
        self._drop()
        self._decoder.SetGrammar(self._grammar())

    def accept(self, pcm: Pcm) -> bool:
        """Take in any number of samples; True when at least one block has been decoded."""
        self._drop()
        self._utterance_samples += len(pcm)
        waiting = np.concatenate((self._pending, pcm)) if len(self._pending) else pcm
        whole = len(waiting) - len(waiting) % BLOCK
        for start in range(0, whole, BLOCK):
            self._decoder.AcceptWaveform(waiting[start : start + BLOCK].tobytes())
        self._pending = waiting[whole:].copy()
        return whole > 0

    def partial(self) -> str:
        """The best reading so far, words separated by spaces."""
        self._drop()
        return json.loads(self._decoder.PartialResult())["partial"]

    def finish(self) -> tuple[Hypothesis, ...]:
        """End the utterance: readings best first, without empty ones; ready for the next utterance."""
        self._drop()
        if len(self._pending):
            self._decoder.AcceptWaveform(self._pending.tobytes())
        result = json.loads(self._decoder.FinalResult())
        offset_s = self._earlier_samples / SAMPLE_RATE
        self._earlier_samples += self._utterance_samples
        self._utterance_samples = 0
        self._pending = np.zeros(0, dtype=np.int16)
        self.utterances += 1
        if self._n_best:
            source = Source.FREE_FORM if self._phrases is None else Source.GRAMMAR
            return _alternatives(result.get("alternatives", []), source, offset_s)
        return _bound(result.get("result", []), offset_s)

    @property
    def is_open(self) -> bool:
        """Something has been accepted since the last utterance was finished."""
        return self._utterance_samples > 0 and not self._discarded

    def discard(self) -> None:
        """Forget the utterance in hand. Ending it is work (50-200 ms), left for when the decoder is next used: it is
        discarded at moments when somebody waits for the box."""
        self._discarded |= self.is_open

    def _drop(self) -> None:
        if self._discarded:
            self._discarded = False
            self.finish()
            self.utterances -= 1

    def renew(self) -> None:
        """Give back the decoder's memory: a fresh one is made, cold until it has heard some speech."""
        self._open()

    def warm(self, pcm: Pcm) -> None:
        """Decode this speech for nothing, so that the next utterance does not pay for the graph."""
        self.accept(pcm)
        self.finish()
        self.utterances -= 1


class Scorer:
    """How well sound fits phrases of words that the model knows, one after another and any number of them."""

    def __init__(self, model: SpeechModel, phrases: Sequence[Phrase]) -> None:
        grammar = json.dumps([" ".join(phrase) for phrase in phrases], ensure_ascii=False)
        self._decoder = vosk.KaldiRecognizer(model.handle, SAMPLE_RATE, grammar)
        self._decoder.SetMaxAlternatives(1)

    def score(self, pcm: Pcm) -> float | None:
        """Log likelihood of the best reading (sound and choice of phrases, in nats); None when nothing fits."""
        self._decoder.AcceptWaveform(pcm.tobytes())
        alternatives = json.loads(self._decoder.FinalResult()).get("alternatives", ())
        return alternatives[0]["confidence"] if alternatives else None


def _alternatives(alternatives: Sequence[dict], source: Source, offset_s: float) -> tuple[Hypothesis, ...]:
    """Readings with their softmaxed scores as confidence; equal texts are joined."""
    if not alternatives:
        return ()
    best = max(entry["confidence"] for entry in alternatives)
    weights = [math.exp(entry["confidence"] - best) for entry in alternatives]
    total = sum(weights)
    readings: dict[str, Hypothesis] = {}
    for entry, weight in zip(alternatives, weights, strict=True):
        text = entry["text"].replace(" ", "").replace(UNKNOWN, "")
        share = weight / total
        if text in readings:
            readings[text] = replace(readings[text], confidence=readings[text].confidence + share)
        elif text:
            words = tuple(_word(word, share, offset_s) for word in entry.get("result", ()))
            readings[text] = Hypothesis(text, share, source, words, entry["confidence"])
    return tuple(sorted(readings.values(), key=lambda reading: -reading.confidence))


def _bound(result: Sequence[dict], offset_s: float) -> tuple[Hypothesis, ...]:
    """The one reading of a grammar's words, or none; sound that fitted no word counts as confidence 0 for its length."""
    words = tuple(_word(word, word["conf"], offset_s) for word in result)
    text = "".join(word.text for word in words if word.text != UNKNOWN)
    if not text:
        return ()
    known = sum(word.confidence * (word.end - word.start) for word in words if word.text != UNKNOWN)
    length = sum(word.end - word.start for word in words)
    return (Hypothesis(text, known / length if length else 0.0, Source.GRAMMAR, words),)


def _word(entry: dict, confidence: float, offset_s: float) -> Word:
    start, end = (round(entry[bound] - offset_s, 3) for bound in ("start", "end"))
    return Word(entry["word"], start, end, min(1.0, confidence))
