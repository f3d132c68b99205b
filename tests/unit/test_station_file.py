"""The installer's list of stations and podcasts: what is read, which lines are refused and why, and where the box never goes."""
import pytest

from assistant.doctor.finding import Verdict
from assistant.doctor.system import check_stations
from assistant.errors import StationsError
from assistant.settings import Box, Settings
from assistant.sources.address import LONGEST, fault_of, led_to
from assistant.sources.feed_cache import FILE_NAME
from assistant.sources.station_file import LONGEST_FILE, STATIONS, Sort, Station, Stations, read_stations
from intents.wordlists import Entry

LIVE = "http://radio.example/live.mp3"
FEED = "https://pod.example/feed.xml"


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / STATIONS
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_line_is_name_sort_address_other_names_and_what_it_is(write):
    read = read_stations(write(f"\ufeff# 台\r\n济南新闻广播\tradio\t{LIVE}\t新闻台|一零六\r\n\r\n网事\tpodcast\t{FEED}\n隋唐\tpodcast\t{FEED}2\t\tkind=story,genre=评书\n"))
    assert read == Stations((
        Station(Entry("济南新闻广播", ("新闻台", "一零六"), {"kind": "radio"}), Sort.RADIO, LIVE),
        Station(Entry("网事", (), {"kind": "story"}), Sort.PODCAST, FEED),
        Station(Entry("隋唐", (), {"kind": "story", "genre": "评书"}), Sort.PODCAST, f"{FEED}2"),
    ))
    (station,) = read.radio
    assert (station.title, station.kind, station.file, station.is_live) == ("济南新闻广播", "radio", LIVE, True)
    assert [podcast.name for podcast in read.podcasts] == ["网事", "隋唐"]


def test_a_missing_file_says_nothing(tmp_path):
    assert read_stations(tmp_path / STATIONS) == Stations()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("新闻台 radio http://a.example/", "a line is name, radio or podcast, and address, with a tab between them"),
        (f"新闻台\tradio\t{LIVE}\t\t\t多", "a line is name"),
        (f"\tradio\t{LIVE}", "a line is name"),
        (f"新闻台\t收音机\t{LIVE}", "the second column is '收音机'; it must be radio or podcast"),
        ("新闻台\tradio\trtsp://a.example/live", "the address begins with rtsp; only http:// and https:// can be used"),
        ("新闻台\tradio\tfile:///etc/passwd", "the address begins with file; only"),
        ("新闻台\tradio\tav://lavfi", "the address begins with av; only"),
        ("新闻台\tradio\t/home/pi/a.mp3", "the address begins with no scheme; only"),
        ("新闻台\tradio\t--script=/tmp/x.lua", "the address begins with no scheme; only"),
        ("新闻台\tradio\thttp://", "the address names no server"),
        ("新闻台\tradio\thttp://a.example:port/", "this is not an address"),
        ("新闻台\tradio\thttp://[a/", "this is not an address"),
        ("新闻台\tradio\thttp://a.example/a b", "the address has a space"),
        (f"新闻台\tradio\thttp://a.example/{'a' * LONGEST}", "the address is longer than"),
        (f"FM\tradio\t{LIVE}", "'FM' cannot be used as a name"),
        (f"台\tradio\t{LIVE}", "'台' cannot be used as a name"),
        (f"新闻台\tradio\t{LIVE}\t新闻|🐟", "'🐟' cannot be used as a name"),
        (f"新闻台\tradio\t{LIVE}\t\tkind=story", "kind means nothing here"),
        (f"网事\tpodcast\t{FEED}\t\tkind=radio", "kind=radio: it must be one of opera"),
        (f"网事\tpodcast\t{FEED}\t\tcolour=red", "colour means nothing here"),
        (f"网事\tpodcast\t{FEED}\t\tstory", "'story' is not key=value"),
        (f"别的台\tradio\t{LIVE}1\t老台", "老台 is already a name of 老台"),
        ("别的台\tradio\thttp://old.example/", "this address is already in the file"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_are_used(write, line, told):
    path = write(f"# 台\n老台\tradio\thttp://old.example/\n{line}\n新台\tradio\thttp://new.example/\n")
    read = read_stations(path)
    assert [station.name for station in read.stations] == ["老台", "新台"]
    (fault,) = read.faults
    assert fault.startswith(f"{path}:3: ") and told in fault


@pytest.mark.parametrize(("content", "told"), [
    (f"新闻台\tradio\t{LIVE}\n".encode() + "戏曲台".encode("gbk"), ":2: this is not UTF-8"), (b"#" * (LONGEST_FILE + 1), "longer than"),
])
def test_a_file_that_is_no_list_is_refused(write, content, told):
    with pytest.raises(StationsError, match=told):
        read_stations(write(content))


def test_a_folder_in_its_place_is_refused(tmp_path):
    (tmp_path / STATIONS).mkdir()
    with pytest.raises(StationsError, match="cannot be read"):
        read_stations(tmp_path / STATIONS)


@pytest.mark.parametrize(
    ("address", "link", "leads"),
    [
        ("http://a.example/f/feed.xml", "1.mp3", "http://a.example/f/1.mp3"),
        ("http://a.example/feed.xml", " https://b.example/1.mp3\n", "https://b.example/1.mp3"),
        ("http://a.example/feed.xml", "//b.example/1.mp3", "http://b.example/1.mp3"),
        ("http://a.example/feed.xml", "file:///etc/passwd", ""),
        ("http://a.example/feed.xml", "av://lavfi:sine", ""),
        ("http://a.example/feed.xml", "data:audio/mpeg;base64,AAAA", ""),
        ("http://a.example/feed.xml", "http://[", ""),
        ("http://a.example/feed.xml", "http://127.0.0.1:8080/stop", ""),
        ("http://a.example/feed.xml", "http://192.168.1.1/reboot", ""),
        ("http://a.example/feed.xml", "http://[::1]/", ""),
        ("http://a.example/feed.xml", "http://localhost/", ""),
        ("http://a.example/feed.xml", "http://router.lan/", ""),
        ("http://a.example/feed.xml", "http://router/", ""),
        ("http://192.168.1.5/feed.xml", "http://192.168.1.5/1.mp3", "http://192.168.1.5/1.mp3"),
        ("http://192.168.1.5/feed.xml", "file:///etc/passwd", ""),
    ],
)
def test_links_are_followed_within_http_and_never_from_outside_into_the_house(address, link, leads):
    assert led_to(address, link) == leads


def test_an_address_may_have_all_that_addresses_have():
    assert not fault_of("https://name:word@radio.example:8443/live;stream.mp3?a=1&b=%E4%B8%AD#x")


def test_the_doctor_shows_the_first_wrong_line_and_how_many_there_are(write, tmp_path):
    settings = Settings(Box(data_dir=str(tmp_path)))
    assert check_stations(settings).verdict is Verdict.GOOD and "没有设" in check_stations(settings).detail
    write(f"新闻台\tradio\t{LIVE}\n")
    assert "收音机 1 个台" in check_stations(settings).detail and check_stations(settings).verdict is Verdict.GOOD
    write("新闻台\tradio\tfile:///x\n戏曲台\tradio\n")
    found = check_stations(settings)
    assert found.verdict is Verdict.FAULT and f"{STATIONS}:1: the address begins with file" in found.detail and "2 行" in found.detail
    write(f"网事\tpodcast\t{FEED}\n")
    found = check_stations(settings)
    assert found.verdict is Verdict.WARNING and "网事" in found.detail and not (tmp_path / FILE_NAME).exists()
    write(b"\xff")
    assert check_stations(settings).verdict is Verdict.FAULT
