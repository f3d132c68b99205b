"""What is known of the files that mpv has: when one can be over, and whose answer is whose."""
from dataclasses import replace

import pytest

from audio.mpv_loaded import (
    NEAR_THE_END_S,
    OUTPUT_REQUEST,
    Following,
    Loaded,
    is_of_position,
    length_request,
    load_request,
    options,
    position_request,
)

EPISODE = Loaded(entry=7, length_s=1800.0)
TOLD = replace(EPISODE, next=Following("b", 0.0), next_entry=8)


@pytest.mark.parametrize(("loaded", "position_s", "breaks_off", "near_the_end"), [
    (EPISODE, 600.0, True, False),
    (EPISODE, 1800.0 - NEAR_THE_END_S, False, True),
    (EPISODE, 1800.0, False, True),
    (TOLD, 1799.0, False, True),
    (TOLD, 0.0, False, True),
    (Loaded(7), 600.0, False, False),
    (Loaded(7, NEAR_THE_END_S / 2), 0.0, False, True),
    (Loaded(), 0.0, False, False),
], ids=["midway", "near the end", "over", "told", "told, and mpv is at the next one already", "length unknown", "short", "nothing"])
def test_what_stops_far_from_its_end_has_broken_off(loaded, position_s, breaks_off, near_the_end):
    assert loaded.breaks_off_at(position_s) is breaks_off and loaded.is_near_the_end_at(position_s) is near_the_end


def test_gone_over_nothing_is_left_of_the_file_before():
    assert TOLD.gone_over() == Loaded(entry=8)


def test_no_two_requests_are_alike_but_what_follows_and_what_it_becomes():
    numbers = [request(cue) for cue in range(1, 50) for request in (load_request, position_request, length_request)]
    assert len({0, OUTPUT_REQUEST, *numbers}) == len(numbers) + 2
    assert [number for number in (0, OUTPUT_REQUEST, *numbers) if is_of_position(number)] == [position_request(cue) for cue in range(1, 50)]


@pytest.mark.parametrize(("gain_db", "start_s", "told"), [
    (0.0, 0.0, {}), (0.0, 12.3456, {"start": "+12.346"}), (-3.5, 0.0, {"af": "lavfi=[volume=volume=-3.5dB:precision=float]"}),
    (6.0, 1.0, {"start": "+1.000", "af": "lavfi=[volume=volume=6.0dB:precision=float]"}),
])
def test_options_are_told_only_where_they_differ_from_the_file_as_it_is(gain_db, start_s, told):
    assert options(gain_db, start_s) == told
