"""The whole box beside its own loudspeaker: called while it plays, and never woken by itself. On PulseAudio with devices that the settings
name, and on PipeWire, whose sound comes in other portions at another time, with the default ones."""
from __future__ import annotations

import math
import signal

import numpy as np
import pytest

from assistant.ports import SAMPLE_RATE, SpeechStyle
from audio.wav import write_wav
from bench.playback.echo_path import at_level, to_pcm, to_sound
from bench.virtual_room import VirtualRoom
from tests.end_to_end.box_process import BoxProcess
from tests.end_to_end.desktop import Desktop

VOICE_DBFS = PLAYED_DBFS = -25.0
"""At the microphone what plays is as loud as the person."""
VOLUME = 70
FILE_DBFS = PLAYED_DBFS - 40 * math.log10(VOLUME / 100)
LEARNT_S = 4.0
"""The person waits so long before calling: what plays has been playing for a while."""
STORY = ("上回书说到，徐良一个人上了山，看见前面有一座大庙。", "天已经黑了，四下里一个人也没有，只听见风吹树叶响。",
         "他把刀往怀里一抱，心里说，今天晚上我就住在这儿。", "刚要推门，忽然听见里头有人说话，声音不大，听着像个老头儿。")
TITLES = "0 contacts and 1 titles of this box"
SERVERS = {"PulseAudio": VirtualRoom, "PipeWire": Desktop}
DEVICES = {VirtualRoom: ('microphone = "room_mic"\nloudspeaker = "room_speaker"\n', 'device = "pulse/speaker"\n'), Desktop: ("", "")}


@pytest.fixture(scope="module", params=SERVERS)
def room(request):
    with SERVERS[request.param]() as room:
        room.put_the_loudspeaker_beside_the_microphone()
        yield room


@pytest.fixture(scope="module")
def box(room, tmp_path_factory, speak):
    folder = tmp_path_factory.mktemp("box")
    story = np.concatenate([to_sound(speak(text, SpeechStyle(1.0, 0.85))) for text in STORY] * 3)
    file = folder / "音乐/评书/白眉大侠.wav"
    file.parent.mkdir(parents=True)
    write_wav(file, to_pcm(at_level(story, FILE_DBFS)), SAMPLE_RATE)
    settings = folder / "settings.toml"
    sound, media = DEVICES[type(room)]
    settings.write_text(
        f'[box]\ndata_dir = "{folder}/data"\n[weather]\nopen_meteo_url = "http://127.0.0.1:9"\nmet_norway_url = "http://127.0.0.1:9"\n'
        f'[audio]\n{sound}volume = {VOLUME}\n[listening]\nfollow_up_s = 0.0\nwindow_s = 3.0\n[media]\nfolders = ["{folder}/音乐"]\n{media}',
        encoding="utf-8")
    with BoxProcess(room.env, settings, folder / "data") as box:
        box.wait_for("小乡：我准备好了。您叫一声“小乡小乡”", timeout_s=120.0)
        box.wait_for("-> asleep")
        if not any(TITLES in line for line in box.seen):
            box.wait_for(TITLES, timeout_s=120.0)
        yield box
        assert box.end(signal.SIGTERM) == 0


@pytest.fixture
def person(room, speak, tmp_path):
    """A function: says something into the room, after some silence."""
    def say(text: str, after_s: float) -> None:
        voice = at_level(to_sound(speak(text, SpeechStyle(0.9))), VOICE_DBFS)
        pcm = to_pcm(np.concatenate((np.zeros(round(after_s * SAMPLE_RATE), np.float32), voice)))
        write_wav(tmp_path / "said.wav", pcm, SAMPLE_RATE)
        room.say_into_microphone(tmp_path / "said.wav")
    return say


def called(box: BoxProcess, person, after_s: float) -> bool:
    """Whether it answers to its name."""
    person("小乡小乡", after_s)
    try:
        box.wait_for("小乡：哎，我在", timeout_s=4.0)
    except AssertionError:
        return False
    return True


def woken(box: BoxProcess) -> int:
    return sum("handled WakeHeard" in line for line in box.seen)


def test_it_does_not_wake_itself_with_its_own_phrase(box):
    """It has just said how it wants to be called, before it could learn anything of the room."""
    assert woken(box) == 0


def test_called_while_a_story_plays_it_answers(box, person):
    before = woken(box)
    box.type("放评书白眉大侠")
    box.wait_for("handled MediaStarted")
    assert any(called(box, person, after_s) for after_s in (LEARNT_S, 0.5, 0.5)), "three times, while the story goes on"
    box.wait_for("-> asleep")
    assert woken(box) == before + 1
