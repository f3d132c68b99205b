"""The register in a real browser, on a telephone and in the office: found while one types, imported by hand, and readable for everybody."""
from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from hub.auth.roles import Role
from tests.hub.tables import village, workbook

CHROMIUM = "/usr/bin/chromium"
SIZES = {"telephone": {"width": 390, "height": 844}, "office": {"width": 1280, "height": 800}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(params=SIZES)
def page(request, browser, hub, place) -> Iterator[Page]:
    """Signed in as a clerk of an empty village."""
    with browser.new_context(base_url=hub.address, viewport=SIZES[request.param], locale="zh-CN") as context:
        context.add_cookies([{"name": name, "value": value, "url": hub.address} for name, value in place().staff(Role.CLERK).cookies.items()])
        yield context.new_page()


def is_fit(page: Page) -> None:
    """Nothing hangs out at the side, and axe finds nothing that keeps somebody out."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == [], page.url


def test_103_homes_are_imported_and_one_is_found(page):
    page.goto("/people/import")
    is_fit(page)
    page.set_input_files("input[type=file]", {"name": "名册.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(village(103))})
    page.get_by_role("button", name="看一看").click()
    expect(page.locator(".figure").first).to_have_text("103")
    is_fit(page)
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.locator("#found")).to_contain_text("103 户，206 人")
    is_fit(page)
    page.get_by_label("找人").press_sequentially("lxy102")
    expect(page.locator("#found")).to_contain_text("1 户，2 人")
    expect(page.get_by_label("找人")).to_be_focused()
    expect(page).to_have_url(re.compile("q=lxy102"))
    page.get_by_role("link", name="张大爷102").click()
    expect(page.get_by_role("heading", name="张大爷102").first).to_be_visible()
    is_fit(page)
    page.get_by_role("link", name="修改").last.click()
    page.get_by_label("出生年").fill("45")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("四位的年份")
    expect(page.get_by_label("出生年")).to_have_value("45")
    is_fit(page)
    page.get_by_role("link", name="不改了").click()
    page.get_by_role("link", name="搬到别的户").last.click()
    page.get_by_label("找一户").press_sequentially("lxy7")
    expect(page.get_by_role("button", name="搬到张大爷7", exact=True)).to_be_visible()
    is_fit(page)
    page.get_by_role("button", name="搬到张大爷7", exact=True).click()
    expect(page.get_by_role("heading", name="张大爷7").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("李秀英102")
