"""The pages of notices in a real browser, as on a telephone and as in the office."""
from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from hub.auth.roles import Role
from hub.messages import Step
from hub.pages.visit import cookie_name
from tests.hub.noticing import hears, joined

SIZES = {"phone": (390, 844), "office": (1280, 800)}
WITHIN_MS = 10_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=SIZES)
def page(request, hub, place, chromium) -> Iterator[Page]:
    """Somebody of the office has signed in; ``page.village`` is theirs. What the browser complains of fails the test."""
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, base_url=hub.address)
    village = place()
    context.add_cookies([{"name": cookie_name(hub.parts), "value": village.staff(Role.CLERK).cookies[cookie_name(hub.parts)], "url": hub.address}])
    page, complaints = context.new_page(), []
    page.set_default_timeout(WITHIN_MS)
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.village = village
    yield page
    context.close()
    assert complaints == []


def fits(page: Page) -> None:
    """Nobody is kept from using it, and nothing is beside the screen."""
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_notice_is_written_and_seen_to_be_heard(page):
    village = page.village
    box = joined(village, "张大娘家")
    village.household("没有盒子家")
    page.goto("/notices")
    fits(page)
    page.get_by_role("link", name="写通知").click()
    assert not page.locator("[name=question]").is_visible() and not page.locator("[name=send_at]").is_visible()
    page.get_by_label("标题").fill("免费体检")
    page.get_by_label("内容").fill("明天上午八点体检。\n空腹来。")
    page.get_by_label("体检", exact=True).check()
    page.get_by_label("重要").check()
    page.get_by_label("自己写答案").check()
    page.locator("[name=question]").fill("去不去？")
    for place, choice in enumerate(("上午", "不去")):
        page.locator("[name=choices]").nth(place).fill(choice)
    fits(page)
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("没有盒子家").wait_for()
    fits(page)
    page.get_by_role("button", name="发送").click()
    page.get_by_text("0/2").wait_for()
    message, = box.messages()
    assert message.body["text"] == "明天上午八点体检。\n空腹来。" and message.body["choices"] == ["上午", "不去"]
    hears(box, village, message.body["notice"], Step.DELIVERED, Step.PLAYING)
    page.get_by_text("正在念").wait_for()
    hears(box, village, message.body["notice"], Step.HEARD, Step.ANSWERED, answer="上午")
    page.get_by_text("1/2").wait_for()
    page.get_by_text("上午 1 户").or_(page.locator("progress[aria-label='上午 1户']")).first.wait_for()
    fits(page)
    page.get_by_role("link", name="没听到 1").click()
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name="走访名单").click()
    page.get_by_text("没有盒子", exact=True).wait_for()
    fits(page)


def test_a_withdrawal_is_asked_for_twice(page):
    box = joined(page.village)
    page.goto("/notices/new")
    page.get_by_label("标题").fill("停水")
    page.get_by_label("内容").fill("明天停水。")
    page.get_by_label("停水停电").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="发送").click()
    page.get_by_role("link", name="撤回").click()
    assert len(box.messages()) == 1
    fits(page)
    page.get_by_role("button", name="撤回").click()
    page.get_by_text("已撤回").wait_for()
    assert len(box.messages()) == 2
