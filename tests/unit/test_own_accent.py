"""The accent of one person: from what was confirmed to what is understood better, at once and after a restart."""
import datetime as dt
from types import SimpleNamespace

import pytest

from assistant import wiring
from assistant.commands import Attune, Say
from assistant.events import Heard, SpeechEnded, WakeHeard
from assistant.learner import Learner
from assistant.library.library import Library
from assistant.loop import Loop
from assistant.mailbox import Mailbox
from assistant.name_files import NameFiles
from assistant.parts import Parts
from assistant.schedule import Schedule
from assistant.settings import parse_settings
from assistant.simulated_room import SilentScreen
from assistant.store import Store
from audio.fakes_media import SimulatedPlayer
from audio.fakes_out import RecordingLoudspeaker
from intents.accent import accents
from intents.accent_evidence import AccentEvidence, Count, shown
from intents.model import Hypothesis, Source
from skills.registry import discover

NOW = dt.datetime(2026, 11, 23, 10, 0)


class Quiet:
    """A voice, providers of weather, or an ear's grammar, that nobody waits for."""

    def __getattr__(self, name):
        return lambda *_: None


@pytest.fixture
def start(tmp_path):
    """A function that starts the box without sound; each start is another run on the same files."""
    running = []

    def begin(**tree) -> SimpleNamespace:
        end()
        settings = parse_settings({"box": {"data_dir": str(tmp_path)}, **tree})
        lessons, files = wiring.open_lessons(settings), NameFiles(tmp_path)
        matcher = wiring.build_understander(settings, files.names, lessons.lessons().accent)
        learner = Learner(lessons, matcher)
        refresher = wiring.build_refresher(settings, files, matcher, learner, Quiet())
        mailbox = Mailbox()
        parts = Parts(mailbox, None, Quiet(), RecordingLoudspeaker(), SimulatedPlayer(), Library((), tmp_path / "media.sqlite"), SilentScreen(), Store(tmp_path / "box.json"),
                      Schedule(mailbox.post, lambda: NOW), Quiet(), learner, refresher, now=lambda: NOW)
        box = SimpleNamespace(loop=Loop(parts, wiring.build_dialogue(settings, discover(), learner), settings),
                              learner=learner, refresher=refresher)
        running.append(box)
        return box

    def end():
        while running:
            running.pop().loop._close()

    yield begin
    end()


def hear(box, text, called=True) -> str:
    """Say it to the box; what it answers."""
    said = []
    if called:
        box.loop.handle(WakeHeard())
        box.loop.handle(SpeechEnded(box.loop.state.turn))
    box.loop.observe = lambda event, commands: said.extend(one.text for one in commands if isinstance(one, Say))
    box.loop.handle(Heard(box.loop.state.turn, (Hypothesis(text, 0.8, Source.FREE_FORM),)))
    box.loop.handle(SpeechEnded(box.loop.state.turn))
    return "".join(said)


def sureness(box, text):
    found = box.learner.understand([Hypothesis(text, 0.8, Source.FREE_FORM)], NOW)
    return (found.intent.name, found.intent.confidence)


TURNS = {
    "f-h": ([("村里花通知没", "村里发通知没"), ("定个十昏钟", "定个十分钟"), ("给我晃音乐", "给我放音乐")], "外头轰大吗", "weather.query"),
    "n-l": ([("里好", "你好"), ("拉天赶集", "哪天赶集"), ("明天卵和不", "明天暖和不")], "里在吗", "dialog.greeting"),
}


@pytest.mark.parametrize("name", TURNS)
def test_three_confusions_make_the_fourth_cheap_and_it_survives_a_restart(start, name):
    confirmed, another, intent = TURNS[name]
    region = {"listening": {"accent": "shandong"}}  # with the standard alone the sentence is not understood at all before
    box = start(**region)
    before = sureness(box, another)
    for number, (heard, meant) in enumerate(confirmed, start=1):
        box.learner.take(Attune(heard, meant), NOW)
        box.refresher.refresh()
        assert (sureness(box, another) > before) == (number == 3)
    assert shown(box.learner.accent) == {name}
    after = sureness(box, another)
    assert after[0] == before[0] == intent and after[1] > before[1]
    assert sureness(start(**region), another) == after


def test_three_repairs_in_the_conversation_and_the_box_asks_no_more(start):
    box = start()
    for _ in range(3):
        assert "没弄明白" in hear(box, "里好")
        hear(box, "第一个", called=False)
        box.refresher.refresh()
    assert box.learner.accent.counts["n-l"] == Count(3, 3)
    assert "没弄明白" not in hear(box, "里好")
    assert "没弄明白" not in hear(start(), "里好")


def test_what_is_learnt_comes_beside_what_is_usual_here(start):
    evidence = AccentEvidence({"n-l": Count(9, 9)})
    for region in ("standard", "shandong"):
        settings = parse_settings({"listening": {"accent": region}})
        own, usual = wiring.accent_of(settings, evidence), accents()[region]
        assert set(usual.initials) < set(own.initials) and (own.finals, own.tone) == (usual.finals, usual.tone)
        assert wiring.accent_of(settings, AccentEvidence()) == usual


def test_opted_out_nothing_is_learnt_and_nothing_used(start):
    for kept in (True, False):
        box = start(lessons={"keep": kept})
        before = sureness(box, "里好")
        for _ in range(5):
            box.learner.take(Attune("里好", "你好"), NOW)
        box.refresher.refresh()
        assert (sureness(box, "里好") != before) == kept
        assert bool(box.learner.accent.counts) == kept
