"""The real box in a simulated room while things break: it says so, goes on, and is whole again when they are."""
from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import os
import re
import signal
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.commands import FetchForecast, Listen, Say, Show
from assistant.errors import LoudspeakerUnavailable, MicrophoneUnavailable, StoreError, XiangyinError
from assistant.events import (
    Guessed,
    Heard,
    MicFailed,
    MicRestored,
    SpeakerFailed,
    SpeechEnded,
    TimerRang,
    Typed,
    WakeHeard,
)
from assistant.forecast import Day, Forecast
from assistant.head_start import begin
from assistant.ports import SAMPLE_RATE, SpeechStyle
from assistant.settings import parse_settings
from assistant.simulated_room import FirstSamples, Onlooker, SilentScreen, SimulatedRoom
from assistant.store import Store
from assistant.wiring import build_box
from audio.fakes import SimulatedMicrophone
from audio.fakes_media import SimulatedPlayer
from audio.fakes_out import RecordingLoudspeaker
from intents.model import Hypothesis
from skills.api import Timer
from tests.end_to_end.box_process import BoxProcess, without_sound_devices
from tests.weather_server import payload

MUST_ANSWER_WITHIN_S = 3.0
SLOW_S = 10.0
CACHED_HIGH = 31


class SickServer:
    """A weather server on a fixed port whose ``sickness`` a test may choose; ``ended`` lets held requests go."""

    def __init__(self) -> None:
        self.sickness = "down"
        self.ended = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._address = probe.getsockname()
        self.url = f"http://127.0.0.1:{self._address[1]}"
        self._server: ThreadingHTTPServer | None = None

    def fall_ill(self, sickness: str) -> None:
        self.sickness = sickness
        if sickness == "down":
            self.close()
        elif self._server is None:
            self._server = ThreadingHTTPServer(self._address, self._handler())
            self._server.daemon_threads = True
            threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()

    def _handler(self) -> type[Handler]:
        return type("SickHandler", (Handler,), {"sick": self})


class Handler(BaseHTTPRequestHandler):
    """Answers as the server's sickness demands."""

    sick: SickServer

    def do_GET(self) -> None:
        good = json.dumps(payload(dt.date.today())).encode()
        sickness = self.sick.sickness
        if sickness == "slow":
            self.sick.ended.wait(SLOW_S)
        status, body = WRONG_ANSWERS.get(sickness, (200, good))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) * (2 if sickness == "cut off" else 1)))
        self.end_headers()
        if sickness == "trickling":
            self._trickle(body)
        else:
            self.wfile.write(body)

    def _trickle(self, body: bytes) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            if self.sick.ended.wait(0.1):
                return

    def handle(self) -> None:
        # the box has long hung up on a slow answer, as it should
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Quiet: pytest shows what matters."""


WRONG_ANSWERS = {
    "error 500": (500, b"oops"), "no JSON": (200, b"<html>Please log in to the hotel network</html>"),
    "wrong JSON": (200, b'{"daily": {"time": "tomorrow", "temperature_2m_max": [null, "hot"]}}'),
}
SICKNESSES = ("down", "slow", "error 500", "no JSON", "wrong JSON", "cut off", "trickling")
UNKNOWN_YET = dict(zip(SICKNESSES, ("青岛", "德州", "聊城", "烟台", "潍坊", "临沂", "菏泽"), strict=True))
CACHED = dict(zip(SICKNESSES, ("泰安", "济宁", "枣庄", "日照", "滨州", "东营", "威海"), strict=True))


def _yesterdays_forecast(place: str) -> Forecast:
    today = dt.date.today()
    days = tuple(Day(today + dt.timedelta(days=n), "sunny", 14.0, CACHED_HIGH, 0, 0.0, 3.0, 90) for n in range(-1, 6))
    return Forecast(place, days, dt.datetime.now() - dt.timedelta(days=1), "open-meteo")


@pytest.fixture(scope="module")
def server():
    server = SickServer()
    yield server
    server.ended.set()
    server.close()


@pytest.fixture(scope="module")
def spoken(speak):
    """What the person will say, made before the box needs the voice."""
    style = SpeechStyle(0.95)
    return {text: speak(text, style) for text in ("小乡小乡", "小乡小乡现在几点了", "今天天气怎么样")}


@pytest.fixture(scope="module")
def room(server, voice, spoken, tmp_path_factory):
    """One box for all these tests; it is asleep and healthy between them."""
    data = tmp_path_factory.mktemp("data")
    store = Store(data / "box.json")
    for place in CACHED.values():
        store.keep_forecast(_yesterdays_forecast(place))
    store.close()
    settings = parse_settings({
        "box": {"data_dir": str(data)}, "listening": {"follow_up_s": 0.0, "answer_window_s": 5.0},
        "weather": {"open_meteo_url": server.url, "met_norway_url": server.url}, "media": {"folders": []},
    })
    first_samples, onlooker = FirstSamples(), Onlooker()
    microphone = SimulatedMicrophone()
    loop = build_box(settings, SilentScreen(), begin(settings, microphone), loudspeaker=RecordingLoudspeaker(), voice=voice,
                     player=SimulatedPlayer(), on_started=first_samples.note, note=onlooker.around)
    with SimulatedRoom(loop, microphone, first_samples, onlooker, voice) as room:
        yield room


def _typed(room: SimulatedRoom, text: str) -> tuple:
    """Type it; returns the commands that followed at once."""
    room.loop.parts.mailbox.post(Typed(text))
    return room.wait(lambda event, commands: isinstance(event, Typed))[1]


def _said(commands: tuple) -> str:
    return "".join(command.text for command in commands if isinstance(command, Say))


def _speaking_ends(room: SimulatedRoom) -> None:
    room.wait(lambda event, commands: isinstance(event, SpeechEnded))


def _it_still_works(room: SimulatedRoom) -> None:
    playbacks = room.loop.parts.loudspeaker.playbacks
    before = len(playbacks)
    assert "点" in _said(_typed(room, "现在几点了"))
    _speaking_ends(room)
    assert len(playbacks) > before and len(playbacks[-1].pcm) > SAMPLE_RATE / 2


def test_the_microphone_goes_in_the_middle_of_a_sentence_and_comes_back(room, spoken):
    room.play(spoken["小乡小乡"])
    room.wait(lambda event, commands: isinstance(event, WakeHeard))
    room.wait(lambda event, commands: any(isinstance(c, Listen) for c in commands))
    question = spoken["今天天气怎么样"]
    room.microphone.play(question[: len(question) // 2])
    assert room.microphone.drained(10)
    room.microphone.unplug("the cable is out")
    _, commands = room.wait(lambda event, commands: isinstance(event, MicFailed))
    assert _said(commands) == MicrophoneUnavailable.spoken
    (card,) = (c.card for c in commands if isinstance(c, Show))
    assert card.kind == "fault" and "the cable is out" in card.lines
    _speaking_ends(room)
    _it_still_works(room)
    room.microphone.replug()
    _, commands = room.wait(lambda event, commands: isinstance(event, MicRestored))
    assert "听得见" in _said(commands)
    _speaking_ends(room)
    room.microphone.play(spoken["小乡小乡现在几点了"])
    event, commands = room.wait(lambda event, commands: isinstance(event, Heard))
    assert "点" in _said(commands), event
    _speaking_ends(room)


def test_a_timer_that_is_ringing_goes_on_although_the_microphone_goes(room):
    """Without sound no listening window would end by itself, and nothing would ever ring again."""
    room.loop.parts.mailbox.post(TimerRang("timer-9", "五分钟"))
    room.wait(lambda event, commands: any(isinstance(c, Listen) for c in commands))
    room.microphone.unplug()
    _, commands = room.wait(lambda event, commands: isinstance(event, MicFailed))
    assert MicrophoneUnavailable.spoken in _said(commands) and "五分钟" in _said(commands)
    _, commands = room.wait(lambda event, commands: "五分钟" in _said(commands), 20)
    room.wait(lambda event, commands: any(isinstance(c, Listen) for c in commands))
    _typed(room, "知道了")
    _speaking_ends(room)
    room.microphone.replug()
    _, commands = room.wait(lambda event, commands: isinstance(event, MicRestored))
    assert "五分钟" not in _said(commands)
    _speaking_ends(room)
    _it_still_works(room)


def test_a_loudspeaker_that_fails_is_shown_and_tried_again(room):
    speaker = room.loop.parts.loudspeaker
    speaker.failure = "the plug is out"
    try:
        said = _said(_typed(room, "现在几点了"))
        _, commands = room.wait(lambda event, commands: isinstance(event, SpeakerFailed))
    finally:
        speaker.failure = None
    assert "点" in said
    (card,) = (c.card for c in commands if isinstance(c, Show))
    assert (card.kind, card.title, card.lines) == ("fault", LoudspeakerUnavailable.spoken, ("the plug is out",))
    _speaking_ends(room)
    _it_still_works(room)


def _ask_for_weather(room: SimulatedRoom, place: str) -> tuple[str, float]:
    """What is said in the end, and how long until its first sample (seconds)."""
    begun = time.monotonic()
    commands = _typed(room, f"{place}今天天气怎么样")
    if any(isinstance(c, FetchForecast) for c in commands):
        _, commands = room.wait(lambda event, commands: _said(commands))
    answer = _said(commands)
    turn = next(c.turn for c in commands if isinstance(c, Say))
    room.wait(lambda event, commands: isinstance(event, SpeechEnded) and event.turn == turn and room.loop.state.pending is None)
    return answer, room.loop.parts.loudspeaker.playbacks[-1].first_sample_at - begun


@pytest.mark.parametrize("sickness", SICKNESSES)
def test_sick_weather_server_and_nothing_cached_is_said_honestly_in_time(room, server, sickness):
    server.fall_ill(sickness)
    answer, took_s = _ask_for_weather(room, UNKNOWN_YET[sickness])
    assert "查不" in answer and "度" not in answer
    assert took_s <= MUST_ANSWER_WITHIN_S


@pytest.mark.parametrize("sickness", SICKNESSES)
def test_sick_weather_server_and_a_cached_forecast_is_answered_with_its_age_in_time(room, server, sickness):
    server.fall_ill(sickness)
    answer, took_s = _ask_for_weather(room, CACHED[sickness])
    assert "昨天" in answer and "三十一度" in answer
    assert took_s <= MUST_ANSWER_WITHIN_S


def test_a_healthy_server_is_used_again_at_once(room, server):
    server.fall_ill("none")
    answer, _ = _ask_for_weather(room, "淄博")
    assert "二十四度" in answer


@pytest.fixture
def broken_clock(room, monkeypatch):
    """The clock skill has a bug."""
    def bug(intent, world):
        raise ZeroDivisionError("a bug in a skill")

    handlers = {**room.loop.dialogue._handlers, "clock.time": bug}
    monkeypatch.setattr(room.loop.dialogue, "_handlers", handlers)
    return monkeypatch


def test_a_skill_with_a_bug_costs_one_answer(room, broken_clock):
    assert _said(_typed(room, "现在几点了")) == XiangyinError.spoken
    _speaking_ends(room)
    broken_clock.undo()
    _it_still_works(room)


def test_a_bug_while_rehearsing_costs_nothing(room, broken_clock):
    room.loop.parts.mailbox.post(Guessed(room.loop.state.turn, (Hypothesis("现在几点了"),), after_wake=True))
    assert _said(_typed(room, "现在几点了")) == XiangyinError.spoken
    _speaking_ends(room)
    broken_clock.undo()
    _it_still_works(room)


def test_what_is_no_event_changes_nothing(room):
    for nonsense in (None, "text", 3.0, SpeechEnded(10_000), Heard(-1, ()), Guessed(5, ())):
        room.loop.parts.mailbox.post(nonsense)
    _it_still_works(room)


def test_a_very_long_text_is_answered_in_few_words(room):
    answer = _said(_typed(room, "好" * 5000))
    _speaking_ends(room)
    assert answer and len(answer) < 200
    _typed(room, "算了")
    _speaking_ends(room)
    _it_still_works(room)


def test_a_full_disk_is_said_and_nothing_is_lost_when_there_is_room_again(room, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("assistant.crash_safe.os.fsync", full)
    assert _said(_typed(room, "音量调到四十")) == StoreError.spoken
    _speaking_ends(room)
    _it_still_works(room)
    monkeypatch.undo()
    assert "五十" in _said(_typed(room, "音量调到五十"))
    _speaking_ends(room)
    assert Store(room.loop.parts.store._db.storage.path).preference("volume", 0) == 50


def test_a_damaged_store_is_reported_and_the_timers_of_the_previous_generation_ring(server, tmp_path):
    """In a real process, which is then killed: the ring that nobody answered comes again at the next start."""
    file, data = tmp_path / "settings.toml", tmp_path / "data"
    file.write_text(f'[weather]\nopen_meteo_url = "{server.url}"\nmet_norway_url = "{server.url}"\n'
                    '[audio]\nmicrophone = "x"\nloudspeaker = "x"\n[media]\nfolders = []\n', encoding="utf-8")
    deaf = without_sound_devices(file, tmp_path)
    store = Store(data / "box.json")
    store.add_timer(Timer("timer-1", dt.datetime.now() - dt.timedelta(minutes=2), "五分钟"))
    store.set_preference("volume", 30)
    store.close()
    (data / "box.json").write_bytes(b'{"timers": {"1": {"id": "tim')
    for start in ("damaged", "killed"):
        with BoxProcess(dict(os.environ), deaf, data) as box:
            if start == "damaged":
                box.wait_for("[store]", "box.json was damaged", "kept as box.json.corrupt-")
            assert re.search("五分钟", box.wait_for("小乡：", "分钟"))
            assert box.end(signal.SIGKILL) == -signal.SIGKILL
    assert [timer.timer_id for timer in Store(data / "box.json").timers()] == ["timer-1"]
    assert len(list(data.glob("box.json.corrupt-*"))) == 1
