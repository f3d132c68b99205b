"""What files are taken for, by their names, folders and tags."""
import pytest

from assistant.library.describe import Tags, describe, usable
from intents.contract import load_contract
from intents.wordlists import VOCABULARY_DIR, load_list

NAMED = [
    # path, title, kind, genre, artist, part
    ("豫剧/常香玉/花木兰.mp3", "花木兰", "opera", "豫剧", "常香玉", 0),
    ("01 吕剧《李二嫂改嫁》选段.mp4", "李二嫂改嫁", "opera", "吕剧", "", 0),
    ("吕剧/李二嫂改嫁(上).mp3", "李二嫂改嫁", "opera", "吕剧", "", 1),
    ("吕剧/李二嫂改嫁(下).mp3", "李二嫂改嫁", "opera", "吕剧", "", 3),
    ("单田芳/白眉大侠/001.mp3", "白眉大侠", "story", "评书", "单田芳", 1),
    ("评书/单田芳/白眉大侠 第十二回.mp3", "白眉大侠", "story", "评书", "单田芳", 12),
    ("评书/隋唐演义_12.mp3", "隋唐演义", "story", "评书", "", 12),
    ("黄梅戏 女驸马 第2集.mp4", "女驸马", "opera", "黄梅戏", "", 2),
    ("凤凰传奇 - 最炫民族风.mp3", "最炫民族风", "dance", "广场舞", "凤凰传奇", 0),
    ("王二小 - 咱村的歌.mp3", "咱村的歌", "", "", "王二小", 0),
    ("歌曲/邓丽君/甜蜜蜜.flac", "甜蜜蜜", "song", "", "邓丽君", 0),
    ("广场舞/小苹果 教学版.mp4", "小苹果", "dance", "广场舞", "", 0),
    ("大笔小笔 广场舞教学.mp4", "大笔小笔", "dance", "广场舞", "", 0),
    ("豫劇/穆桂英掛帥.mp3", "穆桂英挂帅", "opera", "豫剧", "", 0),
    ("姐妹易嫁.mp3", "姊妹易嫁", "opera", "吕剧", "", 0),
    ("河南梆子/花木兰.mp3", "花木兰", "opera", "豫剧", "", 0),
    ("戏曲/豫剧花木兰刘大哥讲话理太偏.mp3", "花木兰", "opera", "豫剧", "", 0),
    ("03.朝阳沟.mp3", "朝阳沟", "opera", "豫剧", "", 0),
    ("老歌/03 - 夜来香.mp3", "夜来香", "song", "老歌", "", 0),
    ("电影/地道战.mkv", "地道战", "video", "", "", 0),
    ("咱们村的春晚2025.mp4", "咱们村的春晚2025", "video", "", "", 0),
    ("戏曲/京剧猫.avi", "京剧猫", "opera", "京剧", "", 0),
    ("1874.mp3", "1874", "", "", "", 0),
    ("x.mp3", "x", "", "", "", 0),
    ("《》.mp3", "《》", "", "", "", 0),
]


@pytest.mark.parametrize(("path", "title", "kind", "genre", "artist", "part"), NAMED)
def test_names_and_folders_say_what_a_file_is(path, title, kind, genre, artist, part):
    found = describe(f"/media/{path}", tuple(path.split("/")), Tags())
    assert (found.title, found.kind, found.genre, found.artist, found.part) == (title, kind, genre, artist, part)
    assert found.file == f"/media/{path}"


@pytest.mark.parametrize(
    ("tags", "title", "artist"),
    [
        (Tags("花木兰 选段", "常香玉"), "花木兰", "常香玉"),
        (Tags("咱村的歌", "王二小"), "咱村的歌", "王二小"),
        (Tags("朝阳沟".encode("gbk").decode("latin-1")), "朝阳沟", ""),
        (Tags("穆桂英掛帥", "馬金鳳"), "穆桂英挂帅", "马金凤"),
        (Tags("www.wuqu.com", "未知艺术家"), "好听", ""),
        (Tags("Track 01", "加QQ群12345"), "好听", ""),
        (Tags("\0\0", "  "), "好听", ""),
        (Tags("Café del Mar"), "Café del Mar", ""),
    ],
)
def test_tags_count_where_they_say_anything(tags, title, artist):
    found = describe("/x/好听.mp3", ("好听.mp3",), tags)
    assert (found.title, found.artist) == (title, artist)


def test_the_length_is_kept():
    assert describe("/x/a.mp3", ("a.mp3",), Tags(duration_s=61.5)).duration_s == 61.5


def test_every_kind_is_one_of_the_contract():
    kinds = {entry.canonical for entry in load_list(VOCABULARY_DIR / "kinds.tsv")} | {""}
    assert "kind" in load_contract().slots["media.play"]
    assert {describe(path, tuple(path.split("/")), Tags()).kind for path, *_ in NAMED} <= kinds


def test_what_cannot_be_said_is_no_tag():
    assert usable("❤❤") == "" and usable(" 花木兰 ") == "花木兰"
