"""The scripts, the lock files, the service and the notices agree with what they describe."""
from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from models.catalogue import PackageSource, catalogue

ROOT = Path(__file__).parents[2]
SCRIPTS = [*sorted(p for p in (ROOT / "script").iterdir() if p.is_file()), ROOT / ".ci/run", ROOT / "deploy/install.sh", ROOT / "deploy/mount-stick"]


def setup_arguments() -> dict[str, object]:
    """Literal keyword arguments of the call of setup()."""
    tree = ast.parse((ROOT / "setup.py").read_text("utf-8"))
    call = next(n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "setup")
    wanted = ("install_requires", "extras_require")
    return {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg in wanted}


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return {canonicalize_name(p): v for p, _, v in (line.partition("==") for line in lines if "==" in line)}


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", []), ("requirements-test.lock", ["test"])])
def test_the_lock_pins_everything_that_setup_asks_for(lock: str, extras: list[str]) -> None:
    arguments = setup_arguments()
    asked = [*arguments["install_requires"], *(r for extra in extras for r in arguments["extras_require"][extra])]
    pinned = pins(lock)
    for requirement in map(Requirement, asked):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} is not in {lock}: run script/lock"
        assert requirement.specifier.contains(version), f"{lock} pins {requirement.name} {version}: run script/lock"


def test_the_tests_run_with_what_the_box_installs() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-test.lock").items()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_scripts_parse_stop_at_errors_and_can_be_started(script: Path) -> None:
    first = script.read_text("utf-8").splitlines()[0]
    if "bash" in first:
        subprocess.run(["bash", "-n", script], check=True)
    if first.startswith("#!"):
        assert script.stat().st_mode & 0o111, f"{script} is not executable"


@pytest.mark.parametrize("command", [("script/setup", "--help"), ("deploy/install.sh", "--help")])
def test_scripts_explain_themselves(command: tuple[str, str]) -> None:
    shown = subprocess.run([ROOT / command[0], command[1]], check=True, capture_output=True, text=True).stdout
    assert command[0] in shown
    assert len(shown.splitlines()) >= 5


@pytest.mark.parametrize("command", ["script/setup", "deploy/install.sh"])
def test_a_mistyped_option_does_nothing_but_say_so(command: str) -> None:
    result = subprocess.run([ROOT / command, "--tests"], capture_output=True, text=True)
    assert result.returncode == 1
    assert "--tests" in result.stderr
    assert result.stdout == ""


def test_the_installer_fills_every_place_of_the_units(tmp_path: Path) -> None:
    subprocess.run([ROOT / "deploy/install.sh"], env={**os.environ, "DESTDIR": str(tmp_path)}, check=True)
    installed = {file.name: file.read_text("utf-8") for file in (tmp_path / "etc/systemd/system").iterdir()}
    assert set(installed) == {file.name for file in (ROOT / "deploy").glob("*.service")}
    for unit in installed.values():
        assert not re.search(r"@\w+@", "".join(line for line in unit.splitlines(keepends=True) if not line.startswith("#")))
        for program in re.findall(r"^Exec\w+=(/\S+)", unit, re.M):
            assert program == "/usr/bin/pulseaudio" or program.startswith(f"{ROOT}/")


def test_the_box_asks_the_server_where_it_listens_and_starts_without_it() -> None:
    box, sound = ((ROOT / f"deploy/{name}.service").read_text("utf-8") for name in ("xiangyin", "xiangyin-sound"))
    runtime = re.search(r"PULSE_RUNTIME_PATH=(\S+)", sound)[1]
    assert f"PULSE_SERVER=unix:{runtime}/native\n" in box and f"RuntimeDirectory={runtime.removeprefix('/run/')}\n" in sound
    assert "Wants=xiangyin-sound.service" in box and "Requires=" not in box and "DeviceAllow=char-alsa rw" in box


def test_only_to_look_takes_nothing_away(tmp_path: Path) -> None:
    told = subprocess.run([ROOT / "deploy/install.sh", "--remove"], env={**os.environ, "DESTDIR": str(tmp_path)}, capture_output=True, text=True)
    assert told.returncode == 1 and "DESTDIR" in told.stderr


def test_the_notice_names_every_model_and_the_package_that_carries_it() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    for model in catalogue().values():
        assert model.licence_source in notice
        for source in model.sources:
            if isinstance(source, PackageSource):
                assert f"{source.package} {source.version}" in notice
