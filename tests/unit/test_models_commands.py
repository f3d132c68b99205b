"""`xiangyin models …` as a maintainer types it."""
from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from models.catalogue import catalogue, read_catalogue
from models.commands import add_parser
from models.fetch import fetch
from models.paths import HOME_VARIABLE, models_home

Run = Callable[..., int]


@pytest.fixture
def run() -> Run:
    parser = argparse.ArgumentParser(prog="xiangyin")
    add_parser(parser.add_subparsers())

    def call(*words: str) -> int:
        args = parser.parse_args(["models", *words])
        return args.func(args)

    return call


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "models"))
    return tmp_path / "models"


def test_the_environment_chooses_the_folder(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert models_home() == empty_home
    monkeypatch.setenv(HOME_VARIABLE, "~/my models")
    assert models_home() == Path.home() / "my models"
    monkeypatch.setenv(HOME_VARIABLE, " ")
    assert models_home().name == "models"


def test_verify_names_what_is_missing_and_how_to_mend_it(
    run: Run, empty_home: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("verify") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line.startswith("[model-missing]") for line in printed.err.splitlines()] == [True, True]
    assert "xiangyin models fetch" in printed.err
    assert not empty_home.exists()


def test_list_shows_licences_and_where_models_would_go(
    run: Run, empty_home: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("list") == 0
    printed = capsys.readouterr().out
    assert str(empty_home / "vosk-cn-0.22") in printed
    assert "Apache-2.0" in printed
    assert "non-commercial" in printed


def test_fetch_and_verify_of_installed_models(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for model in catalogue().values():
        fetch(model)
    assert run("fetch", "voice-zh") == 0
    assert run("verify", "voice-zh") == 0
    assert run("list", "voice-zh") == 0
    fetched, verified, listed = (line for line in capsys.readouterr().out.splitlines() if line.startswith("voice-zh"))
    assert fetched.endswith(str(models_home() / "voice-zh-0.0.1"))
    assert "3 files, 23.6 MB" in verified
    assert "voice" in listed


def test_an_unknown_name_lists_the_known_ones(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", "vosk") == 1
    assert "known: vosk-cn, voice-zh" in capsys.readouterr().err


@pytest.mark.parametrize("words", [(), ("fetch",), ("verify",), ("list",)])
def test_every_level_has_a_help_page(run: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="0"):
        run(*words, "--help")
    assert len(capsys.readouterr().out) > 200


@pytest.mark.parametrize("text", ["", "model = 1 =", "[model.a]\nversion = '1'", "[model.a]\ncolour = 'red'"])
def test_a_broken_catalogue_is_named(tmp_path: Path, text: str) -> None:
    from assistant.errors import ModelError

    path = tmp_path / "catalogue.toml"
    path.write_text(text)
    with pytest.raises(ModelError, match=r"catalogue\.toml"):
        read_catalogue(path)


def test_every_entry_says_what_is_needed_to_trust_it() -> None:
    for model in catalogue().values():
        assert len(bytes.fromhex(model.archive.sha256)) == 32
        assert model.sources and model.licence and model.archive.bytes > 0
        assert all(len(bytes.fromhex(patch.sha256)) == 32 for patch in model.patches)
