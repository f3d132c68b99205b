"""The instruments themselves: a harness that measures wrongly is worse than none."""
import json
import random

import numpy as np
import pytest
import soundfile

from bench.elders import acoustics, report, trial
from bench.elders.acoustics import Condition, Surroundings, place
from bench.elders.baselines import Hassil, by_keywords
from bench.elders.mishear import every_third, garbled, near_homophone
from bench.elders.run import corpus
from bench.elders.titles import simulated_titles
from bench.elders.trial import Trial, Verdict
from bench.understanding_bench import Case
from intents.model import Hypothesis, Intent, Source
from intents.pinyin import readings
from intents.wordlists import Vocabulary

RATE = 16_000


@pytest.fixture(scope="module")
def speech():
    """A second of tone between two pauses."""
    tone = 8000 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)
    return np.concatenate((np.zeros(RATE // 2), tone, np.zeros(RATE // 2))).astype(np.int16)


def db(sound):
    return 10 * np.log10((sound.astype(float) ** 2).mean())


@pytest.mark.parametrize("snr", [20, 10, 5])
def test_noise_lies_as_far_below_the_speech_as_asked(speech, snr):
    noisy = place(speech, Condition("noise", snr_db=snr), acoustics.load(None), 0).astype(float)
    scale = noisy[RATE // 2 : -RATE // 2] @ speech[RATE // 2 : -RATE // 2] / (speech[RATE // 2 : -RATE // 2].astype(float) @ speech[RATE // 2 : -RATE // 2])
    noise = noisy - scale * speech
    assert db(scale * speech[RATE // 2 : -RATE // 2]) - db(noise) == pytest.approx(snr, abs=1.0)


def test_clean_is_the_speech_itself(speech):
    assert np.abs(place(speech, Condition("clean"), acoustics.load(None), 3).astype(int) - speech).max() <= 1


def test_a_simulated_room_rings_as_long_as_it_says():
    room = acoustics.simulated_rooms()[2]
    assert "simulated" in room.name and "0.55" in room.name
    energy = np.cumsum(room.sound[::-1].astype(float) ** 2)[::-1]
    fall = 10 * np.log10(energy / energy[0])
    early, late = np.argmax(fall < -10), np.argmax(fall < -30)
    assert 3 * (late - early) / RATE == pytest.approx(0.55, rel=0.15)


def test_a_folder_gives_rooms_and_noises_and_the_opera_is_simulated_if_missing(tmp_path):
    for name in ("room_kitchen", "rain"):
        soundfile.write(tmp_path / f"{name}.wav", np.random.default_rng(1).uniform(-0.1, 0.1, (8000, 2)), 48_000)
    found = acoustics.load(tmp_path)
    assert [room.name for room in found.rooms] == ["room_kitchen"]
    assert [noise.name for noise in found.noises] == ["rain", "simulated opera"]
    assert len(found.noises[0].sound) == pytest.approx(8000 / 3, abs=2)


def test_the_same_number_gives_the_same_sound(speech):
    where = Surroundings(acoustics.simulated_rooms(), [acoustics.simulated_opera()])
    condition = Condition("room", True, 10)
    assert np.array_equal(place(speech, condition, where, 5), place(speech, condition, where, 5))
    assert not np.array_equal(place(speech, condition, where, 5)[:1000], place(speech, condition, where, 6)[:1000])


def test_every_third_syllable_is_another_character_that_sounds_alike():
    text = "每天早上八点提醒我吃药"
    wrong = every_third(text)
    assert [number for number, (a, b) in enumerate(zip(text, wrong, strict=True), 1) if a != b] == [3, 6, 9]
    assert wrong == every_third(text) != every_third(text, seed=1)


@pytest.mark.parametrize("char", list("吃京年十二"))
def test_near_homophones_share_the_syllable_or_are_one_accent_away(char):
    rng = random.Random(1)
    [sound, *_] = readings(char)
    for _ in range(30):
        other = readings(near_homophone(char, rng))[0]
        assert other.initial == sound.initial or other.final == sound.final


def test_garbled_text_has_the_asked_rate_of_errors():
    texts = simulated_titles(300)
    wrong = sum(trial_distance(text, garbled(text, 0.2, number)) for number, text in enumerate(texts))
    assert wrong / sum(map(len, texts)) == pytest.approx(0.2, abs=0.03)


def trial_distance(a, b):
    row = list(range(len(b) + 1))
    for line, left in enumerate(a, 1):
        above, row = row, [line]
        for column, right in enumerate(b, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (left != right)))
    return row[-1]


def verdict(accept, got, confidence=1.0, condition="clean", **slots):
    heard = (Hypothesis("听戏", 0.8, Source.FREE_FORM), Hypothesis("听戏", 0.9, Source.GRAMMAR))
    return Verdict(Trial(condition, "听戏", accept, slots, heard), Intent(got, {"kind": "opera"}, confidence))


def test_shares_confusions_and_errors():
    verdicts = [
        verdict(("media.play",), "media.play", kind="opera"), verdict(("media.play",), "media.play", kind="song"),
        verdict(("media.play",), "none"), verdict(("none",), "clock.time"), verdict(("none",), "none"),
    ]
    assert trial.summary(verdicts) == {
        "commands": 3, "intent": 0.6667, "intent_and_slots": 0.3333, "not_for_the_box": 2, "false_triggers": 0.5,
    }
    assert trial.confusions(verdicts) == {"media.play": {"none": 1}, "none": {"clock.time": 1}}
    assert len(trial.errors(verdicts)) == 3


def test_calibration_error_is_the_gap_between_confidence_and_truth():
    sure = [verdict(("media.play",), "media.play", 0.95)] * 9 + [verdict(("media.play",), "none", 0.95)]
    assert trial.reliability(sure)["ece"] == pytest.approx(0.05)
    assert trial.reliability([verdict(("media.play",), "none", 0.95)] * 4)["ece"] == pytest.approx(0.95)


def test_what_was_heard_is_kept(tmp_path):
    trials = [verdict(("media.play",), "none", kind="opera").trial]
    trial.save(trials, tmp_path / "heard.jsonl")
    assert trial.restore(tmp_path / "heard.jsonl") == trials


def test_a_corpus_has_its_labels_as_conditions(tmp_path):
    rows = [{"text": "放首歌", "accept": ["media.play", "media.resume"], "label": "play"}, {"text": "关灯", "accept": ["none"]}]
    (tmp_path / "c.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    first, second = corpus(tmp_path / "c.jsonl")
    assert (first.condition, first.accept, first.heard[0].text) == ("play", ("media.play", "media.resume"), "放首歌")
    assert second.condition == "none" and not second.is_command


def test_the_baseline_takes_the_first_keyword():
    assert [by_keywords(text) for text in ("今天天气怎么样", "摔倒了", "白菜炖豆腐")] == ["weather.query", "sos.trigger", "none"]


def test_the_report_holds_every_condition_and_a_picture(tmp_path):
    part = trial.summary(trial.judge_text(trial.typed("as written", [Case("听戏", "media.play", {})]), by_keywords))
    ways = {"ours": part, "hassil": part, "keywords": part}
    report.write({"machine": "test", "commands": {"as written": ways}, "speech": {"clean": ways, "room": ways}}, tmp_path / "found.md")
    text = (tmp_path / "found.md").read_text(encoding="utf-8")
    assert "| room | 1 | 100.0 %" in text and "found.svg" in text
    assert (tmp_path / "found.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_hassil_alone_knows_the_templates_and_nothing_misheard():
    baseline = Hassil(Vocabulary.load())
    assert baseline.intent("今天天气怎么样") == "weather.query"
    assert baseline.intent("今天天其怎么样") == "none"


def test_each_section_leaves_the_figures_of_the_others_alone():
    found = report.merged({"speech": {}, "titles": {"first": 0.5}}, "titles", {"first": 1.0})
    found = report.merged(found, "front-end", {"ways": []})
    assert report.merged(found, "elders", {"accents": {}}) == {"accents": {}, "titles": {"first": 1.0}, "front_end": {"ways": []}}
