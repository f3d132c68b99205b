"""``xiangyin media``: what it prints, and what it says when there is nothing."""
from __future__ import annotations

import json
import os
import threading

import numpy as np
import pytest
import soundfile

from assistant.cli import main
from audio import reception
from audio.reception import Reception
from bench.virtual_room import VirtualRoom
from tests.stream_server import StreamServer, make_tone


@pytest.fixture
def box(tmp_path, capsys):
    """A function: one command, its exit code, what it printed and what it remarked. The library's folder is ``box.folder``."""
    folder = tmp_path / "音乐"
    folder.mkdir()
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[box]\ndata_dir = "{tmp_path}/data"\n[media]\nfolders = ["{folder}"]\ndevice = "pulse/speaker"\n', encoding="utf-8")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["--settings", str(settings), "media", *words])
        return code, *capsys.readouterr()

    run.folder = folder
    return run


def put(folder, name: str, seconds: float = 0.5) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, np.zeros(int(8000 * seconds), np.float32), 8000)


@pytest.fixture
def filled(box):
    put(box.folder, "豫剧/常香玉/花木兰.wav", 61.0)
    put(box.folder, "评书/单田芳/白眉大侠/002.wav")
    (box.folder / "空.mp3").touch()
    box("scan")
    return box


def test_a_scan_counts_by_kind_and_names_what_is_broken(box):
    put(box.folder, "豫剧/花木兰.wav")
    put(box.folder, "豫剧/朝阳沟.wav")
    put(box.folder, "不知道.wav")
    (box.folder / "空.mp3").touch()
    code, out, notes = box("scan")
    assert code == 0 and out == "opera\t2\nother\t1\n"
    assert "空.mp3: the file is empty" in notes


def test_a_scan_of_nothing_says_where_it_looked(box):
    code, out, notes = box("scan")
    assert code == 0 and not out
    assert f"{box.folder}\n" in notes and "data/media   (not there)" in notes


def test_the_list_is_a_table_and_words_choose(filled):
    _, out, _ = filled("list")
    assert len(out.splitlines()) == 2
    code, out, _ = filled("list", "常香玉", "豫剧")
    assert code == 0
    assert out == f"opera\t豫剧\t常香玉\t花木兰\t\t1:01\t{filled.folder}/豫剧/常香玉/花木兰.wav\n"
    assert filled("list", "常香玉", "评书")[1] == ""


def test_the_list_as_json_and_the_broken_ones(filled):
    (row,) = map(json.loads, filled("list", "白眉大侠", "--json")[1].splitlines())
    assert (row["title"], row["part"], row["duration_s"]) == ("白眉大侠", 2, 0.5)
    assert filled("list", "--broken")[1] == f"{filled.folder}/空.mp3\tthe file is empty\n"


def test_a_name_that_is_no_unicode_can_be_shown(box):
    put(box.folder, "x.wav")
    os.rename(os.fsencode(box.folder / "x.wav"), os.fsencode(box.folder) + "/朝阳沟.wav".encode("gbk"))
    box("scan")
    code, out, _ = box("list")
    assert code == 0 and "朝阳沟\t" in out


def test_before_a_scan_the_list_says_what_to_do_and_leaves_no_trace(box, tmp_path):
    code, out, notes = box("list")
    assert code == 0 and not out and "xiangyin media scan" in notes
    assert not (tmp_path / "data").exists()


def test_playing_what_is_not_there_is_one_line(filled):
    code, out, notes = filled("play", "天仙配")
    assert code == 1 and not out and "[bad-media]" in notes and "天仙配" in notes


@pytest.mark.parametrize("words", [["白眉大侠"], ["{folder}/评书/单田芳/白眉大侠/002.wav"]])
def test_it_plays_to_the_end_what_was_found_or_is_named(filled, monkeypatch, words):
    with VirtualRoom() as room:
        for name, value in room.env.items():
            monkeypatch.setenv(name, value)
        code, out, _ = filled("play", *(word.format(folder=filled.folder) for word in words), "--speed", "1.5")
    assert code == 0 and out == f"{filled.folder}/评书/单田芳/白眉大侠/002.wav\n"


def test_playing_a_broken_file_is_one_line(filled, monkeypatch):
    code, out, notes = filled("play", str(filled.folder / "空.mp3"))
    assert code == 1 and not out and "[bad-media]" in notes


def test_without_a_command_it_teaches(box):
    code, out, notes = box()
    assert code == 2 and "豫剧/常香玉/花木兰.mp3" in notes


# -- over the network -------------------------------------------------------------------------------------------------

def stations(box, text: str) -> None:
    data = box.folder.parent / "data"
    data.mkdir(exist_ok=True)
    (data / "stations.tsv").write_text(text, encoding="utf-8")


def test_stations_and_known_episodes_are_listed_and_a_wrong_line_hides_nothing(filled):
    stations(filled, "济南新闻广播\tradio\thttp://radio.example/live\n坏台\tradio\tfile:///x\n网事\tpodcast\thttp://pod.example/feed\n")
    episodes = {"http://pod.example/feed": {"etag": "", "modified": "", "episodes": [["http://pod.example/1.mp3", 61.0]]}}
    (filled.folder.parent / "data/podcasts.json").write_text(json.dumps({"feeds": {"1": {"name": "feeds", "feeds": episodes}}}))
    code, out, _ = filled("list")
    assert code == 0 and out.splitlines()[-2:] == [
        "radio\t\t\t济南新闻广播\t\t\thttp://radio.example/live", "story\t\t\t网事\t1\t1:01\thttp://pod.example/1.mp3"]
    assert "常香玉" in out
    code, out, _ = filled("list", "--json", "广播")
    assert json.loads(out)["file"] == "http://radio.example/live"


def test_a_list_that_cannot_be_read_is_remarked_and_the_files_are_listed(filled):
    (filled.folder.parent / "data/stations.tsv").write_bytes(b"\xff")
    code, out, remarks = filled("list")
    assert code == 0 and "[stations]" in remarks and "常香玉" in out


def test_a_station_is_played_and_one_that_does_not_come_is_told(box, monkeypatch):
    with VirtualRoom() as room, StreamServer() as server:
        for name, value in room.env.items():
            monkeypatch.setenv(name, value)
        server.stations["/live"] = make_tone(20)
        stations(box, f"济南新闻广播\tradio\t{server.address}/live\n没有的台\tradio\t{server.address}/none\n")
        code, out, remarks = box("play", "没有的台")
        assert code != 0 and "[no-stream]" in remarks and f"{server.address}/none" in remarks
        monkeypatch.setattr(reception, "COMES_BACK_S", 1.0)

        def end_it() -> None:
            server.wait_for_request("/live")
            assert heard.wait(20)
            server.stop()

        heard = threading.Event()
        moved = Reception.moved
        monkeypatch.setattr(Reception, "moved", lambda self, *args: heard.set() or moved(self, *args))
        ending = threading.Thread(target=end_it)
        ending.start()
        code, out, remarks = box("play", "济南新闻")
        ending.join(20)
        assert out == f"{server.address}/live\n" and "[no-stream]" in remarks
