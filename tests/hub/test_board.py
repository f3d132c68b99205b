"""The board of the square: who sees what, where it is reached, and the weather on it, from a real server that does not always answer."""
from __future__ import annotations

import datetime as dt
import logging
import re

import pytest

from hub.auth.roles import Role
from hub.board import almanac, places, weather
from hub.board.weather import AGAIN, FORGOTTEN, FRESH, TOO_OLD, Weather
from hub.db.tables import Notice
from hub.pages.look import local
from tests.hub.conftest import Place
from tests.hub.forecasts import ForecastServer, forecast
from tests.hub.noticing import sent
from tests.hub.running import Clock, RunningHub, only_when_told

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
ZHANGQIU = places.of("370114")
HTTP = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def sky():
    with ForecastServer(forecast(dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date())) as server:
        yield server


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hub(tmp_path, sky, clock, monkeypatch):
    monkeypatch.setattr("hub.parts.over_and_over", only_when_told)
    with RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}", clock, weather=sky.address) as running:
        yield running


@pytest.fixture
def leader(village):
    return village.staff(Role.ADMIN)


def address_of(leader) -> str:
    """Of the public page, as the office is shown it."""
    return re.search(r'href="(http[^"]+/board/[^"]+)"', leader.get("/board").text)[1]


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.partition("<body>")[2] or answer.text))


# -- what is on it ------------------------------------------------------------------------------------------------------

def test_it_shows_what_everybody_was_sent_and_nothing_of_anybody(village, leader, clock):
    home = village.household("李奶奶家")
    over = local(village.hub.parts.now() + DAY, "Asia/Shanghai").strftime("%Y-%m-%dT%H:%M")
    sent(leader, title="停水", text="明天停水。", expires_at=over)
    sent(leader, title="快撤", text="大水来了。", priority="urgent")
    sent(leader, title="太极拳", text="周六早上七点，文化广场。", category="活动", priority="ordinary")
    sent(leader, title="只给一家", text="李奶奶，药到了。", scope="some", homes=[home])
    gone = sent(leader, title="写错了", text="作废。")
    leader.post(f"/notices/{gone}/withdraw")
    leader.post("/notices/new", data={"title": "草稿", "text": "还没发。", "category": "政策", "priority": "ordinary", "scope": "everybody", "when": "now"})
    daily = sent(leader, title="身体怎么样", text="早上好。", asks="own", question="身体怎么样？", choices=["好", "不舒服"])
    with village.hub.database.write() as work:  # one time of what is asked every day
        work.get_one(Notice, (village.id, daily)).plan_id = gone
    leader.post("/board/on")
    public = village.hub.client()
    shown = words(public.get(address_of(leader)))
    assert shown.index("快撤") < shown.index("明天停水") < shown.index("近期活动") < shown.index("太极拳")
    assert not [word for word in ("药到了", "李奶奶", "作废", "草稿", "身体怎么样", "王会计") if word in shown]
    today = almanac.today(local(clock(), "Asia/Shanghai"))
    assert "东山村" in shown and today.solar in shown and today.lunar in shown
    clock.forward(days=1, minutes=1)
    assert "明天停水" not in words(public.get(address_of(village.staff()))) and "太极拳" in words(public.get(address_of(village.staff())))
    clock.forward(days=14)
    assert "这几天没有新通知" in words(public.get(address_of(village.staff())))


def test_it_changes_by_itself_and_only_then(village, leader):
    leader.post("/board/on")
    public = village.hub.client()
    again = re.search(r'hx-get="([^"]+)"', public.get(address_of(leader)).text)[1]
    assert public.get(again).status_code == 204
    sent(leader, title="赶集", text="逢五赶集。")
    changed = public.get(again)
    assert changed.status_code == 200 and "逢五赶集" in changed.text and changed.headers["cache-control"] == "no-store"
    assert public.get(re.search(r'hx-get="([^"]+)"', changed.text)[1]).status_code == 204


# -- where it is --------------------------------------------------------------------------------------------------------

def test_its_address_is_given_changed_and_taken_away(village, leader):
    public = village.hub.client()
    assert "现在没有开" in leader.get("/board").text
    leader.post("/board/on")
    first = address_of(leader)
    assert re.fullmatch(r"[2-9a-z]{4}(-[2-9a-z]{4}){2}", first.rpartition("/")[2]) and public.get(first).status_code == 200
    leader.post("/board/on")
    second = address_of(leader)
    assert public.get(first).status_code == 404 and public.get(f"{first}/now").status_code == 404 and public.get(second).status_code == 200
    assert leader.post("/board/name", data={"path": " Dongshan-1 "}).status_code == 303
    assert address_of(leader).endswith("/board/dongshan-1") and public.get(second).status_code == 404
    other = Place(village.hub, "西山村").staff(Role.ADMIN)
    assert "别的村已经用了" in other.post("/board/name", data={"path": "dongshan-1"}).text
    leader.post("/board/off")
    assert public.get("/board/dongshan-1").status_code == 404 and "现在没有开" in leader.get("/board").text
    assert other.post("/board/name", data={"path": "dongshan-1"}).status_code == 303 and "西山村" in public.get("/board/dongshan-1").text


def test_an_address_that_is_none_is_refused(hub, leader):
    for path in ("", "abc", "a" * 41, "东山", "a b c", "ab--cd", "-abcd", "abcd-", "a/bcd", "ab\x00cd"):
        answer = leader.post("/board/name", data={"path": path})
        assert answer.status_code == 400 and 'role="alert"' in answer.text, path
        assert hub.client().get(f"/board/{path or 'x'}".replace("\x00", "%00")).status_code == 404, path


# -- the weather --------------------------------------------------------------------------------------------------------

def test_its_place_is_found_among_the_counties(village, leader):
    assert "没有找到" in leader.post("/board/place", data={"place": "张家界的后院"}).text
    several = leader.post("/board/place", data={"place": "鼓楼区"})
    assert several.status_code == 200 and "江苏省南京市鼓楼区" in several.text and "福建省福州市鼓楼区" in several.text
    assert leader.post("/board/place", data={"place": "320106"}).status_code == 303 and "江苏省南京市鼓楼区" in leader.get("/board").text
    assert leader.post("/board/place", data={"place": "章丘"}).status_code == 303 and "山东省济南市章丘区" in leader.get("/board").text
    assert "历下区" in leader.post("/board/place", data={"place": "济南"}).text
    assert leader.post("/board/place", data={"place": " "}).status_code == 303 and "大屏上没有天气" in leader.get("/board").text


def test_the_weather_is_there_when_it_has_come_and_goes_when_it_is_too_old(village, leader, sky, clock):
    hub = village.hub
    leader.post("/board/on")
    leader.post("/board/place", data={"place": "章丘"})
    public, address = hub.client(), address_of(leader)
    assert "暂时没有天气" in public.get(address).text and sky.asked == []
    assert hub.parts.weather.look() == 1
    assert (sky.asked[0]["latitude"], sky.asked[0]["longitude"]) == (["36.75"], ["117.51"])
    shown = words(public.get(address))
    assert "多云 零下2～12°C" in shown and "明天 小雨 1～9°C 有雨雪 80%" in shown and "Open-Meteo.com" in shown and "暂时没有" not in shown
    sky.answer = 503
    for _ in range(TOO_OLD // (50 * MINUTE)):
        clock.forward(minutes=50)
        assert "暂时没有天气" not in public.get(address).text and hub.parts.weather.look() == 1
    clock.forward(minutes=50)
    assert "暂时没有天气" in public.get(address).text


@pytest.fixture
def known(sky, clock):
    return Weather(sky.address, clock)


@pytest.mark.parametrize("answer", [
    500, {}, {"daily": {}}, forecast(dt.date(2026, 11, 23), weather_code=[0]), forecast(dt.date(2026, 11, 23), weather_code=[4, 4, 4]),
    forecast(dt.date(2026, 11, 23), time=["x", "y", "z"]), forecast(dt.date(2026, 11, 23), temperature_2m_max=[None] * 3),
    b"no HTTP at all", HTTP + b"\r\n<html>", HTTP + b"Content-Length: 500\r\n\r\n{", HTTP + b"\r\n" + b" " * 300_000, HTTP + b"Content-Encoding: gzip\r\n\r\nx", b""])
def test_whatever_the_server_says_instead_there_is_no_weather_and_nothing_breaks(known, sky, answer, caplog):
    sky.answer = answer
    with caplog.at_level(logging.WARNING, "hub.board.weather"):
        assert known.of(ZHANGQIU) is None and known.look() == 1 and known.of(ZHANGQIU) is None
    assert "no weather of 山东省济南市章丘区" in caplog.text


def test_nobody_is_asked_more_often_than_needed(known, sky, clock):
    assert known.look() == 0
    known.of(ZHANGQIU)
    assert known.look() == 1 and known.look() == 0 and known.of(ZHANGQIU).days[0].sky == "多云"
    clock.forward(seconds=FRESH.total_seconds())
    sky.answer = 500
    for pause in (*AGAIN, AGAIN[-1]):
        known.of(ZHANGQIU)
        assert known.look() == 1 and known.look() == 0 and known.of(ZHANGQIU) is not None
        clock.forward(seconds=pause.total_seconds())
    clock.forward(seconds=FORGOTTEN.total_seconds() + 1)
    asked = len(sky.asked)
    assert known.look() == 0 and len(sky.asked) == asked


def test_a_closed_port_and_no_address_are_no_weather(clock):
    for address in ("http://127.0.0.1:1", ""):
        nowhere = Weather(address, clock)
        assert nowhere.of(ZHANGQIU) is None
        nowhere.look()
        assert nowhere.of(ZHANGQIU) is None


def test_every_district_has_its_place():
    found = [places.of(code) for code in ("110105", "500101", "659001", "460400", "370114")]
    assert [place.name for place in found if place] == ["北京市朝阳区", "重庆市万州区", "新疆维吾尔自治区石河子市", "海南省儋州市", "山东省济南市章丘区"]
    assert places.of("370000") is None and places.of("章丘") is None and places.found("州") == ()


@pytest.mark.parametrize(("hour", "dark"), [(5, True), (6, False), (18, False), (19, True)])
def test_the_almanac_knows_the_day(hour, dark):
    shown = almanac.today(dt.datetime(2026, 12, 22, hour, 30))
    assert (shown.solar, shown.lunar, shown.special, shown.is_dark) == ("12月22日 星期二", "农历冬月十四", "冬至", dark)


def test_weather_needs_no_network_for_its_words():
    assert set(weather.SKY.values()) <= {"晴", "多云", "阴", "雾", "小雨", "中雨", "大雨", "雨夹雪", "小雪", "中雪", "大雪", "雷雨"}
