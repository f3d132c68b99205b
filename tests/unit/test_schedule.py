import datetime as dt
import queue

import pytest

from assistant.events import TimerRang
from assistant.schedule import Schedule
from skills.api import Timer


@pytest.fixture
def posted():
    return queue.Queue()


@pytest.fixture
def schedule(posted):
    schedule = Schedule(posted.put, dt.datetime.now)
    yield schedule
    schedule.close()


def test_a_timer_rings_at_its_time(schedule, posted):
    schedule.start([])
    due = dt.datetime.now() + dt.timedelta(seconds=0.3)
    schedule.add(Timer("a", due, "鸡蛋"))
    rang = posted.get(timeout=5)
    assert (rang.timer_id, rang.label) == ("a", "鸡蛋")
    assert dt.datetime.now() >= due and rang.late_s < 2


def test_a_timer_missed_while_the_box_was_off_rings_late_not_never(schedule, posted):
    schedule.start([Timer("a", dt.datetime.now() - dt.timedelta(hours=3), "面条")])
    rang = posted.get(timeout=5)
    assert rang.timer_id == "a" and rang.late_s == pytest.approx(3 * 3600, abs=5)


def test_a_dismissed_timer_is_silent(schedule, posted):
    now = dt.datetime.now()
    schedule.start([Timer("a", now + dt.timedelta(seconds=0.3), ""), Timer("b", now + dt.timedelta(seconds=0.6), "")])
    schedule.remove("a")
    schedule.remove("unknown")
    assert posted.get(timeout=5) == TimerRang("b", "", pytest.approx(0, abs=2))
    assert posted.empty()


def test_a_timer_of_the_same_name_is_replaced(schedule, posted):
    schedule.start([Timer("a", dt.datetime.now() + dt.timedelta(hours=1), "old")])
    schedule.add(Timer("a", dt.datetime.now(), "new"))
    assert posted.get(timeout=5).label == "new"


def test_something_is_done_once_at_its_time_and_a_later_word_about_it_counts(schedule, posted):
    schedule.start([])
    now = dt.datetime.now()
    schedule.once("media", now + dt.timedelta(hours=1), lambda: posted.put("old"))
    schedule.once("media", now + dt.timedelta(seconds=0.2), lambda: posted.put("new"))
    assert posted.get(timeout=5) == "new" and dt.datetime.now() >= now + dt.timedelta(seconds=0.2)


def test_a_repeated_job_runs_at_once(schedule, posted):
    schedule.start([])
    schedule.every(60, lambda: posted.put("ran"))
    assert posted.get(timeout=5) == "ran"


def test_closing_while_timers_fire_is_clean(posted):
    """A failure in the scheduler's own thread would fail this test: pytest reports it, and warnings are errors."""
    for _ in range(60):
        schedule = Schedule(posted.put, dt.datetime.now)
        due = dt.datetime.now()
        schedule.start(Timer(f"t{number}", due, "") for number in range(20))
        posted.get(timeout=5)
        schedule.close()
