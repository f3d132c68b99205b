"""The installed box on its own sound server, started as its unit says: it hears, speaks, and does not hear itself; a microphone may be
pulled out."""
from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from assistant.ports import SAMPLE_RATE, SpeechStyle
from audio.wav import write_wav
from bench.playback.echo_path import at_level, to_pcm, to_sound
from tests.end_to_end.box_process import BoxProcess
from tests.end_to_end.own_server import OwnServer

NOBODY = 65534
VOICE_DBFS = PLAYED_DBFS = -25.0
"""At the microphone what plays is as loud as the person."""
VOLUME = 70
STORY = ("上回书说到，徐良一个人上了山，看见前面有一座大庙。", "天已经黑了，四下里一个人也没有，只听见风吹树叶响。",
         "他把刀往怀里一抱，心里说，今天晚上我就住在这儿。", "刚要推门，忽然听见里头有人说话，声音不大，听着像个老头儿。")


@pytest.fixture(scope="module")
def server():
    with OwnServer() as server:
        server.put_the_loudspeaker_beside_the_microphone()
        yield server


@pytest.fixture(scope="module")
def settings(server, tmp_path_factory, speak):
    """No device is named: all that is the default's."""
    folder = tmp_path_factory.mktemp("box")
    story = np.concatenate([to_sound(speak(text, SpeechStyle(1.0, 0.85))) for text in STORY] * 3)
    file = folder / "音乐/评书/白眉大侠.wav"
    file.parent.mkdir(parents=True)
    write_wav(file, to_pcm(at_level(story, PLAYED_DBFS - 40 * math.log10(VOLUME / 100))), SAMPLE_RATE)
    settings = folder / "settings.toml"
    settings.write_text(
        f'[box]\ndata_dir = "{folder}/data"\n[weather]\nopen_meteo_url = "http://127.0.0.1:9"\nmet_norway_url = "http://127.0.0.1:9"\n'
        f'[audio]\nvolume = {VOLUME}\n[listening]\nfollow_up_s = 0.0\nwindow_s = 3.0\n[media]\nfolders = ["{folder}/音乐"]\n', encoding="utf-8")
    return settings


@pytest.fixture(scope="module")
def box(server, settings):
    with BoxProcess(server.env, settings, settings.parent / "data") as box:
        box.wait_for("小乡：我准备好了。您叫一声“小乡小乡”", timeout_s=120.0)
        box.wait_for("-> asleep")
        if not any("0 contacts and 1 titles of this box" in line for line in box.seen):
            box.wait_for("0 contacts and 1 titles of this box", timeout_s=120.0)
        yield box
        assert box.end(signal.SIGTERM) == 0


@pytest.fixture
def person(server, speak, tmp_path):
    def say(text: str, after_s: float) -> None:
        voice = at_level(to_sound(speak(text, SpeechStyle(0.9))), VOICE_DBFS)
        write_wav(tmp_path / "said.wav", to_pcm(np.concatenate((np.zeros(round(after_s * SAMPLE_RATE), np.float32), voice))), SAMPLE_RATE)
        server.say_into_microphone(tmp_path / "said.wav")
    return say


def called(box: BoxProcess, person, after_s: float) -> bool:
    person("小乡小乡", after_s)
    try:
        box.wait_for("小乡：哎，我在", timeout_s=4.0)
    except AssertionError:
        return False
    return True


def test_it_runs_as_an_ordinary_user_for_that_user_alone_and_not_on_the_network():
    user = NOBODY if os.geteuid() == 0 else None
    with OwnServer(user) as server:
        process = psutil.Process(server.process.pid)
        assert process.uids().real == (os.geteuid() if user is None else user) and not process.net_connections("inet")
        assert "Default Sink: speaker\nDefault Source: usb_microphone\n" in server.ask("info").stdout
        if user is not None:
            assert "Access denied" in server.ask("info", check=False, user=os.geteuid()).stderr


def examined(server: OwnServer, settings: Path) -> dict[str, dict[str, str]]:
    told = subprocess.run([sys.executable, "-m", "assistant.cli", "--settings", settings, "doctor", "--json"], env=server.env, capture_output=True,
                          text=True)
    return {row["check"]: row for row in map(json.loads, told.stdout.splitlines())}


def test_the_doctor_says_that_the_echo_is_cancelled(server, settings):
    rows = examined(server, settings)
    assert rows["echo"]["verdict"] == "good" and "speaker" in rows["echo"]["detail"], rows["echo"]
    assert rows["loudspeaker"]["verdict"] == "good", rows["loudspeaker"]


def test_devices_that_the_settings_name_become_the_server_s_default(settings, tmp_path):
    """What the box itself does when it opens them; the doctor opens them too, and notices that the echo follows."""
    file = tmp_path / "named.toml"
    file.write_text(settings.read_text("utf-8").replace("[audio]", '[audio]\nmicrophone = "usb pnp"\nloudspeaker = "speaker"'), "utf-8")
    with OwnServer() as server:
        server.ask("set-default-sink", "air")
        server.ask("set-default-source", "speaker.monitor")
        rows = examined(server, file)
        assert "Default Sink: speaker\nDefault Source: usb_microphone\n" in server.ask("info").stdout
    assert rows["echo"]["verdict"] == rows["loudspeaker"]["verdict"] == "good", rows


def test_it_is_called_while_a_story_plays_and_does_not_wake_itself(box, person):
    box.type("放评书白眉大侠")
    box.wait_for("handled MediaStarted")
    assert any(called(box, person, after_s) for after_s in (4.0, 0.5, 0.5)), "three times, while the story goes on"
    box.wait_for("-> asleep")
    assert sum("handled WakeHeard" in line for line in box.seen) == 1


def test_a_microphone_that_is_pulled_out_is_missed_although_the_server_gives_something_else(box, server, person):
    """Which is what is played: the box would listen to itself, and believe that nobody speaks."""
    box.type("停")
    box.wait_for("-> asleep")
    server.unplug()
    box.wait_for("小乡：我听不见了")
    server.plug()
    box.wait_for("小乡：好了，我又听得见了")
    box.wait_for("handled SpeechEnded", "-> asleep")
    assert any(called(box, person, after_s) for after_s in (0.5, 0.5))
    box.wait_for("-> asleep")


def test_without_its_server_the_box_starts_all_the_same(server, settings, tmp_path):
    """Here on a machine that has no sound card either."""
    nobody = {**server.env, "PULSE_SERVER": f"unix:{tmp_path}/native"}
    with BoxProcess(nobody, settings, tmp_path / "data") as box:
        box.wait_for("小乡：我准备好了", timeout_s=120.0)
        box.type("今天阴历初几")
        assert "历" in box.wait_for("小乡：")
        assert box.end(signal.SIGTERM) == 0
