"""From the office to the ear and back: a real hub, the whole box in a simulated room, and somebody in it who answers."""
from __future__ import annotations

import dataclasses
import time

import pytest
from sqlalchemy import select

from assistant.commands import Listen, NoteNotice, NoticeStep, Say
from assistant.events import Heard, Joined, NoticeArrived, SpeechEnded, VillageSet
from assistant.ports import SAMPLE_RATE, SpeechStyle
from assistant.settings import HubLinkSettings, Settings
from assistant.simulated_room import SimulatedRoom, build_room
from assistant.state import Phase
from audio.wav import resample
from bench.voice_bench import edit_distance
from hub.db.tables import Joining
from hub.messages import Kind
from tests.hub.conftest import Place
from tests.hub.real_box import Office, take, until

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

    def code() -> str | None:
        with village.hub.database.read() as work:
            return work.scalar(select(Joining.code))

    until(lambda: code() is not None)
    box_id = take(village, code()).id
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
        heard = recognise(resample(playback.pcm, playback.sample_rate, SAMPLE_RATE))
        words = TEXT.translate(str.maketrans("", "", "，。"))
        assert min(edit_distance(words, heard[start:]) for start in range(len(heard))) <= 0.1 * len(words), heard

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
