"""Box and hub together on one machine, as ``script/run`` starts them: the first visit, a box that then joins, and an end that leaves nothing."""
from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.box_process import BoxProcess
from tests.weather_server import weather_server

FIRST = {"village": "东山村", "name": "王会计", "login": "wang", "password": "村东头老槐树下有口甜水井", "again": "村东头老槐树下有口甜水井"}
LOADED_S = 90.0
"""Two programs start at once, on a machine that may be busy with others."""
ASKS = "输六个数字："
_DIGITS = str.maketrans("零一二三四五六七八九幺", "01234567891")
_KILLED = """
import os, signal, sys
from assistant.own_hub import OwnHub
with OwnHub([sys.executable, "-m", "assistant.cli", "hub", "--until-eof", "--port", sys.argv[1]], print):
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def deaf(tmp_path) -> Path:
    """Settings of a box without sound devices, which makes it ready sooner."""
    file = tmp_path / "settings.toml"
    file.write_text('[audio]\nmicrophone = "not plugged in"\nloudspeaker = "not plugged in"\n[media]\nfolders = []\n[weather]\n'
                    'open_meteo_url = "http://127.0.0.1:9"\nmet_norway_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    return file


class Port:
    """One of this machine's that nobody listens at."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as asking:
            self.number = asking.getsockname()[1]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def is_open(self) -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.number)) == 0


def until(what: Callable[[], bool], timeout_s: float = 60.0) -> None:
    end = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def both(settings: Path, data: Path, port: Port) -> BoxProcess:
    return BoxProcess(dict(os.environ), settings, data, options=("--hub", f"127.0.0.1:{port}"))


def test_a_newcomer_opens_the_hub_and_the_box_joins_it(deaf, tmp_path):
    port = Port()
    with both(deaf, tmp_path / "data", port) as box:
        box.wait_until_all(f"乡音村务台：http://127.0.0.1:{port}", "第一次用：打开上面的网址", "小乡：我准备好了", timeout_s=LOADED_S)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as office:
            assert not any(ASKS in line for line in box.seen), "nobody is there yet who could type digits"
            assert office.get("/login").headers["location"] == "/setup"
            assert office.post("/setup", data=FIRST).headers["location"] == "/"
            said = box.wait_for(ASKS)
            code = said.partition(ASKS)[2].partition("。")[0].translate(_DIGITS)
            office.headers["x-csrf"] = re.search(r'"X-CSRF": "([^"]+)"', office.get("/boxes").text)[1]
            home = office.post("/people/homes/new", data={"name": "张大娘家"}).headers["location"].rpartition("/")[2]
            assert office.post("/boxes/join", data={"code": code, "home": home}).status_code == 303, said
            box.wait_for("小乡：我已经加入东山村了")
        assert box.end(signal.SIGTERM) == 0
    until(lambda: not port.is_open)
    assert (tmp_path / "data/hub.sqlite").exists()


def test_a_hub_that_cannot_start_keeps_no_box_from_starting(deaf, tmp_path):
    with weather_server() as other:  # any program that is no hub
        port = Port()
        port.number = int(other.rpartition(":")[2])
        with both(deaf, tmp_path / "data", port) as box:
            box.wait_until_all("小乡：我准备好了", "[hub-address]", "村务台没有开起来", timeout_s=LOADED_S)
            box.type("现在几点了")
            box.wait_for("小乡：现在", "点")
            assert box.end(signal.SIGTERM) == 0


def test_where_the_box_has_no_models_the_hub_is_what_is_left(deaf, tmp_path):
    port = Port()
    env = {**os.environ, "XIANGYIN_MODELS": str(tmp_path / "none")}
    with BoxProcess(env, deaf, tmp_path / "data", options=("--hub", f"127.0.0.1:{port}")) as box:
        box.wait_until_all("xiangyin doctor", f"乡音村务台：http://127.0.0.1:{port}", timeout_s=LOADED_S)
        assert port.is_open
        box.end(signal.SIGTERM)
    until(lambda: not port.is_open)


def test_the_hub_ends_with_a_box_that_was_killed(tmp_path):
    port = Port()
    env = {**os.environ, "XIANGYIN_DATA": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", _KILLED, str(port)], stdin=subprocess.PIPE, env=env, text=True) as box:
        try:
            until(lambda: port.is_open)
            box.communicate("now\n", timeout=20)
        finally:
            box.kill()
    assert box.returncode == -signal.SIGKILL
    until(lambda: not port.is_open)
