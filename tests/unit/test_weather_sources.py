"""The forecast providers against a real local HTTP server, with each fault a server can have, and the chain's clock."""
import datetime as dt
import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import pytest

from assistant.errors import StoreError, UnknownPlace, WeatherUnavailable
from assistant.forecast import UNKNOWN_PLACE, Day, Forecast
from assistant.weather import cache, open_meteo
from assistant.weather.chain import Chain
from assistant.weather.gazetteer import Gazetteer
from assistant.weather.met_norway import MetNorway, sky_of_symbol
from assistant.weather.open_meteo import WMO_SKY, OpenMeteo

NOW = dt.datetime(2026, 11, 23, 15, 25)
SKIES = {"sunny", "cloudy", "overcast", "fog", "drizzle", "rain", "heavy-rain", "sleet", "snow", "thunder"}
GAZETTEER = Gazetteer("济南")
Behaviour = Callable[[socket.socket, threading.Event], None]


# -- a server that can misbehave ----------------------------------------------------------------------------------

class Village:
    """Serves every connection with one behaviour and keeps what was asked."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.requests: list[str] = []
        self.closing = threading.Event()
        village = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                request = b""
                while b"\r\n\r\n" not in request and (block := self.request.recv(4096)):
                    request += block
                village.requests.append(request.decode())
                with suppress(OSError):  # the client has given up, which is what several of these tests are about
                    behaviour(self.request, village.closing)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for thread in threading.enumerate():
            if thread.name.startswith("weather-"):
                thread.join(5)
                assert not thread.is_alive(), "a request outlives its server"


@contextmanager
def serving(*behaviours: Behaviour):
    villages = [Village(behaviour) for behaviour in behaviours]
    try:
        yield villages
    finally:
        for village in villages:
            village.closing.set()
        for village in villages:
            village.close()


def answers(body: object, status: str = "200 OK") -> Behaviour:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def behave(connection: socket.socket, closing: threading.Event) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + data)

    return behave


def silent(connection: socket.socket, closing: threading.Event) -> None:
    closing.wait(10)


def drops(connection: socket.socket, closing: threading.Event) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def half_a_body(connection: socket.socket, closing: threading.Event) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"daily": {')


def trickling_headers(connection: socket.socket, closing: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not closing.wait(0.05):
        connection.sendall(b"x")


def trickling_body(connection: socket.socket, closing: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not closing.wait(0.05):
        connection.sendall(b" ")


def endless(connection: socket.socket, closing: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not closing.is_set():
        connection.sendall(b" " * 65536)


def open_meteo_answer(**changes) -> dict:
    daily = {
        "time": [f"2026-11-{23 + n}" for n in range(7)], "weather_code": [0, 2, 61, 65, 71, 45, 95],
        "temperature_2m_max": [8.4, 9, 10, 11, 12, 13, 14], "temperature_2m_min": [-2.6, -1, 0, 1, 2, 3, 4],
        "precipitation_probability_max": [0, 10, 80, 90, None, 5, 60], "precipitation_sum": [0, 0, 2.5, 30, 4, 0, 9],
        "wind_speed_10m_max": [3.1, 4, 5, 6, 7, 8, 9],
        "wind_direction_10m_dominant": [360, 45, 90, 135, 180, 225, None],
        "sunrise": [f"2026-11-{23 + n}T06:55" for n in range(7)],
        "sunset": [f"2026-11-{23 + n}T16:58" for n in range(7)],
    }
    return {"current": {"time": "2026-11-23T15:15", "temperature_2m": 6.7}, "daily": {**daily, **changes}}


def met_norway_answer() -> dict:
    """Hourly for a day and a half, then every six hours, in UTC, as the real one is."""
    start = dt.datetime(2026, 11, 23, 7, tzinfo=dt.UTC)
    hours = [start + dt.timedelta(hours=n) for n in range(36)]
    late = [dt.datetime(2026, 11, 25, 0, tzinfo=dt.UTC) + dt.timedelta(hours=6 * n) for n in range(24)]
    return {"properties": {"timeseries": [_met_step(t, 1) for t in hours] + [_met_step(t, 6) for t in late]}}


def _met_step(when: dt.datetime, ahead: int) -> dict:
    local = when + dt.timedelta(hours=8)
    wet = local.date() == dt.date(2026, 11, 25)
    details = {
        "air_temperature": 10.0 - abs(14 - local.hour), "wind_speed": local.hour / 4, "wind_from_direction": 315.4,
    }
    symbol = "heavyrain" if wet else "partlycloudy_day"
    following = {"summary": {"symbol_code": symbol}, "details": {"precipitation_amount": 4.0 if wet else 0.0}}
    return {
        "time": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": {"instant": {"details": details}, f"next_{ahead}_hours": following},
    }


def meteo(url: str) -> OpenMeteo:
    return OpenMeteo(GAZETTEER.locate, lambda: NOW, url)


def norway(url: str) -> MetNorway:
    return MetNorway(GAZETTEER.locate, lambda: NOW, url, contact="office@example.org")


# -- what the providers make of a good answer ---------------------------------------------------------------------

def test_open_meteo_reads_a_week_and_asks_no_more_than_it_needs():
    with serving(answers(open_meteo_answer())) as [village]:
        forecast = meteo(village.url).fetch("莱芜", 2.0)
    assert (forecast.place, forecast.provider, forecast.fetched) == ("莱芜", "open-meteo", NOW)
    assert forecast.now_temperature == 6.7
    assert [day.sky for day in forecast.days] == ["sunny", "cloudy", "drizzle", "heavy-rain", "snow", "fog", "thunder"]
    assert forecast.days[0] == Day(NOW.date(), "sunny", -2.6, 8.4, 0, 0.0, 3.1, 0, "06:55", "16:58")
    assert forecast.days[4].rain_percent is None
    assert forecast.days[6].wind_degrees is None
    [request] = village.requests
    asked = parse_qs(urlsplit(request.split()[1]).query)
    assert (asked["latitude"], asked["longitude"]) == (["36.3"], ["117.65"]), "two decimals, not the home's address"
    assert asked["timezone"] == ["Asia/Shanghai"]
    assert asked["wind_speed_unit"] == ["ms"]


def test_met_norway_builds_days_in_local_time_and_names_itself():
    with serving(answers(met_norway_answer())) as [village]:
        forecast = norway(village.url).fetch("济南", 2.0)
    assert [day.date.day for day in forecast.days] == [23, 24, 25, 26, 27, 28, 29]
    by_day = {day.date.day: day for day in forecast.days}
    assert by_day[25].sky == "heavy-rain"
    assert by_day[24].sky == "cloudy"
    assert (by_day[24].low, by_day[24].high) == (-4.0, 10.0)
    assert by_day[24].wind_ms == 23 / 4
    assert by_day[24].wind_degrees == 315
    assert by_day[25].rain_mm > 0
    assert all(day.rain_percent is None for day in forecast.days)
    [request] = village.requests
    assert "User-Agent: xiangyin/0.1 office@example.org" in request
    assert "lat=36.65&lon=117.07" in request


def test_every_wmo_code_of_the_documentation_is_a_sky_we_have_words_for():
    documented = {
        0, 1, 2, 3, 45, 48, 51, 53, 55, 56, 57, 61, 63, 65, 66, 67, 71, 73, 75, 77, 80, 81, 82, 85, 86, 95, 96, 99,
    }
    assert set(WMO_SKY) == documented
    assert set(WMO_SKY.values()) == SKIES


@pytest.mark.parametrize(("symbol", "sky"), [
    ("clearsky_day", "sunny"), ("fair_night", "sunny"), ("partlycloudy_polartwilight", "cloudy"),
    ("cloudy", "overcast"),
    ("fog", "fog"), ("lightrain", "drizzle"), ("lightrainshowers_day", "drizzle"), ("rain", "rain"),
    ("rainshowers_day", "rain"),
    ("heavyrain", "heavy-rain"), ("heavyrainshowers_night", "heavy-rain"), ("sleet", "sleet"),
    ("lightsleetshowers_day", "sleet"),
    ("snow", "snow"), ("heavysnowshowers_day", "snow"), ("lightssnowshowersandthunder_day", "thunder"),
    ("rainandthunder", "thunder"),
])
def test_met_norway_symbols(symbol, sky):
    assert sky_of_symbol(symbol) == sky


# -- faults -------------------------------------------------------------------------------------------------------

FAULTS = {
    "500": answers(b"oops", "500 Internal Server Error"), "429": answers(b"{}", "429 Too Many Requests"),
    "403": answers(b"", "403 Forbidden"), "html": answers(b"<html>please log in</html>"), "empty": answers(b""),
    "list": answers([]), "null": answers(None), "no days": answers({"daily": {}, "properties": {"timeseries": []}}),
    "wrong types": answers({"daily": {"time": 3}, "properties": {"timeseries": [{"time": "yesterday", "data": 1}]}}),
    "not utf-8": answers(b"\xff\xfe\x00"), "drops": drops, "half a body": half_a_body, "silent": silent,
    "trickling body": trickling_body, "endless": endless, "error object": answers({"error": True, "reason": "no"}),
}


@pytest.mark.parametrize("make", [meteo, norway])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_error_with_a_reason_in_time(fault, make):
    with serving(FAULTS[fault]) as [village]:
        begun = time.monotonic()
        with pytest.raises(WeatherUnavailable) as caught:
            make(village.url).fetch("济南", 0.5)
        assert time.monotonic() - begun < 1.5
    assert str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("changes", [
    {"weather_code": [0] * 6}, {"weather_code": [1234] * 7}, {"time": ["soon"] * 7},
    {"temperature_2m_max": ["hot"] * 7},
    {"temperature_2m_max": [None] * 7},
])
def test_open_meteo_refuses_nonsense_inside_good_json(changes):
    with serving(answers(open_meteo_answer(**changes))) as [village], pytest.raises(WeatherUnavailable, match="JSON"):
        meteo(village.url).fetch("济南", 1.0)


def test_a_closed_port_is_one_error():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(WeatherUnavailable, match="ConnectionError"):
            meteo(url).fetch("济南", 1.0)


# -- the chain ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ("silent", "trickling body")])
def test_the_second_provider_answers_when_the_first_is_broken(fault):
    with serving(FAULTS[fault], answers(met_norway_answer())) as [first, second]:
        assert Chain([meteo(first.url), norway(second.url)]).fetch("济南").provider == "met-norway"


@pytest.mark.parametrize("slow", [silent, trickling_headers, trickling_body])
def test_the_second_provider_is_asked_when_the_first_is_slow_and_the_answer_keeps_the_deadline(slow):
    with serving(slow, answers(met_norway_answer())) as [first, second]:
        begun = time.monotonic()
        forecast = Chain([meteo(first.url), norway(second.url)]).fetch("济南")
        assert time.monotonic() - begun < 2.5
    assert forecast.provider == "met-norway"


def test_the_first_provider_alone_is_bothered_when_it_answers():
    with serving(answers(open_meteo_answer()), answers(met_norway_answer())) as [first, second]:
        assert Chain([meteo(first.url), norway(second.url)]).fetch("济南").provider == "open-meteo"
        assert second.requests == []


def test_all_slow_ends_at_the_deadline_and_names_every_provider():
    with serving(trickling_headers, silent) as [first, second]:
        chain = Chain([meteo(first.url), norway(second.url)], total_s=0.6, head_start_s=0.2)
        begun = time.monotonic()
        with pytest.raises(WeatherUnavailable) as caught:
            chain.fetch("济南", 10.0)
        assert time.monotonic() - begun < 1.0
    assert "open-meteo: no answer in time" in str(caught.value)
    assert "met-norway" in str(caught.value)


def test_all_broken_ends_at_once_with_every_reason():
    with serving(FAULTS["500"], FAULTS["html"]) as [first, second]:
        begun = time.monotonic()
        with pytest.raises(WeatherUnavailable, match=r"open-meteo: HTTP 500; met-norway: not JSON"):
            Chain([meteo(first.url), norway(second.url)]).fetch("济南")
        assert time.monotonic() - begun < 1.0


def test_a_sick_provider_holds_three_threads_and_no_more():
    with serving(trickling_headers) as [village]:
        chain = Chain([meteo(village.url)], total_s=0.1)
        for _ in range(3):
            with pytest.raises(WeatherUnavailable, match="no answer in time"):
                chain.fetch("济南")
        with pytest.raises(WeatherUnavailable, match="still busy"):
            chain.fetch("济南")
        assert sum(thread.name == "weather-open-meteo" for thread in threading.enumerate()) == 3


def test_an_unknown_place_asks_nobody():
    with serving(answers(open_meteo_answer()), answers(met_norway_answer())) as [first, second]:
        with pytest.raises(UnknownPlace, match=f"^{UNKNOWN_PLACE}"):
            Chain([meteo(first.url), norway(second.url)]).fetch("火星")
        assert first.requests == second.requests == []


def test_a_provider_with_a_bug_is_passed_over():
    class Buggy:
        name = "buggy"

        def fetch(self, place: str, deadline_s: float) -> Forecast:
            raise ZeroDivisionError("bug")

    with serving(answers(met_norway_answer())) as [village]:
        assert Chain([Buggy(), norway(village.url)]).fetch("济南").provider == "met-norway"
    with pytest.raises(ValueError, match="at least one"):
        Chain([])


# -- places -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("home", "said", "official"), [
    ("济南", "济南", "济南市"), ("济南", "莱芜", "莱芜区"), ("济南", "商河县", "商河县"),
    ("济南", "山东章丘", "章丘区"),
    ("济南", "山东省济南市章丘区", "章丘区"), ("济南", "市中", "市中区"), ("济南", "延边", "延边朝鲜族自治州"),
    ("济南", "鄂温克", "鄂温克族自治旗"), ("济南", "内蒙古", "内蒙古自治区"), ("济南", "朝阳", "朝阳市"),
    ("北京", "朝阳", "朝阳区"),
    ("长春", "朝阳", "朝阳区"), ("徐州", "鼓楼区", "鼓楼区"), ("济南", "香港", "香港特别行政区"),
    (" ", " 泰安 ", "泰安市"),
])
def test_places_as_people_say_them(home, said, official):
    assert Gazetteer(home).locate(said).name == official


@pytest.mark.parametrize(("home", "said", "near"), [
    ("济南", "济南", (36.65, 117.07)), ("济南", "山东", (36.65, 117.07)), ("济南", "北京", (39.92, 116.41)),
    ("济南", "重庆", (29.56, 106.55)), ("济南", "内蒙古", (40.9, 111.8)), ("北京", "朝阳", (39.95, 116.53)),
    ("长春", "朝阳", (43.67, 125.31)), ("徐州", "鼓楼", (34.31, 117.2)), ("枣庄", "市中区", (34.87, 117.61)),
])
def test_wide_areas_stand_at_their_seat_and_namesakes_near_home_win(home, said, near):
    point = Gazetteer(home).locate(said)
    assert abs(point.latitude - near[0]) < 0.2
    assert abs(point.longitude - near[1]) < 0.2


@pytest.mark.parametrize("said", ["火星", "", "山", "区", "纽约", "济南市火星区", "一" * 300])
def test_what_is_no_place_in_china_is_unknown(said):
    with pytest.raises(UnknownPlace):
        GAZETTEER.locate(said)


def test_every_county_of_china_is_found_by_its_full_name():
    from GeoToolCN import GeoTool

    with GeoTool() as tool:
        names = [region.name for level in ("province", "city", "district") for region in tool.list_regions(level)]
    assert len(names) > 3000
    for name in names[::13]:
        point = GAZETTEER.locate(name)
        assert point.name == name
        assert (round(point.latitude, 2), round(point.longitude, 2)) == (point.latitude, point.longitude)


# -- the cache ----------------------------------------------------------------------------------------------------

def test_a_forecast_survives_json():
    with serving(answers(open_meteo_answer())) as [village]:
        forecast = meteo(village.url).fetch("济南", 2.0)
    assert cache.from_plain(json.loads(json.dumps(cache.to_plain(forecast)))) == forecast
    assert cache.age(forecast, NOW + dt.timedelta(hours=5)) == dt.timedelta(hours=5)


@pytest.mark.parametrize("plain", [
    {}, {"place": "济南"}, {"place": "济南", "days": [{}], "fetched": "2026-11-23T08:00", "provider": "x"},
    {"place": "济南", "days": [], "fetched": "gestern", "provider": "x"}, {"place": "济南", "days": 3,
    "fetched": "2026-11-23", "provider": "x"},
])
def test_a_damaged_cache_entry_is_a_store_error(plain):
    with pytest.raises(StoreError, match="cannot be read"):
        cache.from_plain(plain)


def test_the_real_addresses_are_https():
    assert open_meteo.BASE_URL.startswith("https://")
