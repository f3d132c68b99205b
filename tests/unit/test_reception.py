"""When what comes over the network is tried again, and when it is given up on."""
import pytest

from audio.reception import ASKED_FOR_S, COMES_BACK_S, LONGEST_WAIT_S, SILENT_S, STEADY_S, Reception


def faults(reception, takes_s=0.0):
    """Each attempt fails after ``takes_s``; the moments of the attempts, and that of giving up."""
    now_s, begun = reception.since_s, []
    while True:
        begun.append(now_s)
        now_s += takes_s
        reception = reception.failed(now_s)
        if reception.is_hopeless(now_s):
            return begun, now_s
        assert reception.again_s == now_s + reception.wait_s
        now_s = reception.again_s
        reception = reception.begun_again(now_s, 1)


def playing(seconds, reception=None, at_s=0.0):
    reception = reception or Reception(1, at_s, at_s)
    for second in range(seconds + 1):
        reception = reception.moved(at_s + second, 100.0 + second)
    return reception


def test_who_waits_for_it_is_told_within_nine_seconds():
    assert faults(Reception(1, 50.0, 50.0)) == ([50.0, 51.0, 53.0, 57.0], 57.0)
    begun, told_s = faults(Reception(1, 50.0, 50.0), 8.0)
    assert begun == [50.0] and told_s == 58.0


def test_what_broke_off_is_tried_for_ten_minutes_and_ever_more_seldom():
    heard = playing(30)
    begun, told_s = faults(heard.failed(30.0).begun_again(31.0, 1), 0.0)
    pauses = [later - earlier for earlier, later in zip(begun, begun[1:], strict=False)]
    assert pauses[:3] == [2.0, 4.0, 8.0] and pauses[-1] == LONGEST_WAIT_S and sorted(pauses) == pauses
    assert COMES_BACK_S - LONGEST_WAIT_S <= told_s - 30.0 <= COMES_BACK_S


def test_what_has_come_back_for_good_may_break_off_again():
    once = playing(30).failed(30.0)
    assert once.faults == 1 and once.since_s == 30.0 and once.begun_again(400.0, 2).again_s is None
    back = playing(int(STEADY_S) + 1, once.begun_again(400.0, 2), 400.0)
    assert back.faults == 0 and back.failed(900.0).since_s == 900.0
    blips = playing(int(STEADY_S) - 2, once.begun_again(400.0, 2), 400.0)
    assert blips.failed(410.0).since_s == 30.0, "a moment of sound now and then is none"


@pytest.mark.parametrize(("heard", "after_s"), [(False, ASKED_FOR_S), (True, SILENT_S)])
def test_what_stands_still_without_a_word_is_a_fault(heard, after_s):
    reception = playing(5) if heard else Reception(1, 5.0, 5.0)
    assert not reception.is_silent(5.0 + after_s) and reception.is_silent(5.1 + after_s)
    stuck = reception.moved(5.0 + after_s, 105.0).moved(5.0 + after_s, 105.0)
    assert stuck.is_silent(5.1 + after_s), "the same place is no movement"
    assert not reception.rested(100.0).is_silent(100.0 + after_s), "what is paused is not silent by fault"
