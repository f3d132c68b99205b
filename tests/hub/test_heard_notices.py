"""From the office to the ear and back: a real hub, the whole box in a simulated room, and somebody in it who answers."""
from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from sqlalchemy import select

from assistant.commands import Listen, NoteNotice, NoticeStep, Say
from assistant.events import Heard, Joined, NoticeArrived, RecordingSettled, SpeechEnded, StopHeard, VillageSet
from assistant.ports import SAMPLE_RATE, SpeechStyle
from assistant.settings import HubLinkSettings, Settings
from assistant.simulated_room import SimulatedRoom, build_room
from assistant.state import Phase
from audio.wav import resample
from bench.voice_bench import edit_distance
from hub.auth.roles import Role
from hub.db.tables import Joining, Notice
from hub.messages import Kind
from hub.recordings import RATE
from tests.hub.conftest import Place
from tests.hub.noticing import draft, sent, tell
from tests.hub.real_box import Office, take, until
from tests.hub.recorded import written

ELDER = SpeechStyle(0.9)
TEXT = "明天上午八点到下午五点全村停水，请大家提前把水存好。"


def asleep(room: SimulatedRoom) -> None:
    until(lambda: room.loop.state.phase is Phase.ASLEEP and not room.loop.parts.voice.speaking)


def read_twice(room: SimulatedRoom) -> int:
    """Waits until the box listens for what is said to a notice; returns the turn of its first reading."""
    _, commands = room.wait(lambda event, commands: any(isinstance(command, NoteNotice) and command.step is NoticeStep.PLAYING for command in commands))
    turn = next(command.turn for command in commands if isinstance(command, Say))
    room.wait(lambda event, commands: isinstance(event, SpeechEnded) and any(isinstance(command, Listen) for command in commands), 60)
    return turn


def answer(room: SimulatedRoom, text: str):
    """What the box makes of it."""
    room.utter(text, ELDER)
    _, commands = room.wait(lambda event, commands: isinstance(event, Heard))
    return commands


def understood(text: str, heard: str) -> None:
    """Nine of ten characters of it, at the end of what was heard."""
    words = text.translate(str.maketrans("", "", "，。"))
    assert min(edit_distance(words, heard[start:]) for start in range(len(heard))) <= 0.1 * len(words), heard


def joining_code(village: Place) -> str:
    """The digits that the box says."""
    def code() -> str | None:
        with village.hub.database.read() as work:
            return work.scalar(select(Joining.code))

    until(lambda: code() is not None)
    return code()


@pytest.fixture
def place_and_room(hub, tmp_path):
    village, settings = Place(hub, "东山村"), Settings()
    settings = dataclasses.replace(
        settings, hub=HubLinkSettings(hub.address, 0, 0), box=dataclasses.replace(settings.box, data_dir=str(tmp_path / "box")),
        media=dataclasses.replace(settings.media, folders=()), listening=dataclasses.replace(settings.listening, follow_up_s=0.0))
    with build_room(settings) as room:
        yield village, room


def test_a_notice_is_heard_and_known_to_be_heard(place_and_room, recognise):
    village, room = place_and_room
    office, loudspeaker = Office(village), room.loop.parts.loudspeaker

    box_id = take(village, joining_code(village)).id
    _, commands = room.wait(lambda event, commands: isinstance(event, Joined), 30)
    asleep(room)

    sent = time.monotonic()
    notice = office.send(box_id, TEXT, title="停水", priority="important")
    room.wait(lambda event, commands: event == NoticeArrived(notice))
    until(lambda: room.loop.state.reading is not None)
    assert room.first_samples.of(room.loop.state.turn) - sent < 1.0
    first = len(loudspeaker.playbacks)
    room.wait(lambda event, commands: isinstance(event, SpeechEnded) and any(isinstance(command, Listen) for command in commands), 60)
    until(lambda: office.receipt(notice, box_id).heard_at is not None)
    assert office.receipt(notice, box_id).confirmed_at is None
    assert NoteNotice(notice, 1, NoticeStep.CONFIRMED) in answer(room, "知道了")
    until(lambda: office.receipt(notice, box_id).confirmed_at is not None)
    asleep(room)
    for playback in loudspeaker.playbacks[first - 1:first + 1]:
        understood(TEXT, recognise(resample(playback.pcm, playback.sample_rate, SAMPLE_RATE)))

    asks = office.send(box_id, "星期六上午村里给老人查体。", priority="important", question="您来不来", choices=("我来", "不来"))
    read_twice(room)
    assert any(isinstance(command, Say) and "我来" in command.text and "对吧" in command.text for command in answer(room, "我来"))
    room.wait(lambda event, commands: any(isinstance(command, Listen) for command in commands))
    answer(room, "对")
    until(lambda: office.receipt(asks, box_id).answer == "我来")
    asleep(room)

    office.tell(box_id, Kind.SETTINGS, {"volume": 30, "muted": True})
    room.wait(lambda event, commands: isinstance(event, VillageSet))
    assert loudspeaker.volume == 30 and room.loop.world().is_quiet
    office.send(box_id, "明天赶集。", priority="important")
    room.wait(lambda event, commands: isinstance(event, NoticeArrived))
    assert room.loop.state.phase is Phase.ASLEEP
    urgent = office.send(box_id, "河里涨水了，请马上到学校去。", priority="urgent")
    read_twice(room)
    assert NoteNotice(urgent, 1, NoticeStep.CONFIRMED) in answer(room, "知道了")
    until(lambda: office.receipt(urgent, box_id).confirmed_at is not None)


def test_a_spoken_notice_is_played_and_what_the_hub_has_not_signed_is_not(place_and_room, speak, recognise):
    village, room = place_and_room
    office, clerk, loudspeaker = Office(village), village.staff(Role.CLERK), room.loop.parts.loudspeaker
    box_id = take(village, joining_code(village)).id
    room.wait(lambda event, commands: isinstance(event, Joined), 30)
    asleep(room)

    spoken = resample(speak(TEXT), SAMPLE_RATE, RATE).astype(np.float32) / 32768
    notice = draft(clerk, written(spoken), title="村里要停水", text="")
    clicked = time.monotonic()
    assert tell(clerk, notice).status_code == 303
    room.wait(lambda event, commands: any(isinstance(command, Say) and command.clip for command in commands))
    assert room.first_samples.of(room.loop.state.turn) - clicked < 3.0, "sent, fetched and begun"
    room.wait(lambda event, commands: isinstance(event, SpeechEnded) and any(isinstance(command, Listen) for command in commands), 60)
    until(lambda: office.receipt(notice, box_id).heard_at is not None)
    played = loudspeaker.playbacks[-3:-1]
    assert NoteNotice(notice, 1, NoticeStep.CONFIRMED) in answer(room, "知道了")
    until(lambda: office.receipt(notice, box_id).confirmed_at is not None)
    asleep(room)
    first, second = (recognise(resample(playback.pcm, playback.sample_rate, SAMPLE_RATE)) for playback in played)
    understood(TEXT, first)
    understood(TEXT, second)
    assert "村里要停水" in first, "its title"

    with village.hub.database.read() as work:
        audio = work.get_one(Notice, (village.id, notice)).audio_id
    forged = office.send(box_id, "", title="免费发鸡蛋", priority="important", audio_id=audio, audio_sha256="0" * 64)
    _, commands = room.wait(lambda event, commands: event == RecordingSettled(forged))
    assert any(isinstance(command, Say) and "录音还在路上" in command.text and command.clip is None for command in commands)
    room.wait(lambda event, commands: isinstance(event, SpeechEnded))
    asleep(room)
    found = office.receipt(forged, box_id)
    assert found.delivered_at is not None and found.playing_at is None and found.heard_at is None

    loudspeaker._pace = 1.0  # as long as a real one takes: long enough to be stopped
    stopped = sent(clerk, written(spoken), title="又要停水", text="")
    _, commands = room.wait(lambda event, commands: any(isinstance(command, Say) and command.clip for command in commands))
    room.first_samples.of(next(command.turn for command in commands if isinstance(command, Say)))
    room.utter("别念了", ELDER)
    room.wait(lambda event, commands: isinstance(event, StopHeard))
    until(lambda: office.receipt(stopped, box_id).interrupted_at is not None)
    assert office.receipt(stopped, box_id).playing_at is not None and office.receipt(stopped, box_id).heard_at is None
    assert not room.loop.parts.voice.speaking
