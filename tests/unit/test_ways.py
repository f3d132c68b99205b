"""The instrument that compares front ends: every way hears what it should, and pays for it."""
import json

import numpy as np
import pytest

from assistant.ports import SAMPLE_RATE
from audio.denoise import dry_and_quiet
from audio.ears import later
from bench import __main__ as bench
from bench.elders import report
from bench.elders.front_ends import both
from bench.elders.trial import Trial, Verdict
from bench.elders.ways import (
    BEFORE_ALL,
    NOTHING,
    ONCE,
    OTHERS_IN,
    PRODUCT,
    ROOMS,
    SECOND,
    TREATMENTS,
    WAYS,
    WITH_FIRST,
    Bill,
    EveryWay,
    Once,
    Way,
    understood,
)
from intents.model import Hypothesis, Intent, Source

SOUND = np.arange(1, 101, dtype=np.int16)
NEGATED = Way("negated", SECOND, second=np.negative)


class Decoder:
    """Hears the first sample; the grammar is as likely as free speech, or clearly more so."""

    def __init__(self, source, score):
        self.source, self.score = source, score
        self.heard, self.warmed = [], []
        self.sound = []

    def accept(self, pcm):
        self.sound.append(pcm)

    def finish(self):
        sound, self.sound = np.concatenate(self.sound), []
        self.heard.append(int(sound[0]))
        return (Hypothesis(str(sound[0]), 1.0, self.source, score=self.score),)

    def warm(self, pcm):
        self.warmed.append(int(pcm[0]))


def hear(ways, clear, sounds=(SOUND,)):
    decoders = Decoder(Source.FREE_FORM, 100.0), Decoder(Source.GRAMMAR, 200.0 if clear else 100.0)
    every = EveryWay(decoders, ways)
    for sound in sounds:
        every.accept(sound[:40])
        every.accept(sound[40:])
        every.finish()
    texts = {way.where or way.treatment: [r.text for r in readings if r.source is Source.FREE_FORM] for way, readings in every.readings().items()}
    return texts, every, decoders


def test_a_way_hears_in_front_or_in_the_second_hearing():
    front, in_turn = Way("negated", ONCE, front=np.negative), Way("negated", BEFORE_ALL, front=np.negative, second=lambda pcm: pcm * 2)
    weighed = Way("negated", WITH_FIRST, second=np.negative, of_two=both)
    texts, _, _ = hear((NOTHING, NEGATED, front, in_turn, weighed), clear=False)
    assert texts == {NOTHING.where: ["1"], SECOND: ["-1"], ONCE: ["-1"], BEFORE_ALL: ["-2"], WITH_FIRST: ["1", "-1"]}


def test_what_is_clear_is_heard_once():
    texts, every, _ = hear((NOTHING, NEGATED), clear=True)
    assert texts == {NOTHING.where: ["1"], SECOND: ["1"]}
    assert every.settle()[NEGATED].heard_twice == 0.0


def test_no_sound_is_decoded_twice_and_none_of_the_ways_is_the_first_to_hear_it():
    _, _, decoders = hear((NOTHING, NEGATED, Way("negated", ONCE, front=np.negative)), clear=False)
    assert [decoder.heard for decoder in decoders] == [[1, -1]] * 2
    assert [decoder.warmed for decoder in decoders] == [[1]] * 2


def test_utterances_of_one_sound_file_are_joined_and_the_next_begins_anew():
    texts, every, _ = hear((NOTHING,), clear=False, sounds=(SOUND, SOUND + 5))
    assert texts == {NOTHING.where: ["16"]}
    assert every.readings() == {NOTHING: ()}


def test_a_second_hearing_is_counted_and_settled():
    _, every, _ = hear((NOTHING, NEGATED), clear=False, sounds=(SOUND, SOUND))
    bills = every.settle()
    assert (bills[NOTHING].heard_twice, bills[NEGATED].heard_twice) == (0.0, 1.0)
    assert (bills[NEGATED].utterances, bills[NEGATED].sound) == (2, 200)
    assert bills[NOTHING].treating_s == 0.0 < bills[NEGATED].treating_s
    assert bills[NOTHING].hearing_s < bills[NEGATED].hearing_s
    assert every.settle()[NEGATED].utterances == 0


def test_a_bill_is_in_milliseconds_a_second():
    bill = Bill(treating_s=0.03, hearing_s=0.5, hearings=10, sound=2 * SAMPLE_RATE, utterances=4)
    assert Bill().figures() == {"heard_twice": 0.0, "treatment_ms_per_s": 0.0, "all_ms_per_s": 0.0}
    assert bill.figures() == {"heard_twice": 0.25, "treatment_ms_per_s": 15.0, "all_ms_per_s": 265.0}


def test_work_is_done_once_and_its_time_told_to_everybody():
    ticks, done = iter([1.0, 1.5]), []
    once = Once(lambda pcm: done.append(1) or pcm * 2, clock=lambda: next(ticks))
    assert [(result.tolist(), seconds) for result, seconds in (once(SOUND[:2]), once(SOUND[:2].copy()))] == [([2, 4], 0.5)] * 2
    assert len(done) == 1
    once.forget()
    with pytest.raises(StopIteration):
        once(SOUND[:2])


def test_every_treatment_is_measured_in_front_and_in_the_second_hearing():
    assert PRODUCT in WAYS and (PRODUCT.front, PRODUCT.second, PRODUCT.of_two) == (None, dry_and_quiet, later)
    for name, work in TREATMENTS.items():
        assert {(way.front, way.second) for way in WAYS if way.treatment == name} >= {(work, None), (None, work)}
    assert len({(way.treatment, way.where) for way in WAYS}) == len(WAYS)
    assert [room.name for room in ROOMS] == ["clean", "room", "room + 20 dB", "room + 10 dB"]
    assert [room.name for room in OTHERS_IN] == ["clean", "room + 10 dB"]


def verdicts(*got):
    """Three commands, two in a room, and two that are not for the box."""
    said = (("clean", "media.play"), ("room", "media.play"), ("room", "media.stop"), ("clean", "none"), ("room", "none"))
    return [Verdict(Trial(room, "听戏", (right,), {"kind": "opera"} if right == "media.play" else {}, ()), Intent(name, {"kind": kind}))
            for (room, right), (name, kind) in zip(said, got, strict=True)]


def test_ways_are_compared_with_the_product_command_by_command():
    product = verdicts(("media.play", "opera"), ("none", ""), ("media.stop", ""), ("none", ""), ("clock.time", ""))
    other = verdicts(("media.play", "song"), ("media.play", "opera"), ("media.stop", ""), ("none", ""), ("none", ""))
    assert understood(other, product) == {
        "rooms": {"clean": {"intent": 1.0, "intent_and_slots": 0.0}, "room": {"intent": 1.0, "intent_and_slots": 1.0}},
        "more": 1, "less": 1, "false_triggers": 0,
    }
    assert understood(product, product)["false_triggers"] == 1


FREE, GRAMMAR = Source.FREE_FORM, Source.GRAMMAR


def free(text, score):
    return Hypothesis(text, 0.5, FREE, score=score)


def bound(text, score):
    return Hypothesis(text, 0.5, GRAMMAR, score=score)


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        # the likeliest of each hearing counts the same, whichever recogniser's it is
        ([free("天气", 100.0), bound("天其", 98.0)], [free("听戏", 40.0), bound("停", 50.0)],
         [free("天气", 100.0), free("听戏", 90.0), bound("停", 100.0), bound("天其", 98.0)]),
        # what both have heard is one reading, with the better score
        ([free("天气", 100.0)], [free("天其", 50.0), free("天气", 48.0)], [free("天气", 100.0), free("天其", 100.0)]),
        ([free("天气", 100.0), free("天其", 90.0)], [free("天其", 50.0)], [free("天气", 100.0), free("天其", 100.0)]),
        # the same words of two recognisers are two readings
        ([free("天气", 100.0)], [bound("天气", 50.0)], [free("天气", 100.0), bound("天气", 100.0)]),
        ([free("天气", 100.0)], [], [free("天气", 100.0)]),
        ([], [free("天气", 50.0), free("天其", 45.0)], [free("天气", 0.0), free("天其", -5.0)]),
        ([], [], []),
    ],
)
def test_two_hearings_weighed_become_one(first, second, joined):
    assert both(first, second) == tuple(joined)


# -- the page -----------------------------------------------------------------------------------------------------------

FIGURES = {
    "commands": 3, "others": 2, "simulated": True,
    "ways": [{"treatment": "dereverberation", "where": SECOND, "box": True, "rooms": {"clean": {"intent": 1.0, "intent_and_slots": 0.5}},
              "more": 0, "less": 0, "false_triggers": 1, "heard_twice": 0.4, "others_heard_twice": 0.9, "treatment_ms_per_s": 7.25, "all_ms_per_s": 265.4}],
}


@pytest.mark.parametrize("order", [("elders", "front-end", "elders"), ("front-end", "elders", "front-end")])
def test_each_section_is_written_anew_and_leaves_the_other_alone(tmp_path, order, capsys):
    path = tmp_path / "understanding.json"
    for run, section in enumerate(order):
        machine = f"run {run}"
        bench._write_elders(section, {**FIGURES, "machine": machine} if section == "front-end" else {f"only {run}": 1, "machine": machine}, path)
    found = json.loads(path.read_text(encoding="utf-8"))
    latest = {section: run for run, section in enumerate(order)}
    assert found["front_end"]["machine"] == f"run {latest['front-end']}"
    assert found["machine"] == f"run {latest['elders']}"
    assert set(found) == {"machine", f"only {latest['elders']}", "front_end"}, "what an earlier run of elders wrote is gone"
    assert "| dereverberation |" in (tmp_path / "understanding.md").read_text(encoding="utf-8")


def test_the_front_end_alone_makes_a_page(tmp_path):
    report.write(report.merged({}, "front-end", {**FIGURES, "machine": "test"}), tmp_path / "found.md")
    text = (tmp_path / "found.md").read_text(encoding="utf-8")
    assert "| dereverberation | second hearing (the box) | 100.0 % (50.0 %) | +0 −0 | 1 | 40.0 %, 90.0 % | 7.2 ms | 265 ms |" in text
    assert "Rooms are simulated. Machine: test." in text
