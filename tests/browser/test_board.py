"""The board in a real browser, upright, across and on a telephone: read from far, never scrolled, always of now, and honest when it is not."""
from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import expect

from hub.auth.roles import Role
from hub.messages import Step
from hub.pages.visit import cookie_name
from tests.browser.conftest import Visit
from tests.hub.conftest import Place
from tests.hub.forecasts import ForecastServer, forecast
from tests.hub.noticing import hears, joined, sent
from tests.hub.running import RunningHub

SIZES = {"across": (1920, 1080), "upright": (1080, 1920), "telephone": (390, 844)}
LONG = "".join(f"第{number}条：村里的水管要换新的，从村东头开始，一天修两排，请各家提前存好水，有事找网格员。" for number in range(1, 8))


@pytest.fixture
def hub(tmp_path):
    with ForecastServer(forecast(dt.date.today())) as sky, RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}", weather=sky.address) as running:
        yield running


@pytest.fixture
def village(hub):
    return Place(hub, "东山村")


@pytest.fixture
def leader(village):
    return village.staff(Role.ADMIN)


@pytest.fixture(params=SIZES)
def screen(request, chromium, hub, leader):
    """Its clock is the test's."""
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="America/New_York")
    leader.post("/board/name", data={"path": "dongshan"})
    leader.post("/board/place", data={"place": "章丘"})
    visit = Visit(context.new_page(), hub.address)
    visit.page.clock.install()
    yield visit
    context.close()


def test_it_turns_its_pages_stays_new_and_says_when_it_is_not(screen, hub, leader):
    page = screen.page
    sent(leader, title="换水管", text=LONG, category="停水停电")
    screen.open("/board/dongshan")
    expect(page.locator("#clock")).to_have_text(hub.parts.now().astimezone(dt.timezone(dt.timedelta(hours=8))).strftime("%H:%M"))
    height = page.evaluate("innerHeight")
    read = []
    count = int(page.locator("#place").inner_text().partition("/")[2])
    for number in range(count):
        shown = page.locator(".page.now")
        assert shown.count() == 1 and page.locator("#place").inner_text() == f"{number + 1} / {count}"
        assert page.evaluate("document.documentElement.scrollHeight") <= height
        assert shown.evaluate("page => page.scrollHeight <= page.clientHeight + 1"), "it sticks out below"
        assert shown.locator(".words, .days").evaluate("words => parseFloat(getComputedStyle(words).fontSize) / Math.min(innerWidth, innerHeight)") > 0.0849
        if "换水管" in shown.inner_text():
            read.append(shown.locator(".words").inner_text())
        page.keyboard.press("ArrowRight")
    assert "".join(read) == LONG and len(read) > 1
    expect(page.locator("#place")).to_have_text(f"1 / {count}")
    page.clock.run_for(5_000)
    expect(page.locator("#place")).to_have_text(f"1 / {count}")
    page.clock.run_for(60_000)
    expect(page.locator("#place")).not_to_have_text(f"1 / {count}")
    screen.check()
    sent(leader, title="太极拳", text="周六早上七点。", category="活动")
    page.clock.run_for(16_000)
    expect(page.locator("#pages")).to_contain_text("周六早上七点")
    expect(page.locator("#fresh")).to_contain_text("更新于")
    hub.end()
    page.clock.run_for(90_000)
    expect(page.locator("#fresh")).to_contain_text("连不上村务台，这是")
    expect(page.locator("#pages")).to_contain_text("周六早上七点")


@pytest.mark.parametrize("screen", ["telephone"], indirect=True)
def test_an_address_that_is_taken_away_takes_the_board_with_it(screen, leader):
    sent(leader, title="换水管", text="明天换水管。", category="停水停电")
    screen.open("/board/dongshan")
    leader.post("/board/off")
    screen.page.clock.run_for(16_000)
    expect(screen.page.get_by_text("没有找到")).to_be_visible()
    assert "换水管" not in screen.page.content()


def test_the_office_switches_it_on_and_sees_what_is_asked_every_day(visit, hub, village, leader):
    name, page = cookie_name(hub.parts), visit.page
    page.context.add_cookies([{"name": name, "value": leader.cookies[name], "url": hub.address}])
    visit.open("/board")
    visit.press("打开大屏")
    page.get_by_label("县或区").fill("鼓楼区")
    visit.press("就显示这里的")
    visit.press("江苏省南京市鼓楼区")
    expect(page.get_by_text("显示 江苏省南京市鼓楼区 的天气")).to_be_visible()
    visit.open("/notices/templates")
    visit.press("写每天问一声身体")
    page.get_by_label("马上发").check()
    visit.press("下一步：看看再发")
    box = joined(village)
    visit.press("发送")
    hears(box, village, box.messages()[-1].body["notice"], Step.HEARD, Step.ANSWERED, answer="不舒服")
    page.reload()
    expect(page.locator("[aria-labelledby=by-day] td")).to_have_text(["0", "1", "0", "0"])
    visit.check()
