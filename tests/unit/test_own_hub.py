"""Where the hub beside the box listens, which hub the box calls, and what script/run makes of its arguments: tables without a network."""
from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import ConfigError
from assistant.own_hub import HERE, Address, beside
from assistant.settings import HubLinkSettings, Settings

ROOT = Path(__file__).parents[2]
ELSEWHERE = "https://hub.example"


@pytest.mark.parametrize(("text", "url"), [
    (HERE, "http://127.0.0.1:8730"), ("0.0.0.0:80", "http://127.0.0.1:80"), ("[::]:8731", "http://[::1]:8731"), ("[::1]:8731", "http://[::1]:8731"),
    ("192.168.1.5:8730", "http://192.168.1.5:8730"), ("village.local:8730", "http://village.local:8730")])
def test_the_box_reaches_it_where_it_listens(text, url):
    assert Address.of(text).url == url


@pytest.mark.parametrize("text", ["8730", "127.0.0.1", ":8730", "127.0.0.1:0", "127.0.0.1:x", "127.0.0.1:70000", "http://127.0.0.1:8730",
                                  "a@b:80", "127.0.0.1:80/x", "[::1:80"])
def test_what_is_no_address_is_named(text):
    with pytest.raises(ConfigError, match="--hub"):
        Address.of(text)


@pytest.mark.parametrize(("wanted", "url", "called", "starts"), [
    (None, "", "", False), (None, ELSEWHERE, ELSEWHERE, False),
    ("", "", "http://127.0.0.1:8730", True), ("", "http://127.0.0.1:8730/", "http://127.0.0.1:8730/", True),
    ("", ELSEWHERE, ELSEWHERE, False),
    ("0.0.0.0:9000", "", "http://127.0.0.1:9000", True), ("0.0.0.0:9000", ELSEWHERE, ELSEWHERE, True)])
def test_the_box_calls_the_hub_beside_it_unless_the_settings_say_another(wanted, url, called, starts):
    told = []
    settings, own_hub = beside(replace(Settings(), hub=HubLinkSettings(url=url)), wanted, (), told.append)
    assert (settings.hub.url, own_hub is not None) == (called, starts)
    assert (ELSEWHERE in "".join(told)) == (wanted == "" and url == ELSEWHERE)


@pytest.mark.parametrize(("given", "passed"), [
    ([], ["--hub"]), (["--no-hub"], []), (["--hub", "0.0.0.0:80"], ["--hub", "0.0.0.0:80"]), (["--hub=[::]:80"], ["--hub=[::]:80"]),
    (["--help"], ["--hub", "--help"])])
def test_script_run_starts_both_unless_told_otherwise(tmp_path, given, passed):
    (tmp_path / "script").mkdir()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for name in ("run", "common.sh"):
        shutil.copy(ROOT / "script" / name, tmp_path / "script" / name)
    for name, does in (("script/setup", "exit 0"), (".venv/bin/xiangyin", 'printf "%s\\n" "$@"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    for name in ("requirements.lock", "setup.py", "pyproject.toml"):
        (tmp_path / name).touch()
    shown = subprocess.run([tmp_path / "script/run", *given], check=True, capture_output=True, text=True).stdout
    assert shown.split("\n")[:-1] == ["run", *passed]
