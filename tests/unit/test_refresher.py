"""Names and accents that change while the box runs: real files, the real matcher, no waiting."""
import datetime as dt
import os
import threading
import time

import pytest

from assistant.errors import NamesError
from assistant.learner import Learner
from assistant.lesson_store import NoLessons
from assistant.name_files import NameFiles
from assistant.refresher import Refresher
from intents.accent import learned
from intents.matcher import Matcher
from intents.model import Hypothesis
from intents.own_names import CONTACTS, TITLES, Names
from intents.sound import STANDARD
from intents.wordlists import Entry

NOW = dt.datetime(2026, 11, 23, 10, 0)
FANG, GUI = Entry("张桂芳", ("小芳",)), Entry("李桂英", ("小芳",))


def names_of(files):
    return [entry.canonical for entry in (*files.names.contacts, *files.names.titles)]


@pytest.fixture
def write(tmp_path):
    """Write a file whole. Each writing has its own time, whatever the file system's resolution is."""
    times = iter(range(1_700_000_000, 1_800_000_000))

    def write(file, content):
        path = tmp_path / file
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (at := next(times), at))

    return write


# -- the files ----------------------------------------------------------------------------------------------------------


def test_what_is_there_at_the_start_is_read_at_once(write, tmp_path):
    write(CONTACTS, "张桂芳\n")
    write(TITLES, "墙头记\n")
    assert names_of(NameFiles(tmp_path)) == ["张桂芳", "墙头记"]


def test_a_change_counts_when_it_has_lasted_from_one_look_to_the_next(write, tmp_path):
    files = NameFiles(tmp_path)
    for half in ("张", "张桂芳\t小", "张桂芳\t小芳\n"):
        write(CONTACTS, half)
        files.look()
        assert names_of(files) == []
    files.look()
    assert files.names.contacts == (FANG,)


def test_a_file_that_is_written_while_it_is_read_is_not_used(write, tmp_path, monkeypatch, caplog):
    files = NameFiles(tmp_path)
    write(CONTACTS, "张桂芳 小")
    files.look()

    def slow(path):
        write(CONTACTS, "张桂芳\t小芳\n")
        raise NamesError("half a line")

    with monkeypatch.context() as patch:
        patch.setattr("assistant.name_files.read_names", slow)
        files.look()
    assert names_of(files) == [] and not caplog.records
    files.look()
    files.look()
    assert files.names.contacts == (FANG,)


def test_a_file_of_the_same_size_and_time_is_another_one(write, tmp_path):
    write(CONTACTS, "张桂芳\n")
    files = NameFiles(tmp_path)
    at = (tmp_path / CONTACTS).stat().st_mtime
    (tmp_path / "new").write_text("李桂英\n", encoding="utf-8")
    os.utime(tmp_path / "new", (at, at))
    os.replace(tmp_path / "new", tmp_path / CONTACTS)
    files.look()
    files.look()
    assert names_of(files) == ["李桂英"]


def test_a_wrong_line_is_told_once_and_the_names_before_stay(write, tmp_path, caplog):
    write(CONTACTS, "张桂芳\n")
    files = NameFiles(tmp_path)
    write(CONTACTS, "张桂芳\n李桂英 小芳\n")
    write(TITLES, "墙头记\n")
    for _ in range(5):
        files.look()
    assert names_of(files) == ["张桂芳", "墙头记"]
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.getMessage().startswith(f"[names] {tmp_path}/contacts.tsv:2: ")
    write(CONTACTS, "张桂芳\n李桂英\t小芳\n")
    files.look()
    files.look()
    assert names_of(files) == ["张桂芳", "李桂英", "墙头记"] and len(caplog.records) == 1


def test_a_file_that_goes_takes_its_names_with_it(write, tmp_path):
    write(CONTACTS, "张桂芳\n")
    files = NameFiles(tmp_path)
    (tmp_path / CONTACTS).unlink()
    files.look()
    files.look()
    assert names_of(files) == []


# -- a new matcher ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


class Box:
    """A learner, its refresher and what was handed over."""

    def __init__(self, matcher, folder):
        self.adopted = []
        self.learner = Learner(NoLessons(), matcher)
        self.refresher = Refresher(NameFiles(folder), matcher, STANDARD, self.adopt)

    def adopt(self, matcher):
        self.adopted.append(matcher)
        self.learner.rebase(matcher)

    def look(self):
        for _ in range(2):
            self.refresher.look()
            self.refresher.refresh()

    def whom(self, text="给小芳打电话"):
        return self.learner.understand([Hypothesis(text)], NOW).intent.slots.get("contact")


@pytest.fixture
def box(matcher, tmp_path):
    box = Box(matcher, tmp_path)
    yield box
    box.refresher.close()


def test_nothing_new_is_no_work(box):
    box.refresher.look()
    box.refresher.refresh()
    box.refresher.know("library", Names())
    box.refresher.attune(STANDARD)
    box.refresher.refresh()
    assert box.adopted == []


def test_a_file_that_is_written_is_understood(box, write):
    assert box.whom() == "小芳"
    write(CONTACTS, "张桂芳\t小芳\n")
    box.look()
    assert box.whom() == "张桂芳" and len(box.adopted) == 1


def test_each_source_replaces_what_it_knew_itself(box, write):
    write(CONTACTS, "王垚\n")
    box.look()
    for entry, known in ((FANG, "张桂芳"), (GUI, "李桂英")):
        box.refresher.know("hub", Names(contacts=(entry,)))
        box.refresher.refresh()
        assert box.whom() == known and box.whom("给王尧打电话") == "王垚"
    box.refresher.know("hub", Names())
    box.refresher.refresh()
    assert box.whom() == "小芳"


def test_titles_and_performers_of_the_library_are_understood_and_forgotten_again(box):
    def played(text):
        intent = box.adopted[-1].understand([Hypothesis(text)], NOW).intent
        return intent.name, dict(intent.slots)

    box.refresher.know("media", Names(titles=(Entry("青石板上的月光", (), {"kind": "song"}),), artists=(Entry("田寡妇"),)))
    box.refresher.refresh()
    assert played("放一首清石板上的月光") == ("media.play", {"kind": "song", "title": "青石板上的月光"})
    assert played("我想听田寡父唱的") == ("media.play", {"artist": "田寡妇"})
    box.refresher.know("media", Names())
    box.refresher.refresh()
    assert played("放一首清石板上的月光")[1].get("title") != "青石板上的月光"
    assert played("我想听田寡父唱的")[1].get("artist") != "田寡妇"


def test_what_a_source_knew_at_the_start_is_no_news(box, tmp_path):
    known = Names(titles=(Entry("青石板上的月光"),))
    adopted = []
    refresher = Refresher(NameFiles(tmp_path), box.refresher._matcher, STANDARD, adopted.append, {"media": known})
    refresher.know("media", known)
    refresher.refresh()
    assert not adopted
    refresher.know("media", Names())
    refresher.refresh()
    assert len(adopted) == 1


def test_the_installers_file_comes_before_other_sources(box, write):
    box.refresher.know("hub", Names(contacts=(GUI,)))
    write(CONTACTS, "张桂芳\t小芳\n")
    box.look()
    assert [entry.canonical for entry in box.adopted[-1].vocabulary.entries["contact"][:2]] == ["张桂芳", "李桂英"]


def test_another_accent_leaves_the_names_and_so_the_grammar_alone(box, matcher):
    said = [Hypothesis("里好")]
    before = box.learner.understand(said, NOW).intent.confidence
    assert box.learner.understand(said, NOW).intent.name == "none"
    box.refresher.attune(learned(STANDARD, [("n", "l")], ()))
    box.refresher.refresh()
    after = box.learner.understand(said, NOW).intent
    assert after.name == "dialog.greeting" and after.confidence > before
    assert box.adopted[-1].vocabulary is matcher.vocabulary


def test_a_change_that_goes_wrong_is_logged_and_the_next_one_is_used(box, monkeypatch, caplog):
    done = threading.Event()
    adopt = box.refresher._adopt

    def fail_once(matcher):
        if not done.is_set():
            done.set()
            raise ValueError("broken")
        adopt(matcher)
        used.set()

    used = threading.Event()
    monkeypatch.setattr(box.refresher, "_adopt", fail_once)
    box.refresher.start()
    box.refresher.know("hub", Names(contacts=(FANG,)))
    assert done.wait(20)
    box.refresher.know("hub", Names(contacts=(GUI,)))
    assert used.wait(20)
    box.refresher.close()
    assert box.whom() == "李桂英" and "broken" in caplog.text


def test_the_thread_sees_a_file_by_itself_while_others_understand(box, write, monkeypatch):
    """Nobody ever gets half of a matcher, nor none."""
    monkeypatch.setattr("assistant.refresher.LOOK_S", 0.01)
    used = threading.Event()
    box.learner.follow(lambda matcher: used.set() if matcher.vocabulary.entries["contact"][0] == FANG else None)
    box.refresher.start()
    write(CONTACTS, "张桂芳\t小芳\n")
    answers = [box.whom()]
    patience = time.monotonic() + 60
    while not used.is_set() and time.monotonic() < patience:
        answers.append(box.whom())
    answers.append(box.whom())
    assert set(answers) == {"小芳", "张桂芳"} and answers[-1] == "张桂芳"


def test_closing_before_the_start_and_twice_is_nothing(box):
    box.refresher.close()
    box.refresher.close()
