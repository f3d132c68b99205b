"""The library on real files: what is found, remembered, forgotten, and what a power cut costs."""
from __future__ import annotations

import errno
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.errors import MediaUnreadable, StoreError
from assistant.events import SticksGone, SticksRead
from assistant.library import read_file as reading
from assistant.library import scan as scanning
from assistant.library.index import FORM, Index
from assistant.library.library import Library
from assistant.library.scan import recall, scan
from assistant.library.simulated_volumes import SimulatedVolumes
from assistant.ports import MediaState, MediaStatus
from assistant.sources.broadcasts import Broadcasts
from audio.loudness import Loudness
from intents.own_names import Names
from intents.wordlists import Entry
from skills.api import Programme


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "音乐"
    folder.mkdir()
    return folder


@pytest.fixture
def index(tmp_path):
    index = Index(tmp_path / "media.sqlite")
    yield index
    index.close()


def put(folder: Path, *names: str, seconds: float = 0.5) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(file, np.zeros(int(8000 * seconds), np.float32), 8000)


def titles(found) -> list[str]:
    return [programme.title for programme in found.programmes]


def test_files_are_found_below_the_folder_with_their_length(folder, index):
    put(folder, "豫剧/常香玉/花木兰.wav", "吕剧/李二嫂改嫁.flac", "歌/茉莉花.ogg", seconds=1.5)
    (folder / "说明.txt").write_text("no media")
    put(folder, ".hidden.wav", ".Trashes/豫剧.wav")
    found = scan((folder,), index)
    assert set(titles(found)) == {"李二嫂改嫁", "茉莉花", "花木兰"} and not found.broken
    assert all(abs(programme.duration_s - 1.5) < 0.1 for programme in found.programmes)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [("空.mp3", b"", "empty"), ("坏.mp3", b"hello" * 50, "no sound"), ("坏.flac", b"\0" * 3000, "damaged"), ("坏.wav", b"RIFF", "damaged"),
     ("空.mkv", b"", "empty"), ("坏.m4a", os.urandom(200), "")],
)
def test_what_cannot_be_played_is_listed_with_its_reason_and_harms_nothing(folder, index, name, content, reason):
    (folder / name).write_bytes(content)
    put(folder, "花木兰.wav")
    found = scan((folder,), index)
    assert titles(found) == ["花木兰"]
    ((file, why),) = found.broken
    assert file == str(folder / name) and reason in why and why


def test_a_link_that_leads_nowhere_and_a_folder_called_mp3_are_passed_over(folder, index):
    (folder / "没了.mp3").symlink_to(folder / "nowhere.mp3")
    (folder / "目录.mp3").mkdir()
    assert scan((folder,), index) == scanning.Catalogue()


def test_a_name_in_gbk_is_read(folder, index):
    put(folder, "x.wav")
    os.rename(os.fsencode(folder / "x.wav"), os.fsencode(folder) + b"/" + "朝阳沟.wav".encode("gbk"))
    found = scan((folder,), index)
    assert titles(found) == ["朝阳沟"] and Path(found.programmes[0].file).exists()
    assert titles(recall((folder,), index)) == ["朝阳沟"]


def test_only_what_is_new_or_changed_is_looked_into(folder, index, monkeypatch):
    looked = []
    monkeypatch.setattr(scanning, "read_tags", lambda path, read=scanning.read_tags: looked.append(path.name) or read(path))
    put(folder, "甲.wav", "乙.wav")
    scan((folder,), index)
    scan((folder,), index)
    assert sorted(looked) == ["乙.wav", "甲.wav"]
    put(folder, "甲.wav", "丙.wav", seconds=2.0)
    found = scan((folder,), index)
    assert sorted(looked[2:]) == ["丙.wav", "甲.wav"]
    assert sorted(programme.duration_s for programme in found.programmes) == [0.5, 2.0, 2.0]


def test_a_file_that_is_gone_is_forgotten_and_a_stick_that_is_unplugged_is_remembered(folder, tmp_path, index, monkeypatch):
    stick = tmp_path / "stick"
    put(folder, "甲.wav", "乙.wav")
    put(stick, "丙.wav")
    scan((folder, stick), index)
    (folder / "甲.wav").unlink()
    shutil.move(stick / "丙.wav", tmp_path / "away.wav")
    assert titles(scan((folder, stick), index)) == ["乙"]
    assert sorted(Path(file).name for file in index.all()) == ["丙.wav", "乙.wav"]
    assert titles(recall((folder, stick), index)) == ["乙"]
    looked = []
    monkeypatch.setattr(scanning, "read_tags", lambda path: looked.append(path))
    shutil.move(tmp_path / "away.wav", stick / "丙.wav")
    assert sorted(titles(scan((folder, stick), index))) == ["丙", "乙"] and not looked
    assert sorted(titles(recall((folder, stick), index))) == ["丙", "乙"] and titles(recall((stick,), index)) == ["丙"]


def test_where_a_file_lies_is_told_from_its_folder_on(folder, index, monkeypatch):
    put(folder, "豫剧/常香玉/花 木兰.WAV", "茉莉花.flac", "歌/歌/歌.ogg")
    below = {found.file: found.below for found in scanning._walk((folder, folder / "歌"))}
    assert below == {str(file): file.relative_to(folder).parts for file in folder.rglob("*.*")}
    monkeypatch.chdir(folder)
    assert {found.below for found in scanning._walk((Path("豫剧"),))} == {("常香玉", "花 木兰.WAV")}


def test_a_folder_inside_another_counts_once(folder, index):
    put(folder, "戏/甲.wav")
    assert titles(scan((folder, folder / "戏", folder / "nowhere"), index)) == ["甲"]


def test_progress_is_told_and_a_scan_can_be_stopped(folder, index, monkeypatch):
    monkeypatch.setattr(scanning, "AT_ONCE", 2)
    put(folder, *(f"戏{number}.wav" for number in range(5)))
    told = []
    scan((folder,), index, lambda done, of: told.append((done, of)))
    assert told == [(2, 5), (4, 5), (5, 5)]
    put(folder, *(f"新{number}.wav" for number in range(5)))
    assert len(scan((folder,), index, stopping=lambda: True).programmes) == 5


def test_killed_in_the_middle_of_a_scan_what_was_looked_into_is_kept(folder, tmp_path):
    put(folder, *(f"戏{number}.wav" for number in range(300)))
    program = ("import sys\nfrom pathlib import Path\nfrom assistant.library import scan\nfrom assistant.library.index import Index\n"
               "scan.AT_ONCE = 10\n"
               "scan.scan((Path(sys.argv[1]),), Index(Path(sys.argv[2])), lambda done, of: print(done, flush=True) or sys.stdin.readline())\n")
    with subprocess.Popen([sys.executable, "-c", program, str(folder), str(tmp_path / "killed.sqlite")],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as scanner:
        assert scanner.stdout.readline() == b"10\n"
        scanner.send_signal(signal.SIGKILL)
    index = Index(tmp_path / "killed.sqlite")
    assert len(index.all()) == 10
    told = []
    assert len(scan((folder,), index, lambda done, of: told.append(of)).programmes) == 300
    assert set(told) == {290}
    index.close()


def test_a_damaged_index_is_set_aside_and_made_anew(folder, tmp_path):
    path = tmp_path / "media.sqlite"
    path.write_bytes(b"this is no database at all" * 100)
    put(folder, "甲.wav")
    index = Index(path)
    assert titles(scan((folder,), index)) == ["甲"]
    index.close()
    assert path.with_name("media.sqlite.corrupt").exists()


def test_an_index_of_another_form_is_made_anew(folder, tmp_path, index):
    put(folder, "甲.wav")
    scan((folder,), index)
    index._db.execute(f"PRAGMA user_version={FORM + 1}")
    index._db.commit()
    again = Index(tmp_path / "media.sqlite")
    assert not again.all()
    again.close()


def test_an_index_that_cannot_be_written_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        Index(tmp_path / "file" / "media.sqlite")


# -- the library of a running box ----------------------------------------------------------------------------------------

@pytest.fixture
def library(folder, tmp_path):
    opened = []

    def begin(rescan_s: float = 600.0) -> Library:
        opened.append(Library((folder,), tmp_path / "media.sqlite", rescan_s))
        return opened[-1]

    yield begin
    for library in opened:
        library.close()


def test_new_files_are_noticed_and_their_names_handed_on(library, folder):
    put(folder, "豫剧/常香玉/花木兰.wav")
    told: queue.SimpleQueue[Names] = queue.SimpleQueue()
    box = library(0.05)
    box.follow(told.put)
    box.start()
    names = told.get(timeout=10)
    assert [entry.canonical for entry in names.titles] == ["花木兰"] and names.titles[0].extras == {"kind": "opera", "genre": "豫剧"}
    assert [entry.canonical for entry in names.artists] == ["常香玉"]
    put(folder.with_name("stick"), "王小二/咱村的歌.wav", "停.wav", "ab.wav")
    folder.with_name("stick").rename(folder / "stick")  # all at once, or the library may look in between
    assert [entry.canonical for entry in told.get(timeout=10).titles] == ["咱村的歌", "花木兰"]
    assert {programme.title for programme in box.programmes} == {"花木兰", "咱村的歌", "停", "ab"}


def test_after_a_start_it_knows_at_once_what_was_known(library, folder):
    put(folder, "花木兰.wav")
    told: queue.SimpleQueue[Names] = queue.SimpleQueue()
    first = library()
    first.follow(told.put)
    first.start()
    told.get(timeout=10)
    first.close()
    assert [programme.title for programme in library().programmes] == ["花木兰"]


def test_each_file_is_listened_into_once_and_again_when_it_has_changed(folder, tmp_path):
    put(folder, "花木兰.wav", "朝阳沟.wav", "坏.wav")
    asked: queue.SimpleQueue[str] = queue.SimpleQueue()

    def measure(file, duration_s, stopping):
        asked.put(Path(file).stem)
        if "坏" in file:
            raise MediaUnreadable("silence")
        return Loudness(-24.0 if "花木兰" in file else -12.0, -10.0)

    def listened(number: int, before: Library | None = None) -> tuple[Library, list[str]]:
        box = before or Library((folder,), tmp_path / "media.sqlite", 0.05, measure)
        if not before:
            box.start()
        return box, sorted(asked.get(timeout=10) for _ in range(number))

    box, files = listened(3)
    assert files == ["坏", "朝阳沟", "花木兰"]
    put(folder, "花木兰.wav", seconds=0.7)
    assert listened(1, box)[1] == ["花木兰"]
    box.close()
    assert [box.gain_db(str(folder / name)) for name in ("花木兰.wav", "朝阳沟.wav", "坏.wav", "none.wav")] == [6.0, -6.0, 0.0, 0.0]
    box, files = listened(1)
    box.close()
    assert files == ["坏"] and box.gain_db(str(folder / "花木兰.wav")) == 6.0


def test_at_its_start_it_waits_for_no_disk(folder, tmp_path, index, monkeypatch):
    put(folder, "花木兰.wav")
    scan((folder,), index)
    monkeypatch.setattr(os, "walk", lambda *_, **__: pytest.fail("a stick that is dying would hold up the box"))
    assert [programme.title for programme in Library((folder,), tmp_path / "media.sqlite").programmes] == ["花木兰"]


def test_without_an_index_it_starts_empty(folder, tmp_path, caplog):
    (tmp_path / "media.sqlite").mkdir()
    library = Library((folder,), tmp_path / "media.sqlite")
    assert library.programmes == () and "[store]" in caplog.text


def test_what_plays_is_told_in_the_librarys_words(library, folder):
    put(folder, "豫剧/花木兰.wav")
    told: queue.SimpleQueue[Names] = queue.SimpleQueue()
    box = library()
    box.follow(told.put)
    box.start()
    told.get(timeout=10)
    file = str(folder / "豫剧/花木兰.wav")
    playing = box.playing(MediaStatus(file, 0, 2, MediaState.PAUSED, 3.0, 1.0))
    assert playing.programme.title == "花木兰" and (playing.on, playing.paused, playing.first, playing.last) == (False, True, True, False)
    assert box.playing(MediaStatus("/x/别的.mp3", 1, 2, MediaState.PLAYING, 3.0, 1.0)).programme == Programme("/x/别的.mp3", "别的")
    assert box.playing(None) is None


# -- sticks --------------------------------------------------------------------------------------------------------------

class Plugged:
    """A library whose sticks are folders in ``media``."""

    def __init__(self, tmp_path: Path, rescan_s: float = 600.0, measure=None) -> None:
        self.media, self.volumes = tmp_path / "media", SimulatedVolumes()
        self.media.mkdir(exist_ok=True)
        self.told: queue.SimpleQueue = queue.SimpleQueue()
        self.names: queue.SimpleQueue[Names] = queue.SimpleQueue()
        self.library = Library((tmp_path / "音乐", self.media), tmp_path / "media.sqlite", rescan_s, measure, self.volumes, (self.media,))
        self.library.follow(self.names.put)

    def begin(self) -> Plugged:
        self.library.start(self.told.put)
        return self

    def titles(self) -> list[str]:
        return titles(self.library)


@pytest.fixture
def plugged(folder, tmp_path):
    put(folder, "家里的.wav")
    opened = []

    def make(*args, **kwargs) -> Plugged:
        opened.append(Plugged(tmp_path, *args, **kwargs))
        return opened[-1]

    yield make
    for one in opened:
        one.library.close()


def stick(tmp_path: Path, *names: str) -> str:
    """A folder with these files in it, all at once."""
    put(tmp_path / "elsewhere", *names)
    place = tmp_path / "media" / "stick"
    place.parent.mkdir(exist_ok=True)
    (tmp_path / "elsewhere").rename(place)
    return str(place)


def test_a_stick_that_is_plugged_in_is_read_at_once_and_told(plugged, tmp_path):
    box = plugged().begin()
    box.names.get(timeout=10)
    place = stick(tmp_path, "豫剧/花木兰.wav")
    box.volumes.mount(place)
    assert box.told.get(timeout=10) == SticksRead((place,))
    assert sorted(box.titles()) == ["家里的", "花木兰"]
    assert {entry.canonical for entry in box.names.get(timeout=10).titles} == {"家里的", "花木兰"}


def test_one_with_nothing_to_play_is_told_too(plugged, tmp_path):
    box = plugged().begin()
    box.names.get(timeout=10)
    (box.media / "empty").mkdir()
    box.volumes.mount(str(box.media / "empty"))
    assert box.told.get(timeout=10) == SticksRead((str(box.media / "empty"),)) and box.titles() == ["家里的"]


def test_what_was_there_at_the_start_is_not_told(plugged, tmp_path):
    place = stick(tmp_path, "花木兰.wav")
    box = plugged()
    box.volumes.mount(place)
    assert box.volumes.changed(1.0)
    box.begin()
    assert len(box.names.get(timeout=10).titles) == 2
    box.library.close()
    assert box.told.empty()


def test_one_that_is_pulled_out_offers_nothing_any_more_and_is_remembered(plugged, tmp_path, monkeypatch):
    box = plugged().begin()
    place = stick(tmp_path, "花木兰.wav")
    box.volumes.mount(place)
    assert box.told.get(timeout=10) == SticksRead((place,))
    disk = threading.Event()
    monkeypatch.setattr(scanning, "_walk", lambda folders, walk=scanning._walk: walk(folders) if disk.wait(10) else [])
    os.rename(place, tmp_path / "away")
    box.volumes.mount()
    assert box.told.get(timeout=5) == SticksGone((place,)) and box.titles() == ["家里的"]
    disk.set()
    box.library.close()
    monkeypatch.undo()
    monkeypatch.setattr(scanning, "read_tags", lambda path: pytest.fail("known already"))
    again = plugged().begin()
    os.rename(tmp_path / "away", place)
    again.volumes.mount(place)
    assert again.told.get(timeout=10) == SticksRead((place,)) and len(again.titles()) == 2


def test_one_beside_another_is_remembered_too(folder, index):
    put(folder, "一/甲.wav", "二/乙.wav")
    scan((folder,), index)
    away = str(folder / "一")
    shutil.move(away, folder.parent / "away")
    assert titles(scan((folder,), index, is_away=lambda file: file.startswith(away))) == ["乙"]
    assert titles(scan((folder,), index)) == ["乙"] and len(index.all()) == 2
    assert [Path(one.programme.file).name for one in index.all().values() if not one.present] == ["甲.wav"]


def test_one_that_is_pulled_out_while_it_is_read_does_no_harm(plugged, tmp_path, monkeypatch):
    box = plugged().begin()
    box.names.get(timeout=10)
    looked, pulled_out = [], queue.SimpleQueue()

    def pulled_out_at_the_fifth(path, read=scanning.read_tags):
        looked.append(path)
        if len(looked) == 5:
            os.rename(path.parent, tmp_path / "away")
            box.volumes.mount()
            pulled_out.put(box.told.get(timeout=10))
        return read(path)

    monkeypatch.setattr(scanning, "read_tags", pulled_out_at_the_fifth)
    place = stick(tmp_path, *(f"戏{number}.wav" for number in range(8)))
    box.volumes.mount(place)
    assert pulled_out.get(timeout=10) == SticksGone((place,)) and box.titles() == ["家里的"]
    os.rename(tmp_path / "away", place)
    box.volumes.mount(place)
    assert box.told.get(timeout=10) == SticksRead((place,))
    assert len(box.titles()) == 9 and not box.library._catalogue.broken
    assert len(looked) == 5 + 4, "what could still be read was kept"


def test_a_folder_that_merely_appears_where_sticks_are_is_told_at_the_next_look(plugged, tmp_path):
    (tmp_path / "media").mkdir()
    put(tmp_path / "media", "old/旧的.wav", "有.wav")
    box = plugged(0.05).begin()
    assert len(box.names.get(timeout=10).titles) == 2
    place = stick(tmp_path, "花木兰.wav")
    assert box.told.get(timeout=10) == SticksRead((place,)) and len(box.titles()) == 4


def test_stations_stay_when_a_stick_goes_and_the_stick_stays_away_when_stations_come(plugged, tmp_path):
    box, news = plugged().begin(), Programme("http://r/news", "新闻台", "radio")
    box.names.get(timeout=10)
    place = stick(tmp_path, "花木兰.wav")
    box.volumes.mount(place)
    assert box.told.get(timeout=10) == SticksRead((place,))
    box.library.join(Broadcasts((news,), Names(titles=(Entry("新闻台", (), {"kind": "radio"}),))))
    assert box.titles() == ["花木兰", "家里的", "新闻台"]
    playing = MediaStatus(f"{place}/花木兰.wav", 0, 1, MediaState.PLAYING, 3.0, 1.0)
    assert box.library.playing(playing).programme.title == "花木兰"
    box.volumes.mount()
    assert box.told.get(timeout=10) == SticksGone((place,))
    assert box.titles() == ["家里的", "新闻台"]
    box.library.join(Broadcasts((replace(news, title="交通台"),), Names(titles=(Entry("交通台", (), {"kind": "radio"}),))))
    assert box.titles() == ["家里的", "交通台"]
    told = [box.names.get(timeout=10) for _ in range(4)]
    assert [{entry.canonical for entry in names.titles} for names in told] == [
        {"家里的", "花木兰"}, {"家里的", "花木兰", "新闻台"}, {"家里的", "新闻台"}, {"家里的", "交通台"}]
    assert box.library.playing(playing).programme.title == "花木兰", "what has just been heard has a name, though it is away"


def test_names_are_told_in_the_order_in_which_they_change(plugged, tmp_path):
    """From several threads at once: whoever listens knows in the end what there is in the end."""
    box = plugged()
    last: list[Names] = []
    box.library.follow(lambda names: (time.sleep(0.001 * (len(names.titles) % 3)), last.append(names)))

    def change(number: int) -> None:
        for turn in range(20):
            box.library.join(Broadcasts((), Names(titles=tuple(Entry(f"第{number}台{one}", (), {}) for one in range(turn % 5)))))

    threads = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert last[-1] == box.library.names and len(last) == 80


def test_listening_into_files_makes_room_for_a_stick(plugged, tmp_path):
    begun = threading.Event()

    def measure(file, duration_s, stopping):
        begun.set()
        while not stopping():
            time.sleep(0.01)

    box = plugged(measure=measure).begin()
    assert begun.wait(10)
    place = stick(tmp_path, "花木兰.wav")
    box.volumes.mount(place)
    assert box.told.get(timeout=10) == SticksRead((place,))


def test_what_could_not_be_read_for_a_moment_is_read_the_next_time(folder, index, monkeypatch):
    put(folder, "甲.wav")

    def fails(path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(reading.TinyTag, "get", fails)
    assert "Input/output error" in scan((folder,), index).broken[0][1]
    monkeypatch.undo()
    assert titles(scan((folder,), index)) == ["甲"]
