"""Podcasts and stations while the box runs: what is fetched when, what is kept, and what nothing else is harmed by."""
import json
import os
import threading

import pytest

from assistant.feed import Episode, Feed
from assistant.library.library import Library
from assistant.ports import MediaState, MediaStatus
from assistant.sources.back_off import FIRST_S, LONGEST_S, Round
from assistant.sources.broadcasts import Broadcasts, remembered_broadcasts
from assistant.sources.feed_cache import FILE_NAME, FeedCache
from assistant.sources.simulated import SimulatedFeeds
from assistant.sources.sources import Sources
from assistant.sources.station_file import STATIONS

LIVE, FEED = "http://radio.example/live", "http://pod.example/feed"
EVERY_S = 3600.0
THREE = Feed(tuple(Episode(f"http://pod.example/{n}.mp3", 60.0 * n) for n in (3, 2, 1)), '"v3"')


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def feeds():
    return SimulatedFeeds({FEED: THREE})


@pytest.fixture
def start(tmp_path, clock, feeds):
    opened = []

    def start(folder=tmp_path):
        opened.append(Sources(folder, feeds, FeedCache(folder), EVERY_S, clock))
        return opened[-1]

    yield start
    for sources in opened:
        sources.close()


def write(tmp_path, text):
    """As an editor does: the file is another one each time."""
    (tmp_path / "new").write_text(text, encoding="utf-8")
    os.replace(tmp_path / "new", tmp_path / STATIONS)


def settled(sources):
    sources.look()
    sources.look()
    return sources.broadcasts


def test_a_feed_waits_longer_after_each_fault_and_not_for_ever():
    turn, waits = Round(), []
    assert turn.is_due(0.0)
    for _ in range(15):
        turn = turn.failed(100.0)
        waits.append(turn.due_s - 100.0)
        assert not turn.is_due(turn.due_s - 1) and turn.is_due(turn.due_s)
    assert waits[:4] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S, 8 * FIRST_S] and waits[-1] == LONGEST_S
    assert turn.answered(100.0, EVERY_S) == Round(100.0 + EVERY_S)


def test_stations_are_there_at_once_and_episodes_when_they_have_been_fetched(tmp_path, start):
    write(tmp_path, f"新闻台\tradio\t{LIVE}\n网事\tpodcast\t{FEED}\t往事\tgenre=评书\n")
    sources = start()
    assert [programme.file for programme in sources.broadcasts.programmes] == [LIVE]
    told = []
    sources.follow(told.append)
    sources.look()
    assert told == [sources.broadcasts]
    episodes = sources.broadcasts.programmes[1:]
    assert [(one.title, one.kind, one.genre, one.part, one.file) for one in episodes] == [
        ("网事", "story", "评书", number, f"http://pod.example/{4 - number}.mp3") for number in (1, 2, 3)]
    assert [entry.spoken for entry in sources.broadcasts.names.titles] == [("新闻台",), ("网事", "往事")]


def test_a_feed_is_asked_when_it_is_due_and_later_when_it_fails(tmp_path, start, clock, feeds):
    write(tmp_path, f"网事\tpodcast\t{FEED}\n")
    sources = start()
    sources.look()
    clock.now_s += EVERY_S - 1
    sources.look()
    assert len(feeds.asked) == 1
    del feeds.feeds[FEED]
    clock.now_s += 1
    for asked, pause_s in ((2, FIRST_S), (3, 2 * FIRST_S), (4, 4 * FIRST_S)):
        sources.look()
        clock.now_s += pause_s - 1
        sources.look()
        assert len(feeds.asked) == asked, "not before"
        clock.now_s += 1
    assert len(sources.broadcasts.programmes) == 3, "what was known stays known"
    feeds.feeds[FEED] = Feed(THREE.episodes[:1])
    sources.look()
    assert len(sources.broadcasts.programmes) == 1
    clock.now_s += EVERY_S
    sources.look()
    assert len(feeds.asked) == 6


def test_episodes_are_known_at_the_next_start_without_a_network(tmp_path, start, feeds):
    write(tmp_path, f"网事\tpodcast\t{FEED}\n")
    before = start()
    before.look()
    feeds.feeds.clear()
    after = start()
    assert after.broadcasts == before.broadcasts == remembered_broadcasts(tmp_path)
    after.look()
    assert after.broadcasts == before.broadcasts


def test_what_is_not_in_the_list_any_more_is_forgotten(tmp_path, start):
    write(tmp_path, f"网事\tpodcast\t{FEED}\n")
    sources = start()
    sources.look()
    write(tmp_path, f"新闻台\tradio\t{LIVE}\n")
    assert [programme.title for programme in settled(sources).programmes] == ["新闻台"]
    assert FEED not in (tmp_path / FILE_NAME).read_text()
    (tmp_path / STATIONS).unlink()
    assert not settled(sources).programmes


def test_a_wrong_line_costs_itself_and_a_wrong_file_nothing(tmp_path, start, caplog):
    write(tmp_path, f"新闻台\tradio\t{LIVE}\n戏曲台\tradio\tfile:///x\n")
    sources = start()
    assert [programme.title for programme in sources.broadcasts.programmes] == ["新闻台"]
    assert f"[stations] {tmp_path / STATIONS}:2: the address begins with file" in caplog.text
    (tmp_path / STATIONS).write_bytes(b"\xff\xfe")
    assert [programme.title for programme in settled(sources).programmes] == ["新闻台"]
    assert "goes on with 1 stations from before" in caplog.text


@pytest.mark.parametrize("kept", ["[", '{"feeds": {"1": {"feeds": 7}}}', json.dumps({"feeds": {"1": {"feeds": {FEED: {"episodes": [["a"]]}}}}}),
                                  json.dumps({"feeds": {"1": {"feeds": {FEED: {"episodes": [["file:///etc/passwd", 1]], "etag": "", "modified": ""}}}}})])
def test_a_memory_that_is_damaged_is_fetched_anew(tmp_path, start, kept):
    (tmp_path / FILE_NAME).write_text(kept)
    write(tmp_path, f"网事\tpodcast\t{FEED}\n")
    sources = start()
    assert not sources.broadcasts.programmes
    sources.look()
    assert len(sources.broadcasts.programmes) == 3


def test_the_thread_reads_a_list_that_is_written_while_it_runs(tmp_path, start):
    sources = start()
    library = Library((), tmp_path / "media.sqlite")
    sources.follow(library.join)
    sources.start()
    write(tmp_path, f"网事\tpodcast\t{FEED}\n")
    arrived = threading.Event()
    library.follow(lambda names: arrived.set() if library.programmes else None)
    assert arrived.wait(15)
    assert library.programmes[0].title == "网事" and library.names.titles[0].canonical == "网事"
    sources.close()


def test_a_station_that_is_taken_out_of_the_list_while_it_plays_keeps_its_name(tmp_path, start):
    write(tmp_path, f"新闻台\tradio\t{LIVE}\n")
    library, status = Library((), tmp_path / "media.sqlite"), MediaStatus(LIVE, 0, 1, MediaState.PLAYING, 0.0, 1.0)
    library.join(start().broadcasts)
    assert library.playing(status).programme.title == "新闻台"
    library.join(Broadcasts())
    assert library.playing(status).programme.is_live and not library.programmes


def test_stations_join_what_is_on_the_disks(tmp_path, start):
    write(tmp_path, f"新闻台\tradio\t{LIVE}\t一台\n")
    library, told = Library((), tmp_path / "media.sqlite"), []
    library.follow(told.append)
    library.join(start().broadcasts)
    assert told[-1].titles[0].spoken == ("新闻台", "一台") and library.programmes[0].is_live
