"""From the clerk's click to the ear and back into the page: hub, box and browser are each the program that people start, and the box has
a loudspeaker and a microphone on a virtual sound card."""
from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from assistant.ports import SAMPLE_RATE, Pcm, SpeechStyle
from audio.wav import read_wav, write_wav
from bench.playback.echo_path import at_level, to_pcm, to_sound
from bench.virtual_room import VirtualRoom
from bench.voice_bench import edit_distance
from tests.browser.conftest import SIZES, Visit
from tests.end_to_end.box_process import BoxProcess
from tests.hub.hub_process import HubProcess
from tests.hub.tables import village, workbook

HOMES = 103
HOME = f"张大爷{HOMES - 1}"
TEXT = "明天晚上七点广场上放电影，请大家早点来。"
WORDS = TEXT.translate(str.maketrans("", "", "，。"))
PASSWORD = "一句好记的话最好不过"
VOICE_DBFS = -25.0
WITHIN_MS = 30_000
DIGITS = {character: str(number) for number, character in enumerate("零一二三四五六七八九")} | {"幺": "1"}


@pytest.fixture
def hub(tmp_path) -> Iterator[HubProcess]:
    with HubProcess(f"sqlite:///{tmp_path / 'hub.sqlite'}") as hub:
        yield hub


@pytest.fixture
def room() -> Iterator[VirtualRoom]:
    with VirtualRoom() as room:
        yield room


@pytest.fixture
def box(hub, room, tmp_path) -> Iterator[BoxProcess]:
    """It is awake at night, and knows no weather."""
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f'[box]\ndata_dir = "{tmp_path}/data"\n[hub]\nurl = "{hub.address}"\nquiet_from = 0\nquiet_until = 0\n[media]\nfolders = []\n'
        '[weather]\nopen_meteo_url = "http://127.0.0.1:9"\nmet_norway_url = "http://127.0.0.1:9"\n'
        '[audio]\nmicrophone = "room_mic"\nloudspeaker = "room_speaker"\nvolume = 100\n[listening]\nfollow_up_s = 0.0\n', encoding="utf-8")
    with BoxProcess(room.env, settings, tmp_path / "data") as box:
        yield box
        assert box.end(signal.SIGTERM) == 0


@pytest.fixture
def clerk(chromium, hub) -> Iterator[Visit]:
    with chromium.new_context(viewport=SIZES["telephone"], locale="zh-CN", timezone_id="Asia/Shanghai") as context:
        clerk = Visit(context.new_page(), hub.address)
        clerk.page.set_default_timeout(WITHIN_MS)
        yield clerk


def click(clerk: Visit, name: str) -> None:
    """Other tests look at these pages for themselves."""
    clerk.page.get_by_role("button", name=name, exact=True).click()


def opens_the_office(clerk: Visit) -> None:
    clerk.page.goto(clerk.address)
    for name, value in (("村名", "东山村"), ("县（区）", "章丘区"), ("您的姓名", "王会计"), ("登录名", "wang"), ("密码", PASSWORD), ("再输一遍", PASSWORD)):
        clerk.page.get_by_label(name, exact=True).fill(value)
    click(clerk, "开始使用")
    expect(clerk.page.get_by_role("button", name="退出")).to_be_visible()
    clerk.page.goto(f"{clerk.address}/people/import")
    clerk.page.set_input_files("input[type=file]", {"name": "名册.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(village(HOMES))})
    click(clerk, "看一看")
    click(clerk, "导入")
    expect(clerk.page.locator("#found")).to_contain_text(f"{HOMES} 户", timeout=WITHIN_MS)


def takes(clerk: Visit, box: BoxProcess) -> None:
    """The six digits that the box says are typed in."""
    said = box.wait_for("小乡：我还没有加入村里", timeout_s=120.0)
    code = "".join(DIGITS[character] for character in re.search("：([^：]*)。我再念一遍", said)[1] if character in DIGITS)
    clerk.page.goto(f"{clerk.address}/boxes/join")
    clerk.page.locator("[name=code]").fill(code)
    clerk.page.locator("[name=home]").select_option(label=HOME)
    click(clerk, "加入")
    box.wait_for("handled Joined")
    box.type("停")
    box.wait_for("小乡：", "加入")
    box.type("停")  # nobody needs to hear it to the end here
    box.wait_for("-> asleep")


def writes(clerk: Visit) -> None:
    clerk.page.goto(f"{clerk.address}/notices/new")
    page = clerk.page
    page.get_by_label("标题").fill("电影")
    page.locator("textarea[name=text]").fill(TEXT)
    page.get_by_label("活动", exact=True).check()
    page.get_by_label("重要").check()
    click(clerk, "下一步：看看再发")


def row(clerk: Visit) -> Locator:
    """Of the home with the box, which shows what becomes of the notice by itself."""
    return clerk.page.locator(".homes-table tr", has_text=HOME).locator(".tag").first


def say(room: VirtualRoom, pcm: Pcm, file: Path) -> None:
    voice = at_level(to_sound(pcm), VOICE_DBFS)
    write_wav(file, to_pcm(np.concatenate((np.zeros(SAMPLE_RATE // 4, np.float32), voice))), SAMPLE_RATE)
    room.say_into_microphone(file)


def wrong(heard: str) -> int:
    """Characters of the notice that are not as they were written, where it was heard best."""
    lengths = range(len(WORDS) - 2, len(WORDS) + 3)
    return min(edit_distance(WORDS, heard[start:start + length]) for start in range(len(heard)) for length in lengths)


def test_what_is_sent_from_the_page_is_heard_at_home_and_the_answer_is_seen(clerk, box, room, speak, recognise, tmp_path):
    opens_the_office(clerk)
    takes(clerk, box)
    writes(clerk)
    with room.recording(tmp_path / "heard.wav"):
        click(clerk, "发送")
        box.wait_for("handled NoticeArrived")
        expect(row(clerk)).to_have_text("正在念", timeout=WITHIN_MS)
        expect(row(clerk)).to_have_text("听完了", timeout=WITHIN_MS)
    box.wait_for("-> listening")
    say(room, speak("知道了", SpeechStyle(0.9)), tmp_path / "said.wav")
    expect(row(clerk)).to_have_text("知道了", timeout=WITHIN_MS)
    assert "yes" in row(clerk).get_attribute("class").split() and clerk.page.locator("#figures .figure").first.text_content() == f"1/{HOMES}"
    heard = recognise(read_wav(tmp_path / "heard.wav"))
    assert wrong(heard) <= 0.1 * len(WORDS), heard
    for size in SIZES.values():
        clerk.page.set_viewport_size(size)
        clerk.check()
    clerk.press("打印")
    expect(clerk.page.locator("body")).to_contain_text(f"已听 1/{HOMES} 户")
