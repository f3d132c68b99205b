from pathlib import Path

import pytest

from assistant.errors import SentenceError
from intents.book import digest, load_book
from intents.contract import load_contract
from intents.network import Network, compile_book
from intents.network_cache import cached_network, compile_apart


def write(skills: Path, text: str, name: str = "talk") -> Path:
    (skills / name).mkdir(parents=True, exist_ok=True)
    (skills / name / "sentences.yaml").write_text(text, encoding="utf-8")
    return skills


def test_templates_groups_and_rules(tmp_path: Path) -> None:
    common = tmp_path / "common.yaml"
    common.write_text('rules: {polite: "(请|麻烦)"}', encoding="utf-8")
    skills = write(
        tmp_path / "skills",
        """
rules: {sky: "(天气|天)"}
intents:
  weather.query:
    - say: ["[<polite>][{place}]<sky>怎么样"]
    - slots: {aspect: rain}
      say: ["下不下雨"]
  dialog.yes: ["好", "是"]
""",
    )
    book = load_book(skills, common)
    assert [(m.intent, dict(m.slots), len(m.templates)) for m in book.meanings] == [
        ("weather.query", {}, 1),
        ("weather.query", {"aspect": "rain"}, 1),
        ("dialog.yes", {}, 1),
        ("dialog.yes", {}, 1),
    ]
    assert book.intents() == {"weather.query", "dialog.yes"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("intents: {weather.quary: [天气]}", "weather.quary"),
        ("intents: {volume.up: ['{nonsense}大点声']}", "nonsense"),
        ("intents: {volume.up: ['<nothing>大点声']}", "nothing"),
        ("intents: {volume.up: ['(大点声']}", "大点声"),
        ("intents: {volume.up: 大点声}", "list"),
        ("intents: {volume.up: [{slots: {level: 3}, say: [大]}]}", "level"),
        ("intents: {weather.query: [{slots: {aspect: hail}, say: [冰雹]}]}", "hail"),
        ("intents: {volume.up: [{say: []}]}", "say"),
        ("intents: [volume.up]", "mapping"),
        ("intents: {volume.up: [", "sentences.yaml"),
        ("rules: {a: '<b>', b: '<a>'}\nintents: {volume.up: ['<a>']}", "circle"),
    ],
)
def test_every_mistake_names_its_place(tmp_path: Path, text: str, says: str) -> None:
    skills = write(tmp_path, text)
    with pytest.raises(SentenceError) as caught:
        load_book(skills, tmp_path / "no-common.yaml")
    assert says in str(caught.value)
    assert "talk/sentences.yaml" in str(caught.value) or "sentences.yaml" in says


def test_the_hash_follows_the_texts(tmp_path: Path) -> None:
    skills = write(tmp_path, "intents: {volume.up: [大点声]}")
    before = digest(skills, tmp_path / "none.yaml")
    write(tmp_path, "intents: {volume.up: [大声点]}")
    assert digest(skills, tmp_path / "none.yaml") != before


def test_compiled_sentences_survive_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intents.network_cache.cache_folder", lambda: tmp_path / "cache")
    book = load_book(
        write(tmp_path, "intents: {weather.query: [{slots: {aspect: rain}, say: ['[{place}](下|有)雨吗']}]}")
    )
    built = cached_network("a", lambda: compile_book(book))
    kept = cached_network("a", lambda: pytest.fail("compiled again"))
    assert kept.meanings == built.meanings
    assert kept.labels == built.labels
    assert kept.finals == built.finals
    assert (kept.source == built.source).all()
    assert (kept.target == built.target).all()


def same(one: Network, other: Network) -> bool:
    arrays = all((getattr(one, name) == getattr(other, name)).all() for name in ("source", "target", "label"))
    return arrays and (one.labels, one.finals, one.states, one.meanings) == (other.labels, other.finals, other.states, other.meanings)


def test_another_process_compiles_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    skills = write(tmp_path, "intents: {weather.query: [{slots: {aspect: rain}, say: ['[{place}](下|有)雨吗']}]}")
    expected = compile_book(load_book(skills))
    monkeypatch.setattr("intents.network_cache.compile_book", lambda book: pytest.fail("compiled here"))
    assert same(compile_apart(skills), expected)


def test_where_no_process_can_be_started_it_is_compiled_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    skills = write(tmp_path, "intents: {volume.up: [大点声]}")
    monkeypatch.setattr("intents.network_cache.sys.executable", str(tmp_path / "no-python"))
    assert same(compile_apart(skills), compile_book(load_book(skills)))


def test_wrong_sentences_are_told_although_another_process_compiles(tmp_path: Path) -> None:
    with pytest.raises(SentenceError, match="nonsense"):
        compile_apart(write(tmp_path, "intents: {volume.nonsense: [大点声]}"))


def test_a_damaged_cache_is_only_slower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intents.network_cache.cache_folder", lambda: tmp_path / "cache")
    book = load_book(write(tmp_path, "intents: {volume.up: [大点声]}"))
    cached_network("a", lambda: compile_book(book))
    (file,) = (tmp_path / "cache").glob("*.npz")
    file.write_bytes(file.read_bytes()[:100])
    assert cached_network("a", lambda: compile_book(book)).states > 1


def test_shipped_sentences_are_sound_and_cover_the_contract() -> None:
    book = load_book()
    assert book.intents() == set(load_contract().slots)
