"""听一听 in a real browser: the voice of the box plays, and what is wrong stands beside the button."""
from __future__ import annotations

import sys

import pytest
from playwright.sync_api import expect

from hub.auth.roles import Role
from hub.pages.visit import cookie_name
from tests.hub.conftest import Place
from tests.hub.running import RunningHub


@pytest.fixture
def hub(tmp_path):
    with RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}", box=(sys.executable, "-m", "assistant.cli")) as running:
        yield running


@pytest.mark.parametrize("visit", ["telephone"], indirect=True)
def test_a_notice_is_listened_to_before_it_goes_out(visit, hub):
    name = cookie_name(hub.parts)
    visit.page.context.add_cookies([{"name": name, "value": Place(hub, "东山村").staff(Role.CLERK).cookies[name], "url": hub.address}])
    visit.open("/notices/new")
    page = visit.page
    page.get_by_role("button", name="听一听").click()
    expect(page.get_by_text("标题还没有写")).to_be_visible()
    visit.faults.clear()  # the console tells of the refusal
    page.get_by_label("标题").fill("停水")
    page.locator("textarea[name=text]").fill("明天停水。")
    page.get_by_role("button", name="听一听").click()
    expect(page.get_by_text("盒子会这样念")).to_be_visible(timeout=60_000)  # a loaded machine speaks slowly
    assert page.locator("[data-listen] audio").evaluate("audio => audio.duration > 1.5 && !audio.error && (!audio.paused || audio.ended)")
    visit.check()
