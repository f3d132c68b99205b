"""A real Chromium in front of a real hub, as wide as a telephone and as the office's screen."""
from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.hub.running import RunningHub

SIZES = {"telephone": {"width": 390, "height": 844}, "office": {"width": 1280, "height": 800}}
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "chromium is not installed: script/setup --test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                                             "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"])
        yield browser
        browser.close()


@pytest.fixture
def hub(tmp_path) -> Iterator[RunningHub]:
    """Nobody has set it up."""
    with RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}") as running:
        yield running


class Visit:
    """A browser's window; what goes wrong inside it is kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)

    def open(self, path: str) -> None:
        answer = self.page.goto(f"{self.address}{path}")
        assert answer.ok, (path, answer.status)
        self.check()

    def press(self, name: str) -> None:
        """The button or link of that name."""
        button = self.page.get_by_role("button", name=name, exact=True).or_(self.page.get_by_role("link", name=name, exact=True)).first
        button.click()
        self.page.wait_for_load_state()
        self.check()

    def check(self) -> None:
        """Nobody is shut out, nothing sticks out to the side, nothing went wrong."""
        found = Axe().run(self.page).response["violations"]
        wrong = [f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found if one["impact"] in SERIOUS]
        assert not wrong, (self.page.url, wrong)
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{self.page.url} is wider than the window"
        assert self.faults == [], self.page.url


@pytest.fixture(params=SIZES)
def visit(request, chromium, hub) -> Iterator[Visit]:
    context = chromium.new_context(viewport=SIZES[request.param], locale="zh-CN", timezone_id="Asia/Shanghai")
    yield Visit(context.new_page(), hub.address)
    context.close()
