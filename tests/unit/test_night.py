import datetime as dt

import pytest

from assistant.night import media_level
from assistant.settings import MediaSettings


@pytest.mark.parametrize(
    ("hour", "tree", "level"),
    [
        (12, {}, 60), (21, {}, 60), (22, {}, 42), (3, {}, 42), (6, {}, 60),
        (23, {"night_volume": 100}, 60), (13, {"night_from": 12, "night_until": 15}, 42), (15, {"night_from": 12, "night_until": 15}, 60),
        *((hour, {"night_from": 5, "night_until": 5}, 60) for hour in (4, 5, 6)),
    ],
)
def test_plays_and_songs_are_softer_at_night(hour, tree, level):
    assert media_level(60, dt.datetime(2026, 11, 23, hour, 59 if hour == 21 else 0), MediaSettings(**tree)) == level


def test_at_night_too_louder_is_louder():
    night = dt.datetime(2026, 11, 23, 23)
    levels = [media_level(volume, night, MediaSettings()) for volume in range(0, 101, 10)]
    assert levels == sorted(set(levels)) and levels[0] == 0
