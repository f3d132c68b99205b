"""The whole box with a real mpv, a real server and a virtual sound card: a station and a podcast are heard, break off, and do not come."""
from __future__ import annotations

import signal
import time

import numpy as np
import pytest

from assistant.sources.station_file import STATIONS
from bench.virtual_room import VirtualRoom
from tests.end_to_end.box_process import BoxProcess
from tests.end_to_end.tone_listener import SILENT_DB, ToneListener, write_rising_tone
from tests.stream_server import StreamServer, make_tone

FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>陈年旧事</title>
<item><title>一</title><pubDate>Mon, 02 Nov 2026 08:00:00 +0800</pubDate><enclosure url="old.mp3" type="audio/mpeg" length="1"/></item>
<item><title>二</title><pubDate>Mon, 09 Nov 2026 08:00:00 +0800</pubDate><enclosure url="new.mp3" type="audio/mpeg" length="1"/></item>
</channel></rss>"""


@pytest.fixture(scope="module")
def room():
    with VirtualRoom() as room:
        yield room


@pytest.fixture(scope="module")
def server():
    with StreamServer() as server:
        tone = make_tone(20)
        server.stations = {"/news": tone, "/traffic": tone}
        server.pages = {"/feed": FEED.encode(), "/new.mp3": make_tone(60).data, "/old.mp3": tone.data}
        server.headers["/feed"] = {"ETag": '"1"'}
        yield server


@pytest.fixture(scope="module")
def box(room, server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("box")
    write_rising_tone(folder / "音乐/吕剧/李二嫂改嫁.wav", 60)
    (folder / "data").mkdir()
    (folder / "data" / STATIONS).write_text(f"泉城新闻台\tradio\t{server.address}/news\n泉城交通台\tradio\t{server.address}/traffic\n"
                                            f"坏台\tradio\tfile:///etc/passwd\n陈年旧事\tpodcast\t{server.address}/feed\n", encoding="utf-8")
    settings = folder / "settings.toml"
    settings.write_text(f'[box]\ndata_dir = "{folder}/data"\n[weather]\nopen_meteo_url = "http://127.0.0.1:9"\nmet_norway_url = "http://127.0.0.1:9"\n'
                        '[audio]\nmicrophone = "room_mic"\nloudspeaker = "room_speaker"\nvolume = 100\n[listening]\nfollow_up_s = 0.0\nwindow_s = 3.0\n'
                        f'[media]\nfolders = ["{folder}/音乐"]\ndevice = "pulse/speaker"\neven_loudness = false\nnight_volume = 100\n', encoding="utf-8")
    with BoxProcess(room.env, settings, folder / "data") as box:
        box.wait_until_all("2 stations, 2 episodes of 1 podcasts", "4 titles of this box", timeout_s=120.0)
        yield box
        assert box.end(signal.SIGTERM) == 0
    assert not any("Traceback" in line for line in box.seen)
    assert any(f"{STATIONS}:3: the address begins with file" in line for line in box.seen)


@pytest.fixture
def listener(room):
    with ToneListener(room) as listener:
        yield listener


def tell(box: BoxProcess, text: str) -> str:
    """Typed, answered, and over."""
    box.type(text)
    said = box.wait_for("小乡：")
    box.wait_for("-> asleep")
    return said


def loud(level, place):
    return level > -16


def silent(level, place):
    return level <= SILENT_DB + 20


def test_the_radio_plays_another_station_and_what_it_cannot_do_is_said(box, listener, server):
    began = time.monotonic()
    assert "泉城新闻台" in tell(box, "听收音机")
    listener.wait_for(loud, began)
    assert "泉城交通台" in tell(box, "换个台")
    server.wait_for_request("/traffic")
    assert "没法从头放" in tell(box, "从头放")
    assert "泉城新闻台" in tell(box, "放全城新闻台"), "by its sound"
    assert "泉城新闻台" in tell(box, "现在放的是啥")


def test_paused_it_is_silent_and_then_live_again(box, listener, server):
    tell(box, "听收音机")
    listener.wait_for(loud, time.monotonic())
    before = server.count("/news")
    tell(box, "停一停")
    paused = listener.wait_for(silent, time.monotonic())
    assert "接着放" in tell(box, "接着放")
    listener.wait_for(loud, paused)
    assert server.count("/news") == before + 1


def test_it_breaks_off_and_comes_back_without_a_word(box, listener, server):
    tell(box, "听收音机")
    playing = listener.wait_for(loud, time.monotonic(), lasting_s=3.0)
    server.stop()
    gone = listener.wait_for(silent, playing)
    server.start()
    back = listener.wait_for(loud, gone)
    print(f"\nheard again {back - gone:.1f} s after it fell silent")


def test_a_podcast_is_its_newest_episode(box, listener, server):
    began = time.monotonic()
    assert "最新的一期" in tell(box, "听陈年旧事最新一期")
    listener.wait_for(loud, began)
    assert server.count("/new.mp3") and not server.count("/old.mp3")


def test_without_a_network_it_says_so_and_plays_what_is_on_its_disk(box, listener, server):
    tell(box, "关了吧不听了")
    listener.wait_for(silent, time.monotonic() - 0.5)
    server.stop()
    try:
        box.type("打开广播")
        box.wait_for("小乡：", "泉城新闻台")
        said = box.wait_for("小乡：", "收不到")
        assert "李二嫂改嫁" in said and any("[no-stream]" in line for line in box.seen)
        box.wait_for("-> listening")
        began = time.monotonic()
        assert "李二嫂改嫁" in tell(box, "好")
        since = listener.wait_for(loud, began)
        assert np.median(listener.heard(since)[2][5:25]) < 3, "the file on the disk, from its beginning"
    finally:
        server.start()
