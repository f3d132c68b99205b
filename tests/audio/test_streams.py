"""The real mpv and a real server: what plays over the network, breaks off, comes back, does not come, and does no harm."""
from __future__ import annotations

import ssl
import time

import pytest
import trustme

from assistant.events import MediaEnded, MediaFailed, MediaPlayedOut, MediaStarted, StreamLost
from assistant.ports import MediaState
from audio import reception
from bench.player.witness import witnessed
from bench.virtual_room import VirtualRoom
from tests.end_to_end.tone_listener import SILENT_DB, ToneListener
from tests.stream_server import StreamServer, make_tone
from tests.watched_player import Watched, mpv_processes


@pytest.fixture(scope="module")
def room():
    with VirtualRoom() as room:
        yield room


@pytest.fixture(scope="module")
def tone():
    return make_tone(20)


@pytest.fixture
def server(tone):
    with StreamServer() as server:
        server.stations = {"/one": tone, "/two": tone}
        yield server


@pytest.fixture
def watched(room, monkeypatch):
    for name, value in room.env.items():
        monkeypatch.setenv(name, value)
    watched = Watched()
    yield watched
    watched.player.close()
    assert not mpv_processes()


@pytest.fixture
def listener(room):
    with ToneListener(room) as listener:
        yield listener


def loud(level, place):
    return level > -25


def silent(level, place):
    return level <= SILENT_DB + 20


def tune(watched, server, *paths, first=0):
    stations = tuple(f"{server.address}{path}" for path in paths or ("/one",))
    watched.player.tune(stations, first)
    assert watched.wait(MediaStarted).file == stations[first]
    return stations


def received(watched, wanted, timeout_s=20.0):
    """Until the reception is as wanted, of which the player tells nobody."""
    watched.until(lambda status: wanted(watched.player._reception), timeout_s)


def heard(watched):
    """Until it has been seen to play on."""
    received(watched, lambda reception: reception.heard)


def test_a_station_is_heard_and_has_neither_place_nor_speed_nor_end(watched, server, listener):
    began = time.monotonic()
    tune(watched, server)
    listener.wait_for(loud, listener.wait_for(loud, began), lasting_s=3.0)
    watched.player.set_speed(0.75)
    status = watched.player.status()
    assert (status.state, status.position_s, status.speed) == (MediaState.PLAYING, 0.0, 1.0)
    assert watched.events.empty()


def test_paused_it_is_let_go_of_and_resumed_it_is_live_again(watched, server, listener):
    began = time.monotonic()
    stations = tune(watched, server)
    listener.wait_for(loud, began)
    watched.player.pause()
    paused = listener.wait_for(silent, time.monotonic())
    assert watched.player.status().state is MediaState.PAUSED
    watched.player.resume()
    assert watched.wait(MediaStarted).file == stations[0]
    listener.wait_for(loud, paused)
    assert server.count("/one") == 2, "what it sent meanwhile is not played late"


def test_the_next_station_and_the_one_before(watched, server):
    one, two = tune(watched, server, "/one", "/two")
    watched.player.next()
    assert watched.wait(MediaStarted).file == two
    watched.player.previous()
    assert watched.wait(MediaStarted).file == one


def test_what_breaks_off_comes_back_by_itself(watched, server, listener):
    tune(watched, server, "/one", "/two")
    heard(watched)
    server.break_off()
    broken = time.monotonic()
    gone = listener.wait_for(silent, broken)
    watched.wait(MediaStarted)
    back = listener.wait_for(loud, gone)
    print(f"\nheard again {back - gone:.1f} s after it fell silent")
    assert server.count("/one") == 2 and watched.player.status().state is MediaState.PLAYING
    assert server.count("/two") == 0, "nothing follows a station"


def test_it_comes_back_when_the_network_does(watched, server, listener):
    tune(watched, server)
    heard(watched)
    server.stop()
    gone = listener.wait_for(silent, time.monotonic())
    received(watched, lambda reception: reception.faults >= 3)
    assert watched.player.status().state is MediaState.PLAYING and watched.events.empty(), "nothing is said as long as there is hope"
    server.start()
    watched.wait(MediaStarted, 20.0)
    listener.wait_for(loud, gone)


def test_a_station_in_pieces_is_heard_and_comes_back_too(watched, server, listener):
    """HLS, as most stations send today: a list of the latest pieces, which is asked for again and again."""
    began, piece = time.monotonic(), make_tone(2).data

    def latest() -> bytes:
        first = int((time.monotonic() - began) / 2)
        pieces = "".join(f"#EXTINF:2.0,\n/{number}.mp3\n" for number in range(first, first + 4))
        return f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:{first}\n{pieces}".encode()

    server.pages = {f"/{number}.mp3": piece for number in range(100)}
    server.changing["/live.m3u8"], server.headers["/live.m3u8"] = latest, {"Content-Type": "application/vnd.apple.mpegurl"}
    tune(watched, server, "/live.m3u8")
    heard(watched)
    server.stop()
    gone = listener.wait_for(silent, time.monotonic(), lasting_s=1.0)
    assert watched.player.status().state is MediaState.PLAYING
    server.start()
    watched.wait(MediaStarted, 30.0)
    listener.wait_for(loud, gone)


def test_what_does_not_come_back_is_told_once_and_can_be_asked_for_again(watched, server, monkeypatch):
    monkeypatch.setattr(reception, "COMES_BACK_S", 4.0)
    stations = tune(watched, server)
    heard(watched)
    server.stop()
    assert watched.wait(StreamLost).file == stations[0]
    assert watched.player.status().state is MediaState.STOPPED and watched.events.empty()
    server.start()
    watched.player.resume()
    assert watched.wait(MediaStarted).file == stations[0]


def test_one_that_is_refused_is_tried_a_few_times_and_told_soon(watched, server):
    server.stop()
    began = time.monotonic()
    watched.player.tune((f"{server.address}/one", f"{server.address}/two"))
    assert watched.wait(MediaFailed, 15.0).file.endswith("/one")
    assert 2 < time.monotonic() - began < 11
    assert watched.player.status().state is MediaState.STOPPED and watched.events.empty(), "nobody asked for the other one"


def test_one_that_hangs_is_told_soon(watched, server):
    server.hanging.add("/hangs")
    began = time.monotonic()
    watched.player.tune((f"{server.address}/hangs",))
    watched.wait(MediaFailed, 15.0)
    assert 6 < time.monotonic() - began < 12


def test_a_station_that_falls_silent_without_a_word_is_begun_again(watched, server, tone, monkeypatch):
    monkeypatch.setattr(reception, "SILENT_S", 3.0)
    tune(watched, server)
    heard(watched)
    server.fall_silent()
    watched.wait(MediaStarted, 20.0)
    assert server.count("/one") == 2


def test_stopped_while_it_is_away_it_stays_away(watched, server):
    tune(watched, server)
    heard(watched)
    server.stop()
    received(watched, lambda reception: reception.faults)
    watched.player.stop()
    server.start()
    time.sleep(4.0)  # that nothing comes back has no event
    assert server.count("/one") == 1 and watched.events.empty()


def test_something_else_asked_for_while_it_is_away_is_played(watched, server, tone, tmp_path):
    (tmp_path / "own.mp3").write_bytes(tone.data)
    tune(watched, server)
    heard(watched)
    server.stop()
    watched.player.play((str(tmp_path / "own.mp3"),))
    assert watched.wait(MediaStarted).file == str(tmp_path / "own.mp3")
    watched.until(lambda status: status.position_s > 3.0)
    assert watched.events.empty()


def test_an_mpv_that_is_killed_is_on_the_air_again(watched, server):
    tune(watched, server)
    (process,) = mpv_processes()
    process.kill()
    watched.wait(MediaStarted)
    assert watched.player.status().state is MediaState.PLAYING


# -- episodes: what has an end ----------------------------------------------------------------------------------------

def test_an_episode_begins_where_it_was_left_and_ends(watched, server, tone):
    server.pages["/e.mp3"] = tone.data
    watched.player.play((f"{server.address}/e.mp3",), 17.0)
    watched.until(lambda status: status.position_s > 17.0)
    assert watched.wait(MediaPlayedOut).file == f"{server.address}/e.mp3"
    watched.wait(MediaEnded)


def test_an_episode_that_breaks_off_goes_on_at_the_same_place(watched, server, tone):
    server.pages = {"/e.mp3": make_tone(300).data, "/next.mp3": tone.data}
    server.halves.add("/e.mp3")
    watched.player.play((f"{server.address}/e.mp3", f"{server.address}/next.mp3"), 142.0)
    watched.wait(MediaStarted)
    heard(watched)
    server.break_off()
    server.stop()
    end = time.monotonic() + 60
    while not watched.player._reception.faults:
        assert time.monotonic() < end
        time.sleep(0.05)
    place = watched.player.status().position_s
    assert 143 < place < 155
    server.halves.clear()
    server.start()
    watched.wait(MediaStarted, 20.0)
    watched.until(lambda status: status.position_s > place + 1.0)
    assert watched.player.status().position_s < place + 6 and server.count("/next.mp3") == 0


def test_an_episode_is_followed_by_the_next_one_which_is_not_asked_for_before(watched, server, tone):
    server.pages = {"/1.mp3": make_tone(40).data, "/2.mp3": tone.data}
    first, second = f"{server.address}/1.mp3", f"{server.address}/2.mp3"
    watched.player.play((first, second))
    heard(watched)
    assert server.count("/2.mp3") == 0
    watched.player.play((first, second), 37.0)
    assert watched.wait(MediaPlayedOut).file == first
    assert watched.wait(MediaStarted).file == second
    watched.until(lambda status: status.index == 1 and status.position_s > 1.0)
    assert heard(watched) is None and watched.events.empty() and server.count("/2.mp3") == 1


def test_one_that_does_not_come_is_not_passed_over_for_the_next(watched, server, tone):
    server.pages["/2.mp3"] = tone.data
    watched.player.play((f"{server.address}/gone.mp3", f"{server.address}/2.mp3"))
    assert watched.wait(MediaFailed, 15.0).file.endswith("/gone.mp3")
    assert server.count("/2.mp3") == 0 and watched.player.status().state is MediaState.STOPPED


@pytest.mark.parametrize("comes", [True, False], ids=["comes", "does not come"])
def test_a_file_is_followed_by_an_episode(watched, server, tmp_path, comes):
    (tmp_path / "own.mp3").write_bytes(make_tone(3).data)
    server.pages["/e.mp3"] = make_tone(40).data
    if not comes:
        server.stop()
    watched.player.play((str(tmp_path / "own.mp3"), f"{server.address}/e.mp3"))
    assert watched.wait(MediaPlayedOut).file == str(tmp_path / "own.mp3")
    if comes:
        assert watched.wait(MediaStarted).file == f"{server.address}/e.mp3"
        watched.until(lambda status: status.index == 1 and status.position_s > 2.0)
        assert watched.events.empty()
    else:
        assert watched.wait(MediaFailed, 15.0).file == f"{server.address}/e.mp3"
        assert watched.player.status().state is MediaState.STOPPED


# -- what strangers send ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("page", [
    "#EXTM3U\n#EXTINF:1,x\nfile://{file}\n", "{file}\n", "[playlist]\nFile1=file://{file}\nNumberOfEntries=1\n", "# mpv EDL v0\n{file},0,5\n",
    "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{file}\n#EXT-X-ENDLIST\n", "#EXTM3U\nav://lavfi:sine\n", "#EXTM3U\nedl://{file}\n",
    "#EXTM3U\nlavf://file:{file}\n", "#EXTM3U\n--script=/tmp/x.lua\n", "#EXTM3U\nmemory://#EXTM3U\n", "#EXTM3U\n",
], ids=["m3u", "plain", "pls", "edl", "hls", "device", "edl in m3u", "lavf", "option", "memory", "empty"])
def test_a_list_from_the_network_opens_nothing_of_this_machine(watched, server, tone, tmp_path, page, monkeypatch):
    monkeypatch.setattr(reception, "ASKED_FOR_S", 1.0)
    (tmp_path / "own.mp3").write_bytes(tone.data)
    server.pages["/list.m3u8"] = page.format(file=tmp_path / "own.mp3").encode()
    server.headers["/list.m3u8"] = {"Content-Type": "audio/x-mpegurl"}
    watched.player.tune((f"{server.address}/list.m3u8",))
    watched.wait(MediaFailed, 20.0)
    assert watched.events.empty()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_server_that_cannot_show_who_it_is_is_not_played(watched, tone, tmp_path, trusted):
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    options = (f"--tls-ca-file={tmp_path / 'authority.pem'}",) if trusted else ()
    with StreamServer(tls) as server, witnessed(tmp_path, *options):
        server.stations = {"/one": tone}
        watched.player.tune((f"{server.address}/one",))
        watched.wait(MediaStarted if trusted else MediaFailed, 20.0)
        assert bool(server.count("/one")) is trusted


def test_nor_does_a_server_that_sends_elsewhere(watched, server, tone, tmp_path):
    (tmp_path / "own.mp3").write_bytes(tone.data)
    server.redirects["/moved"] = f"file://{tmp_path / 'own.mp3'}"
    watched.player.tune((f"{server.address}/moved",))
    watched.wait(MediaFailed, 20.0)


@pytest.mark.parametrize("page", ["#EXTM3U\n{address}/gone\n{address}/one\n", "[playlist]\nFile1={address}/one\nNumberOfEntries=1\n"], ids=["m3u", "pls"])
def test_a_list_of_stations_is_played_and_comes_back_too(watched, server, page):
    server.pages["/list"] = page.format(address=server.address).encode()
    server.headers["/list"] = {"Content-Type": "audio/x-scpls" if "[playlist]" in page else "audio/x-mpegurl"}
    tune(watched, server, "/list")
    heard(watched)
    server.break_off()
    watched.wait(MediaStarted, 15.0)
    assert server.count("/one") == 2 and watched.player.status().state is MediaState.PLAYING
