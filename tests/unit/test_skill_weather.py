"""The weather skill: every sky, every aspect, fresh, stale, failed, unknown, too far."""
import datetime as dt

import pytest

from assistant.commands import FetchForecast
from assistant.forecast import UNKNOWN_PLACE, Day, Forecast
from intents.model import Intent
from skills.api import Reply, World
from skills.weather import wording
from skills.weather.skill import query

NOW = dt.datetime(2026, 11, 23, 15, 25)
TODAY = NOW.date()
SKIES = {
    "sunny": "晴天", "cloudy": "多云", "overcast": "阴天", "fog": "雾", "drizzle": "小雨", "rain": "有雨",
    "heavy-rain": "大雨",
    "sleet": "雨夹雪", "snow": "雪", "thunder": "雷阵雨",
}


def a_day(offset: int = 0, **fields) -> Day:
    return Day(**{
        "date": TODAY + dt.timedelta(offset), "sky": "sunny", "low": 12.0, "high": 22.0, "rain_percent": 0,
        "rain_mm": 0.0, "wind_ms": 2.0, "wind_degrees": 0, **fields,
    })


def forecast(*days: Day, age: dt.timedelta = dt.timedelta(minutes=10), place: str = "济南", **fields) -> Forecast:
    return Forecast(place, days or tuple(a_day(n) for n in range(7)), NOW - age, "open-meteo", **fields)


def ask(known: Forecast | None = None, failures=None, heard: str = "", turn: int = 0, **slots) -> Reply:
    forecasts = {} if known is None else {known.place: known}
    world = World(now=NOW, forecasts=forecasts, forecast_failures=failures or {}, turn=turn)
    return query(Intent("weather.query", slots, 1.0, heard), world)


@pytest.mark.parametrize(("sky", "word"), SKIES.items())
@pytest.mark.parametrize("aspect", [None, "rain", "sun"])
def test_every_sky_is_named(sky, word, aspect):
    slots = {} if aspect is None else {"aspect": aspect}
    for turn in range(2):
        said = ask(forecast(a_day(sky=sky)), turn=turn, **slots).text
        assert word in said or (word == "有雨" and "要下雨" in said), said


@pytest.mark.parametrize(("fields", "expected"), [
    ({"sky": "rain"}, "雨"), ({"sky": "drizzle"}, "小雨"), ({"sky": "heavy-rain"}, "大雨"), ({"sky": "thunder"}, "雷"),
    ({"sky": "snow"}, "雪"), ({"sky": "sleet"}, "雨夹雪"), ({"sky": "cloudy", "rain_percent": 70}, "有雨"),
    ({"sky": "cloudy", "rain_percent": 40}, "兴许"),
    ({"sky": "overcast", "rain_percent": None, "rain_mm": 2.0}, "兴许"),
    ({"sky": "overcast", "rain_percent": None}, "不下雨"), ({"sky": "sunny", "rain_percent": 29}, "不下雨"),
])
def test_will_it_rain(fields, expected):
    assert expected in ask(forecast(a_day(**fields)), aspect="rain").text


@pytest.mark.parametrize(("wind_ms", "degrees", "words"), [
    (0.0, 0, "微风"), (3.3, 90, "微风"), (3.4, 0, "北风三到四级"), (7.9, 44, "东北风三到四级"), (8.0, 90, "东风五到六级"),
    (13.8, 135, "东南风五到六级"), (13.9, 180, "南风七到八级"), (20.7, 225, "西南风七到八级"), (25.0, 270, "西风九级往上"),
    (5.0, 315, "西北风三到四级"), (5.0, 359, "北风三到四级"), (5.0, None, "风三到四级"),
])
def test_wind_in_words(wind_ms, degrees, words):
    assert wording.wind(a_day(wind_ms=wind_ms, wind_degrees=degrees)) == words
    assert words in ask(forecast(a_day(wind_ms=wind_ms, wind_degrees=degrees)), aspect="wind").text


@pytest.mark.parametrize(("fields", "pieces"), [
    ({}, ()), ({"sky": "rain"}, ("umbrella",)), ({"sky": "heavy-rain"}, ("stay_in",)),
    ({"sky": "snow", "low": -3.0}, ("slippery", "frost")),
    ({"sky": "sleet"}, ("umbrella", "slippery")), ({"sky": "fog"}, ("fog",)), ({"wind_ms": 11.0}, ("wind",)),
    ({"high": 35.0, "low": 24.0}, ("heat",)), ({"low": 0.0, "high": 5.0}, ("frost",)),
    ({"low": 5.0, "high": 20.0}, ("swing",)),
    ({"sky": "thunder", "wind_ms": 15.0, "high": 36.0}, ("umbrella", "wind")),
    ({"sky": "cloudy", "rain_percent": 80}, ("umbrella",)),
])
def test_at_most_two_pieces_of_advice_the_weightiest_first(fields, pieces):
    assert wording.advice(a_day(**fields)) == pieces


@pytest.mark.parametrize(("high", "kind"), [
    (-1.0, "freezing"), (0.0, "cold"), (7.9, "cold"), (8.0, "chilly"), (15.0, "mild"), (21.0, "warm"), (28.0, "hot"),
    (40.0, "hot"),
])
def test_what_to_put_on(high, kind):
    day = a_day(high=high, low=high - 5)
    assert wording.clothes_for(day) == kind
    assert wording.REPLIES.word("clothes", kind) in ask(forecast(day), aspect="clothes").text


def test_temperatures_are_rounded_and_today_says_how_it_is_now():
    known = forecast(a_day(low=23.6, high=35.4), now_temperature=30.6)
    assert ask(known, aspect="temperature").text == (
        "这会儿外头三十一度。济南今天气温二十四到三十五度。天热，中午别下地，多喝水。"
    )
    two_days = forecast(a_day(), a_day(1), now_temperature=30.0)
    assert "这会儿" not in ask(two_days, aspect="temperature", date="2026-11-24").text
    assert "这会儿" not in ask(
        forecast(a_day(), age=dt.timedelta(hours=2), now_temperature=30.0), aspect="temperature"
    ).text, "two hours old is not now"


def test_sunrise_is_rounded_to_five_minutes():
    said = ask(forecast(a_day(sunrise="06:53", sunset="16:58")), aspect="sun").text
    assert "早上六点五十五分" in said
    assert "下午五点整" in said


@pytest.mark.parametrize(("date", "name"), [
    ("2026-11-23", "今天"), ("2026-11-24", "明天"), ("2026-11-25", "后天"), ("2026-11-26", "大后天"),
    ("2026-11-27", "星期五"),
    ("2026-11-28", "星期六"), ("2026-11-29", "星期天"),
])
def test_the_day_asked_about_is_the_day_told(date, name):
    known = forecast(*(a_day(n, low=float(n), high=n + 10.0) for n in range(7)))
    offset = (dt.date.fromisoformat(date) - TODAY).days
    reply = ask(known, date=date)
    assert name in reply.text
    assert reply.card.data["days"][0]["date"] == date
    assert reply.card.data["days"][0]["low"] == offset


@pytest.mark.parametrize("heard", [
    "这两天天气怎么样", "这几天天咋样", "最近天气好不好", "往后三天的天气", "近几天冷不冷",
])
def test_a_few_days_are_told_day_by_day(heard):
    known = forecast(a_day(), a_day(1, sky="rain"), a_day(2), a_day(3))
    reply = ask(known, heard=heard)
    assert [day["date"] for day in reply.card.data["days"]] == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert all(word in reply.text for word in ("今天", "明天有雨", "后天", "明天出门带上伞"))
    assert "大后天" not in reply.text


def test_a_place_asked_for_is_the_place_told_and_fetched():
    assert ask(place="莱芜").commands == (FetchForecast("莱芜"),)
    assert "莱芜" in ask(forecast(place="莱芜"), place="莱芜").text
    assert ask(forecast(place="莱芜")).commands == (FetchForecast("济南"),), "no place said: home"


@pytest.mark.parametrize("age", [dt.timedelta(hours=3, seconds=1), dt.timedelta(days=2), dt.timedelta(hours=-1)])
def test_old_forecasts_and_those_from_the_future_are_fetched_anew(age):
    reply = ask(forecast(age=age))
    assert reply.waits
    assert not reply.repeatable
    assert reply.commands == (FetchForecast("济南"),)
    assert not ask(forecast(age=dt.timedelta(hours=3))).waits


@pytest.mark.parametrize(("age", "said"), [
    (dt.timedelta(hours=5), "今天上午"), (dt.timedelta(hours=24), "昨天下午"), (dt.timedelta(hours=34), "昨天早上"),
    (dt.timedelta(hours=48), "前天下午"), (dt.timedelta(days=5), "十一月十八号"),
])
def test_without_a_network_the_cache_answers_and_says_its_age(age, said):
    week_old = forecast(*(a_day(n) for n in range(-6, 2)), age=age)
    reply = ask(week_old, failures={"济南": "timed out"})
    assert not reply.waits
    assert reply.commands == ()
    assert f"{said}的预报" in reply.text
    assert "今天晴天" in reply.text


def test_a_fresh_forecast_is_used_even_if_the_last_fetch_failed_and_without_apology():
    assert "预报" not in ask(forecast(), failures={"济南": "timed out"}).text


def test_with_nothing_at_all_the_truth_is_told_and_nothing_is_asked_again():
    for turn in range(2):
        reply = ask(failures={"济南": "timed out"}, turn=turn)
        assert "查不" in reply.text
        assert reply.commands == ()
        assert not reply.waits
        assert reply.card is None


def test_the_failure_of_one_place_does_not_silence_another():
    assert ask(failures={"莱芜": "timed out"}).waits


def test_an_unknown_place_is_told_apart_from_a_dead_network():
    reply = ask(failures={"火星": f"{UNKNOWN_PLACE}: 火星"}, place="火星")
    assert "火星在哪儿" in reply.text and reply.expects.slots == ("place",)


def test_a_stale_cache_without_the_day_says_so():
    known = forecast(a_day(), age=dt.timedelta(hours=9))
    assert "星期六的我手里没有" in ask(known, failures={"济南": "x"}, date="2026-11-28").text


def test_a_day_that_the_provider_does_not_have_is_not_asked_for_in_a_circle():
    assert ask(forecast(a_day(), age=dt.timedelta(minutes=30)), date="2026-11-28").waits
    reply = ask(forecast(a_day(), age=dt.timedelta(seconds=5)), date="2026-11-28")
    assert not reply.waits
    assert "星期六" in reply.text


@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize(("date", "word"), [
    ("2026-11-30", "十一月三十号"), ("2026-12-25", "十二月二十五号"), ("2027-02-06", "明年"), ("2026-11-22", "昨天"),
    ("2025-01-01", "去年"),
])
def test_beyond_the_forecast_and_before_today_no_network_is_bothered(date, word, turn):
    reply = ask(date=date, turn=turn)
    assert word in reply.text
    assert reply.commands == ()
    assert not reply.waits


def test_the_card_credits_the_provider():
    assert any("Open-Meteo" in line for line in ask(forecast()).card.lines)
