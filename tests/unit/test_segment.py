"""The pure segmenter: what a row of (seconds, speech probability) means."""
from __future__ import annotations

import pytest

from audio.segment import Mark, NoiseFloor, PatienceLearner, Segmenter, SegmentSettings

STEP = 0.032


def run(segmenter: Segmenter, *pieces: tuple[float, float]) -> list[tuple[Mark, float]]:
    """Feed pieces of (seconds, probability) in steps of 32 ms; the marks with the second at which they came."""
    found = []
    for seconds, probability in pieces:
        for _ in range(round(seconds / STEP)):
            mark = segmenter.process(STEP, probability)
            if mark is not Mark.NOTHING:
                found.append((mark, round(segmenter.position_s, 2)))
    return found


def marks(*pieces: tuple[float, float], settings: SegmentSettings | None = None) -> list[Mark]:
    return [mark for mark, _ in run(Segmenter(settings), *pieces)]


def test_silence_is_nothing():
    assert marks((60, 0.0)) == []


def test_speech_begins_pauses_and_ends():
    assert marks((1, 0), (2, 0.9), (3, 0)) == [Mark.BEGAN, Mark.PAUSED, Mark.ENDED]


def test_a_click_is_not_an_utterance():
    assert marks((1, 0), (0.1, 1.0), (3, 0)) == []


def test_clicks_far_apart_do_not_add_up():
    assert marks(*[(0.1, 1.0), (0.5, 0)] * 10) == []


def test_one_short_syllable_is_an_utterance():
    assert marks((1, 0), (0.25, 0.9), (2, 0)) == [Mark.BEGAN, Mark.PAUSED, Mark.ENDED]


def test_a_pause_in_mid_sentence_does_not_end_the_turn():
    assert marks((1, 0.9), (0.7, 0), (1, 0.9), (2, 0)) == [
        Mark.BEGAN, Mark.PAUSED, Mark.RESUMED, Mark.PAUSED, Mark.ENDED]


def test_a_very_short_gap_is_not_even_a_pause():
    assert marks((1, 0.9), (0.15, 0), (1, 0.9), (2, 0)) == [Mark.BEGAN, Mark.PAUSED, Mark.ENDED]


def test_a_click_in_the_pause_does_not_prolong_it():
    segmenter = Segmenter()
    run(segmenter, (1, 0.9))
    ends = run(segmenter, (0.5, 0), (0.064, 0.9), (2, 0))
    assert [mark for mark, _ in ends] == [Mark.PAUSED, Mark.ENDED]
    assert ends[-1][1] == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("patience", [0.8, 1.0, 1.7, 2.5])
def test_the_turn_ends_after_the_patience(patience: float):
    (_, _), (_, _), (mark, at) = run(Segmenter(SegmentSettings(patience_s=patience)), (2, 0.9), (4, 0))
    assert mark is Mark.ENDED
    assert at == pytest.approx(2 + patience, abs=0.08)


def test_patience_can_change_inside_an_utterance():
    segmenter = Segmenter()
    run(segmenter, (2, 0.9), (0.5, 0))
    segmenter.set_patience(2.0)
    assert run(segmenter, (1, 0)) == []
    assert [mark for mark, _ in run(segmenter, (1, 0))] == [Mark.ENDED]


def test_patience_below_the_short_pause_ends_at_once():
    settings = SegmentSettings(patience_s=0.22, short_pause_s=0.22)
    assert marks((1, 0.9), (1, 0), settings=settings) == [Mark.BEGAN, Mark.ENDED]


def test_pre_roll_reaches_back_before_the_first_voice():
    segmenter = Segmenter()
    run(segmenter, (2, 0), (1, 0.9))
    assert segmenter.start_s == pytest.approx(2 - 0.4, abs=STEP)


def test_pre_roll_never_reaches_before_the_beginning():
    segmenter = Segmenter()
    run(segmenter, (0.1, 0), (1, 0.9))
    assert segmenter.start_s == 0.0


def test_the_cap_ends_endless_speech():
    found = run(Segmenter(), (16, 0.95))
    assert [mark for mark, _ in found] == [Mark.BEGAN, Mark.ENDED, Mark.BEGAN]
    assert found[1][1] == pytest.approx(15, abs=0.05)


def test_endless_noise_still_ends_the_turn():
    """The person speaks, then a noise that the network takes for speech goes on for ever."""
    ended = [at for mark, at in run(Segmenter(), (2, 0.97), (30, 0.7)) if mark is Mark.ENDED]
    assert ended and ended[0] <= 15.05


def test_steady_noise_lifts_the_threshold_and_then_begins_nothing():
    segmenter = Segmenter()
    run(segmenter, (30, 0.6))
    segmenter.restart()
    assert run(segmenter, (20, 0.6)) == []


def test_clear_speech_is_heard_over_steady_noise():
    segmenter = Segmenter()
    run(segmenter, (30, 0.6))
    segmenter.restart()
    assert [mark for mark, _ in run(segmenter, (2, 0.98), (2, 0.6))] == [Mark.BEGAN, Mark.PAUSED, Mark.ENDED]


def test_wavering_between_the_thresholds_stays_what_it_was():
    assert marks((1, 0.9), (1, 0.42), (0.2, 0.9), (2, 0)) == [Mark.BEGAN, Mark.PAUSED, Mark.ENDED]
    assert marks((5, 0.42)) == []


def test_the_longest_inner_pause_is_kept():
    segmenter = Segmenter()
    run(segmenter, (1, 0.9), (0.4, 0), (1, 0.9), (0.7, 0), (1, 0.9), (2, 0))
    assert segmenter.longest_pause_s == pytest.approx(0.7, abs=0.1)


def test_a_second_utterance_begins_afresh():
    segmenter = Segmenter()
    run(segmenter, (1, 0.9), (0.7, 0), (1, 0.9), (2, 0), (1, 0.9))
    assert segmenter.longest_pause_s == 0.0


def test_restart_forgets_the_utterance():
    segmenter = Segmenter()
    run(segmenter, (1, 0.9))
    segmenter.restart()
    assert run(segmenter, (3, 0)) == []


def test_step_length_does_not_matter():
    fine, coarse = Segmenter(), Segmenter()
    for _ in range(2000):
        fine.process(0.001, 0.9)
    for _ in range(50):
        coarse.process(0.04, 0.9)
    assert fine.phase is coarse.phase
    assert fine.position_s == pytest.approx(coarse.position_s)


def test_noise_floor_needs_its_whole_span():
    floor = NoiseFloor()
    for _ in range(5):
        floor.add(1.0, 0.8)
    assert floor.level == 0.0
    floor.add(1.0, 0.8)
    assert floor.level == 0.8
    assert floor.raised(0.5) == 0.9


def test_one_breath_resets_the_noise_floor():
    floor = NoiseFloor()
    for probability in (0.9, 0.9, 0.9, 0.05, 0.9, 0.9):
        floor.add(1.0, probability)
    assert floor.raised(0.5) == 0.5


def test_patience_starts_at_one_second():
    assert PatienceLearner().patience_s == 1.0


def test_fluent_speakers_get_shorter_patience_but_not_soon():
    learner = PatienceLearner()
    for _ in range(14):
        learner.observe(0.0)
    assert learner.patience_s == 1.0
    learner.observe(0.0)
    assert learner.patience_s == 0.8


def test_slow_speakers_get_longer_patience_at_once():
    learner = PatienceLearner()
    learner.observe(0.9)
    assert learner.patience_s == pytest.approx(1.5)


def test_patience_has_an_upper_bound():
    learner = PatienceLearner()
    learner.observe(2.4)
    assert learner.patience_s == 2.5


def test_old_pauses_are_forgotten():
    learner = PatienceLearner()
    learner.observe(2.0)
    for _ in range(20):
        learner.observe(0.0)
    assert learner.patience_s == 0.8


def test_a_patience_that_allows_a_pause_sees_it_again():
    """Whoever pauses 0.9 s every time is never cut off by what has been learnt from them."""
    learner = PatienceLearner()
    for _ in range(50):
        assert learner.patience_s > 0.9
        learner.observe(0.9)
