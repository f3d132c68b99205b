"""A box that was killed and begins anew on the same data: the real understanding, skills and stores, a player without sound."""
import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from assistant import wiring
from assistant.events import ListenTimedOut, SpeechEnded, Typed
from assistant.library.index import Index
from assistant.library.library import Library
from assistant.library.scan import scan
from assistant.loop import Loop
from assistant.mailbox import Mailbox
from assistant.parts import Parts
from assistant.play_history import PlayHistory
from assistant.settings import parse_settings
from assistant.simulated_room import SilentScreen
from assistant.store import Store
from audio.fakes_media import SimulatedPlayer
from audio.fakes_out import RecordingLoudspeaker
from intents.matcher import Matcher
from skills.registry import discover

EVENING = dt.datetime(2026, 11, 23, 19, 0)


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load()


class Quiet:
    """Every part that these tests do not look at."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


@pytest.fixture
def start(matcher, tmp_path):
    """A function that begins the box; the one before was killed and wrote nothing more."""
    folder = tmp_path / "音乐"
    for name in ("评书/单田芳/白眉大侠/001.wav", "评书/单田芳/白眉大侠/002.wav", "评书/单田芳/白眉大侠/003.wav", "民歌/茉莉花.wav"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, np.zeros(4000, np.float32), 8000)
    index = Index(tmp_path / "media.sqlite")
    scan((folder,), index)
    index.close()

    def begin(now):
        settings, mailbox, clock = parse_settings({"box": {"data_dir": str(tmp_path)}}), Mailbox(), SimpleNamespace(now=now)
        parts = Parts(mailbox, None, Quiet(), RecordingLoudspeaker(), SimulatedPlayer(), Library((folder,), tmp_path / "media.sqlite"),
                      SilentScreen(), Store(tmp_path / "box.json"), Quiet(), Quiet(), Quiet(), history=PlayHistory(tmp_path),
                      now=lambda: clock.now)
        loop = Loop(parts, wiring.build_dialogue(settings, discover(), matcher), settings)
        parts.player.start(mailbox.post)
        return SimpleNamespace(loop=loop, player=parts.player, clock=clock)

    return begin


def listen(box, minutes):
    """So many minutes pass, and the loop looks once a second, as it does."""
    for _ in range(minutes * 60):
        box.clock.now += dt.timedelta(seconds=1)
        box.player.course = box.player.course.reached(box.player.course.position_s + 1)
        box.loop._watch()


def say(box, text):
    """Typed, answered, and over: what plays then, by its name, and where."""
    box.loop.handle(Typed(text))
    box.loop.handle(SpeechEnded(box.loop.state.turn))
    box.loop.handle(ListenTimedOut(box.loop.state.turn))
    while (event := box.loop.parts.mailbox.take(0.0)) is not None:
        box.loop.handle(event)
    box.loop._watch()
    status = box.player.status()
    return (status.file[-7:], status.position_s) if status else None


def test_a_book_goes_on_where_it_was_whoever_pulled_the_plug(start):
    box = start(EVENING)
    assert say(box, "听白眉大侠") == ("001.wav", 0.0)
    box.player.finish()
    say(box, "现在几点了")
    listen(box, 10)
    again = start(EVENING + dt.timedelta(days=7))
    file, position_s = say(again, "接着放")
    assert file == "002.wav" and 560 <= position_s <= 600
    assert say(again, "上一集") == ("001.wav", 0.0)
    assert say(start(EVENING + dt.timedelta(days=7)), "来段评书")[0] == "001.wav"


def test_what_was_heard_yesterday_is_known_the_next_day(start):
    box = start(EVENING)
    say(box, "听白眉大侠")
    listen(box, 4)
    say(box, "关了吧")
    again = start(EVENING + dt.timedelta(days=1))
    assert say(again, "放茉莉花")[0] == "茉莉花.wav"
    listen(again, 2)
    file, position_s = say(again, "放昨天听的那个")
    assert file == "001.wav" and 230 <= position_s <= 240
    assert say(again, "从头放") == ("001.wav", 0.0)
    assert say(again, "还听刚才那个")[0] == "茉莉花.wav"
