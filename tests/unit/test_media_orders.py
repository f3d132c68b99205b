"""Each order of the dialogue reaches the player, through the loop: what is lowered, paused and raised again in an exchange."""
import datetime as dt

import pytest

from assistant.commands import (
    Duck,
    EndAfterThis,
    FadeMedia,
    KeepPlaying,
    MediaOrder,
    NextMedia,
    PauseMedia,
    PlayMedia,
    PreviousMedia,
    RestartMedia,
    ResumeMedia,
    SetMediaSpeed,
    SetVolume,
    StopMedia,
    StopMediaAt,
    TuneIn,
    Unduck,
)
from assistant.dialogue import Dialogue
from assistant.errors import PlayerMissing
from assistant.events import MediaPlayedOut, SpeechEnded, Typed, WakeHeard
from assistant.library.library import Library
from assistant.loop import Loop
from assistant.mailbox import Mailbox
from assistant.parts import Parts
from assistant.ports import MediaState
from assistant.settings import Settings
from assistant.simulated_room import SilentScreen
from assistant.state import Phase
from assistant.store import Store
from assistant.turns import Manners
from assistant.wording import Wording
from audio.fakes_media import SimulatedPlayer
from audio.fakes_out import RecordingLoudspeaker
from intents.model import Intent, Understanding
from skills.api import Reply

NOW = dt.datetime(2026, 11, 23, 10, 0)
ORDERS = {
    "放戏": ("media.play", PlayMedia(("z", "a", "b", "c"), 7.0, 1)), "停": ("media.pause", PauseMedia()), "接着": ("media.resume", ResumeMedia()),
    "关了": ("media.stop", StopMedia()), "下一个": ("media.next", NextMedia()), "上一个": ("media.previous", PreviousMedia()),
    "淡出": ("media.what", FadeMedia()), "听完就关": ("timer.create", EndAfterThis()), "听台": ("notices.read", TuneIn(("http://z", "http://y"), 1)), "从头": ("media.restart", RestartMedia()), "慢点": ("media.slower", SetMediaSpeed(0.75)), "小声": ("volume.down", SetVolume(20)),
}


class Quiet:
    """Every part that these tests do not look at."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class Literal:
    """Understands these sentences and no others."""

    def understand(self, hypotheses, now, expects=()):
        text = hypotheses[0].text
        return Understanding(Intent(ORDERS[text][0] if text in ORDERS else "clock.time", {}, 1.0, text))

    def fragments(self, hypotheses, now):
        return ()


@pytest.fixture
def loop(tmp_path):
    handlers = {name: lambda intent, world, order=order: Reply("好。", commands=(order,), goes_to_sleep=True)
                for name, order in ORDERS.values()}
    handlers["clock.time"] = lambda intent, world: Reply("十点。", goes_to_sleep=True)
    store = Store(tmp_path / "box.json")
    parts = Parts(Mailbox(), None, Quiet(), RecordingLoudspeaker(), SimulatedPlayer(), Library((), tmp_path / "media.sqlite"),
                  SilentScreen(), store, Quiet(), Quiet(), Quiet(), now=lambda: NOW)
    loop = Loop(parts, Dialogue(Literal(), handlers, {}, Wording.load(), Manners(), "小乡小乡"), Settings())
    parts.player.set_volume(60)
    yield loop
    loop._close()


def said(loop, text):
    """Typed, answered, and over."""
    loop.handle(Typed(text))
    assert loop.parts.player.course.ducked
    loop.handle(SpeechEnded(loop.state.turn))
    assert loop.state.phase is Phase.ASLEEP
    return loop.parts.player.course


def test_a_play_begins_when_its_announcement_is_over(loop):
    loop.handle(Typed("放戏"))
    assert loop.parts.player.course.silent
    loop.handle(SpeechEnded(loop.state.turn))
    course = loop.parts.player.course
    assert (course.file, course.position_s, course.silent) == ("a", 7.0, False)


@pytest.mark.parametrize(
    ("sayings", "file", "state"),
    [
        (["几点"], "a", MediaState.PLAYING),
        (["停"], "a", MediaState.PAUSED),
        (["停", "几点"], "a", MediaState.PAUSED),
        (["停", "接着"], "a", MediaState.PLAYING),
        (["关了"], "a", MediaState.STOPPED),
        (["淡出"], "a", MediaState.STOPPED),
        (["听完就关"], "a", MediaState.PLAYING),
        (["淡出", "接着"], "a", MediaState.PLAYING),
        (["关了", "几点"], "a", MediaState.STOPPED),
        (["下一个"], "b", MediaState.PLAYING),
        (["下一个", "上一个"], "a", MediaState.PLAYING),
        (["下一个", "从头"], "b", MediaState.PLAYING),
    ],
)
def test_after_an_exchange_it_is_as_the_person_left_it_and_as_loud_as_before(loop, sayings, file, state):
    loud = said(loop, "放戏").amplitude
    for text in sayings:
        course = said(loop, text)
    assert (course.file, course.state, course.amplitude, course.held) == (file, state, loud, False)


def test_slower_and_softer_reach_it(loop):
    said(loop, "放戏")
    assert said(loop, "慢点").speed == 0.75
    assert said(loop, "小声").level == 20


def test_when_the_night_begins_it_is_softer_and_by_day_as_before(loop, monkeypatch):
    loud = said(loop, "放戏").level
    levels = []
    for hour in (21, 22, 5, 6):
        monkeypatch.setattr(loop.parts, "now", lambda hour=hour: NOW.replace(hour=hour))
        loop._watch()
        levels.append(loop.parts.player.course.level)
    assert levels == [loud, levels[1], levels[1], loud] and 0 < levels[1] < loud


def test_called_in_the_middle_of_it_it_is_at_least_15_db_down_and_plays_on(loop):
    loud = said(loop, "放戏").amplitude
    loop.handle(WakeHeard())
    course = loop.parts.player.course
    assert course.amplitude <= loud * 10 ** (-15 / 20) and not course.silent


def test_without_a_player_the_box_says_so_and_goes_on(loop):
    loop.parts.player.missing = True
    spoken = []
    loop.observe = lambda event, commands: spoken.extend(c.text for c in commands if hasattr(c, "text"))
    loop.handle(Typed("放戏"))
    loop.handle(SpeechEnded(loop.state.turn))
    assert spoken == [PlayerMissing.spoken]
    said(loop, "几点")
    assert spoken[-1] == "十点。"


def test_what_was_played_is_remembered_and_not_while_somebody_speaks(loop, monkeypatch):
    now = NOW
    monkeypatch.setattr(loop.parts, "now", lambda: now)
    player, history = loop.parts.player, loop.parts.history
    said(loop, "放戏")
    loop._watch()
    assert [(one.file, one.position_s) for one in history.hearings] == [("a", 7.0)]
    player.course, now = player.course.reached(90.0), NOW + dt.timedelta(seconds=83)
    loop.handle(WakeHeard())
    loop._watch()
    assert history.hearings[0].position_s == 7.0
    said(loop, "停")
    loop._watch()
    assert history.hearings[0].position_s == 90.0 and loop.world().hearings == history.hearings
    said(loop, "接着")
    loop.handle(MediaPlayedOut("a"))
    player.course = player.course.ending()
    loop._watch()
    assert [(one.file, one.position_s) for one in history.hearings] == [("a", None), ("b", 0.0)]
    player.course = player.course.reached(5.0)
    loop._close()
    assert history.hearings[-1].position_s == 5.0


class Diary:
    """A schedule whose time the test decides."""

    def __init__(self):
        self.jobs = {}

    def once(self, name, due, job):
        self.jobs[name] = (due, job)

    def remove(self, name):
        self.jobs.pop(name, None)

    def close(self):
        """Nothing runs."""


def test_when_its_time_is_up_it_ends_and_not_when_it_was_ended_or_kept_before(loop):
    diary = loop.parts.schedule = Diary()
    said(loop, "放戏")
    due = NOW + dt.timedelta(minutes=20)
    loop._carry_out((StopMediaAt(NOW), StopMediaAt(due)))
    ((when, job),) = diary.jobs.values()
    assert when == due
    loop._carry_out((KeepPlaying(),))
    assert not diary.jobs
    loop._carry_out((StopMediaAt(due), StopMedia()))
    assert not diary.jobs
    said(loop, "放戏")
    job()
    while (event := loop.parts.mailbox.take(0.0)) is not None:
        loop.handle(event)
    assert loop.parts.player.course.state is MediaState.STOPPED and loop.parts.player.course.position_s == 7.0


def test_at_the_end_the_player_is_closed(loop):
    loop._close()
    assert loop.parts.player.closed


def test_every_order_is_listed():
    """ORDERS above knows every media order there is, so none can be forgotten by the loop unseen."""
    assert {type(order) for _, order in ORDERS.values()} | {Duck, Unduck} == {*MediaOrder.__args__, SetVolume}


def test_a_station_is_left_as_it_is_held_and_given_back_live(loop):
    course = said(loop, "听台")
    assert (course.file, course.live, course.silent) == ("http://y", True, False)
    assert said(loop, "停").idle
    resumed = said(loop, "接着")
    assert not resumed.silent and resumed.cue == course.cue + 1, "begun anew"
    assert said(loop, "慢点").speed == 1.0
    assert said(loop, "淡出").state is MediaState.STOPPED


def test_a_station_that_is_lost_is_told_aloud_and_to_the_maintainer(loop, caplog):
    loop.parts.player.start(loop.parts.mailbox.post)
    said(loop, "听台")
    loop.parts.player.lose()
    while (event := loop.parts.mailbox.take(0.0)) is not None:
        loop.handle(event)
    assert loop.parts.player.course.state is MediaState.STOPPED and loop.state.phase is Phase.SPEAKING
    assert "[no-stream] http://y: simulated" in caplog.text
