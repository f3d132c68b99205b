"""What the sound server is asked and does of its own accord: its default devices, and streams that it sends elsewhere."""
from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from assistant.ports import SAMPLE_RATE
from audio.far_end import MonitorFarEnd, delivers
from audio.server_watch import ServerWatch
from audio.sound_server import Device, Hears, Kind, Sight, devices, hears, look, playing_on, prefer
from audio.wav import write_wav
from tests.end_to_end.desktop import Desktop
from tests.end_to_end.own_server import OwnServer

NULL = ("rate=16000", "channels=1", "format=s16le", "norewinds=1")
SPEAKER = Device("speaker.monitor", "speaker", {}, "module-null-sink.c")
MICROPHONE = Device("usb", "", {"device.description": "USB PnP Sound Device Mono"}, "module-alsa-card.c")
CLEAN = Device("clean", "", {}, "module-echo-cancel.c")
CANCELLER = ("module-echo-cancel", "source_master=usb_microphone", "sink_master=speaker", "source_name=a", "sink_name=b", "aec_method=null")
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


@pytest.fixture(params=[OwnServer, Desktop], ids=["PulseAudio", "PipeWire"])
def server(request, monkeypatch):
    with request.param() as server:
        monkeypatch.setenv("PULSE_SERVER", server.env["PULSE_SERVER"])
        yield server


@pytest.fixture
def pipewire(monkeypatch):
    with Desktop() as server:
        for name in ("PULSE_SERVER", "PIPEWIRE_RUNTIME_DIR"):
            monkeypatch.setenv(name, server.env[name])
        yield server


def sees(what: Callable[[Sight], object]) -> Sight:
    """The server as it is once that is true of it: what it has been told to do it may do a little later."""
    end = time.monotonic() + 10.0
    while not what(sight := look()):
        assert time.monotonic() < end, sight
    return sight


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


def test_the_server_s_canceller_is_known_by_what_it_is_not_by_its_name(server):
    server.ask("load-module", *CANCELLER)
    sight = sees(lambda sight: sight.device("a") and sight.device("b.monitor"))
    assert {source.name: source.without_echo for source in sight.sources if not source.played_on} == {"usb_microphone": False, "a": True}
    assert not sight.device("b.monitor").without_echo and sight.played == "speaker.monitor"


def test_a_device_is_made_the_default_by_part_of_its_names_but_never_a_monitor(server):
    server.ask("load-module", "module-null-sink", "sink_name=stereo", *NULL, "sink_properties='device.description=\"Stereo Set\"'")
    server.ask("set-default-source", "speaker.monitor")
    assert prefer(Kind.SOURCE, "usb pnp") and prefer(Kind.SINK, "stereo set")
    sees(lambda sight: (sight.sink, sight.source) == ("stereo", "usb_microphone"))
    assert not prefer(Kind.SOURCE, "monitor") and not prefer(Kind.SINK, "not plugged in")


def test_a_program_that_does_not_speak_pulseaudio_s_protocol_is_known_too(pipewire, tmp_path):
    """As the box's own, where ALSA's default is PipeWire's plugin."""
    write_wav(tmp_path / "silence.wav", np.zeros(20 * SAMPLE_RATE, np.int16), SAMPLE_RATE)
    with (subprocess.Popen(["pw-record", tmp_path / "recorded.wav"]) as recorder, subprocess.Popen(["pw-play", tmp_path / "silence.wav"]) as player):
        try:
            sees(lambda sight: sight.recording.get(recorder.pid) == "usb_microphone")
            sees(lambda sight: playing_on(player.pid) == "speaker")
        finally:
            recorder.terminate()
            player.terminate()


@pytest.mark.parametrize("kinds, chosen", [(("hdmi", "analogue", "usb"), "usb"), (("usb", "hdmi"), "usb"), (("hdmi", "analogue"), "analogue")])
def test_the_order_of_the_outputs_is_usb_then_analogue_then_hdmi(kinds, chosen):
    """PulseAudio's own, of which the configuration makes use. Whether a television is there cannot be shown without a card."""
    properties = {"hdmi": "device.profile.name=hdmi-stereo", "analogue": "device.profile.name=analog-stereo",
                  "usb": "device.bus=usb device.profile.name=analog-stereo"}
    with OwnServer() as server:
        for kind in kinds:
            server.ask("load-module", "module-null-sink", f"sink_name={kind}", *NULL, f"sink_properties='device.class=sound {properties[kind]}'")
        assert server.ask("get-default-sink").stdout.strip() == chosen


def test_what_is_played_is_followed_when_a_loudspeaker_comes_and_goes(server):
    """Left alone, the reader would stay behind, or be sent to the microphone, and then the person would be cancelled. What the server does
    not know by its name, PipeWire takes for the microphone too."""
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
        assert prefer(Kind.SINK, "usb")
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
    assert delivers(sees(lambda sight: sight.played))
    server.stop()
    assert look() is None
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
    server.ask("load-module", *CANCELLER)
    sees(lambda sight: sight.device("a"))
    server.ask("set-default-source", "a")
    sees(lambda sight: sight.source == "a")
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
