import datetime as dt

import pytest

from intents.model import Intent
from skills.api import World
from skills.clock import abroad
from skills.clock.skill import time

WINTER = dt.datetime(2026, 11, 23, 10, 0)
SUMMER = dt.datetime(2026, 7, 1, 10, 0)


@pytest.mark.parametrize(
    ("city", "now", "there"),
    [
        ("纽约", WINTER, dt.datetime(2026, 11, 22, 21, 0)), ("纽约", SUMMER, dt.datetime(2026, 6, 30, 22, 0)),
        ("伦敦", WINTER, dt.datetime(2026, 11, 23, 2, 0)), ("东京", WINTER, dt.datetime(2026, 11, 23, 11, 0)),
        ("悉尼", WINTER, dt.datetime(2026, 11, 23, 13, 0)), ("新德里", WINTER, dt.datetime(2026, 11, 23, 7, 30)),
    ],
)
def test_time_abroad(city, now, there):
    assert abroad.time_in(city, now) == there


def test_every_city_has_a_zone_that_exists():
    for city in abroad.ZONES:
        abroad.time_in(city, WINTER)
    assert set(abroad.CAPITALS.values()) <= set(abroad.ZONES)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("纽约现在几点了", "纽约那边是昨天晚上九点整"), ("美国那边几点了", "纽约那边是昨天"), ("现在几点了", "上午十点整"),
        ("北京现在几点", "上午十点整"), ("儿子那边几点了", "咱这儿是上午十点整"),
    ],
)
def test_the_answer_is_for_the_place_that_was_named(heard, said):
    assert said in time(Intent("clock.time", {}, 1.0, heard), World(now=WINTER)).text
