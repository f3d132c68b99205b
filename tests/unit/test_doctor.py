"""Every check of the doctor, well, doubtful and ill; and the doctor as a whole on a machine without sound."""
from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from assistant.doctor import command, sound, system
from assistant.doctor.echo import check_echo
from assistant.doctor.finding import Verdict, fault, good, warning
from assistant.doctor.sticks import Machine, check_sticks
from assistant.errors import MicrophoneUnavailable, ModelCorrupt, ModelMissing, VoiceError
from assistant.events import Ending
from assistant.library.index import Index
from assistant.library.scan import scan
from assistant.ports import SAMPLE_RATE
from assistant.settings import parse_settings
from assistant.store import Store
from audio.capture import Device
from audio.fakes import Pace, SimulatedMicrophone
from audio.fakes_out import RecordingLoudspeaker
from audio.sound_server import look, playing_on
from bench.sound_servers import PipeWire
from skills.api import Timer
from tests.end_to_end.desktop import Desktop
from tests.end_to_end.own_server import OwnServer

GOOD, WARNING, FAULT = Verdict.GOOD, Verdict.WARNING, Verdict.FAULT
NOISE = np.random.default_rng(3)


def _noise(level: float, seconds: float = 0.3) -> np.ndarray:
    return np.clip(NOISE.normal(0, level, int(seconds * SAMPLE_RATE)), -32768, 32767).astype(np.int16)


def _at(data_dir) -> object:
    return parse_settings({"box": {"data_dir": str(data_dir)}})


# -- findings and levels ----------------------------------------------------------------------------------------------

def test_a_finding_is_one_line_with_its_mark_and_its_fix():
    assert good("disk", "好").line() == "✓ 好"
    assert warning("disk", "少", "清理").line() == "！ 少　→ 清理"
    assert fault("disk", "满", "清理").line() == "✗ 满　→ 清理"
    assert fault("disk", "满", "清理").as_dict() == {"check": "disk", "verdict": "fault", "detail": "满", "fix": "清理"}


def test_levels_are_relative_to_full_scale():
    square = np.tile(np.array([32767, -32768], np.int16), 1000)
    assert sound.level_dbfs(square) == pytest.approx(0.0, abs=0.01)
    assert sound.level_dbfs(square // 10) == pytest.approx(-20.0, abs=0.1)
    assert sound.level_dbfs(np.zeros(100, np.int16)) == sound.level_dbfs(np.zeros(0, np.int16)) == -120.0


# -- the player ------------------------------------------------------------------------------------------------------

def test_the_player_that_is_installed_is_named():
    found = sound.check_player()
    assert found.verdict is GOOD and "mpv 0." in found.detail


def test_a_missing_player_is_a_fault_with_the_command_that_mends_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = sound.check_player()
    assert found.verdict is FAULT and "apt-get install --no-install-recommends mpv" in found.fix


def test_a_player_that_does_not_start_is_a_fault(monkeypatch, tmp_path):
    broken = tmp_path / "mpv"
    broken.write_text("#!/bin/sh\necho 'libavcodec.so.59: cannot open' >&2\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = sound.check_player()
    assert found.verdict is FAULT and "libavcodec" in found.detail


# -- echo ------------------------------------------------------------------------------------------------------------

def _mute() -> RecordingLoudspeaker:
    """Nothing can be played: where it would sound is not known."""
    speaker = RecordingLoudspeaker()
    speaker.failure = "no plug"
    return speaker


@pytest.fixture(params=[OwnServer, Desktop], ids=["PulseAudio", "PipeWire"])
def sound_server(request, monkeypatch):
    with request.param() as server:
        monkeypatch.setenv("PULSE_SERVER", server.env["PULSE_SERVER"])
        yield server


def made_default(server, kind: str, name: str) -> None:
    """PipeWire makes devices, and does what it is told, a little later."""
    while server.ask(f"get-default-{kind}").stdout.strip() != name:
        server.ask(f"set-default-{kind}", name, check=False)


def test_echo_that_is_not_cancelled_is_a_warning_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    off = check_echo(parse_settings({"audio": {"echo_cancellation": "off"}}), _mute())
    assert off.verdict is WARNING and "auto" in off.fix
    alone = check_echo(parse_settings({}), _mute(), tmp_path / "unit")
    assert alone.verdict is WARNING and "docs/audio.md" in alone.fix and "deploy/install.sh" in alone.fix
    (tmp_path / "unit").touch()
    silent = check_echo(parse_settings({}), _mute(), tmp_path / "unit")
    assert silent.verdict is WARNING and "systemctl restart xiangyin-sound" in silent.fix


def test_echo_is_cancelled_with_a_sound_server(sound_server):
    found = check_echo(parse_settings({}), _mute())
    assert found.verdict is GOOD and look().server in found.detail and "speaker" in found.detail


def test_echo_that_the_server_cancels_is_left_to_it(sound_server):
    sound_server.ask("load-module", "module-echo-cancel", "source_name=mic_clean", "sink_name=speaker_clean", "aec_method=null",
                     "source_master=usb_microphone", "sink_master=speaker")
    made_default(sound_server, "source", "mic_clean")
    found = check_echo(parse_settings({}), _mute())
    assert found.verdict is GOOD and "mic_clean" in found.detail and "不再消" in found.detail


def test_a_box_that_plays_past_the_server_or_elsewhere_is_told(sound_server):
    past = check_echo(parse_settings({}), RecordingLoudspeaker())
    assert past.verdict is WARNING and "/etc/asound.conf" in past.fix
    media = check_echo(parse_settings({"media": {"device": "alsa/hdmi"}}), _mute())
    assert media.verdict is WARNING and "alsa/hdmi" in media.detail and "[media] device" in media.fix
    made_default(sound_server, "sink", "air")
    with subprocess.Popen(["pacat", "--device=speaker", "/dev/zero"]) as player:
        while playing_on(player.pid) is None:
            assert player.poll() is None
        elsewhere = check_echo(parse_settings({}), RecordingLoudspeaker(), process=player.pid)
        player.terminate()
    assert elsewhere.verdict is WARNING and elsewhere.fix.endswith("set-default-sink speaker")


def test_a_desktop_that_lets_sound_vanish_has_no_loudspeaker(monkeypatch, tmp_path):
    server = PipeWire(tmp_path)
    monkeypatch.setenv("PULSE_SERVER", server.env["PULSE_SERVER"])
    server.start()
    try:
        with subprocess.Popen(["pacat", "/dev/zero"]) as player:
            while playing_on(player.pid) is None:
                assert player.poll() is None
            found = sound.check_loudspeaker(RecordingLoudspeaker(), player.pid)
            player.terminate()
    finally:
        server.stop()
    assert found.verdict is FAULT and "没有喇叭" in found.detail


# -- the library ------------------------------------------------------------------------------------------------------

def test_the_library_is_counted_and_an_empty_one_told_how_to_be_filled(tmp_path):
    empty = system.check_library(_at(tmp_path))
    assert empty.verdict is WARNING and f"{tmp_path}/media" in empty.fix
    (tmp_path / "media").mkdir()
    soundfile.write(tmp_path / "media/花木兰.wav", np.zeros(8000, np.float32), 8000)
    index = Index(tmp_path / "media.sqlite")
    scan((tmp_path / "media",), index)
    assert system.check_library(_at(tmp_path)).line() == "✓ 能放的节目 1 个"
    (tmp_path / "media/空.mp3").touch()
    scan((tmp_path / "media",), index)
    index.close()
    broken = system.check_library(_at(tmp_path))
    assert broken.verdict is WARNING and "坏的 1 个" in broken.detail and "--broken" in broken.fix


@pytest.fixture
def machine(tmp_path):
    """A machine with one USB stick (8:1) and a disk of its own (8:16); what is mounted where is up to the test."""
    machine = Machine(tmp_path / "block", tmp_path / "udev", tmp_path / "mountinfo", (tmp_path / "rule",))
    machine.udev.mkdir()
    for name, number, told in (("sda1", "8:1", "E:ID_BUS=usb\nE:ID_FS_USAGE=filesystem\n"), ("sdb", "8:16", "E:ID_BUS=ata\n"), ("sdc", "8:32", "")):
        (machine.blocks / name).mkdir(parents=True)
        (machine.blocks / name / "dev").write_text(f"{number}\n")
        if told:
            (machine.udev / f"b{number}").write_text(f"I:1\n{told}")
    return machine


def _mounted(machine, place) -> None:
    machine.mountinfo.write_text(f"31 22 8:1 / {place} ro shared:9 - vfat /dev/sda1 ro\n")


def test_a_stick_that_can_be_read_is_named(machine, tmp_path):
    (tmp_path / "media" / "usb").mkdir(parents=True)
    _mounted(machine, tmp_path / "media" / "usb")
    assert check_sticks(_at(tmp_path), machine).line() == f"✓ 插着的优盘能读：{tmp_path}/media/usb"


def test_a_stick_that_nobody_mounts_or_that_is_mounted_elsewhere_is_told(machine, tmp_path):
    found = check_sticks(_at(tmp_path), machine)
    assert found.verdict is WARNING and "sda1" in found.detail and "deploy/install.sh" in found.fix
    _mounted(machine, "/mnt/usb")
    assert "/mnt/usb" in check_sticks(_at(tmp_path), machine).fix
    _mounted(machine, tmp_path / "media" / "gone")
    assert "读不了" in check_sticks(_at(tmp_path), machine).detail


def test_a_machine_that_boots_from_usb_is_no_stick_and_who_mounts_one_is_asked(machine, tmp_path):
    _mounted(machine, "/")
    assert check_sticks(_at(tmp_path), machine).verdict is WARNING
    (tmp_path / "rule").symlink_to("nowhere")
    assert check_sticks(_at(tmp_path), machine).line() == "✓ 没插优盘；插上就会自己读"
    nothing = Machine(tmp_path / "x", tmp_path / "x", tmp_path / "x", (tmp_path / "x",))
    assert check_sticks(_at(tmp_path), nothing).verdict is WARNING


def test_a_library_that_cannot_be_read_is_a_fault(tmp_path):
    (tmp_path / "media.sqlite").mkdir()
    assert system.check_library(_at(tmp_path)).verdict is FAULT


# -- sound ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("pcm, verdict, told", [
    (_noise(1000), GOOD, "没有破音"), (_noise(5), GOOD, "安静"), (_noise(40000), WARNING, "破音"),
    (np.zeros(4800, np.int16), FAULT, "一点声音也没有"),
])
def test_what_the_microphone_delivers_is_judged(pcm, verdict, told):
    microphone = SimulatedMicrophone(Pace.CONSUMER)
    microphone.play(pcm)
    finding = sound.check_microphone(microphone, len(pcm) / SAMPLE_RATE)
    assert finding.verdict is verdict and told in finding.detail
    assert bool(finding.fix) == (verdict is not GOOD)


def test_a_microphone_that_goes_while_it_is_checked_is_a_fault():
    microphone = SimulatedMicrophone()
    threading.Thread(target=lambda: _unplug_when_started(microphone), daemon=True).start()
    finding = sound.check_microphone(microphone, 5.0)
    assert finding.verdict is FAULT and "pulled out" in finding.detail


def _unplug_when_started(microphone: SimulatedMicrophone) -> None:
    microphone.play(np.zeros(512, np.int16))
    assert microphone.drained(5.0)
    microphone.unplug("pulled out")


def test_a_microphone_that_cannot_be_opened_is_a_fault():
    class Missing(SimulatedMicrophone):
        def start(self, on_chunk, post):
            raise MicrophoneUnavailable("no input device")

    finding = sound.check_microphone(Missing())
    assert finding.verdict is FAULT and "no input device" in finding.detail


def test_the_loudspeaker_plays_its_tone_or_is_a_fault():
    speaker = RecordingLoudspeaker()
    assert sound.check_loudspeaker(speaker).verdict is GOOD
    tone = speaker.playbacks[0].pcm
    assert 0.3 < len(tone) / SAMPLE_RATE < 0.6 and np.abs(tone).max() > 3000
    speaker.failure = "no plug"
    finding = sound.check_loudspeaker(speaker)
    assert finding.verdict is FAULT and "no plug" in finding.detail
    cut_short = SimpleNamespace(play=lambda blocks, rate: Ending.INTERRUPTED)
    assert sound.check_loudspeaker(cut_short).verdict is FAULT


@pytest.mark.parametrize("engine, name, verdict", [
    ("auto", "neural", GOOD), ("auto", "system", WARNING), ("system", "system", GOOD), ("auto", None, FAULT),
])
def test_the_voice_that_would_speak_is_named(monkeypatch, engine, name, verdict):
    def build(settings):
        if name is None:
            raise VoiceError("no engine")
        return SimpleNamespace(name=name)

    monkeypatch.setattr("assistant.wiring.build_voice", build)
    finding = sound.check_voice(parse_settings({"voice": {"engine": engine}}))
    assert finding.verdict is verdict and (name or "no engine") in finding.detail


def test_devices_are_named(monkeypatch):
    monkeypatch.setattr("audio.capture.list_devices", lambda: [Device(3, "USB microphone", 1, 48000, True)])
    monkeypatch.setattr("audio.portaudio.list_loudspeakers", lambda: [(5, "headphones")])
    finding = sound.check_devices()
    assert finding.verdict is GOOD and "3 USB microphone" in finding.detail and "5 headphones" in finding.detail
    monkeypatch.setattr("audio.capture.list_devices", list)
    monkeypatch.setattr("audio.portaudio.list_loudspeakers", list)
    assert sound.check_devices().verdict is FAULT

    def broken():
        raise MicrophoneUnavailable("PortAudio library not found")

    monkeypatch.setattr("audio.capture.list_devices", broken)
    finding = sound.check_devices()
    assert finding.verdict is FAULT and "libportaudio2" in finding.fix


# -- the machine ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("body, verdict, told", [
    ('[box]\nplace = "章丘"\n', GOOD, "章丘"), ('[box]\nplace = "没有这个地方"\n', FAULT, "没有这个地方"),
    ("[box]\nplace = 3\n", FAULT, "place"), ("[[[", FAULT, "TOML"),
])
def test_settings_are_checked(tmp_path, body, verdict, told):
    file = tmp_path / "settings.toml"
    file.write_text(body, encoding="utf-8")
    finding = system.check_settings(str(file))
    assert finding.verdict is verdict and told in finding.detail


def test_versions_name_the_packages_and_what_is_missing(monkeypatch):
    finding = system.check_versions()
    assert finding.verdict is GOOD and all(name in finding.detail for name in system.PACKAGES)

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert system.check_versions().verdict is FAULT


@pytest.mark.parametrize("error, told", [(ModelMissing("vosk-cn is not there"), "缺少"), (ModelCorrupt("am/final.mdl"), "坏了")])
def test_models_are_checked_by_their_hashes(monkeypatch, error, told):
    monkeypatch.setattr(system, "verify", lambda model: None)
    assert system.check_models().verdict is GOOD

    def refuse(model):
        raise error

    monkeypatch.setattr(system, "verify", refuse)
    finding = system.check_models()
    assert finding.verdict is FAULT and told in finding.detail and "models fetch" in finding.fix


def test_disk_is_checked_for_room_and_for_writing(tmp_path, monkeypatch):
    assert system.check_disk(_at(tmp_path / "new")).verdict is GOOD
    monkeypatch.setattr(system.shutil, "disk_usage", lambda path: SimpleNamespace(free=10_000_000))
    assert system.check_disk(_at(tmp_path)).verdict is WARNING
    (tmp_path / "file").write_text("")
    assert system.check_disk(_at(tmp_path / "file")).verdict is FAULT


def test_the_store_is_read_and_what_was_repaired_is_told(tmp_path):
    settings, path = _at(tmp_path), tmp_path / "box.json"
    assert system.check_store(settings).verdict is GOOD
    store = Store(path)
    store.add_timer(Timer("a", dt.datetime(2030, 1, 1), "五分钟"))
    store.set_preference("volume", 30)
    store.close()
    finding = system.check_store(settings)
    assert finding.verdict is GOOD and "1 个" in finding.detail
    path.write_bytes(b"{torn")
    finding = system.check_store(settings)
    assert finding.verdict is WARNING and "damaged" in finding.detail
    (tmp_path / "folder" / "box.json").mkdir(parents=True)
    assert system.check_store(_at(tmp_path / "folder")).verdict is FAULT


def test_names_are_counted_and_a_wrong_line_is_shown(tmp_path):
    (tmp_path / "contacts.tsv").write_text("张桂芳\t闺女\n王强\n", encoding="utf-8")
    finding = system.check_names(_at(tmp_path))
    assert finding.verdict is GOOD and "contacts.tsv 2 个人，titles.tsv 0 个节目" in finding.detail
    (tmp_path / "titles.tsv").write_text("墙头记 kind=opera\n", encoding="utf-8")
    finding = system.check_names(_at(tmp_path))
    assert finding.verdict is FAULT and "titles.tsv:1" in finding.detail


@pytest.mark.parametrize("total, verdict", [(4e9, GOOD), (5e8, WARNING)])
def test_memory(monkeypatch, total, verdict):
    monkeypatch.setattr(system.psutil, "virtual_memory", lambda: SimpleNamespace(total=total, available=total / 2))
    assert system.check_memory().verdict is verdict


def test_the_clock_is_doubted_when_it_is_behind_the_program_or_in_another_country():
    china, here = dt.timezone(dt.timedelta(hours=8)), dt.UTC
    today = dt.datetime.now()
    assert system.check_clock(_Clock(today, china)).verdict is GOOD
    assert system.check_clock(_Clock(today, here)).verdict is WARNING
    assert system.check_clock(_Clock(dt.datetime(1970, 1, 1), china)).verdict is FAULT


class _Clock(dt.datetime):
    """A naive time in a machine of the given zone."""

    def __new__(cls, moment: dt.datetime, zone: dt.timezone):
        made = super().__new__(cls, *moment.timetuple()[:6])
        made.zone = zone
        return made

    def astimezone(self, tz=None):
        return dt.datetime(*self.timetuple()[:6], tzinfo=self.zone)


def test_the_network_is_there_or_not():
    class Quiet(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            """Nothing to tell."""

    with HTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        assert system.check_network(parse_settings({"weather": {"open_meteo_url": address}})).verdict is GOOD
        thread.join(5)
    finding = system.check_network(parse_settings({"weather": {"open_meteo_url": address}}))
    assert finding.verdict is WARNING and address in finding.detail


@pytest.mark.parametrize("address", ["", "no address", "http://", "ftp://x"])
def test_an_address_that_is_none_is_a_warning_too(address):
    assert system.check_network(parse_settings({"weather": {"open_meteo_url": address}})).verdict is WARNING


# -- the doctor as a whole --------------------------------------------------------------------------------------------

def _doctor(monkeypatch, checks, as_json: bool) -> int:
    monkeypatch.setattr(command, "checks", lambda settings: iter(checks))
    return command.run(argparse.Namespace(settings=None, json=as_json))


def test_all_good_or_doubtful_is_exit_code_0_and_one_fault_is_1(monkeypatch, capsys):
    well = [("a", lambda: good("a", "好")), ("b", lambda: warning("b", "少", "清理"))]
    assert _doctor(monkeypatch, well, False) == 0
    assert _doctor(monkeypatch, [*well, ("c", lambda: fault("c", "坏", "修"))], False) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "✗ 坏　→ 修"


def test_a_check_that_breaks_is_a_finding_and_the_next_one_is_made(monkeypatch, capsys):
    def broken():
        raise ZeroDivisionError("bug")

    assert _doctor(monkeypatch, [("a", broken), ("b", lambda: good("b", "好"))], True) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["check"], row["verdict"]) for row in rows] == [("a", "fault"), ("b", "good")]
    assert set(rows[0]) == {"check", "verdict", "detail", "fix"}


def test_the_real_doctor_without_sound_devices_says_so_for_each_part(monkeypatch, capsys, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(f'[box]\ndata_dir = "{tmp_path}"\n[audio]\nmicrophone = "not there"\nloudspeaker = "not there"\n'
                    '[weather]\nopen_meteo_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    assert command.run(argparse.Namespace(settings=str(file), json=True)) == 1
    rows = {row["check"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert list(rows) == ["settings", "versions", "models", "devices", "microphone", "loudspeaker", "echo", "voice", "player", "disk", "store",
                          "names", "library", "sticks", "stations", "village", "memory", "clock", "network"]
    assert rows["microphone"]["verdict"] == rows["loudspeaker"]["verdict"] == "fault"
    assert all(row["verdict"] == "good" or row["fix"] for row in rows.values())


