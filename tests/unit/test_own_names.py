"""The files with the box's own names: what is read, what is refused, what it is then understood as."""
import datetime as dt
import io
from contextlib import redirect_stdout

import pytest

from assistant.cli import main
from assistant.errors import NamesError
from intents.accent import accents
from intents.matcher import Matcher
from intents.model import Hypothesis
from intents.own_names import CONTACTS, TITLES, Names, names_in, read_names
from intents.wordlists import Entry, Vocabulary

NOW = dt.datetime(2026, 11, 23, 10, 0)


@pytest.fixture
def write(tmp_path):
    def write(file, content):
        path = tmp_path / file
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_the_form_is_that_of_the_vocabulary(write):
    path = write(CONTACTS, "\ufeff# 家里人\r\n张桂芳\t闺女|小芳\r\n\r\n王垚\n")
    assert read_names(path) == (Entry("张桂芳", ("闺女", "小芳")), Entry("王垚"))
    path = write(TITLES, "墙头记\t\tkind=opera,genre=山东梆子\n大江东去，浪淘尽\nYesterday Once More\t昨日重现\n")
    assert [entry.canonical for entry in read_names(path)] == ["墙头记", "大江东去，浪淘尽", "Yesterday Once More"]


def test_a_missing_file_is_an_empty_one(tmp_path):
    assert names_in(tmp_path) == Names() and names_in(tmp_path / "nowhere") == Names()


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        (CONTACTS, "张桂芳\n王强 老大\n", ":2: '王强 老大' has ' ' in it"),
        (CONTACTS, "张桂芳\t闺女、小芳\n", ":1: '闺女、小芳' has '、' in it"),
        (CONTACTS, "张桂芳\t闺女｜小芳\n", ":1: '闺女｜小芳' has '｜' in it"),
        (CONTACTS, "张桂芳\t闺女\n# 二\n张桂兰\t二闺女|闺女\n", ":3: 闺女 is already a name of 张桂芳"),
        (CONTACTS, "张桂芳\ta\tb\tc\n", ":1: expected canonical, aliases, extras"),
        (CONTACTS, "\t闺女\n", ":1: expected canonical, aliases, extras"),
        (CONTACTS, "Tom\n", ":1: nobody can say 'Tom'"),
        (CONTACTS, "🐟\n", ":1: nobody can say '🐟'"),
        (CONTACTS, "张桂芳\n王强\n".encode() + "李强\n".encode("gbk"), ":3: this is not UTF-8"),
        (CONTACTS, "张桂芳\n".encode("utf-16"), ":1: this is not UTF-8"),
        (TITLES, "墙头记 kind=opera\n", ":1: '墙头记 kind=opera' has '=' in it"),
        (TITLES, "墙头记\t\topera\n", ":1: 'opera' is not key=value"),
        (TITLES, "墙头记\t\tkind=戏\n", ":1: kind=戏: it must be one of opera"),
    ],
)
def test_a_wrong_line_is_refused_and_named(write, file, content, told):
    path = write(file, content)
    with pytest.raises(NamesError) as caught:
        read_names(path)
    assert str(caught.value).startswith(f"{path}{told}")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / TITLES).mkdir()
    with pytest.raises(NamesError, match="titles.tsv: cannot be read"):
        read_names(tmp_path / TITLES)


def test_a_wrong_file_takes_nothing_from_the_other(write, tmp_path, caplog):
    write(CONTACTS, "王强 老大\n")
    write(TITLES, "墙头记\n")
    assert names_in(tmp_path) == Names(titles=(Entry("墙头记"),))
    (record,) = caplog.records
    assert record.getMessage().startswith(f"[names] {tmp_path}/contacts.tsv:1: ")


@pytest.mark.parametrize(
    ("own", "shipped", "left"),
    [
        (Entry("张桂芳", ("闺女",)), Entry("闺女", ("我闺女", "闺女家")), [Entry("张桂芳", ("闺女", "我闺女", "闺女家"))]),
        (Entry("张桂芳", ("我闺女",)), Entry("闺女", ("我闺女", "闺女家")), [Entry("张桂芳", ("我闺女",)), Entry("闺女", ("闺女家",))]),
        (Entry("闺女", ("小芳",)), Entry("闺女", ("我闺女",)), [Entry("闺女", ("小芳",)), Entry("闺女", ("我闺女",))]),
        (Entry("张桂芳"), Entry("闺女", ("我闺女",)), [Entry("张桂芳"), Entry("闺女", ("我闺女",))]),
    ],
)
def test_what_this_box_calls_somebody_means_that_one_alone(tmp_path, own, shipped, left):
    (tmp_path / "contacts.tsv").write_text(f"{shipped.canonical}\t{'|'.join(shipped.aliases)}\n", encoding="utf-8")
    assert list(Vocabulary.load(tmp_path, contacts=[own]).entries["contact"]) == left


def test_a_title_that_is_renamed_keeps_its_genre(tmp_path):
    (tmp_path / "titles.tsv").write_text("空城计\t\tkind=opera,genre=京剧\n", encoding="utf-8")
    (entry,) = Vocabulary.load(tmp_path, titles=[Entry("空城计马连良", ("空城计",))]).entries["title"]
    assert entry.extras == {"kind": "opera", "genre": "京剧"}


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load(contacts=(Entry("张桂芳", ("闺女", "小芳")), Entry("王垚", ("大夫",))),
                        titles=(Entry("孤舟钓雪", (), {"kind": "story"}),))


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("给小芳打电话", {"contact": "张桂芳"}),
        ("给闺女打电话", {"contact": "张桂芳"}),
        ("给我闺女打个视频", {"contact": "张桂芳"}),
        ("给张贵方打电话", {"contact": "张桂芳"}),
        ("给王尧打电话", {"contact": "王垚"}),
        ("给儿子打电话", {"contact": "儿子"}),
        ("来段孤洲钓雪", {"title": "孤舟钓雪", "kind": "story"}),
    ],
)
def test_own_names_are_understood_by_their_sound(matcher, text, slots):
    intent = matcher.understand([Hypothesis(text)], NOW).intent
    assert dict(intent.slots) == slots and intent.confidence > 0.9


def test_renewed_has_other_names_and_leaves_the_first_as_it_was(matcher):
    other = matcher.renewed(Vocabulary.load(contacts=[Entry("李桂英", ("小芳",))]), matcher._accent)
    said = [Hypothesis("给小芳打电话")]
    assert other.understand(said, NOW).intent.slots == {"contact": "李桂英"}
    assert matcher.understand(said, NOW).intent.slots == {"contact": "张桂芳"}
    assert other.network is matcher.network


def test_renewed_for_names_alone_shares_the_search_and_for_an_accent_does_not(matcher):
    """Both are there at once: 20,000 new titles took 84 MB for a moment, most of it a second search."""
    vocabulary = Vocabulary.load(contacts=[Entry("李桂英", ("小芳",))])
    assert matcher.renewed(vocabulary, matcher._accent)._search is matcher._search
    heard = matcher.renewed(vocabulary, accents()["shandong"])
    assert heard._search is not matcher._search
    assert heard.understand([Hypothesis("给小芳打电话")], NOW).intent.slots == {"contact": "李桂英"}


def test_xiangyin_understand_knows_them_and_says_what_is_wrong(write, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("XIANGYIN_DATA", str(tmp_path))
    write(CONTACTS, "张桂芳\t小芳\n")
    write(TITLES, "墙头记\t\tkind=戏\n")
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["understand", "给小芳打电话"]) == 0
    assert "call.request\tcontact=张桂芳" in out.getvalue() and "[names]" in caplog.text
