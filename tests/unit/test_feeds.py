"""Podcasts' feeds from a real server: what is read of them, what is refused, and that none of it does harm."""
from __future__ import annotations

import gzip
import threading
import time

import psutil
import pytest

from assistant.errors import FeedUnavailable
from assistant.feed import Episode, Feed
from assistant.sources import feed_process
from assistant.sources.download import LARGEST, MOST_REDIRECTS, download
from assistant.sources.feed_process import FeedProcess
from assistant.sources.read_feed import read_feed
from tests.stream_server import StreamServer

WHERE = "http://pod.example/feed.xml"
MOST = 20


@pytest.fixture
def server():
    with StreamServer() as server:
        yield server


def rss(*items: str, encoding: str = "utf-8") -> bytes:
    text = (f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">'
            f"<channel><title>网事</title>{''.join(items)}</channel></rss>")
    return text.encode(encoding)


def item(link: str, date: str = "", duration: str = "", sort: str = "audio/mpeg") -> str:
    when = f"<pubDate>{date}</pubDate>" if date else ""
    return (f"<item><title>一期</title>{when}<itunes:duration>{duration}</itunes:duration>"
            f'<enclosure url="{link}" type="{sort}" length="1"/></item>')


def read(body: bytes, most: int = MOST, content_type: str = "application/rss+xml") -> list[str]:
    return [episode.address for episode in read_feed(body, WHERE, content_type, most)]


# -- reading ----------------------------------------------------------------------------------------------------------

def test_the_newest_come_first_whatever_the_order_and_no_more_than_are_kept():
    days = [3, 1, 5, 2, 4]
    body = rss(*(item(f"{day}.mp3", f"0{day} Nov 2026 08:00:00 +0800") for day in days))
    assert read(body) == [f"http://pod.example/{day}.mp3" for day in (5, 4, 3, 2, 1)]
    assert read(body, 2) == ["http://pod.example/5.mp3", "http://pod.example/4.mp3"]


def test_where_dates_are_missing_it_is_the_feeds_own_order():
    assert read(rss(item("a.mp3", "01 Nov 2026 08:00:00 +0800"), item("b.mp3"), item("c.mp3", "05 Nov 2026 08:00:00 +0800"))) == [
        "http://pod.example/a.mp3", "http://pod.example/b.mp3", "http://pod.example/c.mp3"]


def test_an_episode_that_is_there_twice_is_one():
    assert read(rss(item("a.mp3"), item("b.mp3"), item("a.mp3"))) == ["http://pod.example/a.mp3", "http://pod.example/b.mp3"]


@pytest.mark.parametrize(("said", "seconds"), [
    ("1801", 1801), ("30:01", 1801), ("01:00:01", 3601), ("", 0), ("long", 0), ("-5", 0), ("1e9", 0), ("99999999999", 0), ("999:00:00", 0), ("nan", 0)])
def test_how_long_it_is_or_nothing(said, seconds):
    assert read_feed(rss(item("a.mp3", duration=said)), WHERE, "", MOST) == (Episode("http://pod.example/a.mp3", float(seconds)),)


def test_an_atom_feed_is_one_too():
    body = ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>网事</title><entry><title>一</title><updated>2026-11-01T08:00:00Z</updated>'
            '<link rel="enclosure" type="audio/mp4" href="/a.m4a"/></entry></feed>').encode()
    assert read(body) == ["http://pod.example/a.m4a"]


def test_a_feed_in_gbk_is_read():
    assert read(rss(item("a.mp3"), encoding="gbk")) == ["http://pod.example/a.mp3"]


def test_a_feed_that_breaks_off_is_read_as_far_as_it_goes():
    whole = rss(item("a.mp3"), item("b.mp3"))
    assert read(whole[: whole.index(b"b.mp3")]) == ["http://pod.example/a.mp3"]


@pytest.mark.parametrize("link", ["file:///etc/passwd", "FILE:///etc/passwd", "av://lavfi:sine", "edl://x", "data:,x",
                                  "http://127.0.0.1/stop", "ftp://a.example/a.mp3", "", "javascript:x", "smb://a/b.mp3"])
def test_what_leads_elsewhere_is_no_episode(link):
    assert read(rss(item(link), item("good.mp3"))) == ["http://pod.example/good.mp3"]


def test_pictures_and_papers_are_no_episodes():
    assert read(rss(item("a.jpg", sort="image/jpeg"), item("b.pdf", sort="application/pdf"), item("c.mp4", sort="video/mp4"))) == [
        "http://pod.example/c.mp4"]


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"", "no feed"), (b"\0\xff" * 500, "no feed"), ("<html><body>请先登录</body></html>".encode(), "no feed"), (b'{"a": 1}', "no feed"),
     (rss(), "nothing in this feed"), (rss(item("file:///etc/passwd")), "nothing in this feed")],
)
def test_what_is_no_feed_is_refused(body, told):
    with pytest.raises(FeedUnavailable, match=told):
        read(body)


def test_entities_are_neither_blown_up_nor_read_from_the_disk(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("http://pod.example/secret.mp3")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}<!ENTITY s SYSTEM "file://{secret}">]>'
    body = rss(item("good.mp3")).decode().replace("<title>网事</title>", "<title>&l11;</title><link>&s;</link>").partition("?>")[2]
    began, before = time.monotonic(), psutil.Process().memory_info().rss
    assert b"secret" not in str(read((head + body).encode())).encode()
    assert time.monotonic() - began < 10 and psutil.Process().memory_info().rss < before + 500_000_000


# -- fetching ---------------------------------------------------------------------------------------------------------

def test_a_feed_that_has_not_changed_is_not_sent_again(server):
    server.pages["/f"], server.headers["/f"] = rss(item("a.mp3")), {"ETag": '"1"', "Last-Modified": "Sun, 01 Nov 2026 00:00:00 GMT"}
    found = download(f"{server.address}/f")
    assert found.body == server.pages["/f"] and (found.etag, found.modified) == ('"1"', "Sun, 01 Nov 2026 00:00:00 GMT")
    assert download(f"{server.address}/f", found.etag, found.modified) is None
    assert [status for _, status in server.requests] == [200, 304]


def test_it_is_followed_where_it_has_moved_to(server):
    server.pages["/new/f"] = rss(item("a.mp3"))
    server.redirects = {"/old": "/older", "/older": f"{server.address}/new/f"}
    assert download(f"{server.address}/old").address == f"{server.address}/new/f"


@pytest.mark.parametrize("link", ["file:///etc/passwd", "ftp://a.example/f", "", "av://lavfi:sine"])
def test_it_is_not_followed_out_of_http(server, link):
    server.redirects["/f"] = link
    with pytest.raises(FeedUnavailable, match="not followed|HTTP 302|led on more than"):
        download(f"{server.address}/f")


def test_a_circle_comes_to_an_end(server):
    server.redirects = {"/a": "/b", "/b": "/a"}
    with pytest.raises(FeedUnavailable, match="led on more than"):
        download(f"{server.address}/a")
    assert len(server.requests) == MOST_REDIRECTS + 1


def test_a_huge_one_is_refused_also_when_it_comes_packed(server):
    server.pages = {"/f": b" " * (LARGEST + 1), "/packed": gzip.compress(b" " * 200_000_000)}
    server.headers["/packed"] = {"Content-Encoding": "gzip"}
    for path in server.pages:
        with pytest.raises(FeedUnavailable, match="longer than"):
            download(f"{server.address}{path}")


def test_half_of_one_is_refused(server):
    server.pages["/f"], server.headers["/f"] = rss(item("a.mp3")), {"Content-Length": "99999", "Connection": "close"}
    with pytest.raises(FeedUnavailable, match="closed after|IncompleteRead"):
        download(f"{server.address}/f")


def test_no_page_and_no_server_are_told(server):
    with pytest.raises(FeedUnavailable, match="HTTP 404"):
        download(f"{server.address}/f")
    address = server.address
    server.stop()
    with pytest.raises(FeedUnavailable, match="ConnectionError"):
        download(f"{address}/f")


# -- the process ------------------------------------------------------------------------------------------------------

def test_the_box_gets_a_short_list_and_then_the_news_that_nothing_has_changed(server):
    server.pages["/f"], server.headers["/f"] = rss(*(item(f"{n}.mp3", duration="1:00") for n in range(50))), {"ETag": '"1"'}
    source = FeedProcess(2)
    feed = source.fetch(f"{server.address}/f", Feed())
    assert feed == Feed(tuple(Episode(f"{server.address}/{n}.mp3", 60.0) for n in range(2)), '"1"')
    assert source.fetch(f"{server.address}/f", feed) is None


def test_what_is_wrong_comes_back_as_a_fault(server):
    server.pages["/f"] = b"<html>"
    with pytest.raises(FeedUnavailable, match="no feed"):
        FeedProcess(2).fetch(f"{server.address}/f", Feed())


@pytest.mark.parametrize("way", ["hanging", "trickling"])
def test_a_server_that_takes_for_ever_is_given_up_on(server, way):
    before = psutil.Process().children()
    getattr(server, way).add("/f")
    began = time.monotonic()
    with pytest.raises(FeedUnavailable, match="no answer within 2 s"):
        FeedProcess(2, 2.0).fetch(f"{server.address}/f", Feed())
    assert 1.5 < time.monotonic() - began < 6
    assert psutil.Process().children() == before


def test_a_box_that_ends_does_not_wait_for_it(server):
    before = psutil.Process().children()
    server.hanging.add("/f")
    closing = threading.Event()
    threading.Thread(target=lambda: (server.wait_for_request("/f"), closing.set()), daemon=True).start()
    with pytest.raises(FeedUnavailable):
        FeedProcess(2, 60.0).fetch(f"{server.address}/f", Feed(), closing.is_set)
    assert closing.is_set() and psutil.Process().children() == before


def test_one_that_takes_all_memory_costs_only_itself(server, monkeypatch):
    monkeypatch.setattr(feed_process, "__name__", "tests.unit.greedy_feed")
    with pytest.raises(FeedUnavailable, match="MemoryError|no answer|too much memory"):
        FeedProcess(2).fetch(f"{server.address}/f", Feed())
