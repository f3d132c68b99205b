"""The documentation says what the program does: every command, setting and error, every link and path, every example."""
from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import importlib
import importlib.util
import io
import re
import shlex
import sys
import textwrap
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import hub.errors  # noqa: F401 (they belong to the tree)
import skills
from assistant import errors, follow_up, repair, rescue
from assistant.answers import completed
from assistant.cli import build_parser, main
from assistant.demo_command import load_script
from assistant.lesson_store import MOST_MISSES
from assistant.wording import Wording
from audio.media_course import DUCKED_DB
from audio.segment import PatienceLearner, SegmentSettings
from intents import contract as contract_module
from intents.book import SKILLS_DIR
from intents.matcher import ACCEPT, CERTAIN, Matcher
from intents.model import Hypothesis, Intent
from intents.personal import NEAR, NEAR_AT_MOST
from skills.api import Reply, World, ask_for
from skills.registry import discover
from tests.test_layers import OUTSIDE, imports

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
ROOMS = ("assistant", "audio", "bench", "deploy", "docs", "intents", "models", "script", "skills", "tests", ".ci")
MONDAY = dt.datetime(2026, 11, 23, 10, 0)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    return FENCE.sub("", text(page))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=name)


# -- links and paths --------------------------------------------------------------------------------------------------

def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    kept = []
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        kept.append("".join(c for c in plain if c in " -_" or unicodedata.category(c)[0] in "LN").replace(" ", "-"))
    return set(kept)


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{name(page)}: {target}"
        assert not anchor or anchor in anchors(file), f"{name(page)}: {target}; there are {sorted(anchors(file))}"


@every_page
def test_files_that_are_named_exist(page: Path) -> None:
    for word in re.findall(r"`([\w.-]+/[^`\s]*)`", prose(page)):
        if word.split("/")[0] not in ROOMS or re.search(r"[<A-Z*@]|^skills/bus", word):
            continue
        assert (ROOT / word.split("::")[0]).exists(), f"{name(page)}: {word}"


def test_no_page_is_an_island() -> None:
    """Every page can be reached from the English README."""
    seen: set[Path] = set()
    waiting = [READMES[0]]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        waiting += [(page.parent / link).resolve() for link in re.findall(r"\]\(([^)#:\s]+)[^)]*\)", prose(page))]
    assert set(PAGES) <= seen


# -- commands ---------------------------------------------------------------------------------------------------------

def subcommands(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if path and not nested:
        yield " ".join(path), parser
    for action in nested:
        for word, child in action.choices.items():
            yield from subcommands(child, (*path, word))


@cache
def sections() -> dict[str, str]:
    """docs/commands.md: command -> its section."""
    parts = re.split(r"^#+ `xiangyin ([a-z ]+)`.*$", text(ROOT / "docs/commands.md"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_subcommand_has_its_section_and_nothing_else_has() -> None:
    assert set(sections()) == {command for command, _ in subcommands(build_parser())}


@pytest.mark.parametrize(("command", "parser"), list(subcommands(build_parser())))
def test_every_option_is_documented_with_an_example(command: str, parser: argparse.ArgumentParser) -> None:
    section = sections()[command]
    assert re.search(rf"^\$ xiangyin (--\S+ \S+ )*{command}\b", section, re.MULTILINE), "no example"
    for action in parser._actions:
        for option in action.option_strings:
            assert option in ("-h", "--help") or f"`{option}" in section, option


def invocations(page: Path) -> list[list[str]]:
    """Arguments of every ``xiangyin …`` in a console or shell block; a pipe or redirection ends them."""
    found = []
    for _, body in FENCE.findall(text(page)):
        for line in body.splitlines():
            match = re.match(r"^(?:\$ )?(?:\w+=\S+ )*(?:\S+ \| )?(?:\.venv/bin/|/opt/xiangyin/\.venv/bin/)?xiangyin( .*)?$", line)
            if match:
                words = shlex.split(match[1] or "", comments=True)
                ends = [words.index(word) for word in ("|", ">", "<", "2>", "&&") if word in words]
                found.append(words[: min(ends, default=len(words))])
    return found


@every_page
def test_every_command_line_is_one_that_the_program_takes(page: Path) -> None:
    for words in invocations(page):
        try:
            build_parser().parse_args(words)
        except SystemExit:
            pytest.fail(f"{name(page)}: xiangyin {shlex.join(words)}")


def test_there_are_command_lines_to_check() -> None:
    assert sum(len(invocations(page)) for page in PAGES) > 20


def understood() -> list[object]:
    """Every ``$ xiangyin understand …`` of the pages with the lines that are shown under it."""
    found = []
    for page in PAGES:
        for kind, body in FENCE.findall(text(page)):
            if kind == "console":
                for command, shown in re.findall(r"^\$ xiangyin (understand .*)\n((?:(?!\$ ).+\n)+)", body, re.MULTILINE):
                    found.append(pytest.param(page, command, shown, id=f"{name(page)}: {command}"))
    return found


OWN_FILE = re.compile(r"^`(\w+\.tsv)`[^\n]*\n\n```tsv\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A file of the box's own names, as a page shows it."""


@pytest.mark.parametrize(("page", "command", "shown"), understood())
def test_what_is_shown_as_understood_is_understood(
    page: Path, command: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIANGYIN_DATA", str(tmp_path))
    for file, content in OWN_FILE.findall(text(page)):
        (tmp_path / file).write_text(content, encoding="utf-8")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(shlex.split(command)) == 0

    def meanings(lines: str) -> list[tuple[str, str, set[str]]]:
        rows = [line.split("\t") for line in lines.splitlines()]
        return [(said, intent, set(slots.split())) for said, intent, slots, _ in rows]

    assert meanings(shown) == meanings(out.getvalue())


def test_enough_is_shown_as_understood() -> None:
    assert sum(len(param.values[2].splitlines()) for param in understood()) >= 6


# -- settings, errors -------------------------------------------------------------------------------------------------

def test_the_settings_page_is_current() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert text(generate.PAGE) == generate.settings_page(), "run script/docs"


def error_classes(base: type[errors.XiangyinError] = errors.XiangyinError) -> Iterator[type[errors.XiangyinError]]:
    yield base
    for child in base.__subclasses__():
        yield from error_classes(child)


@pytest.mark.parametrize("error", list(error_classes()), ids=lambda error: error.code)
def test_every_error_is_in_troubleshooting_with_its_own_words(error: type[errors.XiangyinError]) -> None:
    rows = re.findall(rf"^\| `{error.code}` \| (.+?) \| (.+?) \| (.+?) \|$", text(ROOT / "docs/troubleshooting.md"), re.MULTILINE)
    assert len(rows) == 1, error.code
    assert error.spoken in rows[0][0] and len(rows[0][2]) > 10


def test_troubleshooting_knows_no_other_errors() -> None:
    told = set(re.findall(r"^\| `([a-z-]+)` \| .+? \| .+? \| .+? \|$", text(ROOT / "docs/troubleshooting.md"), re.MULTILINE))
    assert told == {error.code for error in error_classes()}


# -- the front pages --------------------------------------------------------------------------------------------------

def commands_of(page: Path) -> set[str]:
    found = set()
    for _, body in FENCE.findall(text(page)):
        for line in body.splitlines():
            if re.match(r"(\$ )?(sudo )?(script/|deploy/|\.venv/bin/xiangyin)", line):
                found.add(re.sub(r"\s+#.*", "", line.removeprefix("$ ")))
    return found


def test_both_front_pages_name_the_same_commands_and_pages() -> None:
    english, chinese = READMES
    assert commands_of(english) == commands_of(chinese)
    assert {"script/run", "script/test"} <= commands_of(english)
    links = [set(re.findall(r"\]\(([^)#\s][^)\s]*)\)", prose(page))) - {name(p) for p in READMES} for page in READMES]
    assert links[0] == links[1]


def section(page: Path, *, after: str) -> str:
    """The part of a page between the heading that contains ``after`` and the next heading."""
    parts = re.split(r"^#+ (.+)$", text(page), flags=re.MULTILINE)
    return next(body for heading, body in zip(parts[1::2], parts[2::2], strict=True) if after in heading)


@cache
def matcher() -> Matcher:
    return Matcher.load()


@pytest.mark.parametrize(
    ("page", "heading", "works"),
    [(READMES[0], "What it can do", True), (READMES[0], "not do yet", False), (READMES[1], "现在会", True), (READMES[1], "还办不了", False)],
)
def test_what_the_front_pages_promise_is_what_the_skills_do(page: Path, heading: str, works: bool) -> None:
    sayings = re.findall(r"“([^”]+)”", section(page, after=heading))
    assert len(sayings) >= 6
    handlers = discover().handlers
    for said in sayings:
        intent = matcher().understand([Hypothesis(said)], MONDAY).intent
        assert intent.name != "none", said
        assert (handlers[intent.name].__module__ != "skills.notyet.skill") is works, f"{said}: {intent.name}"


@pytest.mark.parametrize("page", READMES, ids=name)
def test_the_transcript_is_of_the_demo_that_ships(page: Path) -> None:
    turns = re.findall(r"^✓ 老人(?:（.*?）)?：(?:小乡小乡，)?(.+)\n　　听到：.* → ([a-z.]+)", text(page), re.MULTILINE)
    assert len(turns) >= 3
    script = {(line.say, line.intent) for line in load_script()}
    assert set(turns) <= script


# -- licences -----------------------------------------------------------------------------------------------------------

def test_the_notice_names_every_library_of_the_box() -> None:
    asked = re.search(r"install_requires=\[(.*?)\]", text(ROOT / "setup.py"), re.DOTALL)
    libraries = re.findall(r'"([a-z0-9-]+)', asked[1])
    notice = text(ROOT / "NOTICE").lower()
    assert len(libraries) > 20
    assert not [library for library in libraries if library not in notice]


@pytest.mark.parametrize("page", [*READMES, ROOT / "NOTICE"], ids=name)
def test_the_weather_providers_are_credited_with_their_licence(page: Path) -> None:
    for credit in ("Open-Meteo.com", "https://open-meteo.com", "MET Norway", "https://api.met.no", "CC BY 4.0", "licenses/by/4.0", "NLOD"):
        assert credit in text(page), credit


# -- the architecture -------------------------------------------------------------------------------------------------

def test_the_error_tree_is_drawn_as_in_the_code() -> None:
    tree = errors.__doc__.partition("\n\n")[2]
    assert textwrap.dedent(tree).strip() in text(ROOT / "docs/architecture.md")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (SegmentSettings().pre_roll_s, "begins {:g} s before the first voice"),
        (SegmentSettings().cap_s, "or after {:g} s whatever the noise"),
        (SegmentSettings().short_pause_s, "A short pause ({:g} s)"),
        (PatienceLearner.DEFAULT_S, "The silence is {:.1f} s at first"),
        ((PatienceLearner.LEAST_S, PatienceLearner.MOST_S), "within {:g}–{:g} s"),
        (ACCEPT, "Below {:g} the talk counts as not meant for the box"),
        (repair.SURE, "under {:g} the box asks"),
        ((NEAR, NEAR_AT_MOST), "within {:g} a character, and {:g} in all"),
        (MOST_MISSES, "the newest {:d}"),
        (DUCKED_DB, "is {:g} dB quieter"),
        (CERTAIN, "when the confidence is below {:g}"),
        (rescue.PLAUSIBLE, "from a confidence of {:g} on"),
        (follow_up.REMEMBERED.total_seconds() / 60, "It is remembered for {:g} minutes"),
    ],
)
def test_figures_of_the_architecture_are_those_of_the_code(value: float | tuple[float, ...], told: str) -> None:
    values = value if isinstance(value, tuple) else (value,)
    assert told.format(*values) in " ".join(text(ROOT / "docs/architecture.md").split())


def test_every_thread_that_has_a_name_is_in_the_table() -> None:
    sources = [path for room in ("assistant", "audio") for path in (ROOT / room).rglob("*.py")]
    shipped = [path for path in sources if "fake" not in path.name and "simulated" not in path.name]
    named = {word for path in shipped for word in re.findall(r"Thread\([^\n]*name=\"([a-z-]+)\"", text(path))}
    told = set(re.findall(r"^\| `([a-z-]+)`", section(ROOT / "docs/architecture.md", after="Threads"), re.MULTILINE))
    assert named <= told and len(named) >= 4


# -- the skill that docs/skills.md teaches ------------------------------------------------------------------------------

@cache
def lesson() -> dict[str, str]:
    """File name -> what the page shows of it."""
    return dict(re.findall(r"^\*\*`([^`]+)`\*\*[^\n]*\n\n```\w+\n(.*?)^```$", text(ROOT / "docs/skills.md"), re.MULTILINE | re.DOTALL))


@pytest.fixture
def with_the_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """All shipped skills and the page's own, with its two lines in the contract and in the wording."""
    tree = yaml.safe_load(contract_module.CONTRACT_FILE.read_text(encoding="utf-8"))
    tree["intents"] |= yaml.safe_load(lesson()["intents/contract.yaml"])
    contract = tmp_path / "contract.yaml"
    contract.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    monkeypatch.setattr(contract_module, "CONTRACT_FILE", contract)
    monkeypatch.setattr("intents.network_cache.cache_folder", lambda: tmp_path / "cache")
    home = tmp_path / "skills"
    home.mkdir()
    for folder in (file.parent for file in SKILLS_DIR.glob("*/sentences.yaml")):
        (home / folder.name).symlink_to(folder)
    (home / "bus").mkdir()
    (home / "bus/__init__.py").touch()
    for file, content in lesson().items():
        if file.startswith("skills/bus/"):
            (tmp_path / file).write_text(content, encoding="utf-8")
    monkeypatch.setattr(skills, "__path__", [*skills.__path__, str(home)])
    contract_module.load_contract.cache_clear()
    importlib.invalidate_caches()
    yield home
    contract_module.load_contract.cache_clear()
    for module in [module for module in sys.modules if module.startswith("skills.bus")]:
        del sys.modules[module]


def test_the_lesson_shows_every_file_of_a_skill() -> None:
    assert set(lesson()) == {
        "intents/contract.yaml", "assistant/wording.yaml", "skills/bus/sentences.yaml", "skills/bus/replies.yaml",
        "skills/bus/cases.yaml", "skills/bus/skill.py",
    }


def test_the_lesson_is_understood_beside_all_other_skills(with_the_bus: Path) -> None:
    understander = Matcher.load(with_the_bus)
    for case in yaml.safe_load(lesson()["skills/bus/cases.yaml"])["cases"]:
        found = understander.understand([Hypothesis(case["text"])], MONDAY).intent
        assert (found.name, dict(found.slots)) == (case["intent"], case["slots"])
    assert understander.understand([Hypothesis("今天天气怎么样")], MONDAY).intent.name == "weather.query"


def test_the_lesson_answers_asks_and_takes_the_answer(with_the_bus: Path) -> None:
    registry = discover()
    morning, night = World(now=MONDAY), World(now=MONDAY.replace(hour=20))
    assert "下午一点" in registry.handle(Intent("bus.next"), morning).text
    assert "明天头一趟" in registry.handle(Intent("bus.next", {"date": "2026-11-24"}), morning).text
    asked = registry.handle(Intent("bus.next"), night)
    assert asked.expects is not None
    answers = [registry.answer(asked.expects.topic, Intent(said), night, {}).text for said in asked.expects.intents]
    assert "四趟" in answers[0] and "不念" in answers[1]


def test_the_lesson_keeps_the_import_rule_and_names_its_intent(with_the_bus: Path) -> None:
    assert not {module.split(".")[0] for module in imports(with_the_bus / "bus/skill.py")} & OUTSIDE
    named = yaml.safe_load(lesson()["assistant/wording.yaml"])
    tree = {"says": {}, "kinds": {}, "offers": [], "intents": named}
    assert Wording(tree).describe(Intent("bus.next")) == "问班车"


def test_the_example_asks_for_two_things_in_turn() -> None:
    example = re.search(r"^  ```python\n(  def remind.*?)^  ```$", text(ROOT / "docs/skills.md"), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"Intent": Intent, "World": World, "Reply": Reply, "ask_for": ask_for}
    exec(textwrap.dedent(example[1]), names)
    wish = Intent("reminder.create", confidence=1.0)
    for slot, value in (("time", "08:00"), ("what", "吃药")):
        expected = names["remind"](wish, World(now=MONDAY)).expects
        assert slot in expected.slots and expected.wish == wish
        wish = completed(Intent("reminder.create", {slot: value}, 1.0), expected.wish)
    assert names["remind"](wish, World(now=MONDAY)).expects is None
