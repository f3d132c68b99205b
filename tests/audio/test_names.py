"""New names while the ear runs: the real file, matcher, grammar, recognisers and threads; only the microphone is a queue."""
from __future__ import annotations

import datetime as dt
import queue
import threading

import numpy as np
import pytest

from assistant import wiring
from assistant.events import Heard
from assistant.learner import Learner
from assistant.lesson_store import NoLessons
from assistant.name_files import NameFiles
from assistant.ports import SAMPLE_RATE
from assistant.settings import parse_settings
from audio.ear_thread import Ear
from intents.accent_evidence import AccentEvidence, Count
from intents.model import Source

NOW = dt.datetime(2026, 11, 23, 10, 0)
PAUSE = np.zeros(SAMPLE_RATE // 2, dtype=np.int16)
PATIENCE_S = 60.0


class Room:
    """The hearing half of the box on the files of ``folder``; ``swapped`` is set when the ear has been given new phrases."""

    def __init__(self, folder, speech_model, make_core):
        settings = parse_settings({"box": {"data_dir": str(folder)}})
        self.events, self.swapped, self.turn = queue.Queue(), threading.Event(), 0
        self.ear = Ear(make_core, self.events.put)
        self.ear.start()
        files = NameFiles(folder)
        matcher = wiring.build_understander(settings, files.names)
        self.learner = Learner(NoLessons(), matcher)
        grammar = wiring.EarGrammar(speech_model, settings, self._give)
        grammar.prepare(matcher)
        self.learner.follow(grammar.tell)
        self.refresher = wiring.build_refresher(settings, files, matcher, self.learner, grammar)
        self.swapped.clear()

    def _give(self, phrases):
        self.ear.set_phrases(phrases)
        self.swapped.set()

    def hear(self, speech) -> Heard:
        """What the ear makes of it, through its thread."""
        self.turn += 1
        self.ear.listen(self.turn, 5.0)
        for part in (PAUSE, speech, PAUSE, PAUSE, PAUSE):
            self.ear.hear(part)
        while True:
            event = self.events.get(timeout=PATIENCE_S)
            if isinstance(event, Heard):
                assert event.turn == self.turn
                return event

    def slots(self, heard):
        return dict(self.learner.understand(heard.hypotheses, NOW).intent.slots)

    def close(self):
        self.refresher.close()
        self.ear.close()


@pytest.fixture
def room(tmp_path, speech_model, make_core, monkeypatch):
    monkeypatch.setattr("assistant.refresher.LOOK_S", 0.05)
    room = Room(tmp_path, speech_model, make_core)
    yield room
    room.close()


def readings(heard, source):
    return [one.text for one in heard.hypotheses if one.source is source]


def test_a_title_that_is_written_while_the_ear_runs_is_heard(room, say, tmp_path):
    title, speech = "枣乡新曲", say("来一段枣乡新曲", 0.9)
    before = room.hear(speech)
    assert all(title not in readings(before, source)[0] for source in Source if readings(before, source))
    assert room.slots(before).get("title") != title
    room.refresher.start()
    (tmp_path / "titles.tsv").write_text(f"{title}\t\tkind=opera\n", encoding="utf-8")
    asked = 0
    while not room.swapped.is_set():  # the vocabulary is compiled: nothing that is said meanwhile is lost
        assert room.hear(say("今天天气怎么样")).hypotheses[0].text == "今天天气怎么样"
        asked += 1
    after = room.hear(speech)
    assert title not in readings(after, Source.FREE_FORM)[0]
    assert readings(after, Source.GRAMMAR)[0] == f"来一段{title}"
    assert room.slots(after) == {"title": title, "kind": "opera"}
    assert room.turn == asked + 2 and room.ear.dropped_samples == 0


def test_a_name_with_a_character_that_the_model_does_not_know_is_heard(room, say, tmp_path, speech_model):
    assert not speech_model.knows("垚")
    speech = say("给李尧打电话", 0.9)
    assert room.slots(room.hear(speech)).get("contact") != "李垚"
    (tmp_path / "contacts.tsv").write_text("李垚\t大侄子\n", encoding="utf-8")
    for _ in range(2):
        room.refresher.look()
    room.refresher.refresh()
    assert room.swapped.is_set()
    assert room.slots(room.hear(speech)) == {"contact": "李垚"}


def test_another_accent_does_not_disturb_the_ear(room):
    room.refresher.attune(wiring.accent_of(parse_settings({}), AccentEvidence({"n-l": Count(9, 9)})))
    room.refresher.refresh()
    assert not room.swapped.is_set()
