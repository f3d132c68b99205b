"""What the sound server is asked and does of its own accord: its default devices, and streams that it sends elsewhere."""
from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from audio.far_end import MonitorFarEnd, delivers
from audio.server_watch import ServerWatch
from audio.sound_server import Device, Hears, Kind, Sight, choose, devices, hears, look, prefer
from tests.end_to_end.own_server import OwnServer

NULL = ("rate=16000", "channels=1", "format=s16le", "norewinds=1")
SPEAKER = Device("speaker.monitor", "speaker", {}, "module-null-sink.c")
MICROPHONE = Device("usb", "", {"device.description": "USB PnP Sound Device Mono"}, "module-alsa-card.c")
CLEAN = Device("clean", "", {}, "module-echo-cancel.c")
PIPEWIRE = """\
Source #57
	State: SUSPENDED
	Name: mic_clean
	Description: Echo-Cancel Source
	Driver: PipeWire
	Monitor of Sink: n/a
	Properties:
		media.class = "Audio/Source"
		node.link-group = "echo-cancel-2210-35"
Source #58
	Name: alsa_input.usb-PnP.mono-fallback
	Description: USB PnP Sound Device Mono: 一
	Driver: PipeWire
	Monitor of Sink: n/a
	Properties:
		alsa.card_name = "USB PnP Sound Device"
"""

RECORDING = """
import logging
from assistant.head_start import build_microphone
from assistant.settings import Settings
logging.basicConfig(level=logging.INFO)
microphone = build_microphone(Settings())
microphone.start(lambda pcm: None, print)
input()
microphone.stop()
"""


@pytest.fixture
def server(monkeypatch):
    with OwnServer() as server:
        monkeypatch.setenv("PULSE_SERVER", server.env["PULSE_SERVER"])
        yield server


def seen(source: str, recording: str | None) -> Sight:
    return Sight("pulseaudio", "speaker", source, (SPEAKER, MICROPHONE, CLEAN), {} if recording is None else {7: recording})


@pytest.mark.parametrize("source, recording, before, now", [
    ("usb", "usb", Hears.MICROPHONE, Hears.MICROPHONE),
    ("usb", "clean", Hears.MICROPHONE, Hears.WITHOUT_ECHO),
    ("speaker.monitor", "speaker.monitor", Hears.MICROPHONE, Hears.ITSELF),
    ("speaker.monitor", None, Hears.ITSELF, Hears.ITSELF),
    ("speaker.monitor", None, Hears.MICROPHONE, Hears.MICROPHONE),
    ("usb", None, Hears.ITSELF, Hears.MICROPHONE),
    ("usb", "usb", Hears.ITSELF, Hears.MICROPHONE),
])
def test_what_a_process_hears_is_told_by_what_it_records(source, recording, before, now):
    assert hears(seen(source, recording), 7, before) is now
    assert hears(None, 7, before) is Hears.MICROPHONE


def test_pipewire_answers_in_the_same_words(monkeypatch, tmp_path):
    """Its answer, written down: it cannot run here."""
    (tmp_path / "answer").write_text(PIPEWIRE, encoding="utf-8")
    for name in ("pactl", "parec"):
        (tmp_path / name).write_text(f'#!/bin/sh\ncase $1 in info) echo "Server Name: PulseAudio (on PipeWire 1.2.7)";; '
                                     f'*) [ "$2" = sources ] && cat {tmp_path}/answer || true;; esac\n')
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    sight = look()
    assert sight.server == "PulseAudio (on PipeWire 1.2.7)" and sight.played == ""
    assert [source.without_echo for source in sight.sources] == [True, False]
    assert choose(devices(Kind.SOURCE), "usb pnp").name == "alsa_input.usb-PnP.mono-fallback"


def test_the_server_s_canceller_is_known_by_what_it_is_not_by_its_name(server):
    server.ask("load-module", "module-echo-cancel", "source_master=usb_microphone", "sink_master=speaker", "source_name=a", "sink_name=b",
               "aec_method=null")
    sight = look()
    assert {source.name: source.without_echo for source in sight.sources if not source.played_on} == {"usb_microphone": False, "a": True}
    assert not sight.device("b.monitor").without_echo


def test_a_device_is_made_the_default_by_part_of_its_names_but_never_a_monitor(server):
    server.ask("load-module", "module-null-sink", "sink_name=stereo", *NULL, "sink_properties='device.description=\"Stereo Set\"'")
    server.ask("set-default-source", "speaker.monitor")
    assert prefer(Kind.SOURCE, "usb pnp") and prefer(Kind.SINK, "stereo set")
    assert "Default Sink: stereo\nDefault Source: usb_microphone\n" in server.ask("info").stdout
    assert not prefer(Kind.SOURCE, "monitor") and not prefer(Kind.SINK, "not plugged in")


@pytest.mark.parametrize("kinds, chosen", [(("hdmi", "analogue", "usb"), "usb"), (("usb", "hdmi"), "usb"), (("hdmi", "analogue"), "analogue")])
def test_the_order_of_the_outputs_is_usb_then_analogue_then_hdmi(server, kinds, chosen):
    """PulseAudio's own, of which the configuration makes use. Whether a television is there cannot be shown without a card."""
    properties = {"hdmi": "device.profile.name=hdmi-stereo", "analogue": "device.profile.name=analog-stereo",
                  "usb": "device.bus=usb device.profile.name=analog-stereo"}
    for kind in kinds:
        server.ask("load-module", "module-null-sink", f"sink_name={kind}", *NULL, f"sink_properties='device.class=sound {properties[kind]}'")
    assert server.ask("get-default-sink").stdout.strip() == chosen


def test_what_is_played_is_followed_when_a_loudspeaker_comes_and_goes(server):
    """Left alone, the reader would stay behind, or be sent to the microphone, and then the person would be cancelled."""
    far, arrived = MonitorFarEnd(), threading.Condition()
    sights: list[Sight] = []

    def note(sight: Sight) -> None:
        far.check(sight)
        with arrived:
            sights.append(sight)
            arrived.notify()

    def listens_to(source: str) -> bool:
        with arrived:
            return arrived.wait_for(lambda: list(sights[-1].recording.values()) == [source] if sights else False, 10.0)

    watch = ServerWatch(note)
    far.start()
    watch.start()
    try:
        assert listens_to("speaker.monitor")
        usb = server.ask("load-module", "module-null-sink", "sink_name=usb", *NULL, "sink_properties='device.class=sound device.bus=usb'")
        assert listens_to("usb.monitor")
        server.ask("unload-module", usb.stdout.strip())
        assert listens_to("speaker.monitor")
    finally:
        watch.stop()
        far.stop()


def test_a_watch_ends_with_its_server_and_begins_with_it(server):
    seen_again = threading.Event()
    watch = ServerWatch(lambda sight: seen_again.set())
    watch.start()
    assert seen_again.wait(10.0)
    server.stop()
    assert look() is None and not delivers()
    seen_again.clear()
    server.start()
    assert seen_again.wait(20.0)
    watch.stop()


def test_without_a_server_there_is_nothing_to_watch(monkeypatch, tmp_path):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    watch = ServerWatch(lambda sight: pytest.fail("nobody is there"))
    watch.start()
    watch.stop()
    assert look() is None and devices(Kind.SINK) == () and not prefer(Kind.SINK, "x") and watch.hears is Hears.MICROPHONE


def test_the_box_s_microphone_leaves_alone_what_the_server_has_cancelled(server):
    """In a process of its own: PortAudio finds the server when it starts."""
    server.ask("load-module", "module-echo-cancel", "source_master=usb_microphone", "sink_master=speaker", "source_name=a", "sink_name=b",
               "aec_method=null")
    server.ask("set-default-source", "a")
    with subprocess.Popen([sys.executable, "-c", RECORDING], env=server.env, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as box:
        late = threading.Timer(30.0, box.kill)
        late.start()
        told = []
        for line in box.stderr:
            told.append(line)
            if Hears.WITHOUT_ECHO.value in line:
                break
        late.cancel()
        box.communicate("\n")
    assert told and Hears.WITHOUT_ECHO.value in told[-1], "".join(told)
    assert box.returncode == 0
