"""What is to be heard, order by order; the simulated player and mpv both follow it."""
import random
from dataclasses import replace

import pytest

from assistant.errors import PlayerMissing
from assistant.events import MediaEnded, MediaFailed, MediaPlayedOut, MediaStarted
from assistant.ports import MediaState
from audio.fakes_media import SimulatedPlayer
from audio.media_course import FASTEST, SLOWEST, Course

PLAYING, PAUSED, STOPPED = MediaState.PLAYING, MediaState.PAUSED, MediaState.STOPPED
THREE = Course().playing(("a", "b", "c"), 0.0)


@pytest.mark.parametrize(
    ("orders", "file", "state"),
    [
        ([], "a", PLAYING),
        ([Course.pausing], "a", PAUSED),
        ([Course.pausing, Course.pausing, Course.resuming], "a", PLAYING),
        ([Course.next], "b", PLAYING),
        ([Course.pausing, Course.next], "b", PLAYING),
        ([Course.pausing, Course.ending], "b", PAUSED),
        ([Course.next, Course.next, Course.next], "c", STOPPED),
        ([Course.ending, Course.ending, Course.pausing, Course.ending], "c", STOPPED),
        ([Course.next, Course.previous], "a", PLAYING),
        ([Course.previous], "a", PLAYING),
        ([Course.stopping, Course.resuming], "a", PLAYING),
        ([Course.ending_after_this], "a", PLAYING),
        ([Course.ending_after_this, Course.ending], "a", STOPPED),
        ([Course.ending_after_this, Course.pausing, Course.resuming, Course.ending], "a", STOPPED),
        ([Course.ending_after_this, Course.resuming, Course.ending], "b", PLAYING),
        ([Course.ending_after_this, Course.next, Course.ending], "b", STOPPED),
        ([Course.ending_after_this, Course.ending, Course.restarting, Course.ending], "b", PLAYING),
        ([Course.ending_after_this, lambda c: c.playing(("x", "y"), 0.0), Course.ending], "y", PLAYING),
        ([Course.stopping, Course.pausing], "a", STOPPED),
        ([Course.stopping, Course.unducking], "a", STOPPED),
        ([Course.pausing, Course.ducking, Course.unducking], "a", PAUSED),
        ([Course.next, Course.next, Course.next, Course.restarting], "c", PLAYING),
    ],
)
def test_orders_lead_to_one_file_and_one_state(orders, file, state):
    course = THREE
    for order in orders:
        course = order(course)
    assert (course.file, course.state) == (file, state)


def test_stopped_it_goes_on_where_it_was_and_restarted_it_begins_anew():
    stopped = THREE.reached(73.0).stopping()
    assert stopped.resuming().position_s == 73.0 and stopped.resuming().cue != stopped.cue
    assert stopped.restarting().position_s == 0.0


def test_it_may_begin_in_the_middle_of_the_files():
    course = Course().playing(("a", "b", "c"), 9.0, 1)
    assert (course.file, course.position_s, course.previous().file) == ("b", 9.0, "a")


def test_a_pause_needs_no_new_beginning():
    assert THREE.pausing().resuming().cue == THREE.cue


def test_ducked_it_is_at_least_15_db_down_and_comes_back():
    for level in (20, 60, 100):
        loud = THREE.at_level(level)
        assert loud.ducking().amplitude <= loud.amplitude * 10 ** (-15 / 20)
        assert loud.ducking().unducking().amplitude == loud.amplitude > 0


@pytest.mark.parametrize("order", [Course.next, Course.restarting, lambda c: c.playing(("x",), 0.0), lambda c: c.pausing().resuming()])
def test_what_begins_while_somebody_speaks_waits_for_the_end_of_it(order):
    begun = order(THREE.ducking())
    assert begun.state is PLAYING and begun.silent
    assert not begun.unducking().silent


def test_what_played_before_plays_on_under_the_talk():
    assert not THREE.ducking().silent


def test_it_dies_away_step_by_step_and_keeps_its_place():
    course, levels = THREE.reached(73.0), []
    while course.state is PLAYING:
        levels.append(course.amplitude)
        course = course.softer(0.1)
    assert levels == sorted(levels, reverse=True) and 9 <= len(levels) <= 11 and levels[-1] < 0.05 * levels[0]
    assert (course.state, course.position_s) == (STOPPED, 73.0) and course.resuming().amplitude == levels[0]


@pytest.mark.parametrize("order", [Course.resuming, Course.pausing, Course.next, Course.restarting, Course.stopping, lambda c: c.playing(("x",), 0.0)])
def test_any_order_ends_the_dying_away(order):
    assert not order(THREE.softer(0.5)).is_fading


@pytest.mark.parametrize("silent", [THREE.pausing(), THREE.stopping(), Course(), THREE.ducking().next()])
def test_what_nobody_hears_needs_no_dying_away(silent):
    assert silent.softer(0.01).state is STOPPED


def test_speed_and_level_stay_within_what_can_be_listened_to():
    assert (THREE.at_speed(9).speed, THREE.at_speed(0.1).speed) == (FASTEST, SLOWEST)
    assert (THREE.at_level(400).level, THREE.at_level(-4).level) == (100, 0)


def test_a_new_order_is_at_normal_speed_and_loudness_stays():
    course = THREE.at_speed(0.75).at_level(33).playing(("x",), 5.0)
    assert (course.speed, course.level, course.position_s) == (1.0, 33, 5.0)


def test_without_files_orders_change_nothing_that_plays():
    empty = Course()
    for order in (Course.pausing, Course.resuming, Course.stopping, Course.next, Course.previous, Course.restarting):
        assert order(empty).status() is None and order(empty).state is STOPPED


def test_a_thousand_orders_in_a_row_keep_it_lawful():
    chance = random.Random(1)
    orders = [Course.pausing, Course.resuming, Course.stopping, Course.next, Course.ending, Course.previous, Course.restarting,
              Course.ducking, Course.unducking, Course.again, lambda c: c.softer(0.3), lambda c: c.at_speed(chance.uniform(0, 3)),
              lambda c: c.playing(tuple("abcd"[: chance.randint(1, 4)]), chance.uniform(0, 9))]
    course = Course()
    for _ in range(1000):
        before, course = course, chance.choice(orders)(course)
        assert course.cue >= before.cue
        if course.files:
            assert 0 <= course.index < len(course.files)
        assert not (course.held and not course.ducked)
        assert not (course.held and course.state is STOPPED)


# -- the simulated player keeps the contract of the real one (tests/audio/test_mpv.py) -----------------------------------

def _simulated(unplayable=()):
    events = []
    player = SimulatedPlayer(unplayable)
    player.start(events.append)
    return player, events


def test_simulated_files_begin_one_after_the_other_and_end():
    player, events = _simulated()
    player.play(("a", "b"))
    player.finish()
    player.finish()
    assert events == [MediaStarted("a"), MediaPlayedOut("a"), MediaStarted("b"), MediaPlayedOut("b"), MediaEnded()]
    assert player.status().state is STOPPED


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (("bad", "b"), [MediaStarted("b")]),
        (("bad",), [MediaFailed("bad", "simulated")]),
        (("bad", "bad"), [MediaFailed("bad", "simulated")]),
    ],
)
def test_simulated_broken_files_are_passed_over_and_told_only_when_there_is_no_other(files, told):
    player, events = _simulated({"bad"})
    player.play(files)
    assert events == told


def test_a_simulated_machine_without_mpv():
    player, _ = _simulated()
    player.missing = True
    with pytest.raises(PlayerMissing):
        player.play(("a",))
    assert player.status() is None


def test_what_follows_by_itself_is_known_beforehand():
    course = Course().playing(("a", "b"), 0.0)
    assert course.following == "b" and course.ending_after_this().following is None
    assert course.next().following is None and Course().following is None
    assert course.ending_after_this().resuming().following == "b"
    assert course.pausing().following == "b" and course.stopping().following is None and course.stopping().resuming().following == "b"


def test_nothing_follows_a_station():
    course = Course().tuning(("a", "b"), 0)
    assert course.following is None and course.next().file == "b"


def test_who_has_gone_over_by_itself_is_still_to_be_told_the_rest():
    told = Course().playing(("a", "b"), 3.0)
    after = told.ducking().at_speed(0.8).ending()
    assert told.gone_over(after) == replace(told, index=1, position_s=0.0, cue=after.cue)
    assert told.gone_over(after).silent is not after.silent
