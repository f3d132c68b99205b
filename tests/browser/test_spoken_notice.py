"""A clerk speaks a notice into the browser: by a real microphone of Chromium's that plays a file, on a telephone's screen and on the office's."""
from __future__ import annotations

import shutil
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from assistant.ports import SAMPLE_RATE
from audio.wav import resample, stream_sound, write_wav
from hub.auth.roles import Role
from hub.pages.visit import cookie_name
from tests.browser.conftest import SIZES, Visit
from tests.hub.conftest import Place
from tests.hub.noticing import joined
from tests.hub.test_heard_notices import TEXT, understood
from tests.hub.test_notice_pictures import photo

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
FAKE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def spoken(speak, tmp_path_factory) -> str:
    """What the microphone hears, again and again, with a pause behind it."""
    file = tmp_path_factory.mktemp("microphone") / "spoken.wav"
    write_wav(file, resample(np.concatenate([np.zeros(SAMPLE_RATE // 2, np.int16), speak(TEXT), np.zeros(8 * SAMPLE_RATE, np.int16)]), SAMPLE_RATE, 48_000), 48_000)
    return str(file)


def visits(hub, village: Place, size: str, *arguments: str) -> Iterator[Visit]:
    """Somebody of the office, in a browser of these arguments."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*ARGUMENTS, *arguments])
        context = browser.new_context(viewport=SIZES[size], locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=size == "telephone")
        name = cookie_name(hub.parts)
        context.add_cookies([{"name": name, "value": village.staff(Role.CLERK).cookies[name], "url": hub.address}])
        yield Visit(context.new_page(), hub.address)
        browser.close()


@pytest.fixture
def village(hub) -> Place:
    return Place(hub, "东山村")


@pytest.fixture
def office(request, hub, village, spoken) -> Iterator[Visit]:
    yield from visits(hub, village, request.param, *FAKE, f"--use-file-for-fake-audio-capture={spoken}")


@pytest.fixture
def deaf_office(hub, village) -> Iterator[Visit]:
    """Without a microphone, or without leave to use it: a browser that nobody can ask says no."""
    yield from visits(hub, village, "office")


def recorded(page: Page, seconds: float) -> None:
    """Presses, speaks as long, presses again."""
    page.get_by_role("button", name="按住说话").click()
    stop = page.get_by_role("button", name="说完了")
    expect(stop).to_be_visible()
    page.wait_for_function("meter => meter.value > 0.2", arg=page.locator(".recorder meter").element_handle())
    page.wait_for_function("wanted => Number(document.querySelector('.spent').textContent.split(':')[1]) >= wanted", arg=seconds)
    stop.click()
    expect(page.get_by_text("录好了")).to_be_visible()
    expect(page.locator(".recorder .spoken")).to_be_visible()


def length(page: Page, of: str) -> float:
    """Seconds; what a browser has just recorded tells its length only when it has been played through."""
    return page.evaluate("""async of => {
        const player = document.querySelector(of);
        const known = new Promise(done => { player.ondurationchange = () => Number.isFinite(player.duration) && done(); });
        if (!Number.isFinite(player.duration)) { player.currentTime = 1e6; await known; }
        return player.duration;
    }""", of)


@pytest.mark.parametrize("office", ["telephone"], indirect=True)
def test_a_notice_is_spoken_listened_to_and_sent(office, village, recognise):
    box, page = joined(village), office.page
    office.open("/notices/new")
    page.get_by_label("标题").fill("停水")
    page.get_by_label("停水停电").check()
    recorded(page, 2)
    assert 1.5 < length(page, ".recorder .spoken audio") < 4
    page.get_by_role("button", name="不要这段，重新录").click()
    expect(page.locator(".recorder .spoken")).to_be_hidden()
    recorded(page, 8)
    assert 7.5 < length(page, ".recorder .spoken audio") < 10
    office.check()
    office.press("下一步：看看再发")
    assert 7.5 < length(page, "main audio") < 10
    office.press("发送")
    body = box.messages()[0].body
    assert body["text"] == "" and 7.5 < body["audio_s"] < 10
    made = box._client.get(body["audio"]).content
    understood(TEXT, recognise(np.concatenate(list(stream_sound(made, "made", SAMPLE_RATE)))))


@pytest.mark.parametrize("office", ["office"], indirect=True)
def test_who_holds_the_button_ends_by_letting_go(office):
    page = office.page
    office.open("/notices/new")
    button = page.locator(".speak")
    button.scroll_into_view_if_needed()
    at = button.bounding_box()
    page.mouse.move(at["x"] + 20, at["y"] + 20)
    page.mouse.down()
    page.wait_for_function("() => document.querySelector('.spent').textContent >= '0:02'")
    page.mouse.up()
    expect(page.get_by_text("录好了")).to_be_visible()
    expect(page.locator(".recorder .spoken audio")).to_be_visible()
    office.check()


def test_without_a_microphone_it_says_what_to_do_and_files_are_taken(deaf_office, spoken, village):
    page = deaf_office.page
    deaf_office.open("/notices/new")
    page.get_by_role("button", name="按住说话").click()
    told = page.locator(".recorder .told")
    expect(told).to_contain_text("话筒")
    expect(told).to_contain_text("在下面选")
    deaf_office.check()
    page.get_by_label("标题").fill("停水")
    page.get_by_label("停水停电").check()
    page.get_by_label("选录音文件").set_input_files(spoken)
    expect(page.locator(".recorder .spoken audio")).to_be_visible()
    page.get_by_label("选图片").set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    deaf_office.press("下一步：看看再发")
    expect(page.locator("main audio")).to_be_visible()
    page.wait_for_function("() => document.querySelector('img.picture').naturalWidth === 1280")
    deaf_office.press("修改")
    expect(page.get_by_label("不要这张图了")).to_be_visible()
